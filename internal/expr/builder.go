package expr

import (
	"cmp"
	"context"
	"hash/fnv"
	"math/big"
)

// Builder makes nodes and keeps them: asking twice for the same node gives the same pointer. One builder serves one
// run and is not safe for concurrent use.
type Builder struct {
	table map[uint64]*Node
	count int
	ints  [9]*Node // -4 to 4, once they are made
	sizes map[string]bool

	holders []*Node // variables whose dimensions have a name by them

	ctx    context.Context // of the run that the builder serves
	limits Limits
}

// NewBuilder returns an empty builder for a run of any length within the usual limits.
func NewBuilder() *Builder { return NewBuilderWithin(context.Background(), UsualLimits()) }

// NameSize says that the user wrote name as a dimension, so that it can be read as a number.
func (b *Builder) NameSize(name string) { b.sizes[name] = true }

// SizeIsNamed reports whether every name in d was given to NameSize. Other names of dimensions are matdiff's own.
func (b *Builder) SizeIsNamed(d Dim) bool {
	for _, name := range d.Names() {
		if !b.sizes[name] {
			return false
		}
	}
	return true
}

// Len returns the number of nodes made.
func (b *Builder) Len() int { return b.count }

// New applies op to args. The arguments must conform; package parser checks that for what users write. For Unit,
// whose shape does not follow from its arguments, use Sized.
func (b *Builder) New(op *Op, args ...*Node) *Node {
	return b.intern(&Node{Op: op, Args: args, Shape: resultShape(op, args)})
}

// Number returns the number v, which must not be changed afterwards.
func (b *Builder) Number(v *big.Rat) *Node {
	return b.intern(&Node{Op: Number, Num: v, Shape: Scalar})
}

// Int returns the number v.
func (b *Builder) Int(v int64) *Node {
	if v < -4 || v > 4 {
		return b.Number(big.NewRat(v, 1))
	}
	if b.ints[v+4] == nil {
		b.ints[v+4] = b.Number(big.NewRat(v, 1))
	}
	return b.ints[v+4]
}

// Variable returns the variable of that name; a name must be used with one shape and one set of properties.
func (b *Builder) Variable(name string, shape Shape, props Props) *Node {
	return b.intern(&Node{Op: Variable, Name: name, Shape: shape, Props: props})
}

// HoldSizes says that the user wrote nodes, so that a dimension without a name can be read as one of their variables.
func (b *Builder) HoldSizes(nodes ...*Node) { b.holders = Variables(nodes...) }

// holder returns the first variable of what was given to HoldSizes that has d rows, or else d columns; nil if there is none.
func (b *Builder) holder(d Dim) *Node {
	for _, side := range [2]func(Shape) Dim{func(s Shape) Dim { return s.Rows }, func(s Shape) Dim { return s.Cols }} {
		for _, x := range b.holders {
			if side(x.Shape) == d {
				return x
			}
		}
	}
	return nil
}

// Readable returns n with dimensions that only matdiff names as those of the variables given to HoldSizes.
func (b *Builder) Readable(n *Node) *Node {
	to := map[*Node]*Node{}
	Walk(n, func(m *Node) {
		if m.Op == Size {
			to[m] = b.ReadableSize(m)
		}
	})
	return b.Substitute(n, to)
}

// ReadableSize is Readable of a Size.
func (b *Builder) ReadableSize(n *Node) *Node {
	d := n.Dims[0]
	if x := b.holder(d); x != nil && len(n.Args) == 0 && !b.SizeIsNamed(d) {
		return b.SizeOf(d, x)
	}
	return n
}

// Sized returns a node whose shape does not follow from its arguments: Identity, Ones, Zeros, Pi, Unit with its two
// indices, and the operators of equations.
func (b *Builder) Sized(op *Op, shape Shape, args ...*Node) *Node {
	return b.intern(&Node{Op: op, Shape: shape, Args: args})
}

// SizeOf returns the dimension d as a scalar. With the variable that it is a dimension of, it is written as rows(X) or cols(X).
func (b *Builder) SizeOf(d Dim, of ...*Node) *Node {
	return b.intern(&Node{Op: Size, Shape: Scalar, Dims: [2]Dim{d}, Args: of})
}

// Commutation returns K(m,n).
func (b *Builder) Commutation(m, n Dim) *Node {
	return b.intern(&Node{Op: Commutation, Shape: Square(m.Times(n)), Dims: [2]Dim{m, n}})
}

// With returns n with other arguments.
func (b *Builder) With(n *Node, args []*Node) *Node {
	switch {
	case n.Op.Traits.Has(Operator):
		return b.Sized(n.Op, n.Shape, args...)
	case n.Op.Traits.Has(Leaf):
		return b.intern(&Node{Op: n.Op, Args: args, Shape: n.Shape, Name: n.Name, Props: n.Props, Num: n.Num, Dims: n.Dims})
	}
	return b.New(n.Op, args...)
}

// Substitute returns n with every node that to has replaced by what to gives for it.
func (b *Builder) Substitute(n *Node, to map[*Node]*Node) *Node {
	done := map[*Node]*Node{}
	for from, t := range to {
		done[from] = t
	}
	var walk func(*Node) *Node
	walk = func(n *Node) *Node {
		if m, ok := done[n]; ok {
			return m
		}
		m, changed := n, false
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = walk(a)
			changed = changed || args[i] != a
		}
		if changed {
			m = b.With(n, args)
		}
		done[n] = m
		return m
	}
	return walk(n)
}

func resultShape(op *Op, args []*Node) Shape {
	switch op {
	case Sum, Hadamard, ElementPower:
		for _, a := range args {
			if !a.Shape.IsScalar() {
				return a.Shape
			}
		}
		return Scalar
	case Product:
		s := args[0].Shape
		for _, a := range args[1:] {
			s = s.Times(a.Shape)
		}
		return s
	case Kronecker:
		s := Scalar
		for _, a := range args {
			s = Shape{s.Rows.Times(a.Shape.Rows), s.Cols.Times(a.Shape.Cols)}
		}
		return s
	case Transpose:
		return args[0].Shape.T()
	case Power:
		return args[0].Shape
	case Element:
		return Scalar
	}
	return op.result(args)
}

func (b *Builder) intern(n *Node) *Node {
	n.hash = n.computeHash()
	for m := b.table[n.hash]; m != nil; m = m.next {
		if same(m, n) {
			return m
		}
	}
	n.id = b.count
	b.count++
	n.size = 1
	for _, a := range n.Args {
		n.size = min(n.size+a.size, MaxSize)
	}
	n.next = b.table[n.hash]
	b.table[n.hash] = n
	return n
}

func same(m, n *Node) bool {
	if m.Op != n.Op || m.Name != n.Name || m.Shape != n.Shape || m.Props != n.Props || m.Dims != n.Dims || len(m.Args) != len(n.Args) {
		return false
	}
	for i := range m.Args {
		if m.Args[i] != n.Args[i] {
			return false
		}
	}
	return m.Num == n.Num || m.Num != nil && n.Num != nil && m.Num.Cmp(n.Num) == 0
}

func (n *Node) computeHash() uint64 {
	h := hashString(n.Op.Name)
	mix := func(v uint64) { h = (h ^ v) * 0x9E3779B97F4A7C15; h ^= h >> 29 }
	if n.Name != "" {
		mix(hashString(n.Name))
	}
	if n.Num != nil {
		if n.Num.Num().IsInt64() && n.Num.Denom().IsInt64() {
			mix(uint64(n.Num.Num().Int64()))
			mix(uint64(n.Num.Denom().Int64()))
		} else {
			mix(hashString(n.Num.RatString()))
		}
	}
	mix(uint64(n.Props))
	for _, d := range [4]Dim{n.Shape.Rows, n.Shape.Cols, n.Dims[0], n.Dims[1]} {
		mix(uint64(d.factor))
		if d.names != "" {
			mix(hashString(d.names))
		}
	}
	for _, a := range n.Args {
		mix(a.hash)
	}
	return h
}

func hashString(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// Compare orders expressions by what they say, never by when they were made: small before large, then by operation,
// names and numbers, then by arguments from the left. It is 0 only for the same node.
func Compare(m, n *Node) int {
	if m == n {
		return 0
	}
	if c := cmp.Or(
		cmp.Compare(m.size, n.size),
		cmp.Compare(len(m.Args), len(n.Args)),
		cmp.Compare(m.Name, n.Name),
		cmp.Compare(m.Op.Name, n.Op.Name),
		compareRat(m.Num, n.Num),
		cmp.Compare(m.Props, n.Props),
	); c != 0 {
		return c
	}
	for i := range m.Args {
		if c := Compare(m.Args[i], n.Args[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(
		cmp.Compare(m.Shape.String(), n.Shape.String()),
		cmp.Compare(m.Dims[0].String(), n.Dims[0].String()),
		cmp.Compare(m.Dims[1].String(), n.Dims[1].String()),
	)
}

func compareRat(a, b *big.Rat) int {
	if a == nil || b == nil {
		return 0
	}
	return a.Cmp(b)
}
