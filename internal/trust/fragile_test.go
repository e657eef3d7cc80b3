package main

import (
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/randexpr"
)

func TestFragile(t *testing.T) {
	for text, want := range map[string]bool{
		"sum(sign(dlogm(P, P)))":            true, // I but for rounding errors
		"sum(abs(X*Y - X*Y + x*z - x*z))":   false,
		"sum(relu(inv(P)*P - I))":           true,
		"sum(relu(X)) + nuclear(X)":         false,
		"nuclear(x*z)":                      true, // of rank 1
		"nuclear(exp(sin(kron(w, w')./9)))": true, // a function of w[i]*w[j] has singular values that fall fast
	} {
		typed, err := parser.Expression(expr.NewBuilder(), text, parser.Options{Declarations: randexpr.Declarations()})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range points(rand.New(rand.NewSource(1))) {
			found = found || fragile(p, typed.Expr)
		}
		if found != want {
			t.Errorf("%s: %v", text, found)
		}
	}
}
