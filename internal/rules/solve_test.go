package rules

import (
	"errors"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/simplify"
)

// The gradient is zero at the solution: for quadratics of every form, with w a vector, a row, a matrix and a scalar.
func TestGradientIsZeroAtTheSolution(t *testing.T) {
	for _, c := range []struct{ text, declare string }{
		{"norm(X*w - y)^2", "w: vector"},
		{"norm(X*w - y)^2 + lambda*norm(w)^2", "w: vector"},
		{"norm(X*w - y)^2 + norm(B*w - c)^2", "w: vector"},
		{"sum(v .* (X*w - y).^2)", "w: vector"},
		{"(X*w - y)'*D*(X*w - y) + 3*a'*w", "w: vector"},
		{"(a'*w - b)^2 + w'*w", "w: vector"},
		{"norm(a .* w - b)^2", "w: vector"},
		{"norm(z*X - w*Y)^2", "w: 1×5"},
		{"norm(A*w*B - C)^2", "w: m×n"},
		{"norm(w*X - Y)^2 + lambda*norm(w)^2", "w: m×n"},
		{"norm(w'*X - Y)^2", "w: m×n"},
		{"tr(w'*A*w)/2 - tr(w'*B)", "w: m×n"},
		{"norm(A .* w - B)^2 + lambda*norm(w)^2", "w: m×n"},
		{"norm(M .* (w - Y))^2/2 + norm(w - Z)^2", "w: m×n"},
		{"sum(A .* w .* w)/2 - tr(B'*w)", "w: m×n"},
		{"norm(X - w*Y)^2", "w: scalar"},
		{"norm(X - w)^2", "w: scalar"},
		{"sum(v .* (x - w).^2)", "w: scalar"},
		{"(w - a)^2 + (w - b)^2/c", "w: scalar"},
	} {
		b := expr.NewBuilder()
		typed, err := parser.Expression(b, c.text, parser.Options{Wrt: []string{"w"}, Scalar: true, Declarations: []string{c.declare}})
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		w := typed.Wrt[0]
		s, err := Standard().Solve(simplify.New(b), typed.Expr, w)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		there := b.Substitute(s.Gradient, map[*Node]*Node{w: s.W})
		r, err := numcheck.Equal(there, b.Sized(expr.Zeros, w.Shape), numcheck.Options{Seed: 1, Points: 5})
		if err != nil || r.Verdict != numcheck.Holds {
			t.Errorf("%s: %s is no solution: %v %v %v", c.text, printer.Text(s.W), r.Verdict, r.Reasons, err)
		}
		// Another point is none.
		wrong := b.Substitute(s.Gradient, map[*Node]*Node{w: b.New(expr.Product, b.Int(2), s.W)})
		if r, err := numcheck.Equal(wrong, b.Sized(expr.Zeros, w.Shape), numcheck.Options{Seed: 1, Points: 5}); err != nil || r.Verdict == numcheck.Holds {
			t.Errorf("%s: twice the solution passes too", c.text)
		}
	}
}

// What is not linear in w, or not solved in matrix notation, is refused.
func TestUnsolvableGradients(t *testing.T) {
	for _, text := range []string{
		"norm(exp(w))^2", "(w'*w)^2", "logdet(W)", "norm(A*W - W*B)^2", "norm(W)^2 + tr(W*A*W)", "a'*w",
		"norm((A .* W)*B - C)^2", "tr(A*W)^2", "w'*A*w*(b'*w)",
	} {
		b := expr.NewBuilder()
		wrt := "w"
		typed, err := parser.Expression(b, text, parser.Options{Wrt: []string{wrt}, Scalar: true})
		if err != nil {
			wrt = "W"
			b = expr.NewBuilder()
			if typed, err = parser.Expression(b, text, parser.Options{Wrt: []string{wrt}, Scalar: true}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Standard().Solve(simplify.New(b), typed.Expr, typed.Wrt[0])
		if none := (*NoSolution)(nil); !errors.As(err, &none) {
			t.Errorf("%s: solved by %v (%v)", text, s, err)
		}
	}
}
