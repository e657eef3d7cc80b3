package document

import (
	"maps"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// kind is the shape of an expression as far as the notation asks for it.
type kind uint8

const (
	kindMatrix kind = iota
	kindVector
	kindScalar
)

// kind returns the kind of an expression.
func (c *translator) kind(text string) kind {
	switch s := c.shape(text); {
	case s.IsScalar():
		return kindScalar
	case s.Cols == expr.One || s.Rows == expr.One:
		return kindVector
	}
	return kindMatrix
}

// shape infers the shape of an expression. It throws a *clash if there is none.
func (c *translator) shape(text string) expr.Shape {
	if c.asked++; c.asked > maxShapes || len(text) > maxClaim {
		panic(unread("the formula is too large"))
	}
	eq, err := parser.ParseEquation(expr.NewBuilder(), text+" = "+text, parser.Options{Declarations: c.declarations()})
	if err != nil {
		if d, ok := err.(*parser.Diagnostic); ok && clashes[d.Code] {
			panic(&clash{d})
		}
		panic(unread("%s: %v", text, err))
	}
	return eq.Left.Shape
}

// Limits on what is asked of the parser for one equation, and on the length of a claim.
const (
	maxShapes = 300
	maxClaim  = 4_000
)

// clash is thrown where the shapes in a formula contradict each other.
type clash struct{ *parser.Diagnostic }

// clashes are the codes of diagnostics that say so.
var clashes = words(`product-shapes hadamard-shapes sum-shapes inner-shapes argument-shape square not-scalar quotient-shapes shapes`)

// declarations returns what is known of the names met, in order.
func (c *translator) declarations() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(c.declared)) {
		if c.declared[name] != "" && c.names[name] {
			out = append(out, name+": "+c.declared[name])
		}
	}
	return out
}
