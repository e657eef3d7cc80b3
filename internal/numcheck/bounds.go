package numcheck

import (
	"math"
	"math/rand/v2"

	"matdiff/internal/expr"
)

// Rounding error is bounded to first order as the value is computed: an entry x of a variable counts |x|, a sum the sum of
// what its terms count, a product |a|·E(b) + E(a)·|b|, a function |g(a)| + |g'(a)|·E(a). The unit is eps. Of products the second
// order, eps·E(a)·E(b), counts too: it is all there is where both factors have been rounded to 0.

func (c *cell) setBound() {
	switch {
	case c.derivative != nil: // measure has set it
	case c.row.bound != nil:
		c.row.bound(c)
	default:
		boundByProbe(c)
	}
}

func boundVariable(v *cell) {
	boundMagnitude(v)
	if v.node.Props.Has(expr.Index) {
		fill(v.bound, 0)
	}
}

func boundMagnitude(c *cell) {
	for i, x := range c.val {
		c.bound[i] = math.Abs(x)
	}
}

func boundSum(c *cell) {
	fill(c.bound, 0)
	for _, a := range c.args {
		for i := range c.bound {
			c.bound[i] += a.bound[min(i, len(a.bound)-1)]
		}
	}
}

func boundHadamard(c *cell) {
	val := make([]float64, len(c.val))
	fill(val, 1)
	fill(c.bound, 0)
	for _, a := range c.args {
		for i := range val {
			j := min(i, len(a.val)-1)
			c.bound[i] = (math.Abs(val[i])+eps*c.bound[i])*a.bound[j] + c.bound[i]*math.Abs(a.val[j])
			val[i] *= a.val[j]
		}
	}
}

func boundProduct(c *cell) {
	for _, s := range c.plan {
		s.setBound()
	}
}

// normSize is the work m*k*n from which the entries of a product of magnitudes are bounded by norms of rows and columns.
const normSize = 1e7

// setBound sets (|a| + eps·E(a))·E(b) + E(a)·|b|; the second order is left out of large products.
func (s binary) setBound() {
	if !s.a.isScalar() && !s.b.isScalar() && float64(len(s.out.val))*float64(s.a.cols) >= normSize {
		a, ea := rowNorms(s.a.val, s.a.cols), rowNorms(s.a.bound, s.a.cols)
		b, eb := columnNorms(s.b.val, s.b.cols), columnNorms(s.b.bound, s.b.cols)
		for i := range s.out.rows {
			for j := range s.out.cols {
				s.out.bound[i*s.out.cols+j] = a[i]*eb[j] + ea[i]*b[j]
			}
		}
		return
	}
	a, b := s.a.magnitudes(), s.b.magnitudes()
	reach := &operand{rows: a.rows, cols: a.cols, val: make([]float64, len(a.val))}
	for i, x := range a.val {
		reach.val[i] = x + eps*a.bound[i]
	}
	left, right := newOperand(s.out.rows, s.out.cols), newOperand(s.out.rows, s.out.cols)
	product{{reach, &operand{rows: b.rows, cols: b.cols, val: b.bound}, left}, {&operand{rows: a.rows, cols: a.cols, val: a.bound}, b, right}}.eval()
	for i, x := range left.val {
		s.out.bound[i] = x + right.val[i]
	}
}

func (o *operand) magnitudes() *operand {
	m := &operand{rows: o.rows, cols: o.cols, val: make([]float64, len(o.val)), bound: o.bound}
	for i, x := range o.val {
		m.val[i] = math.Abs(x)
	}
	return m
}

func boundElementwise(c *cell, f func(float64) float64) {
	a := c.args[0]
	for i, x := range a.val {
		e := change(f, x, a.bound[i], probe)
		if !c.node.Op.Traits.Has(expr.Piecewise) {
			e = sensitivity(f, x, a.bound[i])
		}
		c.bound[i] = math.Abs(c.val[i]) + e
	}
}

// probe is the size of the perturbations from which sensitivities are measured, in units of the bound: far above eps,
// and small enough for the first order.
const probe = 0x1p-26

// leastProbe is the smallest for which x+leastProbe·bound is not x.
const leastProbe = 0x1p-50

// sensitivity is |f'(x)|·bound of a smooth f, by differences: derivative formulas are what is to be tested. Within probe·bound f may
// oscillate or be saturated.
func sensitivity(f func(float64) float64, x, bound float64) float64 {
	return math.Max(change(f, x, bound, probe), change(f, x, bound, leastProbe))
}

// change is |f'(x)|·bound by differences of the given size.
func change(f func(float64) float64, x, bound, probe float64) float64 {
	y, h := f(x), probe*bound
	return math.Max(math.Abs(f(x+h)-y), math.Abs(f(x-h)-y)) / probe
}

// boundPower is for powers of matrices, and of scalars, which have a pole at 0 if the exponent is negative.
func boundPower(c *cell) {
	boundByProbe(c)
	if a := c.args[0]; a.isScalar() && c.args[1].isScalar() && mayBePole(a.val[0], a.bound[0], c.args[1].val[0]) {
		c.bound[0] = math.Inf(1)
	}
}

// mayBePole reports whether rounding errors may have made x, of the given bound, of 0, which has no power p.
func mayBePole(x, bound, p float64) bool { return p < 0 && math.Abs(x) <= caution*eps*bound }

func boundElementPower(c *cell) {
	base, exponent := c.args[0], c.args[1]
	for i := range c.val {
		j, k := min(i, len(base.val)-1), min(i, len(exponent.val)-1)
		b, p := base.val[j], exponent.val[k]
		if mayBePole(b, base.bound[j], p) {
			c.bound[i] = math.Inf(1)
			continue
		}
		c.bound[i] = math.Abs(c.val[i]) + sensitivity(func(x float64) float64 { return power(x, p) }, b, base.bound[j])
		if !exponent.constant {
			c.bound[i] += sensitivity(func(x float64) float64 { return power(b, x) }, p, exponent.bound[k])
		}
	}
}

func boundElement(c *cell) {
	a := &c.args[0].operand
	c.bound[0] = math.NaN()
	if at, ok := index(&c.args[1].operand, &c.args[2].operand, a.rows, a.cols); ok {
		c.bound[0] = a.bound[at]
	}
}

func boundTrace(c *cell) {
	a := c.args[0]
	c.bound[0] = 0
	for i := 0; i < len(a.bound); i += a.cols + 1 {
		c.bound[0] += a.bound[i]
	}
}

func boundDiagMatrix(c *cell) {
	for i, e := range c.args[0].bound {
		c.bound[i*(c.cols+1)] = e
	}
}

// boundBy is for functions of all entries that change by no more than g of what the entries change by.
func boundBy(g func([]float64) float64) func(c *cell) {
	return func(c *cell) { c.bound[0] = math.Abs(c.val[0]) + g(c.args[0].bound) }
}

func boundSoftmax(c *cell) {
	e := largest(c.args[0].bound)
	for i, x := range c.val {
		c.bound[i] = x * (1 + 2*e)
	}
}

// rowNorms returns the Euclidean norms of the rows of v, which has cols columns.
func rowNorms(v []float64, cols int) []float64 {
	norms := make([]float64, len(v)/cols)
	for i := range norms {
		norms[i] = frobenius(v[i*cols : (i+1)*cols])
	}
	return norms
}

func columnNorms(v []float64, cols int) []float64 {
	norms := make([]float64, cols)
	for i, x := range v {
		norms[i%cols] += x * x
	}
	for j, x := range norms {
		norms[j] = math.Sqrt(x)
	}
	return norms
}

func boundInverse(c *cell) {
	n := c.rows
	if float64(n)*float64(n)*float64(n) >= normSize {
		left, error, right := rowNorms(c.val, n), columnNorms(c.args[0].bound, n), columnNorms(c.val, n)
		middle := frobenius(error)
		for i := range n {
			for j := range n {
				c.bound[i*n+j] = math.Abs(c.val[i*n+j]) + left[i]*middle*right[j]
			}
		}
		return
	}
	magnitude, product := make([]float64, n*n), make([]float64, n*n)
	for i, x := range c.val {
		magnitude[i] = math.Abs(x)
	}
	multiply(product, magnitude, c.args[0].bound, n, n, n)
	multiply(c.bound, product, magnitude, n, n, n)
	for i, x := range magnitude {
		c.bound[i] += x
	}
}

// boundDet is |det(a)| + sum(|adj(a)|' .* E(a)), for singular a too, and at least what errors of their norm make of the product of the
// singular values: where several of these are errors themselves, the first order says little.
func boundDet(c *cell) {
	a := &c.args[0].operand
	n := a.rows
	adjugate, p := newOperand(n, n), newAdjugator(n)
	p.adjugate(adjugate, a)
	moves := weighted(adjugate.val, a)
	exact, moved, lost := 1.0, 1.0, 0
	e := eps * frobenius(a.bound)
	for _, s := range p.parts.s {
		exact, moved = exact*s, moved*(s+e)
		if s <= e {
			lost++
		}
	}
	if lost > 1 {
		moves = math.Max(moves, (moved-exact)/eps)
	}
	c.bound[0] = math.Abs(c.val[0]) + moves
}

// boundLogDet is |logdet(a)| + sum(|inv(a)|' .* E(a)).
func boundLogDet(c *cell) {
	a := &c.args[0].operand
	n := a.rows
	inverse := make([]float64, n*n)
	newInverter(n).invert(inverse, a.val)
	c.bound[0] = math.Abs(c.val[0]) + weighted(inverse, a)
}

// weighted is sum(|m|' .* E(a)) for n×n matrices.
func weighted(m []float64, a *operand) (sum float64) {
	n := a.rows
	for i := range n {
		for j := range n {
			sum += math.Abs(m[j*n+i]) * a.bound[i*n+j]
		}
	}
	return sum
}

// boundSqrtm is for symmetric arguments, which may be singular: moved at random they would have no root. In the basis of
// eigenvectors entry k,l of the root moves by that of the argument over √λₖ + √λₗ (Higham, Functions of Matrices, 6.1), where
// eigenvalues that rounding errors can reach count as 0.
func boundSqrtm(c *cell) {
	n, a := c.rows, &c.args[0].operand
	r := newSymmetricRoot(n)
	if root := make([]float64, n*n); !isSymmetric(a.val, n) || !r.root(root, a.val) {
		boundByProbe(c)
		return
	}
	v := make([]float64, n*n)
	for i := range n {
		for k := range n {
			v[i*n+k] = math.Abs(r.vector.At(i, k))
		}
	}
	turned, half := make([]float64, n*n), make([]float64, n*n)
	multiply(half, a.bound, v, n, n, n)
	transpose := make([]float64, n*n)
	for i := range n {
		for k := range n {
			transpose[k*n+i] = v[i*n+k]
		}
	}
	multiply(turned, transpose, half, n, n, n)
	least := math.Sqrt(eps * largest(a.bound))
	root := func(k int) float64 { return math.Sqrt(math.Max(r.values[k], 0)) }
	for k := range n {
		for l := range n {
			turned[k*n+l] /= math.Max(root(k)+root(l), least)
		}
	}
	multiply(half, v, turned, n, n, n)
	multiply(c.bound, half, transpose, n, n, n)
	top := largestMagnitude(c.val)
	for i := range c.bound {
		c.bound[i] += top
	}
}

// boundPseudoInverse is 3‖P‖²·‖E(a)‖ for P = pinv(a), three terms of its differential: it holds while the rank stays the same.
// Moved at random, a matrix of low rank would have another one.
func boundPseudoInverse(c *cell) {
	p := frobenius(c.val)
	e := 3 * p * p * frobenius(c.args[0].bound)
	for i, x := range c.val {
		c.bound[i] = math.Abs(x) + e
	}
}

// probes are the sizes of the perturbations of arguments that are moved at random: the least shows what is not linear over the others.
var probes = [...]float64{probe, probe, probe, leastProbe}

// boundByProbe moves the arguments by random signs times their bounds, and takes twice the largest change.
// The value of c is evaluated anew at the end.
func boundByProbe(c *cell) {
	source := rand.New(rand.NewPCG(1, uint64(len(c.val))))
	value := append([]float64(nil), c.val...)
	saved := make([][]float64, len(c.args))
	for i, a := range c.args {
		saved[i] = append([]float64(nil), a.val...)
	}
	fill(c.bound, 0)
	for _, size := range probes {
		for i, a := range c.args {
			if a.constant && len(a.args) == 0 {
				continue
			}
			for j, x := range saved[i] {
				h := size * a.bound[j]
				if source.Uint64()&1 == 0 {
					h = -h
				}
				a.val[j] = x + h
			}
		}
		c.eval()
		for i, x := range c.val {
			c.bound[i] = math.Max(c.bound[i], 2*math.Abs(x-value[i])/size)
		}
	}
	for i, a := range c.args {
		copy(a.val, saved[i])
	}
	c.eval()
	top := largestMagnitude(c.val) // an entry of a matrix function is no more exact than the largest
	for i := range c.bound {
		c.bound[i] += top
	}
}
