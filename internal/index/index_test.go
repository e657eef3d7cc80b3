package index

import (
	"errors"
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// An entry of a random expression, written as sums, has the value of that entry.
func TestRandomExpansions(t *testing.T) {
	undecided := 0
	const count = 400
	for seed := int64(1); seed <= count; seed++ {
		rng := rand.New(rand.NewSource(seed))
		b := expr.NewBuilder()
		dims := []expr.Dim{expr.One, expr.Named("m"), expr.Named("n"), expr.Named("p")}
		s := expr.Shape{Rows: dims[rng.Intn(4)], Cols: dims[rng.Intn(4)]}
		f := randexpr.New(rng, b, randexpr.Options{}).Of(s, 3+rng.Intn(12))
		row, col := None, None
		if s.Rows != expr.One {
			row = Index{Name: "row", Dim: s.Rows}
		}
		if s.Cols != expr.One {
			col = Index{Name: "col", Dim: s.Cols}
		}
		e, err := Expand(b, f, row, col)
		if err != nil {
			t.Fatal(err)
		}
		unclear, err := Verify(b, f, row, col, e, numcheck.Options{Seed: 1})
		if err != nil {
			t.Errorf("seed %d: %s: %s: %v", seed, printer.Text(f), Text.Write(e), err)
		}
		if unclear {
			undecided++
		}
		if Unicode.Write(e) == "" || LaTeX(printer.PlainStyle()).Write(e) == "" {
			t.Errorf("seed %d: %s is written as nothing", seed, printer.Text(f))
		}
	}
	t.Logf("%d of %d without a point in the domain", undecided, count)
	if undecided > count/10 {
		t.Errorf("%d of %d could not be evaluated", undecided, count)
	}
}

// Every form in the derivation of a random expression in entries equals the others.
func TestRandomDerivations(t *testing.T) {
	const wanted = 300
	derived, unchecked, unknown := 0, 0, map[string]int{}
	for seed := int64(1); derived < wanted; seed++ {
		rng := rand.New(rand.NewSource(seed))
		b := expr.NewBuilder()
		f := randexpr.New(rng, b, randexpr.Options{Smooth: true, Regular: true, Without: []*expr.Op{
			expr.Kronecker, expr.Norm, expr.LogSumExp, expr.Nuclear, expr.Spectral, expr.LambdaMax, expr.Adj, expr.Expm, expr.Sqrtm,
			expr.Softmax, expr.Vec, expr.Element,
		}}).Scalar(4 + rng.Intn(12))
		vars := expr.Variables(f)
		if len(vars) == 0 {
			continue
		}
		x := vars[rng.Intn(len(vars))]
		d, err := Derive(simplify.New(b), rules.Standard(), f, x)
		if none, no := (*Unknown)(nil), (*rules.NoRule)(nil); errors.As(err, &none) || errors.As(err, &no) {
			unknown[err.Error()]++
			continue
		} else if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, printer.Text(f), err)
		}
		derived++
		reasons, err := d.Verify(b, x, numcheck.Options{Seed: 1})
		if err != nil {
			t.Errorf("seed %d: %s by %s: %v: %s", seed, printer.Text(f), x.Name, err, printer.Text(d.Sum))
			for _, p := range d.Partials {
				for _, s := range p.Forms {
					t.Log("   ", Text.Write(s.Expr))
				}
			}
		}
		if len(reasons) > 0 {
			unchecked++
		}
	}
	t.Logf("%d derived, %d not compared in full; without derivation: %v", derived, unchecked, unknown)
	if unchecked > wanted/10 {
		t.Errorf("%d of %d could not be compared in full", unchecked, wanted)
	}
}

// A form made wrong is caught.
func TestWrongFormsAreCaught(t *testing.T) {
	for _, c := range [][2]string{{"tr(A*X*B)", "X"}, {"tr(A*X*B*X*C')", "X"}, {"norm(A*x - b)^2", "x"}, {"a'*exp(X*b)", "X"}} {
		b := expr.NewBuilder()
		typed, err := parser.Expression(b, c[0], parser.Options{Wrt: []string{c[1]}, Scalar: true})
		if err != nil {
			t.Fatal(err)
		}
		derive := func() *Derivation {
			d, err := Derive(simplify.New(b), rules.Standard(), typed.Expr, typed.Wrt[0])
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		d := derive()
		var steps []*Step
		for i := range d.Sums {
			steps = append(steps, &d.Sums[i])
		}
		for i := range d.Partials {
			for j := range d.Partials[i].Forms {
				steps = append(steps, &d.Partials[i].Forms[j])
			}
		}
		for _, s := range steps {
			right := s.Expr
			s.Expr = times([]*Expr{whole(2), right}, nil)
			if _, err := d.Verify(b, typed.Wrt[0], numcheck.Options{Seed: 1}); err == nil {
				t.Errorf("%s: %s passes", c[0], Text.Write(s.Expr))
			}
			s.Expr = right
		}
		if d = derive(); d.Partials[0].Row.Dim == d.Partials[0].Col.Dim {
			continue
		}
		d.Sum = b.New(expr.Product, b.Int(-1), d.Sum)
		if _, err := d.Verify(b, typed.Wrt[0], numcheck.Options{Seed: 1}); err == nil {
			t.Errorf("%s: a gradient of the wrong sign passes", c[0])
		}
	}
}
