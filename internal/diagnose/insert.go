package diagnose

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// incomplete: a part stands alone that in the equation is a term of a sum or the argument of a function.
func (q *inquiry) incomplete() *Diagnosis {
	if q.operator == nil { // det(A) = tr(A) is no det(A) = tr(det(A))
		return nil
	}
	return q.completed(q.parts.wraps)
}

// incompleteDerived: the same, as the derived gradient shows.
func (q *inquiry) incompleteDerived() *Diagnosis { return q.completed(q.parts.derivedWraps) }

func (q *inquiry) completed(wraps map[*Node][]*Node) *Diagnosis {
	e, ok := q.firstEdit(func(n, _ *Node) []*Node { return q.complete(n, wraps) })
	switch {
	case !ok:
		return nil
	case len(e.now.Op.In) == 1:
		return diagnosis(MissingFunction, e.node, "a function is missing: %s, not %s", text(e.now), text(e.was))
	case e.was == q.claim:
		return diagnosis(MissingTerm, e.node, "a term is missing: %s, not %s", text(e.now), text(e.was))
	}
	return diagnosis(MissingInnerTerm, e.node, "a term is missing: %s, not %s", text(e.now), text(e.was))
}

// inserted: a factor is missing somewhere in the claim.
func (q *inquiry) inserted() *Diagnosis {
	for _, p := range slices.Concat(q.parts.numbers, q.parts.scalars, q.parts.factors) {
		if e, ok := q.firstEdit(func(n, parent *Node) []*Node { return q.insert(p, n, parent) }); ok {
			return diagnosis(MissingFactor, e.node, "%s is missing: %s, not %s", text(p), text(e.now), text(e.was))
		}
	}
	return nil
}

// exchanged: another name or scalar stands where one should.
func (q *inquiry) exchanged() *Diagnosis {
	if q.operator == nil { // A = B is no misspelt A = A
		return nil
	}
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

// complete replaces a part by what it is an argument of, and a sum by larger ones.
func (q *inquiry) complete(n *Node, wraps map[*Node][]*Node) (list []*Node) {
	list = append(list, wraps[n]...)
	switch n.Op {
	case expr.Sum:
		for _, s := range wraps[n.Args[0]] {
			if s.Is(expr.Sum) && len(s.Args) > len(n.Args) && !slices.ContainsFunc(n.Args, func(a *Node) bool { return !slices.Contains(s.Args, a) }) {
				list = append(list, s)
			}
		}
	case expr.Product:
		for i := range n.Args {
			for j := i + 2; j <= len(n.Args); j++ {
				if !expr.Conform(expr.Product, n.Args[i:j]) {
					continue
				}
				for _, s := range wraps[q.product(n.Args[i:j]...)] {
					if !s.Is(expr.Sum) {
						continue
					}
					args := append(append(append([]*Node(nil), n.Args[:i]...), s), n.Args[j:]...)
					if expr.Conform(expr.Product, args) {
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
	if p.Is(expr.Number) {
		if !inProduct {
			list = append(list, q.scale(p.Num, n), q.scale(new(big.Rat).Inv(p.Num), n))
		}
		return list
	}
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
			if expr.Conform(expr.Product, args) {
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
