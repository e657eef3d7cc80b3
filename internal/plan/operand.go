package plan

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"matdiff/internal/expr"
)

// form is how an operand is held until it is known what is best computed of it.
type form byte

const (
	dense    form = iota // a value, transposed if trans
	diagonal             // the diagonal matrix of a vector
	identity
	inverse // of the matrix that value, Factors, is of; transposed if trans
	sum     // of terms
	chain   // product of links
)

// operand is a vector or matrix of which no more has been computed than its parts.
type operand struct {
	form  form
	shape expr.Shape
	value *Value
	trans bool
	terms []term
	links []*operand
	key   string // equal for equal operands
}

// term is a number times scalars, divided by scalars, times a vector or matrix. Without one it is a scalar.
type term struct {
	coef        *big.Rat
	over, under []*Value
	of          *operand
}

func number(c *big.Rat) term               { return term{coef: c} }
func scalarTerm(v *Value) term             { return term{coef: one, over: []*Value{v}} }
func whole(o *operand) term                { return term{coef: one, of: o} }
func (t term) with(o *operand) term        { t.of = o; return t }
func (t term) isScalar() bool              { return t.of == nil }
func (t term) times(c *big.Rat) term       { t.coef = new(big.Rat).Mul(t.coef, c); return t }
func (t term) plain() bool                 { return isOne(t.coef) && len(t.over)+len(t.under) == 0 }
func (t term) scaledBy(s term) term        { return t.times(s.coef).scalars(s.over, s.under) }
func join(a, b []*Value) []*Value          { return append(append([]*Value{}, a...), b...) }
func joinLinks(a, b []*operand) []*operand { return append(append([]*operand{}, a...), b...) }

func (t term) scalars(over, under []*Value) term {
	t.over, t.under = join(t.over, over), join(t.under, under)
	return t
}

func (t values) key(v *Value) string { return strconv.Itoa(t.ids[v]) }

// dense returns v as an operand of shape s: a row if s is one.
func (t values) dense(v *Value, s expr.Shape, trans bool) *operand {
	trans = trans && !isSymmetric(v)
	key := t.key(v)
	switch {
	case v.Kind == Vector && s.Rows == expr.One:
		key += "r"
	case v.Kind == Vector:
		key += "c"
	case trans:
		key += "'"
	}
	return &operand{form: dense, shape: s, value: v, trans: trans, key: key}
}

func (t values) diagonal(v *Value) *operand {
	return &operand{form: diagonal, shape: expr.Square(v.Rows), value: v, key: "d" + t.key(v)}
}

func identityOperand(n expr.Dim) *operand {
	return &operand{form: identity, shape: expr.Square(n), key: "I" + n.String()}
}

func (t values) inverse(factors *Value, trans bool) *operand {
	trans = trans && !isSymmetric(factors.Args[0])
	key := "i" + t.key(factors)
	if trans {
		key += "'"
	}
	return &operand{form: inverse, shape: expr.Square(factors.Rows), value: factors, trans: trans, key: key}
}

func (t values) sum(terms []term) *operand {
	keys := make([]string, len(terms))
	for i, m := range terms {
		keys[i] = t.termKey(m)
	}
	slices.Sort(keys)
	return &operand{form: sum, shape: terms[0].of.shape, terms: terms, key: "(" + strings.Join(keys, "+") + ")"}
}

func (t values) termKey(m term) string {
	key := m.coef.RatString()
	for _, v := range m.over {
		key += "*" + t.key(v)
	}
	for _, v := range m.under {
		key += "/" + t.key(v)
	}
	if m.of != nil {
		key += "*" + m.of.key
	}
	return key
}

// chain is the product of links, of which there is at least one.
func chainOf(links []*operand) *operand {
	if len(links) == 1 {
		return links[0]
	}
	return &operand{form: chain, shape: shapeOf(links), links: links, key: "[" + linksKey(links) + "]"}
}

func shapeOf(links []*operand) expr.Shape {
	return expr.Shape{Rows: links[0].shape.Rows, Cols: links[len(links)-1].shape.Cols}
}

func linksKey(links []*operand) string {
	keys := make([]string, len(links))
	for i, l := range links {
		keys[i] = l.key
	}
	return strings.Join(keys, " ")
}

// linksOf takes an operand apart into the factors of a product.
func linksOf(o *operand) []*operand {
	if o.form == chain {
		return o.links
	}
	return []*operand{o}
}

// transposed returns o'.
func (t values) transposed(o *operand) *operand {
	switch o.form {
	case dense:
		return t.dense(o.value, o.shape.T(), !o.trans)
	case inverse:
		return t.inverse(o.value, !o.trans)
	case sum:
		terms := make([]term, len(o.terms))
		for i, m := range o.terms {
			terms[i] = m.with(t.transposed(m.of))
		}
		return t.sum(terms)
	case chain:
		return chainOf(t.transposedLinks(o.links))
	}
	return o
}

func (t values) transposedLinks(links []*operand) []*operand {
	out := make([]*operand, len(links))
	for i, l := range links {
		out[len(links)-1-i] = t.transposed(l)
	}
	return out
}

// ones is a vector or matrix of ones.
func (t values) ones(s expr.Shape) *operand {
	if kindOf(s) == Matrix {
		return chainOf([]*operand{t.ones(expr.Vector(s.Rows)), t.ones(expr.Shape{Rows: expr.One, Cols: s.Cols})})
	}
	return t.dense(t.fill(s, one), s, false)
}

// outerOf returns u and v if o is u*v'.
func outerOf(o *operand) (u, v *Value) {
	if o.form == chain && len(o.links) == 2 && o.links[0].form == dense && o.links[1].form == dense &&
		o.links[0].shape.Cols == expr.One {
		return o.links[0].value, o.links[1].value
	}
	return nil, nil
}

// isOnes reports whether every entry of o is 1.
func isOnes(o *operand) bool {
	if u, v := outerOf(o); u != nil {
		return isFill(u, one) && isFill(v, one)
	}
	return o.form == dense && isFill(o.value, one)
}
