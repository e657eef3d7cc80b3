package simplify

import "matdiff/internal/expr"

// maxExpanded is the number of terms beyond which an expression is not multiplied out.
const maxExpanded = 100

// expand multiplies products of sums out, through linear functions and whole powers up to the fourth, and writes
// sigmoid(-u) as 1 - sigmoid(u). It returns nil if the result would be too long.
func (a *Algebra) expand(n *Node) *Node {
	terms := a.expandTerms(n)
	if terms == nil || len(terms) > maxExpanded {
		return nil
	}
	return a.Sum(terms...)
}

// expandTerms lists the terms of n multiplied out, or nil.
func (a *Algebra) expandTerms(n *Node) []*Node {
	switch {
	case n.Op == expr.Sum:
		var out []*Node
		for _, t := range n.Args {
			terms := a.expandTerms(t)
			if terms == nil || len(out)+len(terms) > maxExpanded {
				return nil
			}
			out = append(out, terms...)
		}
		return out
	case n.Op == expr.Transpose:
		return a.transposeTerms(a.expandTerms(n.Args[0]))
	case n.Op == expr.Product:
		return a.distribute(n.Args, func(parts []*Node) *Node { return a.Product(parts...) })
	case n.Op == expr.Hadamard:
		return a.distribute(n.Args, func(parts []*Node) *Node { return a.Hadamard(parts...) })
	case n.Op == expr.Power || n.Op == expr.ElementPower:
		base, e := n.Args[0], n.Args[1]
		if e.Op == expr.Number && e.Num.IsInt() && e.Num.Num().IsInt64() && base.Op == expr.Sum {
			if k := e.Num.Num().Int64(); k >= 2 && k <= 4 {
				factors := make([]*Node, k)
				for i := range factors {
					factors[i] = base
				}
				if n.Op == expr.Power {
					return a.distribute(factors, func(parts []*Node) *Node { return a.Product(parts...) })
				}
				return a.distribute(factors, func(parts []*Node) *Node { return a.Hadamard(parts...) })
			}
		}
	case n.Op == expr.Kronecker:
		return a.distribute(n.Args, func(parts []*Node) *Node { return a.Kronecker(parts...) })
	case n.Op.Traits.Has(expr.Linear) && len(n.Args) == 1:
		return a.distribute(n.Args, func(parts []*Node) *Node { return a.Apply(n.Op, parts...) })
	case n.Op == expr.Sigmoid:
		if u, negative := a.negated(n.Args[0]); negative {
			return []*Node{a.ones(n.Shape), a.Neg(a.Apply(expr.Sigmoid, u))}
		}
	}
	return []*Node{n}
}

func (a *Algebra) transposeTerms(terms []*Node) []*Node {
	if terms == nil {
		return nil
	}
	return a.transposeAll(terms)
}

// distribute multiplies the expanded factors, joining one term of each.
func (a *Algebra) distribute(factors []*Node, join func([]*Node) *Node) []*Node {
	lists := make([][]*Node, len(factors))
	count := 1
	for i, f := range factors {
		lists[i] = a.expandTerms(f)
		if count *= len(lists[i]); lists[i] == nil || count > maxExpanded {
			return nil
		}
	}
	a.budget -= count
	out := make([]*Node, 0, count)
	parts := make([]*Node, len(factors))
	var choose func(i int)
	choose = func(i int) {
		if i == len(factors) {
			out = append(out, join(append([]*Node{}, parts...)))
			return
		}
		for _, t := range lists[i] {
			parts[i] = t
			choose(i + 1)
		}
	}
	choose(0)
	return out
}
