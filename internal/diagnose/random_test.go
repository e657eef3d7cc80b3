package diagnose_test

import (
	"math/rand"
	"testing"

	"matdiff/internal/diagnose"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// TestRandomClaims takes gradients of random expressions, breaks them, and wants every claim that a diagnosis suggests to
// hold at other points than those it was found at.
func TestRandomClaims(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	rng := rand.New(rand.NewSource(1))
	failed, corrected := 0, 0
	for range rounds {
		b := expr.NewBuilder()
		g := randexpr.New(rng, b, randexpr.Options{Smooth: true, Regular: true})
		f := g.Scalar(12)
		x := variable(rng, f)
		if x == nil {
			continue
		}
		a := simplify.New(b)
		grads, err := rules.Standard().Gradient(a, f, []*expr.Node{x})
		if err != nil {
			continue
		}
		right := a.Shortest(grads[0])
		claim := broken(rng, b, right)
		left := b.Sized(expr.Gradient, x.Shape, f, x)
		r, err := numcheck.Equal(left, claim, numcheck.Options{Seed: 1})
		if err != nil || r.Verdict != numcheck.Fails {
			continue
		}
		failed++
		d, err := diagnose.Explain(b, rules.Standard(), diagnose.Equation{Left: left, Right: claim, Seed: 1})
		switch {
		case err != nil:
			t.Errorf("grad(%s, %s): %v", printer.Text(f), x.Name, err)
		case d == nil || d.Claim == nil:
		default:
			if r, err := numcheck.Equal(left, d.Claim, numcheck.Options{Seed: 2}); err != nil || r.Verdict == numcheck.Fails {
				t.Errorf("grad(%s, %s) = %s: %s: %s is suggested and fails", printer.Text(f), x.Name, printer.Text(claim), d.Code, printer.Text(d.Claim))
			}
			if d.Code != diagnose.Different && d.Code != diagnose.Shape {
				corrected++
			}
		}
	}
	t.Logf("%d of %d wrong claims corrected by a small change", corrected, failed)
	if failed < rounds/4 || corrected*2 < failed {
		t.Errorf("%d of %d wrong claims corrected, of %d rounds", corrected, failed, rounds)
	}
}

// variable returns a free variable of f, nil if it has none.
func variable(rng *rand.Rand, f *expr.Node) *expr.Node {
	all := expr.Variables(f)
	for _, i := range rng.Perm(len(all)) {
		if all[i].Props&expr.Structure == 0 {
			return all[i]
		}
	}
	return nil
}

// broken returns n with a mistake in it.
func broken(rng *rand.Rand, b *expr.Builder, n *expr.Node) *expr.Node {
	var parts []*expr.Node
	expr.Walk(n, func(m *expr.Node) { parts = append(parts, m) })
	for range 20 {
		p := parts[rng.Intn(len(parts))]
		var q *expr.Node
		switch {
		case p.Is(expr.Number):
			q = b.New(expr.Sum, p, b.Int(1))
		case p.Is(expr.Sum) && len(p.Args) > 1:
			q = b.New(expr.Sum, p.Args[1:]...)
		case p.Shape.IsSquare() && !p.Shape.IsScalar():
			q = b.New(expr.Transpose, p)
		case p.Is(expr.Variable):
			continue
		default:
			q = b.New(expr.Product, b.Int(-2), p)
		}
		if q.Shape == p.Shape {
			return b.Substitute(n, map[*expr.Node]*expr.Node{p: q})
		}
	}
	return b.New(expr.Product, b.Int(2), n)
}
