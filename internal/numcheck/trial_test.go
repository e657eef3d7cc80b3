package numcheck_test

import (
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

// TestTrialAgreesWithEqual puts the sides of equations that hold, and of some that do not, to a trial of the reference.
func TestTrialAgreesWithEqual(t *testing.T) {
	for _, c := range []struct {
		claim, candidate string
		agrees           bool
	}{
		{"A'*(A*x - b)", "2*A'*(A*x - b)", true},
		{"A'*(A*x - b)", "2*A'*A*x - 2*A'*b", true},
		{"A'*(A*x - b)", "2.0000001*A'*(A*x - b)", false},
		{"A'*(A*x - b)", "A'*(A*x - b)", false},
		{"A'*(A*x - b)", "A*x - b", false},            // of another shape
		{"A'*(A*x - b)", "log(-exp(x))", false},       // without a value
		{"A'*(A*x - b)", "2*A'*(A*x - b) + y", false}, // with a variable that has none
	} {
		b := expr.NewBuilder()
		read := func(right string) *parser.Equation {
			q, err := parser.ParseEquation(b, "grad(norm(A*x - b)^2, x) = "+right, parser.Options{Declarations: []string{"A: m×n", "x: n×1", "b: m×1"}})
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		q := read(c.claim)
		trial, err := numcheck.NewTrial(q.Left, q.Right, numcheck.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		candidate := read(c.candidate).Right
		for range 2 { // the second time all values are there already
			if got := trial.Agrees(candidate); got != c.agrees {
				t.Errorf("%s agrees: %v", c.candidate, got)
			}
		}
	}
}

// TestTrialDiffersSomewhere: a claim that is wrong in rare places is wrong at one of the points of its trial.
func TestTrialDiffersSomewhere(t *testing.T) {
	q, err := parse("grad(sum(relu(x - 4).^2) + sum(x), x) = ones(n,1)", "x: n×1")
	if err != nil {
		t.Fatal(err)
	}
	trial, err := numcheck.NewTrial(q.Left, q.Right, numcheck.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if trial.Agrees(q.Right) {
		t.Error("no point shows the difference")
	}
}

// TestTrialOfStructuredVariable: a candidate is compared as a derivative along the moves that the variable can make.
func TestTrialOfStructuredVariable(t *testing.T) {
	q, err := parse("grad(tr(A*X), X) = A", "X: n×n symmetric", "A: n×n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := numcheck.NewTrial(q.Left, q.Right, numcheck.Options{Seed: 1}); err == nil {
		t.Error("a claim that is right by the symmetric part has a point where it differs")
	}
}
