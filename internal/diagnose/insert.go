package diagnose

import (
	"slices"

	"matdiff/internal/expr"
)

// inserted: an inner term or a factor is missing somewhere in the claim.
func (q *inquiry) inserted() *Diagnosis {
	if e, ok := q.firstEdit(q.completeSum); ok {
		return diagnosis(MissingInnerTerm, e.node, "a term is missing: %s, not %s", text(e.now), text(e.was))
	}
	for _, p := range slices.Concat(q.parts.scalars, q.parts.factors) {
		if e, ok := q.firstEdit(func(n, parent *Node) []*Node { return q.insert(p, n, parent) }); ok {
			return diagnosis(MissingFactor, e.node, "%s is missing: %s, not %s", text(p), text(e.now), text(e.was))
		}
	}
	return nil
}

// exchanged: another name or scalar stands where one should.
func (q *inquiry) exchanged() *Diagnosis {
	if e, ok := q.firstEdit(q.otherPart); ok {
		return diagnosis(OtherPart, e.node, "%s stands where %s should", text(e.was), text(e.now))
	}
	return nil
}

// editedAndScaled: a factor is missing or another single edit is needed, and so is a constant factor.
func (q *inquiry) editedAndScaled() *Diagnosis {
	for _, p := range q.parts.factors {
		if e, c, ok := q.firstMultiple(func(n, parent *Node) []*Node { return q.insert(p, n, parent) }); ok {
			return diagnosis(MissingFactor, e.node, "%s is missing: %s, not %s; and %s", text(p), text(e.now), text(e.was), factorMessage(c))
		}
	}
	for _, kind := range edits {
		if e, c, ok := q.firstMultiple(func(n, parent *Node) []*Node { return kind.local(q, n, parent) }); ok {
			return diagnosis(kind.code, e.node, "%s; and %s", kind.message(q, e), factorMessage(c))
		}
	}
	return nil
}

// completeSum replaces a part by the sums in which it is a term, and a sum by larger ones.
func (q *inquiry) completeSum(n, parent *Node) (list []*Node) {
	list = append(list, q.parts.sums[n]...)
	switch n.Op {
	case expr.Sum:
		for _, s := range q.parts.sums[n.Args[0]] {
			if len(s.Args) > len(n.Args) && !slices.ContainsFunc(n.Args, func(a *Node) bool { return !slices.Contains(s.Args, a) }) {
				list = append(list, s)
			}
		}
	case expr.Product:
		for i := range n.Args {
			for j := i + 2; j <= len(n.Args); j++ {
				if !conform(expr.Product, n.Args[i:j]) {
					continue
				}
				for _, s := range q.parts.sums[q.product(n.Args[i:j]...)] {
					args := append(append(append([]*Node(nil), n.Args[:i]...), s), n.Args[j:]...)
					if conform(expr.Product, args) {
						list = append(list, q.product(args...))
					}
				}
			}
		}
	}
	return list
}

// insert puts the factor p, or its inverse where it is a scalar, into n.
func (q *inquiry) insert(p, n, parent *Node) (list []*Node) {
	inProduct := parent != nil && parent.Is(expr.Product)
	if p.Shape.IsScalar() {
		if !inProduct {
			list = append(list, q.times(p, n), q.times(q.power(p, minusOne), n))
		}
		return list
	}
	factors := []*Node{n}
	if n.Is(expr.Product) {
		factors = n.Args
	}
	if n.Is(expr.Product) || !inProduct {
		for i := range len(factors) + 1 {
			args := slices.Concat(factors[:i], []*Node{p}, factors[i:])
			if conform(expr.Product, args) {
				list = append(list, q.product(args...))
			}
		}
	}
	switch {
	case n.Shape != p.Shape:
	case n.Is(expr.Ones):
		list = append(list, p)
	default:
		list = append(list, q.b.New(expr.Hadamard, n, p))
	}
	return list
}
