package simplify_test

import (
	"math/big"
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/simplify"
)

var half = big.NewRat(1, 2)

// shortest returns the shortest form of n and its cost.
func shortest(b *expr.Builder, n *expr.Node) (*expr.Node, int) {
	a := simplify.New(b)
	short := a.Shortest(a.Normalize(n))
	return short, a.Cost(short)
}

// rewritten calls check with random expressions and with what identities make of them.
func rewritten(t *testing.T, tries int, o randexpr.Options, chance int, check func(t *testing.T, seed int, b *expr.Builder, n, m *expr.Node)) {
	t.Helper()
	random(t, tries, o, func(t *testing.T, seed int, b *expr.Builder, n *expr.Node) {
		rng := rand.New(rand.NewSource(int64(seed)))
		// What is added and subtracted again has a value wherever the expression has.
		r := &rewriter{b: b, rng: rng, g: randexpr.New(rng, b, randexpr.Options{Smooth: true, Regular: true, Polynomial: o.Polynomial})}
		if m := r.rewrite(n, chance); m != n {
			check(t, seed, b, n, m)
		}
	})
}

// Rewritten by identities, an expression comes back to a form no longer than its own.
func TestConfluence(t *testing.T) {
	longer, identical, tried := 0, 0, 0
	rewritten(t, *tries, randexpr.Options{}, 4, func(t *testing.T, seed int, b *expr.Builder, n, m *expr.Node) {
		tried++
		short, cost := shortest(b, n)
		back, again := shortest(b, m)
		if back == short {
			identical++
		}
		same, decided := equal(t, n, back)
		if !same {
			t.Errorf("seed %d: %s is not %s", seed, printer.Text(m), printer.Text(back))
		}
		if decided && again > cost { // what has no value, as 1/(x - x), stays as it was written
			longer++
			t.Logf("seed %d: %s is %s (%d), but %s is %s (%d)", seed, printer.Text(n), printer.Text(short), cost, printer.Text(m), printer.Text(back), again)
		}
	})
	t.Logf("%d of %d came back to the same text, %d longer", identical, tried, longer)
	if longer > 0 {
		t.Errorf("%d of %d came back longer", longer, tried)
	}
}

// Equal polynomials have one shortest form, but for one in a hundred.
func TestPolynomials(t *testing.T) {
	identical, tried := 0, 0
	rewritten(t, *tries/5, randexpr.Options{Polynomial: true}, 2, func(t *testing.T, seed int, b *expr.Builder, n, m *expr.Node) {
		tried++
		short, _ := shortest(b, n)
		back, _ := shortest(b, m)
		if back == short {
			identical++
			return
		}
		t.Logf("seed %d: %s is %s, but %s is %s", seed, printer.Text(n), printer.Text(short), printer.Text(m), printer.Text(back))
	})
	t.Logf("%d of %d came back to the same text", identical, tried)
	if identical*100 < tried*99 {
		t.Errorf("%d of %d came back to the same text", identical, tried)
	}
}
