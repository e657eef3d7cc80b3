package simplify

import (
	"matdiff/internal/expr"
)

// exponential gives exp and log of each other, and the names that people use for what they combine to.
func (a *Algebra) exponential(op *expr.Op, x *Node) *Node {
	if op == expr.Exp {
		switch {
		case IsZero(x):
			return a.ones(x.Shape)
		case x.Op == expr.Log:
			return x.Args[0]
		}
		return nil
	}
	switch {
	case x.IsNumber(1), x.Op == expr.Ones:
		return a.zero(x.Shape)
	case x.Op == expr.Exp:
		return x.Args[0]
	case x.Op == expr.Det:
		return a.Apply(expr.LogDet, x.Args[0])
	case x.Op == expr.Sigmoid:
		return a.Neg(a.Apply(expr.Softplus, a.Neg(x.Args[0])))
	case x.Op == expr.Softmax:
		return a.Sum(x.Args[0], a.Neg(a.Apply(expr.LogSumExp, x.Args[0])))
	case x.Op == expr.Total && x.Args[0].Op == expr.Exp:
		return a.Apply(expr.LogSumExp, x.Args[0].Args[0])
	}
	if u := a.onePlusExp(x); u != nil {
		return a.Apply(expr.Softplus, u)
	}
	if u := a.oneMinusSigmoid(x); u != nil {
		return a.Neg(a.Apply(expr.Softplus, u))
	}
	return nil
}

// oneMinusSigmoid returns u if n is 1 - sigmoid(u).
func (a *Algebra) oneMinusSigmoid(n *Node) *Node {
	if n.Op != expr.Sum || len(n.Args) != 2 {
		return nil
	}
	for i, t := range n.Args {
		c, rest := a.coefficient(n.Args[1-i])
		if (t.IsNumber(1) || t.Op == expr.Ones) && c.Cmp(minusOne) == 0 && rest.Op == expr.Sigmoid {
			return rest.Args[0]
		}
	}
	return nil
}

// softmax recognises exp(z)/sum(exp(z)) among the factors of a product.
func (a *Algebra) softmax(scalars, chain []*Node) ([]*Node, []*Node) {
	for i, s := range scalars {
		if s.Op != expr.Power || !s.Args[1].IsNumber(-1) || s.Args[0].Op != expr.Total || s.Args[0].Args[0].Op != expr.Exp {
			continue
		}
		e := s.Args[0].Args[0]
		for j, f := range chain {
			if g := a.withSoftmax(f, e); g != nil {
				rest := append(append([]*Node{}, scalars[:i]...), scalars[i+1:]...)
				out := append([]*Node{}, chain...)
				out[j] = g
				return a.softmax(rest, out)
			}
		}
	}
	return scalars, chain
}

// withSoftmax replaces the factor e = exp(z) in f, e itself or its transpose or a Hadamard product, by softmax(z).
func (a *Algebra) withSoftmax(f, e *Node) *Node {
	switch {
	case f == e:
		return a.Apply(expr.Softmax, e.Args[0])
	case f.Op == expr.Transpose:
		if g := a.withSoftmax(f.Args[0], e); g != nil {
			return a.Transpose(g)
		}
	case f.Op == expr.Hadamard:
		for i, arg := range f.Args {
			if arg == e {
				args := append([]*Node{}, f.Args...)
				args[i] = a.Apply(expr.Softmax, e.Args[0])
				return a.Hadamard(args...)
			}
		}
	}
	return nil
}

// exponent returns X if n is expm(X), its transpose or a power of it.
func (a *Algebra) exponent(n *Node) *Node {
	b, k := a.base(n)
	switch {
	case b.Op == expr.Expm:
		return a.Product(a.b.Int(k), b.Args[0])
	case b.Op == expr.Transpose && b.Args[0].Op == expr.Expm:
		return a.Product(a.b.Int(k), a.Transpose(b.Args[0].Args[0]))
	}
	return nil
}

// exponentials returns expm(s*X)*expm(t*X) as expm((s + t)*X) for numbers or scalars s and t; nil if f and g are not of this form.
func (a *Algebra) exponentials(f, g *Node) *Node {
	x, y := a.exponent(f), a.exponent(g)
	if x == nil || y == nil {
		return nil
	}
	_, u := a.content(a.unscaledChain(x))
	_, v := a.content(a.unscaledChain(y))
	if u != v {
		return nil
	}
	return a.Apply(expr.Expm, a.Sum(x, y))
}
