package randexpr

import "matdiff/internal/expr"

// Shrinks returns expressions of the shape of n that are smaller than n and made of its parts, the smallest first as
// far as that is cheap: parts of n, n with one operand less, and n with a part shrunk.
func Shrinks(b *expr.Builder, n *expr.Node) []*expr.Node {
	var out []*expr.Node
	seen := map[*expr.Node]bool{n: true}
	add := func(m *expr.Node) {
		if !seen[m] && m.Shape == n.Shape && m.Size() < n.Size() {
			seen[m] = true
			out = append(out, m)
		}
	}
	expr.Walk(n, add)
	for _, part := range parts(n) {
		for _, smaller := range simpler(b, part) {
			add(b.Substitute(n, map[*expr.Node]*expr.Node{part: smaller}))
		}
	}
	return out
}

// parts returns the nodes of n that may be replaced by others of their shape.
func parts(n *expr.Node) []*expr.Node {
	var out []*expr.Node
	fixed := map[*expr.Node]bool{} // indices, and exponents that have to be numbers
	expr.Walk(n, func(m *expr.Node) {
		switch m.Op {
		case expr.Element, expr.Power, expr.ElementPower:
			for _, a := range m.Args[1:] {
				fixed[a] = true
			}
		case expr.Unit:
			for _, a := range m.Args {
				fixed[a] = true
			}
		}
	})
	expr.Walk(n, func(m *expr.Node) {
		if !fixed[m] && len(m.Args) > 0 {
			out = append(out, m)
		}
	})
	return out
}

// simpler returns what can stand for n: its descendants of the same shape next to it, and itself less one operand.
func simpler(b *expr.Builder, n *expr.Node) []*expr.Node {
	var out []*expr.Node
	for _, a := range n.Args {
		if a.Shape == n.Shape {
			out = append(out, a)
		}
		for _, c := range a.Args {
			if c.Shape == n.Shape {
				out = append(out, c)
			}
		}
	}
	if n.Op == expr.Sum || n.Op == expr.Hadamard || n.Op == expr.Product && allScalar(n.Args) {
		for i := range n.Args {
			rest := append(append([]*expr.Node{}, n.Args[:i]...), n.Args[i+1:]...)
			switch {
			case len(rest) == 1 && rest[0].Shape == n.Shape:
				out = append(out, rest[0])
			case len(rest) > 1:
				if m := b.New(n.Op, rest...); m.Shape == n.Shape {
					out = append(out, m)
				}
			}
		}
	}
	if n.Shape.IsScalar() && !n.Is(expr.Number) {
		out = append(out, b.Int(2))
	}
	return out
}

func allScalar(nodes []*expr.Node) bool {
	for _, n := range nodes {
		if !n.Shape.IsScalar() {
			return false
		}
	}
	return true
}
