// Package simplify brings expressions to normal form, and from there to the shortest form that a reader would write.
//
// It stands between parser, which says what the user wrote, and rules and printer. Normal form is kept at construction:
// the methods of Algebra named after operations take and return nodes in normal form.
//
//   - A sum is flat, its terms distinct and ordered, each with at most one numeric coefficient; a number added to a
//     matrix is that number times Ones.
//   - A product is coefficient × scalar factors × chain. Scalar factors (1×1) commute: they are ordered and equal bases
//     have merged into powers. The chain holds the factors that are not 1×1, in order. Products are not distributed
//     over sums.
//   - A 1×1 chain such as x'*A*x is one scalar factor, read in the direction with fewer transposes.
//   - Transposes stand on variables, functions, and on sums and Hadamard products inside products; of f(Z)' and f(Z')
//     the one with fewer transposes is kept.
//   - norm(x) is (x'*x)^(1/2), sqrt a power 1/2, and sum(x .* y) is x'*y.
//
// The passes (shorten.go) try identities, each in a file of its name. Last, present.go chooses how the result is written: which
// transposes and inverses are shared (group.go), where signs stand (flip.go, orient.go), what is a norm (norm.go).
package simplify

import (
	"math/big"

	"matdiff/internal/expr"
)

// Node is an expression.
type Node = expr.Node

// Algebra makes nodes in normal form. Like its builder it serves one run.
type Algebra struct {
	b          *expr.Builder
	normal     map[*Node]*Node    // Normalize
	transposed map[*Node]*Node    // Transpose
	crosses    map[*Node]int      // transposes in a node read as a tree
	contents   map[*Node]multiple // content of sums
	short      map[*Node]*Node    // shorten
	factors    map[*Node]*Node    // factored
	presented  map[*Node]shown    // present
	flips      map[*Node]*Node    // flipped; nil where a node cannot be
	void       map[*Node]bool     // expressions that are 0, kept as written because they are divided by
	costs      map[*Node]int      // Cost
	budget     int                // candidates that the passes may still try

	observe func(identity string, before, after *Node) // told of every step of the passes, unless nil
}

// New returns an algebra on the nodes of b.
func New(b *expr.Builder) *Algebra {
	return &Algebra{
		b: b, normal: map[*Node]*Node{}, transposed: map[*Node]*Node{}, crosses: map[*Node]int{}, contents: map[*Node]multiple{},
		short: map[*Node]*Node{}, factors: map[*Node]*Node{}, presented: map[*Node]shown{}, flips: map[*Node]*Node{}, void: map[*Node]bool{}, costs: map[*Node]int{}, budget: b.Limits().Steps,
	}
}

// Builder returns the builder that a makes its nodes with.
func (a *Algebra) Builder() *expr.Builder { return a.b }

// Normalize returns the normal form of n, which is equal to n wherever n is defined.
func (a *Algebra) Normalize(n *Node) *Node {
	if m, ok := a.normal[n]; ok {
		return m
	}
	args := make([]*Node, len(n.Args))
	for i, arg := range n.Args {
		args[i] = a.Normalize(arg)
	}
	m := a.Make(n, args)
	if dividesByZero(m) { // 1/(x - x) has no value, and says so best as it was written
		m = n
		a.void[n.Args[0]] = true
	}
	a.normal[n] = m
	a.normal[m] = m
	return m
}

// dividesByZero reports whether n is 0 to a power below 0.
func dividesByZero(n *Node) bool {
	return n.Op == expr.Power && n.Args[0].IsNumber(0) && n.Args[1].Op == expr.Number && n.Args[1].Num.Sign() < 0
}

// Make returns the normal form of the operation of like, applied to args in normal form.
func (a *Algebra) Make(like *Node, args []*Node) *Node {
	switch like.Op {
	case expr.Ones, expr.Zeros, expr.Identity:
		return a.leaf(like.Op, like.Shape)
	case expr.Size:
		return a.size(like.Dims[0])
	case expr.Sum:
		return a.Sum(args...)
	case expr.Product:
		return a.Product(args...)
	case expr.Hadamard:
		return a.Hadamard(args...)
	case expr.Kronecker:
		return a.Kronecker(args...)
	case expr.Transpose:
		return a.Transpose(args[0])
	case expr.Power:
		return a.Power(args[0], args[1])
	case expr.ElementPower:
		return a.ElementPower(args[0], args[1])
	case expr.Element:
		return a.Element(args[0], args[1], args[2])
	}
	if like.Op.Traits.Has(expr.Leaf) || len(like.Op.In) == 0 {
		return a.b.With(like, args)
	}
	return a.Apply(like.Op, args...)
}

// leaf returns ones, zeros or an identity; a 1×1 one is a number.
func (a *Algebra) leaf(op *expr.Op, s expr.Shape) *Node {
	if s.IsScalar() {
		if op == expr.Zeros {
			return a.b.Int(0)
		}
		return a.b.Int(1)
	}
	return a.b.Sized(op, s)
}

func (a *Algebra) zero(s expr.Shape) *Node { return a.leaf(expr.Zeros, s) }
func (a *Algebra) ones(s expr.Shape) *Node { return a.leaf(expr.Ones, s) }

// Identity returns the n×n identity.
func (a *Algebra) Identity(n expr.Dim) *Node { return a.leaf(expr.Identity, expr.Square(n)) }

// size returns the dimension d as a scalar: a number times sizes of names.
func (a *Algebra) size(d expr.Dim) *Node {
	factors := []*Node{a.b.Int(int64(d.Factor()))}
	for _, name := range d.Names() {
		factors = append(factors, a.b.SizeOf(expr.Named(name)))
	}
	return a.Product(factors...)
}

// IsZero reports whether n is 0 or a matrix of zeros.
func IsZero(n *Node) bool { return n.Op == expr.Zeros || n.IsNumber(0) }

// Number returns the number p/q.
func (a *Algebra) Number(p, q int64) *Node { return a.b.Number(big.NewRat(p, q)) }

// Scale returns c*n.
func (a *Algebra) Scale(c *big.Rat, n *Node) *Node { return a.Product(a.b.Number(c), n) }

// Neg returns -n.
func (a *Algebra) Neg(n *Node) *Node { return a.Scale(minusOne, n) }

var (
	one      = big.NewRat(1, 1)
	minusOne = big.NewRat(-1, 1)
	two      = big.NewRat(2, 1)
	half     = big.NewRat(1, 2)
)

func isOne(c *big.Rat) bool {
	return c == one || c.IsInt() && c.Num().IsInt64() && c.Num().Int64() == 1
}

func add(x, y *big.Rat) *big.Rat {
	if x.IsInt() && y.IsInt() && x.Num().IsInt64() && y.Num().IsInt64() { // most coefficients are small
		a, b := x.Num().Int64(), y.Num().Int64()
		if s := a + b; s > a == (b > 0) { // no overflow
			return new(big.Rat).SetInt64(s)
		}
	}
	return new(big.Rat).Add(x, y)
}

func mul(x, y *big.Rat) *big.Rat {
	switch { // most coefficients are 1
	case isOne(x):
		return y
	case isOne(y):
		return x
	}
	return new(big.Rat).Mul(x, y)
}
