package diagnose

import (
	"math/big"

	"matdiff/internal/expr"
)

// What single edits change, given a part of the claim and what it is an argument of.

// swap exchanges two factors, or moves one past several.
func (q *inquiry) swap(n, _ *Node) (list []*Node) {
	if !n.Is(expr.Product) && !n.Is(expr.Kronecker) || len(n.Args) > 12 {
		return nil
	}
	add := func(args []*Node) {
		if expr.Conform(n.Op, args) {
			list = append(list, q.b.New(n.Op, args...))
		}
	}
	for gap := 1; gap < len(n.Args); gap++ {
		for i := 0; i+gap < len(n.Args); i++ {
			args := append([]*Node(nil), n.Args...)
			args[i], args[i+gap] = args[i+gap], args[i]
			add(args)
		}
	}
	for i := range n.Args {
		rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
		for j := range n.Args {
			add(append(append(append([]*Node(nil), rest[:j]...), n.Args[i]), rest[j:]...))
		}
	}
	return list
}

func (q *inquiry) invert(n, parent *Node) (list []*Node) {
	if n.Is(expr.Number) || !n.Shape.IsSquare() || n.Is(expr.Inv) || n.Is(expr.Identity) || n.Is(expr.Transpose) || parent != nil && parent.Is(expr.Inv) {
		return nil
	}
	list = append(list, q.inverse(n))
	if n.Is(expr.Product) && !n.Shape.IsScalar() { // inv(A)*B of A*B is done at A; inv(A*B)*C of A*B*C here
		for i := range n.Args {
			for j := i + 2; j <= len(n.Args); j++ {
				part := q.product(n.Args[i:j]...)
				if j-i < len(n.Args) && !part.Shape.IsScalar() && part.Shape.IsSquare() {
					list = append(list, q.product(append(append(append([]*Node(nil), n.Args[:i]...), q.inverse(part)), n.Args[j:]...)...))
				}
			}
		}
	}
	return list
}

func (q *inquiry) uninvert(n, _ *Node) []*Node {
	switch {
	case n.Is(expr.Inv):
		return []*Node{n.Args[0]}
	case n.Is(expr.Power) && n.Shape.IsScalar() && n.Args[1].Is(expr.Number) && n.Args[1].Num.Sign() < 0:
		return []*Node{q.inverse(n)}
	}
	return nil
}

// entrywise exchanges operations on entries with those on matrices.
func (q *inquiry) entrywise(n, _ *Node) (list []*Node) {
	pairs := [][2]*expr.Op{{expr.Exp, expr.Expm}, {expr.Log, expr.Logm}, {expr.Sqrt, expr.Sqrtm}, {expr.Power, expr.ElementPower}}
	for _, p := range pairs {
		for i, op := range p {
			if n.Is(op) && !n.Shape.IsScalar() && expr.Conform(p[1-i], n.Args) {
				list = append(list, q.b.New(p[1-i], n.Args...))
			}
		}
	}
	switch n.Op {
	case expr.Identity:
		list = append(list, q.b.Sized(expr.Ones, n.Shape))
	case expr.Ones:
		if n.Shape.IsSquare() {
			list = append(list, q.b.Sized(expr.Identity, n.Shape))
		}
	case expr.Inv:
		list = append(list, q.b.New(expr.ElementPower, n.Args[0], q.b.Int(-1)))
	case expr.ElementPower:
		if n.Shape.IsSquare() && n.Args[1].IsNumber(-1) {
			list = append(list, q.b.New(expr.Inv, n.Args[0]))
		}
	case expr.Hadamard:
		if expr.Conform(expr.Product, n.Args) {
			list = append(list, q.product(n.Args...))
		}
	case expr.Product:
		for i := 1; i < len(n.Args); i++ {
			left, right := n.Args[:i], n.Args[i:]
			pair := []*Node{q.product(left...), q.product(right...)}
			if expr.Conform(expr.Product, right) && expr.Conform(expr.Hadamard, pair) {
				list = append(list, q.b.New(expr.Hadamard, pair...))
			}
			pair = []*Node{q.product(left...), right[0]}
			if expr.Conform(expr.Hadamard, pair) {
				list = append(list, q.product(append([]*Node{q.b.New(expr.Hadamard, pair...)}, right[1:]...)...))
			}
		}
	}
	return list
}

func (q *inquiry) otherPower(n, parent *Node) (list []*Node) {
	isPower := func(m *Node) bool { return m != nil && (m.Is(expr.Power) || m.Is(expr.ElementPower)) }
	switch {
	case isPower(n) && n.Args[1].Is(expr.Number):
		for _, p := range []*expr.Node{q.shifted(n.Args[1], one), q.shifted(n.Args[1], minusOne), q.scale(minusOne, n.Args[1])} {
			if p.IsNumber(1) {
				list = append(list, n.Args[0])
			} else if n.Shape.IsScalar() || n.Is(expr.ElementPower) || p.Num.IsInt() && p.Num.Sign() > 0 {
				list = append(list, q.b.New(n.Op, n.Args[0], p))
			}
		}
	case n.Op.Traits.Has(expr.Leaf) && !n.Is(expr.Variable), isPower(parent):
	case n.Shape.IsScalar():
		list = append(list, q.power(n, two))
	default:
		list = append(list, q.b.New(expr.ElementPower, n, q.b.Int(2)))
		if n.Shape.IsSquare() {
			list = append(list, q.b.New(expr.Power, n, q.b.Int(2)))
		}
	}
	return list
}

func (q *inquiry) shifted(n *Node, by *big.Rat) *Node { return q.b.Number(new(big.Rat).Add(n.Num, by)) }

// otherNumber changes a number or a dimension.
func (q *inquiry) otherNumber(n, parent *Node) (list []*Node) {
	switch {
	case n.Is(expr.Number) && (parent == nil || !parent.Is(expr.Power) && !parent.Is(expr.ElementPower)):
		list = append(list, q.scale(two, n), q.scale(half, n), q.scale(minusOne, n), q.shifted(n, one), q.shifted(n, minusOne))
	case n.Is(expr.Size):
	default:
		return nil
	}
	for _, s := range q.parts.scalars {
		if s.Is(expr.Size) || s.Is(expr.Variable) && n.Is(expr.Number) {
			list = append(list, s)
		}
	}
	return list
}

// confused are functions that are taken for each other.
var confused = [][2]*expr.Op{
	{expr.Sin, expr.Cos}, {expr.Sinh, expr.Cosh}, {expr.Asin, expr.Acos}, {expr.Tr, expr.Total}, {expr.Det, expr.LogDet},
	{expr.Relu, expr.Step}, {expr.Abs, expr.Sign}, {expr.Tanh, expr.Sigmoid}, {expr.Sigmoid, expr.Softplus},
	{expr.Norm, expr.Norm1}, {expr.Sigmoid, expr.Softmax}, {expr.Tan, expr.Tanh}, {expr.Exp, expr.Log},
}

func (q *inquiry) otherFunction(n, _ *Node) (list []*Node) {
	for _, pair := range confused {
		for i, op := range pair {
			if n.Is(op) && expr.Conform(pair[1-i], n.Args) {
				list = append(list, q.b.New(pair[1-i], n.Args...))
			}
		}
	}
	return list
}

// dropFactor leaves out a factor, or an operation around one.
func (q *inquiry) dropFactor(n, _ *Node) (list []*Node) {
	if !n.Is(expr.Product) && !n.Is(expr.Hadamard) {
		if len(n.Args) == 1 && !n.Is(expr.Transpose) && !n.Is(expr.Inv) {
			list = append(list, n.Args[0])
		}
		return list
	}
	for i := range n.Args {
		rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
		switch {
		case len(rest) == 1:
			list = append(list, rest[0])
		case expr.Conform(n.Op, rest):
			list = append(list, q.b.New(n.Op, rest...))
		}
	}
	return list
}

// otherPart puts another name for a name, and another scalar for a scalar.
func (q *inquiry) otherPart(n, _ *Node) (list []*Node) {
	switch {
	case isName(n) && !n.Shape.IsScalar():
		for _, p := range q.parts.factors {
			if isName(p) {
				list = append(list, p)
			}
		}
	case n.Shape.IsScalar() && !n.Op.Traits.Has(expr.Leaf) || n.Is(expr.Variable):
		for _, p := range q.parts.scalars {
			if p.Props&expr.Index == 0 {
				list = append(list, p)
			}
		}
	}
	return list
}
