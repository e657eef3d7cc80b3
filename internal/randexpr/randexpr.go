// Package randexpr makes random raw expressions for property tests: well-typed, with shared parts, over a fixed pool of
// variables of all kinds, and mostly inside the domain of their functions when the variables are of order 1.
package randexpr

import (
	"math/big"
	"math/rand"
	"slices"

	"matdiff/internal/expr"
)

// Options say what to leave out.
type Options struct {
	Smooth     bool       // no operation with kinks or jumps
	Regular    bool       // no operation that needs a nonsingular matrix
	Polynomial bool       // only sums, products of all kinds and linear functions
	Without    []*expr.Op // nor any of these
	Depth      int        // of productions one inside the other, each of up to three operations; 0: any number
}

// Generator makes random expressions.
type Generator struct {
	rng  *rand.Rand
	b    *expr.Builder
	o    Options
	made map[expr.Shape][]*expr.Node // to be used again
	deep int                         // productions around
}

// New returns a generator that makes its nodes with b.
func New(rng *rand.Rand, b *expr.Builder, o Options) *Generator {
	return &Generator{rng: rng, b: b, o: o, made: map[expr.Shape][]*expr.Node{}}
}

// The dimensions that the variables have.
var dims = []expr.Dim{expr.Named("m"), expr.Named("n"), expr.Named("p")}

var m, n, p = dims[0], dims[1], dims[2]

// Variable is one of the pool.
type Variable struct {
	Name  string
	Shape expr.Shape
	Props expr.Props
}

// Variables is the pool. Every shape over m, n, p and 1 is there or its transpose is.
var Variables = []Variable{
	{"A", shape(m, n), 0}, {"B", shape(n, m), 0}, {"C", shape(n, p), 0}, {"F", shape(m, p), 0},
	{"H", shape(m, n), expr.Positive},
	{"X", expr.Square(n), 0}, {"Y", expr.Square(n), 0}, {"M", expr.Square(m), 0}, {"W", expr.Square(p), 0},
	{"S", expr.Square(n), expr.Symmetric}, {"P", expr.Square(n), expr.Symmetric | expr.PosDef},
	{"R", expr.Square(n), expr.Skew}, {"D", expr.Square(n), expr.Diagonal}, {"Q", expr.Square(n), expr.Orthogonal},
	{"L", expr.Square(n), expr.Lower}, {"U", expr.Square(n), expr.Upper},
	{"x", expr.Vector(n), 0}, {"y", expr.Vector(n), 0}, {"u", expr.Vector(m), 0}, {"w", expr.Vector(p), 0},
	{"v", expr.Vector(n), expr.Positive}, {"z", shape(expr.One, n), 0}, {"g", shape(expr.One, m), 0},
	{"a", expr.Scalar, 0}, {"c", expr.Scalar, 0}, {"s", expr.Scalar, expr.Positive}, {"alpha", expr.Scalar, 0},
}

func shape(rows, cols expr.Dim) expr.Shape { return expr.Shape{Rows: rows, Cols: cols} }

// Declarations are the pool as the language declares it.
func Declarations() []string {
	var out []string
	for _, v := range Variables {
		size := v.Shape.String()
		if v.Shape.IsScalar() {
			size = "scalar"
		}
		out = append(out, v.Name+": "+size+" "+v.Props.String())
	}
	return out
}

// Scalar returns a random 1×1 expression of about size nodes.
func (g *Generator) Scalar(size int) *expr.Node { return g.Of(expr.Scalar, size) }

// Of returns a random expression of the given shape, over m, n, p and products of them, of about size nodes.
func (g *Generator) Of(s expr.Shape, size int) *expr.Node {
	if again := g.made[s]; len(again) > 0 && g.one(6) {
		if node := again[g.rng.Intn(len(again))]; node.Size() <= size {
			return node
		}
	}
	node := g.fresh(s, size)
	if len(node.Args) > 0 {
		g.made[s] = append(g.made[s], node)
	}
	return node
}

func (g *Generator) fresh(s expr.Shape, size int) *expr.Node {
	if size <= 1 || g.o.Depth > 0 && g.deep == g.o.Depth {
		return g.leaf(s)
	}
	g.deep++
	defer func() { g.deep-- }()
	for range 20 {
		production := productions[g.rng.Intn(len(productions))]
		if node := production(g, s, size-1); node != nil {
			return node
		}
	}
	return g.leaf(s)
}

func (g *Generator) one(in int) bool { return g.rng.Intn(in) == 0 }

func (g *Generator) allows(op *expr.Op) bool {
	if g.o.Polynomial && !op.Traits.Has(expr.Leaf) && !op.Traits.Has(expr.Linear) && !slices.Contains(polynomial, op) {
		return false
	}
	return !(g.o.Smooth && op.Traits.Has(expr.Piecewise) || g.o.Regular && op.Traits.Has(expr.NeedsNonsingular) || slices.Contains(g.o.Without, op))
}

// polynomial lists the operations of polynomials that are not linear.
var polynomial = []*expr.Op{expr.Sum, expr.Product, expr.Hadamard, expr.Kronecker, expr.Element}

func (g *Generator) new(op *expr.Op, args ...*expr.Node) *expr.Node {
	if !g.allows(op) {
		return nil
	}
	return g.b.New(op, args...)
}

func (g *Generator) dim() expr.Dim { return dims[g.rng.Intn(len(dims))] }

// number returns a small number, whole more often than not.
func (g *Generator) number() *expr.Node {
	value := [...]string{"2", "3", "-1", "-2", "1/2", "3/4", "-1/3", "0.001", "1.37", "5", "1e-8", "-2.5066282746310"}[g.rng.Intn(12)]
	v, _ := new(big.Rat).SetString(value)
	return g.b.Number(v)
}

func (g *Generator) variable(s expr.Shape, props expr.Props) *expr.Node {
	var fit []*expr.Node
	for _, v := range Variables {
		if !v.Props.Has(props) {
			continue
		}
		x := g.b.Variable(v.Name, v.Shape, v.Props)
		if v.Shape == s {
			fit = append(fit, x, x)
		} else if v.Shape.T() == s {
			fit = append(fit, g.b.New(expr.Transpose, x))
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return fit[g.rng.Intn(len(fit))]
}

func (g *Generator) leaf(s expr.Shape) *expr.Node {
	switch {
	case s.IsScalar() && g.one(3):
		return [...]func() *expr.Node{
			g.number, g.number,
			func() *expr.Node { return g.b.Sized(expr.Pi, expr.Scalar) },
			func() *expr.Node { return g.b.SizeOf(g.dim()) },
		}[g.rng.Intn(4)]()
	case !s.IsScalar() && g.one(6):
		if constant := g.constant(s); g.allows(constant.Op) {
			return constant
		}
	}
	if v := g.variable(s, 0); v != nil {
		return v
	}
	if left, right, ok := split(s); ok {
		return g.b.New(expr.Kronecker, g.leaf(left), g.leaf(right))
	}
	return g.b.Sized(expr.Ones, s)
}

func (g *Generator) constant(s expr.Shape) *expr.Node {
	switch k := g.rng.Intn(4); {
	case k == 0 && s.IsSquare(), k == 1 && s.IsSquare():
		return g.b.Sized(expr.Identity, s)
	case k == 2:
		return g.b.Sized(expr.Unit, s, g.b.Int(1), g.b.Int(1))
	case k == 3 && g.one(3):
		return g.b.Sized(expr.Zeros, s)
	}
	return g.b.Sized(expr.Ones, s)
}

// split writes a shape whose dimensions are products as that of a Kronecker product.
func split(s expr.Shape) (left, right expr.Shape, ok bool) {
	half := func(d expr.Dim) (expr.Dim, expr.Dim) {
		names := d.Names()
		if len(names) < 2 {
			return d, expr.One
		}
		rest := expr.Fixed(d.Factor())
		for _, name := range names[1:] {
			rest = rest.Times(expr.Named(name))
		}
		return expr.Named(names[0]), rest
	}
	left.Rows, right.Rows = half(s.Rows)
	left.Cols, right.Cols = half(s.Cols)
	return left, right, !right.IsScalar()
}
