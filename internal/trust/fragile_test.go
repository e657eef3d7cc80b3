package main

import (
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/randexpr"
)

func TestFragile(t *testing.T) {
	expectAtPoints(t, fragile, map[string]bool{
		"sum(step(acos(tanh(100*X*X'))))":   true, // 1, but for rounding errors
		"sum(sign(dlogm(P, P)))":            true, // I but for rounding errors
		"sum(abs(X*Y - X*Y + x*z - x*z))":   false,
		"sum(relu(inv(P)*P - I))":           true,
		"sum(relu(X)) + nuclear(X)":         false,
		"nuclear(x*z)":                      true, // of rank 1
		"lambda_max(-ones(n, n))":           true, // 0, several times
		"sum(X)*sin(2*pi)":                  true, // 0 but for rounding errors
		"sum(X)*sin(pi/6)":                  false,
		"log(sigmoid(cosh(4)))*sum(X)":      true, // 1 - 1e-12
		"log(sigmoid(cosh(1)))*sum(X)":      false,
		"nuclear(exp(sin(kron(w, w')./9)))": true, // a function of w[i]*w[j] has singular values that fall fast
	})
}

func TestIllConditioned(t *testing.T) {
	expectAtPoints(t, isIllConditioned, map[string]bool{
		"sum(inv(P + I))":                      false,
		"sum(pinv(x*z))":                       false, // of rank 1
		"sum(pinv(exp(sin(kron(w, w')./9))))":  true,
		"logdet(exp(sin(kron(w, w')./9)) + I)": false,
	})
}

func TestSingular(t *testing.T) {
	expectAtPoints(t, func(p numcheck.Env, nodes ...*expr.Node) bool { return isSingular(p, nodes[0]) }, map[string]bool{
		"sum(inv(P + I))":     false,
		"sum(inv(P + 1e9*I))": false,
		"sum(inv(x*x'))":      true,
		"det(R)*inv(R)":       true, // of odd size
	})
}

// expectAtPoints fails unless what holds at one of the points is what is wanted of each expression.
func expectAtPoints(t *testing.T, holds func(numcheck.Env, ...*expr.Node) bool, wanted map[string]bool) {
	for text, want := range wanted {
		typed, err := parser.Expression(expr.NewBuilder(), text, parser.Options{Declarations: randexpr.Declarations()})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range points(rand.New(rand.NewSource(1))) {
			found = found || holds(p, typed.Expr)
		}
		if found != want {
			t.Errorf("%s: %v", text, found)
		}
	}
}
