package numcheck_test

import (
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// gradientClaim is an equation grad(f, x) = g.
type gradientClaim struct {
	claim
	f, x, g *expr.Node
}

func gradientClaims(t testing.TB, file string) []gradientClaim {
	var list []gradientClaim
	for _, c := range readClaims(t, file) {
		q, err := parse(c.Equation, c.Declare...)
		if err == nil && q.Left.Op == expr.Gradient {
			list = append(list, gradientClaim{c, q.Left.Args[0], q.Left.Args[1], q.Right})
		}
	}
	return list
}

func TestVerify(t *testing.T) {
	for _, c := range gradientClaims(t, "right.jsonl") {
		for seed := range uint64(5) {
			r, err := numcheck.Verify(c.f, c.x, c.g, numcheck.Options{Seed: seed})
			if err != nil || r.Verdict != numcheck.Holds {
				t.Errorf("%s: %s, seed %d: %s %v %v", c.ID, c.Equation, seed, r.Verdict, r.Reasons, err)
			}
		}
	}
	for _, c := range gradientClaims(t, "wrong.jsonl") {
		r, err := numcheck.Verify(c.f, c.x, c.g, numcheck.Options{Seed: 1})
		// A branch that is rarely taken is not sought.
		if c.Kind == "region_rare" {
			continue
		}
		if err != nil || r.Verdict != numcheck.Fails {
			t.Errorf("%s (%s): %s: %s %v %v", c.ID, c.Kind, c.Equation, r.Verdict, r.Reasons, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	list := gradientClaims(b, "right.jsonl")
	for b.Loop() {
		for _, c := range list {
			if _, err := numcheck.Verify(c.f, c.x, c.g, numcheck.Options{Seed: 1}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(list)), "µs/claim")
}

// BenchmarkVerifyLarge verifies the gradient of a sum of many entries.
func BenchmarkVerifyLarge(b *testing.B) {
	q, err := parse("grad(sum(x), x) = ones(1000000)", "x: vector(1000000)")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := numcheck.Verify(q.Left.Args[0], q.Left.Args[1], q.Right, numcheck.Options{Seed: 1}); err != nil || r.Verdict != numcheck.Holds {
			b.Fatal(r, err)
		}
	}
}

func BenchmarkEqual(b *testing.B) {
	claims := readClaims(b, "right.jsonl")
	for b.Loop() {
		for _, c := range claims {
			q, err := parse(c.Equation, c.Declare...)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: 1}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(claims)), "µs/claim")
}

func TestVerifySpecialCases(t *testing.T) {
	for _, c := range []struct {
		equation string
		declare  []string
		want     numcheck.Verdict
	}{
		{"grad(tr(A), X) = 0", []string{"A: n×n", "X: m×n"}, numcheck.Holds},
		{"grad(tr(A), X) = zeros(2,3)", []string{"A: n×n", "X: 4×4"}, numcheck.Fails},
		{"grad(tr(A*X), X) = 0", []string{"A: n×n", "X: n×n"}, numcheck.Fails},
		{"grad(tr(A*X), X) = A", []string{"A: n×m", "X: m×n"}, numcheck.Fails},
		{"grad(tr(A*X), X) = 2*A", []string{"A: n×n", "X: n×n symmetric"}, numcheck.Fails},
		{"grad(tr(A*X), X) = (A+A')/2", []string{"A: n×n", "X: n×n symmetric"}, numcheck.Holds},
		{"grad(tr(A*X), X) = A'", []string{"A: n×n", "X: n×n orthogonal"}, numcheck.Holds},
		{"grad(tr(A*X), X[i,j]) = A[j,i]", []string{"A: n×m", "X: m×n"}, numcheck.Holds},
		{"grad(tr(A*X), X[2,1]) = A[2,1]", []string{"A: n×n", "X: n×n"}, numcheck.Fails},
		{"grad(t^3, t) = 3*t^2", []string{"t: scalar"}, numcheck.Holds},
		{"grad(norm(X*B)^2, X) = 2*X*B*B'", []string{"X: 1000×1000", "B: 1000×2"}, numcheck.Holds},
		{"grad(norm(X*B)^2, X) = 2*X*B*B'/3", []string{"X: 200×300", "B: 300×2"}, numcheck.Fails},
		{"grad(tr(inv(X)), X) = -(inv(X)*inv(X))'", []string{"X: 2000×2000"}, numcheck.Undecided},
	} {
		q, err := parse(c.equation, c.declare...)
		if err != nil {
			t.Fatalf("%s: %v", c.equation, err)
		}
		r, err := numcheck.Verify(q.Left.Args[0], q.Left.Args[1], q.Right, numcheck.Options{Seed: 1})
		if err != nil || r.Verdict != c.want {
			t.Errorf("%s: %s %v %v", c.equation, r.Verdict, r.Reasons, err)
		}
	}
}
