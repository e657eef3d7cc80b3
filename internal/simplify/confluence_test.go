package simplify_test

import (
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/simplify"
)

// rewriter changes random parts of expressions by identities that hold for all values.
type rewriter struct {
	b   *expr.Builder
	rng *rand.Rand
	g   *randexpr.Generator
}

// rewrite applies identities at about one in every chance nodes.
func (r *rewriter) rewrite(n *expr.Node, chance int) *expr.Node {
	args := make([]*expr.Node, len(n.Args))
	for i, arg := range n.Args {
		args[i] = r.rewrite(arg, chance)
	}
	if len(args) > 0 {
		n = r.b.With(n, args)
	}
	if r.rng.Intn(chance) > 0 || n.Props.Has(expr.Index) {
		return n
	}
	return r.identity(n)
}

func (r *rewriter) neg(n *expr.Node) *expr.Node { return r.b.New(expr.Product, r.b.Int(-1), n) }
func (r *rewriter) t(n *expr.Node) *expr.Node   { return r.b.New(expr.Transpose, n) }

func (r *rewriter) identity(n *expr.Node) *expr.Node {
	b := r.b
	square := n.Shape.IsSquare() && !n.Shape.IsScalar()
	switch k := r.rng.Intn(10); {
	case k == 0: // X = X''
		return r.t(r.t(n))
	case k == 1: // X = X + Y - Y
		y := r.g.Of(n.Shape, 2)
		return b.New(expr.Sum, y, n, r.neg(y))
	case k == 2: // X = 2*X - X
		return b.New(expr.Sum, b.New(expr.Product, b.Int(2), n), r.neg(n))
	case k == 3 && square: // X = I*X
		return b.New(expr.Product, b.Sized(expr.Identity, n.Shape), n)
	case k == 4 && n.Op == expr.Sum && len(n.Args) > 1: // X + Y = Y + X
		last := len(n.Args) - 1
		return b.New(expr.Sum, append([]*expr.Node{n.Args[last]}, n.Args[:last]...)...)
	case k == 5 && n.Op == expr.Hadamard:
		last := len(n.Args) - 1
		return b.New(expr.Hadamard, append([]*expr.Node{n.Args[last]}, n.Args[:last]...)...)
	case n.Op == expr.Product && len(n.Args) == 2:
		return r.product(n.Args[0], n.Args[1], n)
	case n.Op == expr.Tr && n.Args[0].Op == expr.Product && len(n.Args[0].Args) == 2: // tr(X*Y) = tr(Y*X) = sum(X' .* Y)
		x, y := n.Args[0].Args[0], n.Args[0].Args[1]
		if !x.Shape.IsScalar() && !y.Shape.IsScalar() {
			if k%2 == 0 {
				return b.New(expr.Total, b.New(expr.Hadamard, r.t(x), y))
			}
			return b.New(expr.Tr, b.New(expr.Product, y, x))
		}
	case n.Op == expr.Tr, n.Op == expr.Total: // tr(X) = tr(X')
		return b.New(n.Op, r.t(n.Args[0]))
	}
	return n
}

// product distributes over a sum, or transposes: X*(Y + Z) = X*Y + X*Z, X*Y = (Y'*X')'.
func (r *rewriter) product(x, y, n *expr.Node) *expr.Node {
	for _, z := range []*expr.Node{x, y} {
		if z.Shape.IsScalar() {
			return r.b.New(expr.Product, y, x)
		}
	}
	if y.Op == expr.Sum {
		terms := make([]*expr.Node, len(y.Args))
		for i, t := range y.Args {
			if t.Shape != y.Shape {
				return n
			}
			terms[i] = r.b.New(expr.Product, x, t)
		}
		return r.b.New(expr.Sum, terms...)
	}
	return r.t(r.b.New(expr.Product, r.t(y), r.t(x)))
}

// Rewritten by identities, an expression comes back to a form no longer than its own, but for one in a thousand: factors
// are taken out greedily, and sum(A) + sum(A*x) has none, though sum(A) is sum(A*ones).
func TestConfluence(t *testing.T) {
	longer, tried := 0, 0
	random(t, func(t *testing.T, seed int, b *expr.Builder, n *expr.Node) {
		rng := rand.New(rand.NewSource(int64(seed)))
		r := &rewriter{b: b, rng: rng, g: randexpr.New(rng, b, randexpr.Options{Smooth: true, Regular: true})}
		m := r.rewrite(n, 4)
		if m == n {
			return
		}
		tried++
		a := simplify.New(b)
		short := a.Shortest(a.Normalize(n))
		c := simplify.New(b)
		back := c.Shortest(c.Normalize(m))
		if c.Cost(back) > a.Cost(short) {
			longer++
			t.Logf("seed %d: %s is %s, but %s is %s", seed, printer.Text(n), printer.Text(short), printer.Text(m), printer.Text(back))
		}
		if same, _ := equal(t, n, back); !same {
			t.Errorf("seed %d: %s is not %s", seed, printer.Text(m), printer.Text(back))
		}
	})
	t.Logf("%d of %d came back longer", longer, tried)
	if longer*1000 > tried {
		t.Errorf("%d of %d came back longer", longer, tried)
	}
}
