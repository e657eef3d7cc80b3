package printer

import (
	"slices"

	"matdiff/internal/expr"
)

// An identity is printed I where a reader who goes from operator to operator finds its size: next to a matrix of known
// size in a sum, product or quotient, or as the whole result. Elsewhere, as in kron(A, eye(n)), its size is said. sizing
// is what such a reader knows of a value.
type sizing int

const (
	scalar   sizing = iota
	sized           // a matrix or vector whose size is known
	floating        // a multiple of an identity, of the size that fits
)

// sizing returns what is known of the value of n when all its identities are written I, those apart that could not be.
func (l *lowering) sizing(n *expr.Node) sizing {
	if n.Shape.IsScalar() {
		return scalar
	}
	if s, ok := l.sizings[n]; ok {
		return s
	}
	s := sized
	switch n.Op {
	case expr.Identity:
		s = floating
	case expr.Transpose, expr.Inv:
		s = l.sizing(n.Args[0])
	case expr.Sum:
		s = floating
		for _, a := range n.Args {
			if l.sizing(a) != floating {
				s = sized
			}
		}
	case expr.Product:
		s = l.sizing(n.Args[0])
		shape := n.Args[0].Shape
		for _, a := range n.Args[1:] {
			next := l.sizing(a)
			shape = shape.Times(a.Shape)
			switch {
			case shape.IsScalar():
				s = scalar
			case s == scalar || s == floating && next == sized:
				s = next
			}
		}
	}
	l.sizings[n] = s
	return s
}

// hadamardSizes reports whether the factors of an entrywise product give a size to the identities among them. A reader
// from the left must not meet an entrywise product of an identity and a scalar, as in 2 .* I .* A. Divisors do not
// count, as other factors may come before them when this is a part of another product.
func (l *lowering) hadamardSizes(factors []*expr.Node) bool {
	if isEntrywise(l.form(factors[0], false)) {
		if base, _ := divisor(expr.ElementPower, factors[0]); base == nil {
			return false // its own factors are printed among these
		}
	}
	var read []sizing
	for _, f := range factors {
		if base, _ := divisor(expr.ElementPower, f); base == nil {
			read = append(read, l.sizing(f))
		}
	}
	i := slices.Index(read, sized)
	return i == 1 || i >= 0 && !slices.Contains(read[:i], floating)
}

// spread returns the factors of the scalar s where n is s*ones(m,n), whose ones may be left out beside a matrix of that
// shape. The scalar has no factors if it is 1.
func spread(n *expr.Node) (s []*expr.Node, ok bool) {
	if n.Op == expr.Ones && !n.Shape.IsScalar() {
		return nil, true
	}
	if n.Op != expr.Product {
		return nil, false
	}
	shape, found := expr.Scalar, false
	for _, a := range factors(n) {
		if a.Op == expr.Ones && !found && shape.IsScalar() {
			found = true
			continue
		}
		if found && !a.Shape.IsScalar() {
			return nil, false
		}
		shape = shape.Times(a.Shape)
		s = append(s, a)
	}
	return s, found && shape.IsScalar()
}
