package numcheck_test

import (
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

// TestSampledStructure draws variables of each combination of declared properties: all points have all of them.
func TestSampledStructure(t *testing.T) {
	for _, declared := range []string{
		"n×n symmetric", "n×n skew", "n×n diagonal", "n×n posdef", "n×n orthogonal", "n×n lower", "n×n upper", "m×n positive",
		"n×n diagonal posdef", "n×n diagonal positive", "n×n diagonal posdef positive", "n×n lower positive", "n×n upper positive",
		"n×n symmetric positive", "n×n posdef positive", "n×n symmetric diagonal", "n×n symmetric posdef",
	} {
		// Functions with domains in which points of each family lie.
		for _, f := range []string{"sum(X)", "sum(log(X))", "sum(log(exp(X) - 1))", "sum(asin(X))", "sum(log(1 - X) + log(X + 0.001))", "sum(X) + tr(logm(X'*X))"} {
			typed, err := parser.Expression(expr.NewBuilder(), f, parser.Options{Declarations: []string{"X: " + declared}})
			if err != nil {
				t.Fatalf("%s: %v", declared, err)
			}
			points, err := numcheck.Points(typed.Expr, 20, numcheck.Options{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			x := typed.Names["X"]
			for _, p := range points {
				if lacks := numcheck.Lacks(x.Props, p.Values["X"]); lacks != 0 {
					t.Errorf("X: %s in %s is not %s", declared, f, lacks)
					break
				}
			}
		}
	}
}
