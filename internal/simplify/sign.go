package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// isNonnegative reports whether no entry of n can be negative, as far as its form tells.
func isNonnegative(n *Node) bool {
	switch n.Op {
	case expr.Number:
		return n.Num.Sign() >= 0
	case expr.Variable:
		return n.Props.Has(expr.Positive)
	case expr.Exp, expr.Abs, expr.Relu, expr.Step, expr.Sigmoid, expr.Softplus, expr.Softmax, expr.Ones, expr.Size,
		expr.Norm1, expr.Nuclear, expr.Spectral, expr.Cosh:
		return true
	case expr.Power, expr.ElementPower:
		e := n.Args[1]
		entrywise := n.Op == expr.ElementPower || n.Shape.IsScalar()
		return isNonnegative(n.Args[0]) || entrywise && e.Op == expr.Number && (evenWhole(e.Num) || !e.Num.IsInt())
	case expr.Sum, expr.Hadamard:
		return !slices.ContainsFunc(n.Args, func(t *Node) bool { return !isNonnegative(t) })
	case expr.Product:
		if isQuadratic(n) {
			return true
		}
		return !slices.ContainsFunc(n.Args, func(t *Node) bool { return !isNonnegative(t) })
	case expr.Tr:
		p := n.Args[0]
		return p.Op == expr.Product && len(p.Args) == 2 && (isTransposeOf(p.Args[0], p.Args[1]) || isTransposeOf(p.Args[1], p.Args[0]))
	case expr.Total:
		return isNonnegative(n.Args[0])
	}
	return false
}

// isQuadratic reports whether n is z'*z.
func isQuadratic(n *Node) bool { return chainOnly(n) && mirrored(n.Args) }

// mirrored reports whether the first half of a chain is the transpose of the second.
func mirrored(chain []*Node) bool {
	if len(chain)%2 != 0 {
		return false
	}
	last := len(chain) - 1
	for i := range len(chain) / 2 {
		if f, g := chain[i], chain[last-i]; !isTransposeOf(f, g) && !isTransposeOf(g, f) {
			return false
		}
	}
	return true
}

func isTransposeOf(t, n *Node) bool { return t.Op == expr.Transpose && t.Args[0] == n }
