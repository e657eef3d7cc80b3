package diagnose

import (
	"slices"

	"matdiff/internal/expr"
)

// parts is what may be missing from a claim: subexpressions of what is differentiated, of the claim and of the derived gradient.
type parts struct {
	numbers      []*Node
	scalars      []*Node
	factors      []*Node           // not scalar
	wraps        map[*Node][]*Node // the sums and functions in the equation that a node is an argument of
	derivedWraps map[*Node][]*Node // those in the derived gradient
	terms        []*Node           // of the derived gradient, products with sums multiplied out
	groups       []*Node           // and multiplied out in part
}

const (
	maxPartSize = 24 // nodes of a part read as a tree
	maxParts    = 48
)

func (q *inquiry) collect() parts {
	var p parts
	add := func(list *[]*Node, n *Node) {
		if len(*list) < maxParts && !slices.Contains(*list, n) {
			*list = append(*list, n)
		}
	}
	all := smallParts(q.reference, q.claim)
	if q.derived != nil {
		p.terms = q.multipliedOut(q.derived)
		p.groups = q.groups(q.derived)
		p.derivedWraps = wraps(q.derived)
		for _, n := range smallParts(q.derived) {
			if n != q.derived {
				all = append(all, n)
			}
		}
	}
	p.wraps = wraps(q.reference, q.claim)
	for _, n := range all {
		switch {
		case n.Is(expr.Number):
			if !n.IsNumber(0) && !n.IsNumber(1) && !n.IsNumber(-1) {
				add(&p.numbers, n)
			}
		case n.Is(expr.Identity), n.Is(expr.Zeros):
		case n.Shape.IsScalar():
			// The bases of powers are parts of their own.
			if !n.Is(expr.Power) && n.Props&expr.Index == 0 {
				add(&p.scalars, n)
			}
		default:
			add(&p.factors, n)
			add(&p.factors, q.transpose(n))
			switch {
			case !n.Is(expr.Variable):
			case n.Shape.IsColumn():
				add(&p.scalars, q.b.New(expr.Total, n))
			case n.Shape.IsSquare():
				add(&p.factors, q.sum(n, q.transpose(n)))
			}
		}
	}
	return p
}

// groups returns the terms of n with one sum in it multiplied out, for each sum that can be.
func (q *inquiry) groups(n *Node) (terms []*Node) {
	switch n.Op {
	case expr.Sum:
		for _, t := range n.Args {
			terms = append(append(terms, t), q.groups(t)...)
		}
	case expr.Transpose:
		for _, t := range q.groups(n.Args[0]) {
			terms = append(terms, q.transpose(t))
		}
	case expr.Product:
		for i := range n.Args {
			terms = append(terms, q.distributed(n, i)...)
		}
	}
	return terms
}

// plain lists the nodes of the given expressions that hold no operator of equations, arguments first.
func plain(roots ...*Node) (list []*Node) {
	holds, seen := map[*Node]bool{}, map[*Node]bool{}
	for _, r := range roots {
		expr.Walk(r, func(n *Node) {
			if seen[n] {
				return
			}
			seen[n] = true
			holds[n] = n.Op.Traits.Has(expr.Operator) || slices.ContainsFunc(n.Args, func(a *Node) bool { return holds[a] })
			if !holds[n] {
				list = append(list, n)
			}
		})
	}
	return list
}

// multipliedOut returns the terms of n: those of a sum, also where it is a factor or transposed.
func (q *inquiry) multipliedOut(n *Node) []*Node {
	if q.expansions == 0 {
		return []*Node{n}
	}
	q.expansions--
	switch n.Op {
	case expr.Sum:
		var terms []*Node
		for _, t := range n.Args {
			terms = append(terms, q.multipliedOut(t)...)
		}
		return terms
	case expr.Transpose:
		var terms []*Node
		for _, t := range q.multipliedOut(n.Args[0]) {
			terms = append(terms, q.transpose(t))
		}
		return terms
	case expr.Product:
		for i := range n.Args {
			var terms []*Node
			for _, m := range q.distributed(n, i) {
				terms = append(terms, q.multipliedOut(m)...)
			}
			if len(terms) > 0 {
				return terms
			}
		}
	}
	return []*Node{n}
}

// distributed returns the terms of the product n over the sum, or transposed sum, that is its i-th factor; nil if it is none.
func (q *inquiry) distributed(n *Node, i int) (terms []*Node) {
	f, turned := n.Args[i], false
	if f.Is(expr.Transpose) {
		f, turned = f.Args[0], true
	}
	if !f.Is(expr.Sum) || f.Shape.IsScalar() != n.Shape.IsScalar() {
		return nil
	}
	for _, t := range f.Args {
		if turned {
			t = q.transpose(t)
		}
		if m := q.with(n, i, t); m != nil {
			terms = append(terms, m)
		}
	}
	return terms
}

// smallParts lists the parts of the given expressions that are small, the smallest first.
func smallParts(roots ...*Node) []*Node {
	all := slices.DeleteFunc(plain(roots...), func(n *Node) bool { return n.Size() > maxPartSize })
	slices.SortStableFunc(all, func(m, n *Node) int { return m.Size() - n.Size() })
	return all
}

// wraps returns, for each node in the given expressions, the sums and functions that it is an argument of.
func wraps(roots ...*Node) map[*Node][]*Node {
	in := map[*Node][]*Node{}
	for _, n := range plain(roots...) {
		if n.Is(expr.Sum) || len(n.Op.In) == 1 && !n.Is(expr.Inv) {
			for _, a := range n.Args {
				in[a] = append(in[a], n)
			}
		}
	}
	return in
}
