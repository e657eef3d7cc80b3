package diagnose

import (
	"math/big"

	"matdiff/internal/expr"
)

// Raw nodes for suggestions: close to what the user wrote, without double transposes and with one number a product.

var (
	one      = big.NewRat(1, 1)
	minusOne = big.NewRat(-1, 1)
	half     = big.NewRat(1, 2)
	two      = big.NewRat(2, 1)
)

func (q *inquiry) transpose(n *Node) *Node {
	switch {
	case n.Shape.IsScalar():
		return n
	case n.Is(expr.Transpose):
		return n.Args[0]
	case n.Is(expr.Product):
		return q.transposeProduct(n)
	}
	return q.b.New(expr.Transpose, n)
}

// transposeProduct returns the transposes of the factors in reverse order, scalars first.
func (q *inquiry) transposeProduct(n *Node) *Node {
	var scalars, rest []*Node
	for _, f := range n.Args {
		if f.Shape.IsScalar() {
			scalars = append(scalars, f)
		} else {
			rest = append([]*Node{q.transpose(f)}, rest...)
		}
	}
	if len(scalars) > 0 && n.Args[len(n.Args)-1] == scalars[len(scalars)-1] { // M/s
		return q.b.New(expr.Product, append(rest, scalars...)...)
	}
	return q.b.New(expr.Product, append(scalars, rest...)...)
}

// coefficient splits n into a number and the rest.
func (q *inquiry) coefficient(n *Node) (*big.Rat, *Node) {
	switch {
	case n.Is(expr.Number):
		return n.Num, q.b.Int(1)
	case n.Is(expr.Power) && n.Args[1].IsNumber(-1):
		k, rest := q.coefficient(n.Args[0])
		if k.Sign() == 0 || k.Cmp(one) == 0 || rest.IsNumber(1) {
			return one, n
		}
		return new(big.Rat).Inv(k), q.power(rest, minusOne)
	case !n.Is(expr.Product):
		return one, n
	}
	c := one
	var rest []*Node
	for _, a := range n.Args {
		k, inner := q.coefficient(a)
		c = new(big.Rat).Mul(c, k)
		switch {
		case a.Is(expr.Number):
		case k.Cmp(one) == 0:
			rest = append(rest, a)
		default:
			rest = append(rest, inner)
		}
	}
	return c, q.product(rest...)
}

// scale returns c*n.
func (q *inquiry) scale(c *big.Rat, n *Node) *Node {
	k, rest := q.coefficient(n)
	c = new(big.Rat).Mul(c, k)
	switch {
	case c.Sign() == 0:
		return q.b.Sized(expr.Zeros, n.Shape)
	case rest.IsNumber(1):
		return q.b.Number(c)
	case c.Cmp(one) == 0:
		return rest
	case rest.Is(expr.Product):
		return q.b.New(expr.Product, append([]*Node{q.b.Number(c)}, rest.Args...)...)
	}
	return q.b.New(expr.Product, q.b.Number(c), rest)
}

// product returns the product of conforming factors without needless brackets.
func (q *inquiry) product(factors ...*Node) *Node {
	var flat []*Node
	for _, f := range factors {
		switch {
		case f.IsNumber(1):
		case f.Is(expr.Product) && !f.Shape.IsScalar():
			flat = append(flat, f.Args...)
		default:
			flat = append(flat, f)
		}
	}
	switch len(flat) {
	case 0:
		return q.b.Int(1)
	case 1:
		return flat[0]
	}
	return q.b.New(expr.Product, flat...)
}

func (q *inquiry) sum(terms ...*Node) *Node {
	var flat []*Node
	for _, t := range terms {
		if t.Is(expr.Sum) {
			flat = append(flat, t.Args...)
		} else {
			flat = append(flat, t)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return q.b.New(expr.Sum, flat...)
}

// inverse returns n^-1.
func (q *inquiry) inverse(n *Node) *Node {
	if n.Is(expr.Inv) {
		return n.Args[0]
	}
	if n.Shape.IsScalar() {
		return q.power(n, minusOne)
	}
	return q.b.New(expr.Inv, n)
}

// power returns the scalar n to the power p.
func (q *inquiry) power(n *Node, p *big.Rat) *Node {
	if n.Is(expr.Power) && n.Args[1].Is(expr.Number) {
		n, p = n.Args[0], new(big.Rat).Mul(p, n.Args[1].Num)
	}
	if p.Cmp(one) == 0 {
		return n
	}
	return q.b.New(expr.Power, n, q.b.Number(p))
}

// with returns n with its i-th argument replaced; nil if that does not conform.
func (q *inquiry) with(n *Node, i int, arg *Node) *Node {
	args := append([]*Node(nil), n.Args...)
	args[i] = arg
	if arg.Shape != n.Args[i].Shape && !expr.Conform(n.Op, args) {
		return nil
	}
	switch n.Op {
	case expr.Transpose, expr.Inv:
		return q.around(n, arg)
	case expr.Element:
		if i == 0 && arg.Is(expr.Transpose) {
			return q.b.New(expr.Element, arg.Args[0], n.Args[2], n.Args[1])
		}
	case expr.Sum:
		if arg.Is(expr.Zeros) || arg.IsNumber(0) {
			return q.sum(append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)...)
		}
	case expr.Product:
		if c, rest := q.coefficient(arg); c.Cmp(one) != 0 && !rest.IsNumber(1) {
			args[i] = rest
			return q.scale(c, q.product(args...))
		}
		if arg.Is(expr.Product) && !n.Args[i].Is(expr.Product) || arg.IsNumber(1) {
			return q.product(args...)
		}
	}
	return q.b.With(n, args)
}

// around returns the transpose or inverse n with another argument; transposes stand outside.
func (q *inquiry) around(n, arg *Node) *Node {
	switch {
	case n.Is(expr.Transpose):
		return q.transpose(arg)
	case arg.Is(expr.Transpose):
		return q.transpose(q.b.New(expr.Inv, arg.Args[0]))
	}
	return q.b.New(expr.Inv, arg)
}
