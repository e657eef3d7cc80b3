package numcheck_test

import (
	"testing"

	"matdiff/internal/numcheck"
)

// TestLargeMatrices: equations of large matrices are decided by at most 100 evaluations of the function that is
// differentiated. Report.Evaluations counts every run of its program, at the points themselves too.
func TestLargeMatrices(t *testing.T) {
	const x, a = "X: 1000×1000", "A: 1000×1000"
	for _, c := range []struct {
		equation string
		declare  []string
		verdict  numcheck.Verdict
	}{
		{"grad(sum(X.^2), X) = 2*X", []string{x}, numcheck.Holds},
		{"grad(sum(X.^2), X) = 2*X + E(3, 5, 1000, 1000)/1000", []string{x}, numcheck.Fails},
		{"grad(tr(A*X), X) = A'", []string{a, x}, numcheck.Holds},
		{"grad(tr(A*X), X) = A", []string{a, x}, numcheck.Fails},
		{"grad(x'*A*x, x) = (A + A')*x", []string{a}, numcheck.Holds},
		{"grad(x'*A*x, x) = 2*A*x", []string{a}, numcheck.Fails},
		{"jacobian(A*x, x) = A", []string{a}, numcheck.Holds},
		{"jacobian(A*tanh(x), x) = A*diag(tanh(x))", []string{a}, numcheck.Fails},
		{"hessian(x'*A*x, x) = A + A'", []string{a}, numcheck.Holds},
		{"hessian(x'*A*x, x) = 2*A", []string{a}, numcheck.Fails},
		{"d(A*X) = A*dX", []string{"A: 100×1000", x}, numcheck.Holds},
		{"tr(A'*X) = tr(X'*A)", []string{a, x}, numcheck.Holds},
		{"tr(A'*X) = tr(X*A)", []string{a, x}, numcheck.Fails},
		{"grad(norm(A*X)^2, X) = 2*A'*A*X", []string{"A: 120×150", "X: 150×120"}, numcheck.Holds},
		{"grad(norm(A*X)^2, X) = A'*A*X", []string{"A: 120×150", "X: 150×120"}, numcheck.Fails},
		{"grad(tr(A*X*A'*X'), X) = A'*X*A + A*X*A'", []string{"A: 150×150"}, numcheck.Holds},
		{"grad(tr(A*X*A'*X'), X) = A'*X*A - A*X*A'", []string{"A: 150×150"}, numcheck.Fails},
		{"grad(logdet(X), X) = inv(X)'", []string{"X: 150×150"}, numcheck.Holds},
		{"grad(logdet(X), X) = inv(X)", []string{"X: 150×150"}, numcheck.Fails},
		{"grad(logdet(X), X) = inv(X)", []string{"X: 150×150 posdef"}, numcheck.Holds},
		{"grad(tr(A*inv(X)), X) = -(inv(X)*A*inv(X))'", []string{"A: 150×150"}, numcheck.Holds},
		{"d(inv(X)) = -inv(X)*dX*inv(X)", []string{"X: 120×120"}, numcheck.Holds},
		{"grad(sum(relu(A*X)), X) = A'*step(A*X)", []string{"A: 120×150", "X: 150×50"}, numcheck.Holds},
		{"grad(sum(relu(A*X)), X) = 1.0001*A'*step(A*X)", []string{"A: 120×150", "X: 150×50"}, numcheck.Fails},
		{"grad(sum(abs(A*X)), X) = A'*sign(A*X)", []string{"A: 80×100", "X: 100×70"}, numcheck.Holds},
		{"grad(norm(kron(X, X))^2, X) = X", []string{x}, numcheck.Undecided},
	} {
		q, err := parse(c.equation, c.declare...)
		if err != nil {
			t.Fatalf("%s: %v", c.equation, err)
		}
		r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: 1})
		if err != nil || r.Verdict != c.verdict || r.Evaluations > 100 {
			t.Errorf("%s: %s after %d evaluations: %v %+v %v", c.equation, r.Verdict, r.Evaluations, r.Reasons, r.Worst, err)
		}
		t.Logf("%s: %s, %d points, %d evaluations, resolution %.0e", c.equation, r.Verdict, r.Points, r.Evaluations, r.Resolution)
	}
}

// TestLargeDrawsAnother: where a random direction is nearly orthogonal to the gradient, another point is drawn.
func TestLargeDrawsAnother(t *testing.T) {
	q, err := parse("grad(norm(X)^2, X) = 2*X", "X: 200×300")
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range []uint64{3, 6, 25, 31} {
		r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: seed})
		if err != nil || r.Verdict != numcheck.Holds || r.Evaluations > 100 {
			t.Errorf("seed %d: %s after %d evaluations: %v %v", seed, r.Verdict, r.Evaluations, r.Reasons, err)
		}
	}
}
