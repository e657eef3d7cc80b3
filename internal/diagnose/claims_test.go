package diagnose_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"matdiff/internal/diagnose"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
)

// claim is a line of testdata/claims.
type claim struct {
	ID       string
	Equation string
	Declare  []string
	Holds    bool
	Kind     string
}

func readClaims(t testing.TB, name string) (claims []claim) {
	file, err := os.Open("../../testdata/claims/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c claim
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		claims = append(claims, c)
	}
	return claims
}

// checked is an equation as check treats it.
type checked struct {
	equation  *parser.Equation
	verdict   numcheck.Verdict
	diagnosis *diagnose.Diagnosis
}

func check(equation string, declare []string, seed uint64) (checked, error) {
	b := expr.NewBuilder()
	e, err := parser.ParseEquation(b, equation, parser.Options{Declarations: declare})
	if err != nil {
		return checked{}, err
	}
	r, err := numcheck.Equal(e.Left, e.Right, numcheck.Options{Seed: seed, Depends: e.Depends})
	c := checked{equation: e, verdict: r.Verdict}
	if err == nil && r.Verdict == numcheck.Fails {
		c.diagnosis, err = diagnose.Explain(b, rules.Standard(), diagnose.Equation{Left: e.Left, Right: e.Right, Depends: e.Depends, Seed: seed})
	}
	return c, err
}

// accepted are the codes that describe each kind of mistake. Several can be equally right: a dropped factor may be a
// number, a transpose that changes the shape of the whole is one of the whole, and so on.
var accepted = map[string][]diagnose.Code{
	"transposed":                    {diagnose.Transposed},
	"layout_vec":                    {diagnose.LayoutVec},
	"sign":                          {diagnose.Sign, diagnose.Transposed},
	"factor2_extra":                 {diagnose.Factor},
	"factor2_missing":               {diagnose.Factor},
	"perturb_1e-3":                  {diagnose.Factor},
	"perturb_1e-5":                  {diagnose.Factor},
	"rounded_constant":              {diagnose.Factor},
	"dropped_factor":                {diagnose.MissingFactor, diagnose.Factor, diagnose.ScalarFactor, diagnose.TermFactor, diagnose.Constant, diagnose.Sign, diagnose.TermSign, diagnose.MissingInverse, diagnose.MissingInnerTerm, diagnose.Power},
	"inner_term_dropped":            {diagnose.MissingInnerTerm, diagnose.MissingTerm, diagnose.Symmetrise, diagnose.SymmetricOnly, diagnose.MissingFactor},
	"dropped_term":                  {diagnose.MissingTerm, diagnose.Symmetrise, diagnose.SymmetricOnly},
	"dropped_small_term":            {diagnose.MissingTerm, diagnose.MissingInnerTerm, diagnose.OtherPart},
	"term_sign":                     {diagnose.TermSign},
	"term_factor2":                  {diagnose.TermFactor},
	"term_transposed":               {diagnose.PartTransposed, diagnose.NameTransposed, diagnose.Transposed},
	"toggled_transpose":             {diagnose.NameTransposed, diagnose.PartTransposed, diagnose.Transposed},
	"swapped_factors":               {diagnose.FactorsSwapped, diagnose.NameTransposed, diagnose.PartTransposed, diagnose.Transposed},
	"power":                         {diagnose.Power, diagnose.ScalarFactor, diagnose.MissingFactor, diagnose.ExtraFactor},
	"missing_inverse":               {diagnose.MissingInverse, diagnose.Power},
	"elementwise_vs_matrix":         {diagnose.Elementwise},
	"missing_symmetrisation":        {diagnose.Symmetrise, diagnose.SymmetricOnly},
	"sym_convention":                {diagnose.Entries},
	"symmetric_variable_convention": {diagnose.Entries},
	"region":                        {diagnose.Region, diagnose.MissingFactor},
	"region_rare":                   {diagnose.Region, diagnose.MissingTerm, diagnose.MissingInnerTerm},
	"constant_for_dimension":        {diagnose.ScalarFactor, diagnose.Constant},
	"wrong_dimension":               {diagnose.ScalarFactor, diagnose.Constant},
	"coincidence_n2":                {diagnose.Different},
	"published":                     nil, // of all kinds
}

// TestWrongClaims diagnoses every wrong claim of the corpus: 9 of 10 as what they are labelled, and what is suggested passes
// the check as it is printed.
func TestWrongClaims(t *testing.T) {
	named, all := map[string]int{}, map[string]int{}
	right := map[string]bool{}
	var times []time.Duration
	for i, c := range readClaims(t, "wrong.jsonl") {
		if testing.Short() && i%5 != 0 {
			continue
		}
		start := time.Now()
		r, err := check(c.Equation, c.Declare, 1)
		if isDiagnostic(err) {
			continue // it cannot be formed, and the parser says why
		}
		times = append(times, time.Since(start))
		if err != nil {
			t.Errorf("%s: %s: %v", c.ID, c.Equation, err)
			continue
		}
		d := r.diagnosis
		all[c.Kind]++
		if d == nil {
			t.Logf("%s (%s): %s: no diagnosis", c.ID, c.Kind, c.Equation)
			continue
		}
		if slices.Contains(accepted[c.Kind], d.Code) || accepted[c.Kind] == nil && d.Code != diagnose.Different {
			named[c.Kind]++
		} else {
			t.Logf("%s (%s): %s: %s [%s]", c.ID, c.Kind, c.Equation, d.Message, d.Code)
		}
		for _, n := range []*expr.Node{d.Claim, d.Derived} {
			if n == nil {
				continue
			}
			side, _, _ := strings.Cut(c.Equation, " = ")
			suggested := side + " = " + printer.Text(n)
			key := suggested + strings.Join(c.Declare, ",")
			if right[key] {
				continue
			}
			right[key] = true
			again, err := check(suggested, c.Declare, 1)
			if err != nil || again.verdict != numcheck.Holds {
				t.Errorf("%s: %s: %s is suggested, %s (%v)", c.ID, c.Equation, printer.Text(n), again.verdict, err)
			}
		}
	}
	good, sum := 0, 0
	for kind, n := range all {
		good, sum = good+named[kind], sum+n
		t.Logf("%-30s %3d of %3d", kind, named[kind], n)
	}
	slices.Sort(times)
	t.Logf("%d of %d; median %v, p99 %v, most %v", good, sum, times[len(times)/2], times[len(times)*99/100], times[len(times)-1])
	if good*10 < sum*9 {
		t.Errorf("%d of %d mistakes are named", good, sum)
	}
}

// TestSameSeedSameDiagnosis repeats diagnoses.
func TestSameSeedSameDiagnosis(t *testing.T) {
	say := func(c claim) string {
		r, err := check(c.Equation, c.Declare, 3)
		if err != nil || r.diagnosis == nil {
			return fmt.Sprint(err)
		}
		s := string(r.diagnosis.Code) + ": " + r.diagnosis.Message
		for _, n := range []*expr.Node{r.diagnosis.Claim, r.diagnosis.Derived} {
			if n != nil {
				s += "; " + printer.Text(n)
			}
		}
		return s
	}
	for i, c := range readClaims(t, "wrong.jsonl") {
		if i%20 != 0 {
			continue
		}
		if first, again := say(c), say(c); first != again {
			t.Errorf("%s: %s, then %s", c.ID, first, again)
		}
	}
}

// TestContradiction: a rule that is wrong is found out, and is not taken for the equation's mistake.
func TestContradiction(t *testing.T) {
	book := rules.Standard()
	if err := book.Add("user.rules", "def cube(s) = s^3\nd cube(s) = 2*s^2*ds"); err != nil {
		t.Fatal(err)
	}
	b := expr.NewBuilder()
	e, err := parser.ParseEquation(b, "grad(cube(x), x) = 2*x^2", parser.Options{Declarations: []string{"x: scalar"}, Functions: book.Functions()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = diagnose.Explain(b, book, diagnose.Equation{Left: e.Left, Right: e.Right, Seed: 1})
	if wrong := (*diagnose.Contradiction)(nil); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
}

func isDiagnostic(err error) bool {
	_, ok := err.(*parser.Diagnostic)
	return ok
}

// What is suggested for a derivative by a structured variable has its structure, as the gradient has.
func TestStructuredSuggestions(t *testing.T) {
	for _, c := range []struct {
		claim, structure, right string
		code                    diagnose.Code
	}{
		{"A + A' - diag(diag(A))", "symmetric", "(A + A')/2", diagnose.Entries},
		{"A", "skew", "(A' - A)/2", diagnose.Transposed},
		{"-A'", "posdef", "(A' + A)/2", diagnose.Symmetrise},
		{"A + A'", "lower", "tril(A')", diagnose.ExtraTerm},
		{"A", "upper", "triu(A')", diagnose.Transposed},
		{"-A", "diagonal", "I .* A", diagnose.ExtraFactor},
		{"A", "orthogonal", "(A' - X*A*X)/2", diagnose.Transposed},
	} {
		found, err := check("grad(tr(A*X), X) = "+c.claim, []string{"X: " + c.structure}, 1)
		if err != nil {
			t.Fatal(c.claim, err)
		}
		d := found.diagnosis
		if d == nil || d.Claim == nil || printer.Text(d.Claim) != c.right || d.Code != c.code {
			t.Errorf("%s for X %s: %+v, want %s [%s]", c.claim, c.structure, d, c.right, c.code)
		}
	}
}

// An equation without a derivative says nothing of what its sides should be but that they are equal: a suggestion is no
// other way to write the left side.
func TestNoDerivative(t *testing.T) {
	for equation, right := range map[string]string{
		"det(A) = tr(A)":                   "",
		"norm(X) = spectral(X)":            "",
		"tr(X) = sum(X)":                   "",
		"exp(x) = x":                       "",
		"sum(exp(x)) = sum(x)":             "",
		"norm(x)^2 = norm(x)":              "norm(x)*norm(x)",
		"tr(A*B) = tr(A)*tr(B)":            "",
		"inv(A + B) = inv(A) + inv(B)":     "",
		"det(2*A) = 2*det(A) where A: 3×3": "8*det(A)",
		"(A*B)' = A'*B'":                   "B'*A'",
		"inv(A*B) = inv(A)*inv(B)":         "inv(B)*inv(A)",
		"tr(A') = -tr(A)":                  "tr(A)",
		"softmax(x) = exp(x)":              "",
		"expm(A) = A":                      "",
		"log(det(A)) = tr(A)":              "",
		"norm(x) = x'*x":                   "",
	} {
		c, err := check(equation, nil, 1)
		if err != nil {
			t.Fatal(equation, err)
		}
		got := ""
		if d := c.diagnosis; d != nil && d.Claim != nil {
			got = printer.Text(d.Claim)
		}
		if got != right {
			t.Errorf("%s: right would be %q, want %q", equation, got, right)
		}
	}
}
