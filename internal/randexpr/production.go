package randexpr

import (
	"math/big"

	"matdiff/internal/expr"
)

// productions are the ways to make an expression of shape s from about size nodes of operands. Each returns nil where
// it does not apply; those that stand twice are twice as likely.
var productions []func(g *Generator, s expr.Shape, size int) *expr.Node

func init() { // not a literal, which would refer to itself
	productions = []func(g *Generator, s expr.Shape, size int) *expr.Node{
		(*Generator).sum, (*Generator).sum, (*Generator).product, (*Generator).product, (*Generator).scaled,
		(*Generator).hadamard, (*Generator).quotient, (*Generator).kronecker, (*Generator).power,
		(*Generator).entriesPower, (*Generator).transpose, (*Generator).element, (*Generator).bilinear,
		(*Generator).function, (*Generator).function, (*Generator).function, (*Generator).function,
	}
}

func (g *Generator) sum(s expr.Shape, size int) *expr.Node {
	terms := make([]*expr.Node, 2+g.rng.Intn(2))
	for i := range terms {
		t := g.Of(s, size/len(terms))
		switch g.rng.Intn(6) {
		case 0, 1:
			t = g.b.New(expr.Product, g.b.Int(-1), t)
		case 2:
			t = g.b.New(expr.Product, g.number(), t)
		case 3:
			if i > 0 {
				t = g.Of(expr.Scalar, size/len(terms))
			}
		}
		terms[i] = t
	}
	return g.new(expr.Sum, terms...)
}

// product returns a chain, with scalar factors and bracketed parts among its factors.
func (g *Generator) product(s expr.Shape, size int) *expr.Node {
	var factors []*expr.Node
	rows := s.Rows
	count := 2 + g.rng.Intn(2)
	if s.IsScalar() && g.one(2) {
		for range count {
			factors = append(factors, g.Of(expr.Scalar, size/count))
		}
		return g.new(expr.Product, factors...)
	}
	for i := range count {
		cols := g.dim()
		if i == count-1 {
			cols = s.Cols
		}
		if g.one(8) {
			factors = append(factors, g.Of(expr.Scalar, size/count))
		}
		factors = append(factors, g.Of(shape(rows, cols), size/count))
		rows = cols
	}
	return g.new(expr.Product, factors...)
}

func (g *Generator) scaled(s expr.Shape, size int) *expr.Node {
	a := g.Of(s, size/2)
	switch k := g.rng.Intn(4); {
	case k == 0:
		return g.new(expr.Product, g.number(), a)
	case k == 3 || !g.allows(expr.Power):
		return g.new(expr.Product, g.Of(expr.Scalar, size/2), a)
	case k == 1:
		return g.new(expr.Product, a, g.reciprocal(size/2))
	}
	return g.new(expr.Product, g.number(), a, g.reciprocal(size/3), g.reciprocal(size/3))
}

// reciprocal returns a power below 0 of a positive scalar.
func (g *Generator) reciprocal(size int) *expr.Node {
	p := [...]string{"-1", "-1", "-2", "-1/2", "-3/2"}[g.rng.Intn(5)]
	v, _ := new(big.Rat).SetString(p)
	return g.b.New(expr.Power, g.positive(expr.Scalar, size), g.b.Number(v))
}

func (g *Generator) hadamard(s expr.Shape, size int) *expr.Node {
	factors := make([]*expr.Node, 2+g.rng.Intn(2))
	for i := range factors {
		factors[i] = g.Of(s, size/len(factors))
		if i > 0 && g.one(8) {
			factors[i] = g.Of(expr.Scalar, size/len(factors))
		}
	}
	return g.new(expr.Hadamard, factors...)
}

func (g *Generator) quotient(s expr.Shape, size int) *expr.Node {
	by := g.new(expr.ElementPower, g.positive(s, size/2), g.b.Int(-1))
	switch {
	case by == nil:
		return nil
	case g.one(4):
		return by
	case g.one(4):
		return g.new(expr.Hadamard, g.b.Int(1), by)
	}
	return g.new(expr.Hadamard, g.Of(s, size/2), by)
}

// kronecker returns an outer product in this guise where the shape is no product of shapes.
func (g *Generator) kronecker(s expr.Shape, size int) *expr.Node {
	left, right, ok := split(s)
	if !ok {
		left, right = shape(s.Rows, expr.One), shape(expr.One, s.Cols)
	}
	if g.one(2) && !ok {
		left, right = right, left
	}
	return g.new(expr.Kronecker, g.Of(left, size/2), g.Of(right, size/2))
}

func (g *Generator) power(s expr.Shape, size int) *expr.Node {
	switch {
	case s.IsScalar() && g.one(3):
		exponent := g.Of(s, size/2)
		if len(expr.Variables(exponent)) == 0 { // the parser knows the value of such an exponent
			exponent = g.variable(s, 0)
		}
		return g.new(expr.Power, g.positive(s, size/2), exponent)
	case s.IsScalar():
		p := [...]string{"2", "3", "-1", "-2", "1/2", "3/2", "-1/2", "-3/2"}[g.rng.Intn(8)]
		v, _ := new(big.Rat).SetString(p)
		return g.new(expr.Power, g.positive(s, size-1), g.b.Number(v))
	case s.IsSquare():
		return g.new(expr.Power, g.Of(s, size-1), g.b.Int(int64(2+g.rng.Intn(2))))
	}
	return nil
}

func (g *Generator) entriesPower(s expr.Shape, size int) *expr.Node {
	if g.one(4) {
		exponent := s
		if g.one(2) {
			exponent = expr.Scalar
		}
		return g.new(expr.ElementPower, g.positive(s, size/2), g.Of(exponent, size/2))
	}
	if g.one(2) {
		return g.new(expr.ElementPower, g.Of(s, size-1), g.b.Int(int64(2+g.rng.Intn(2))))
	}
	p := [...]string{"-1", "-2", "1/2", "-1/2", "-3/2"}[g.rng.Intn(5)]
	v, _ := new(big.Rat).SetString(p)
	return g.new(expr.ElementPower, g.positive(s, size-1), g.b.Number(v))
}

func (g *Generator) transpose(s expr.Shape, size int) *expr.Node {
	return g.new(expr.Transpose, g.Of(s.T(), size))
}

func (g *Generator) element(s expr.Shape, size int) *expr.Node {
	if !s.IsScalar() {
		return nil
	}
	x := g.variable(shape(g.dim(), g.dim()), 0)
	if g.one(2) {
		x = g.variable(expr.Vector(g.dim()), 0)
	}
	if g.one(6) {
		x = g.Of(expr.Square(g.dim()), size)
	}
	index := func(d expr.Dim) *expr.Node {
		if d == expr.One {
			return g.b.Int(1)
		}
		return g.b.Int(int64(1 + g.rng.Intn(2)))
	}
	return g.new(expr.Element, x, index(x.Shape.Rows), index(x.Shape.Cols))
}

// bilinear returns vec(A)'*vec(B) with a commutation matrix, or x'*A*y.
func (g *Generator) bilinear(s expr.Shape, size int) *expr.Node {
	if !s.IsScalar() {
		return nil
	}
	r, c := g.dim(), g.dim()
	if g.one(3) && g.allows(expr.Commutation) && g.allows(expr.Vec) {
		a := g.b.New(expr.Vec, g.Of(shape(c, r), size/2))
		b := g.b.New(expr.Vec, g.Of(shape(r, c), size/2))
		return g.new(expr.Product, g.b.New(expr.Transpose, a), g.b.Commutation(r, c), b)
	}
	x := g.b.New(expr.Transpose, g.Of(expr.Vector(r), size/3))
	return g.new(expr.Product, x, g.Of(shape(r, c), size/3), g.Of(expr.Vector(c), size/3))
}

// function applies a row of the operation table.
func (g *Generator) function(s expr.Shape, size int) *expr.Node {
	op := expr.Functions[g.rng.Intn(len(expr.Functions))]
	if !g.allows(op) {
		return nil
	}
	bound := map[string]expr.Dim{}
	if !bind(bound, op.Out.Rows, s.Rows) || !bind(bound, op.Out.Cols, s.Cols) {
		return nil
	}
	args := make([]*expr.Node, len(op.In))
	for i, in := range op.In {
		in = in.Replace(func(name string) (expr.Dim, bool) {
			if _, ok := bound[name]; !ok {
				bound[name] = g.dim()
			}
			return bound[name], true
		})
		args[i] = g.argument(op, in, size/len(op.In))
	}
	return g.new(op, args...)
}

// bind makes pattern equal to d. A product of two names is bound to a product of two names.
func bind(bound map[string]expr.Dim, pattern, d expr.Dim) bool {
	names := pattern.Names()
	switch len(names) {
	case 0:
		return pattern == d
	case 1:
		if old, ok := bound[names[0]]; ok {
			return old == d
		}
		bound[names[0]] = d
		return true
	}
	factors := d.Names()
	if len(factors) != len(names) || d.Factor() != 1 {
		return false
	}
	for i, name := range names {
		bound[name] = expr.Named(factors[i])
	}
	return true
}

// argument returns an argument in the domain of op.
func (g *Generator) argument(op *expr.Op, s expr.Shape, size int) *expr.Node {
	switch op {
	case expr.Log, expr.Sqrt:
		return g.positive(s, size)
	case expr.LogDet, expr.Logm, expr.Sqrtm, expr.DLogm:
		return g.posdef(s, size)
	case expr.Det, expr.Inv:
		return g.nonsingular(s, size)
	case expr.LambdaMax:
		if g.one(3) {
			if v := g.variable(s, expr.Symmetric); v != nil {
				return v
			}
		}
		x := g.Of(s, size/2)
		return g.b.New(expr.Sum, x, g.b.New(expr.Transpose, x))
	case expr.Asin, expr.Acos:
		return g.b.New(expr.Tanh, g.Of(s, size-1))
	case expr.Tan, expr.Exp, expr.Sinh, expr.Cosh, expr.Expm, expr.DExpm, expr.LogSumExp, expr.Softmax:
		if size > 2 {
			return g.b.New([...]*expr.Op{expr.Sin, expr.Tanh, expr.Sigmoid}[g.rng.Intn(3)], g.Of(s, size-1))
		}
	}
	return g.Of(s, size)
}

// positive returns an expression all of whose entries are above 0.
func (g *Generator) positive(s expr.Shape, size int) *expr.Node {
	if size <= 2 {
		if v := g.variable(s, expr.Positive); v != nil && g.one(2) {
			return v
		}
		if s.IsScalar() {
			return g.b.Int(int64(2 + g.rng.Intn(2)))
		}
		return g.b.New(expr.Exp, g.leaf(s))
	}
	x := g.Of(s, size-2)
	switch g.rng.Intn(3) {
	case 0:
		return g.b.New(expr.Sigmoid, x)
	case 1:
		return g.b.New(expr.Sum, g.b.Int(1), g.b.New(expr.ElementPower, x, g.b.Int(2)))
	}
	return g.b.New(expr.Softplus, x)
}

// posdef returns a symmetric positive definite expression.
func (g *Generator) posdef(s expr.Shape, size int) *expr.Node {
	if v := g.variable(s, expr.PosDef); v != nil && (size <= 2 || g.one(4)) {
		return v
	}
	x := g.Of(s, size/2)
	return g.b.New(expr.Sum, g.b.New(expr.Product, x, g.b.New(expr.Transpose, x)), g.b.Sized(expr.Identity, s))
}

// nonsingular returns an expression that has an inverse unless the variables are special.
func (g *Generator) nonsingular(s expr.Shape, size int) *expr.Node {
	switch {
	case size <= 2:
		if v := g.variable(s, 0); v != nil {
			return v
		}
	case g.one(3):
		return g.posdef(s, size)
	}
	return g.b.New(expr.Sum, g.Of(s, size-2), g.b.New(expr.Product, g.b.Int(5), g.b.Sized(expr.Identity, s)))
}
