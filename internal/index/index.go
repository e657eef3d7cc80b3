// Package index writes entries of matrix expressions as sums over indices, (A*B)[i,k] = sum(j, A[i,j]*B[j,k]), and finds
// the gradient of a scalar that way: as the sum of its partial derivatives by every place where the variable stands, each
// brought back to matrix form.
//
// It stands above rules, for the derivatives of functions of each entry, and numcheck, on whose values every sum is
// verified, and below the commands.
package index

import (
	"math/big"
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// Node is a matrix expression.
type Node = expr.Node

// Index names a row or column: by a letter, or by a number from 1 if Name is empty. None is that of a scalar.
type Index struct {
	Name   string
	Number int
	Dim    expr.Dim // what a letter runs through
}

// None stands where a scalar, or the column of a vector, needs no index.
var None = Index{Number: 1, Dim: expr.One}

func (i Index) isLetter() bool { return i.Name != "" }

// Expr is a scalar expression in entries. Its parts are shared and must not be changed.
type Expr struct {
	Kind     Kind
	Number   *big.Rat // Number
	Base     *Node    // Entry: the matrix; Symbol: the scalar; Function: an application of it, for its name
	Row, Col Index    // Entry, Delta; Row: the index of a Sum
	Args     []*Expr  // Sum: what is added up; Plus, Times: operands; Power: base and exponent; Function: argument
}

// Kind says what an expression in entries is.
type Kind int

const (
	Number   Kind = iota
	Symbol        // a scalar
	Entry         // Base[Row,Col]
	Delta         // 1 where Row = Col, else 0
	Sum           // over all values of Row
	Plus          // a + b + …
	Times         // a*b*…
	Power         // a^b
	Function      // f(a)
)

func number(v *big.Rat) *Expr { return &Expr{Kind: Number, Number: v} }

func whole(v int64) *Expr { return number(big.NewRat(v, 1)) }

func entry(n *Node, row, col Index) *Expr {
	if n.Shape.IsScalar() {
		return &Expr{Kind: Symbol, Base: n}
	}
	return &Expr{Kind: Entry, Base: n, Row: row, Col: col}
}

func (e *Expr) isNumber(v int64) bool {
	return e.Kind == Number && e.Number.Cmp(big.NewRat(v, 1)) == 0
}

// sumOver returns the sum of e over indices, the first outermost.
func sumOver(indices []Index, e *Expr) *Expr {
	for _, i := range slices.Backward(indices) {
		e = &Expr{Kind: Sum, Row: i, Args: []*Expr{e}}
	}
	return e
}

// opened returns the indices of the sums that e begins with, and what they are over.
func opened(e *Expr) (indices []Index, body *Expr) {
	for e.Kind == Sum {
		indices = append(indices, e.Row)
		e = e.Args[0]
	}
	return indices, e
}

// times returns the product of scalars and entries: a number first, the sums in the entries drawn in front of all of
// them, and sums in the scalars left where they are.
func times(scalars, entries []*Expr) *Expr {
	coefficient := big.NewRat(1, 1)
	var flat, outside []*Expr
	var indices []Index
	var gather func(e *Expr, to *[]*Expr)
	gather = func(e *Expr, to *[]*Expr) {
		switch {
		case e.Kind == Number:
			coefficient = new(big.Rat).Mul(coefficient, e.Number)
		case e.Kind == Times:
			for _, a := range e.Args {
				gather(a, to)
			}
		default:
			*to = multiplied(*to, e)
		}
	}
	for _, s := range scalars {
		gather(s, &outside)
	}
	for _, e := range entries {
		i, body := opened(e)
		indices = append(indices, i...)
		gather(body, &flat)
	}
	core := product(flat)
	if len(indices) > 0 {
		outside = append(outside, sumOver(indices, core))
	} else {
		outside = append(outside, flat...)
	}
	if coefficient.Sign() == 0 {
		return whole(0)
	}
	if coefficient.Cmp(big.NewRat(1, 1)) != 0 {
		outside = append([]*Expr{number(coefficient)}, outside...)
	}
	return product(outside)
}

// multiplied appends e to factors; an entry that is among them already gets a power.
func multiplied(factors []*Expr, e *Expr) []*Expr {
	for i, f := range factors {
		base, exponent := f, whole(1)
		if f.Kind == Power {
			base, exponent = f.Args[0], f.Args[1]
		}
		if e.Kind == Entry && base.Kind == Entry && base.Base == e.Base && base.Row == e.Row && base.Col == e.Col && exponent.Kind == Number {
			factors[i] = power(base, number(new(big.Rat).Add(exponent.Number, big.NewRat(1, 1))))
			return factors
		}
	}
	return append(factors, e)
}

// replaced returns e with one index in the place of another.
func replaced(e *Expr, from, to Index) *Expr {
	copied := *e
	if e.Row == from {
		copied.Row = to
	}
	if e.Col == from {
		copied.Col = to
	}
	if (e.Kind == Delta) && copied.Row == copied.Col {
		return whole(1)
	}
	copied.Args = make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		copied.Args[i] = replaced(a, from, to)
	}
	return &copied
}

// withoutDeltas takes the sum over indices of a product, in which a sum over an index that a delta ties to another
// leaves one term.
func withoutDeltas(is []Index, e *Expr) ([]Index, *Expr) {
	if e.Kind != Times {
		return is, e
	}
	for k, i := range is {
		for j, f := range e.Args {
			if f.Kind != Delta || f.Row != i && f.Col != i {
				continue
			}
			other := f.Row
			if other == i {
				other = f.Col
			}
			rest := product(slices.Delete(slices.Clone(e.Args), j, j+1))
			return withoutDeltas(slices.Delete(slices.Clone(is), k, k+1), times(nil, []*Expr{replaced(rest, i, other)}))
		}
	}
	return is, e
}

func product(factors []*Expr) *Expr {
	switch len(factors) {
	case 0:
		return whole(1)
	case 1:
		return factors[0]
	}
	return &Expr{Kind: Times, Args: factors}
}

func plus(terms []*Expr) *Expr {
	var flat []*Expr
	for _, t := range terms {
		switch {
		case t.Kind == Plus:
			flat = append(flat, t.Args...)
		case !t.isNumber(0):
			flat = append(flat, t)
		}
	}
	switch len(flat) {
	case 0:
		return whole(0)
	case 1:
		return flat[0]
	}
	return &Expr{Kind: Plus, Args: flat}
}

func power(base, exponent *Expr) *Expr {
	switch {
	case exponent.isNumber(1):
		return base
	case exponent.isNumber(-1) && base.Kind == Number && base.Number.Sign() != 0:
		return number(new(big.Rat).Inv(base.Number))
	}
	return &Expr{Kind: Power, Args: []*Expr{base, exponent}}
}

// letters are the names of indices, in the order in which they are used.
const letters = "ijklmnpqrstuvw"

// names gives out names of indices.
type names struct{ taken map[string]bool }

// newNames returns a source of names that are no variable's, and no size's, of the expressions.
func newNames(nodes ...*Node) *names {
	taken := map[string]bool{}
	for _, n := range nodes {
		expr.Walk(n, func(m *Node) {
			taken[m.Name] = true
			if m.Op == expr.Size {
				for _, name := range m.Dims[0].Names() {
					taken[name] = true
				}
			}
		})
	}
	return &names{taken}
}

func (s *names) take(is ...Index) {
	for _, i := range is {
		s.taken[i.Name] = true
	}
}

// fresh returns an index through d that has no name yet; of a dimension 1 there is only one.
func (s *names) fresh(d expr.Dim) Index {
	if d == expr.One {
		return None
	}
	for suffix := ""; ; suffix += "1" {
		for _, letter := range strings.Split(letters, "") {
			if name := letter + suffix; !s.taken[name] {
				s.taken[name] = true
				return Index{Name: name, Dim: d}
			}
		}
	}
}

// EntryOf returns entry row, col of n, or n itself if it is a scalar.
func EntryOf(n *Node, row, col Index) *Expr { return entry(n, row, col) }
