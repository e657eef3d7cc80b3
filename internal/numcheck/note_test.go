package numcheck_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"matdiff/internal/numcheck"
)

// TestNotesOnDomains: an equation that holds where both sides are defined, but of which one is so at further points, says so.
func TestNotesOnDomains(t *testing.T) {
	for _, c := range []struct {
		equation string
		declare  []string
		want     string // the side that is defined alone; none if empty
	}{
		{"log(x^2) = 2*log(x)", []string{"x: scalar"}, "left"},
		{"2*log(x) = log(x^2)", []string{"x: scalar"}, "right"},
		{"log(x.^2) = 2*log(x)", []string{"x: n×1"}, "left"},
		{"logdet(A*B) = logdet(A) + logdet(B)", []string{"A: n×n", "B: n×n"}, "left"},
		{"log(det(A)^2) = 2*logdet(A)", []string{"A: n×n"}, "left"},
		{"grad(sum(log(x.^2)), x) = 2*grad(sum(log(x)), x)", []string{"x: n×1"}, "left"},
		{"grad(logdet(A'*A), A) = 2*inv(A)'", []string{"A: n×n"}, ""},
		{"grad(sum(log(x.^2)), x) = exp(log(x) - log(x))*2./x", []string{"x: n×1"}, "left"},
		// The formula for a gradient has values where the function has none.
		{"grad(logdet(X), X) = inv(X)'", []string{"X: n×n"}, ""},
		{"d(sum(log(x))) = sum(dx./x)", []string{"x: n×1"}, ""},
		{"logdet(A) = logdet(A')", []string{"A: n×n"}, ""},
		{"log(x.*y) = log(x) + log(y)", []string{"x: n×1 positive", "y: n×1 positive"}, ""},
		{"det(X*X') = det(X)^2", []string{"X: n×n"}, ""},
	} {
		q, err := parse(c.equation, c.declare...)
		if err != nil {
			t.Fatal(err)
		}
		r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: 1})
		if err != nil || r.Verdict != numcheck.Holds {
			t.Errorf("%s: %s %v", c.equation, r.Verdict, err)
		}
		notes := strings.Join(r.Notes, "\n")
		if c.want == "" && notes != "" || c.want != "" && !regexp.MustCompile(`^\d+ of \d+ points: only the `+c.want+` side is defined there$`).MatchString(notes) {
			t.Errorf("%s: %q", c.equation, notes)
		}
	}
}

// TestAsymmetricArgument: what is undecided for want of a declaration says which.
func TestAsymmetricArgument(t *testing.T) {
	for _, c := range []struct{ equation, want string }{
		{"grad(lambda_max(X), X) = X", "lambda_max is defined for symmetric matrices only: declare X: symmetric"},
		{"lambda_max(A*X) = lambda_max(X*A)", "lambda_max is defined for symmetric matrices only"},
	} {
		q, err := parse(c.equation, "X: n×n", "A: n×n")
		if err != nil {
			t.Fatal(err)
		}
		r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: 1})
		if err != nil || r.Verdict != numcheck.Undecided || !slices.Contains(r.Reasons, c.want) {
			t.Errorf("%s: %s %q %v", c.equation, r.Verdict, r.Reasons, err)
		}
	}
}
