package numcheck

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

func prepareSum(c *cell, _ map[string]int) func() {
	return func() {
		for n, a := range c.args {
			switch {
			case a.isScalar() && n == 0:
				fill(c.val, a.val[0])
			case a.isScalar():
				x := a.val[0]
				for i := range c.val {
					c.val[i] += x
				}
			case n == 0:
				copy(c.val, a.val)
			default:
				for i, x := range a.val {
					c.val[i] += x
				}
			}
		}
	}
}

func prepareHadamard(c *cell, _ map[string]int) func() {
	return func() {
		for n, a := range c.args {
			switch {
			case a.isScalar() && n == 0:
				fill(c.val, a.val[0])
			case a.isScalar():
				scale(c.val, a.val[0])
			case n == 0:
				copy(c.val, a.val)
			default:
				for i, x := range a.val {
					c.val[i] *= x
				}
			}
		}
	}
}

func scale(v []float64, by float64) {
	for i := range v {
		v[i] *= by
	}
}

// binary is one product of a chain, out = a*b, where a 1×1 operand scales the other.
type binary struct{ a, b, out *operand }

// product is the order in which a chain is multiplied out.
type product []binary

// planProduct reads the chain from left to right. Scalars are put aside, and a run of matrices whose product is 1×1 is
// one too: in a'*b*X the first two scale X. The order within a run is the cheaper one of left to right and right to left.
func planProduct(c *cell) product {
	var plan product
	var scalars, run []*operand
	closeRun := func() {
		if len(run) > 0 {
			scalars = append(scalars, plan.multiply(run))
			run = nil
		}
	}
	shape := c.args[0].shape
	for i, a := range c.args {
		if i > 0 && !a.shape.IsScalar() {
			if len(run) == 0 {
				shape = a.shape
			} else {
				shape.Cols = a.shape.Cols
			}
		}
		if a.shape.IsScalar() {
			scalars = append(scalars, &a.operand)
			continue
		}
		run = append(run, &a.operand)
		if shape.IsScalar() {
			closeRun()
		}
	}
	if len(scalars) > 0 {
		product := scalars[0]
		for _, s := range scalars[1:] {
			product = plan.join(product, s)
		}
		if len(run) > 0 {
			plan.join(product, plan.multiply(run))
		}
	} else {
		plan.multiply(run)
	}
	if len(plan) == 0 { // a product of one factor
		one := newOperand(1, 1)
		one.val[0] = 1
		plan.join(one, &c.args[0].operand)
	}
	plan[len(plan)-1].out = &c.operand
	return plan
}

func (p *product) join(a, b *operand) *operand {
	out := new(operand)
	switch {
	case a.isScalar():
		out.allocate(b.rows, b.cols)
	case b.isScalar():
		out.allocate(a.rows, a.cols)
	default:
		out.allocate(a.rows, b.cols)
	}
	*p = append(*p, binary{a, b, out})
	return out
}

func (p *product) multiply(run []*operand) *operand {
	left, right := 0, 0
	first, last := run[0], run[len(run)-1]
	for i := 1; i < len(run); i++ {
		left += first.rows * run[i].rows * run[i].cols
		right += run[i-1].rows * run[i-1].cols * last.cols
	}
	if left <= right {
		out := first
		for _, o := range run[1:] {
			out = p.join(out, o)
		}
		return out
	}
	out := last
	for i := len(run) - 2; i >= 0; i-- {
		out = p.join(run[i], out)
	}
	return out
}

// conforms reports whether the factors fit together, which those of a candidate need not.
func (p product) conforms() bool {
	for _, s := range p {
		rows, cols := s.a.rows, s.b.cols
		switch {
		case s.a.isScalar():
			rows, cols = s.b.rows, s.b.cols
		case s.b.isScalar():
			rows, cols = s.a.rows, s.a.cols
		case s.a.cols != s.b.rows:
			return false
		}
		if s.out.rows != rows || s.out.cols != cols {
			return false
		}
	}
	return true
}

func (p product) eval() {
	for _, s := range p {
		a, b := s.a, s.b
		switch {
		case a.isScalar():
			x := a.val[0]
			for i, y := range b.val {
				s.out.val[i] = x * y
			}
		case b.isScalar():
			y := b.val[0]
			for i, x := range a.val {
				s.out.val[i] = x * y
			}
		default:
			multiply(s.out.val, a.val, b.val, a.rows, a.cols, b.cols)
		}
		if len(p) > longProduct {
			flush(s.out.val)
		}
	}
}

// longProduct is the number of factors from which denormal numbers are flushed.
const longProduct = 100

// flush sets denormal numbers to 0: products may keep them to the end, and arithmetic with them takes a hundred times as long.
func flush(v []float64) {
	for i, x := range v {
		if math.Abs(x) < leastNormal {
			v[i] = 0
		}
	}
}

const leastNormal = 0x1p-1022

// blasSize is the work m*k*n from which gonum's blocked product beats the plain loop.
const blasSize = 20000

// multiply sets out, m×n, to the product of a, m×k, and b, k×n. For small matrices plain loops take half the time of
// gonum's, whose checks and dispatch cost more than the arithmetic.
func multiply(out, a, b []float64, m, k, n int) {
	switch {
	case m*k*n >= blasSize:
		mat.NewDense(m, n, out).Mul(mat.NewDense(m, k, a), mat.NewDense(k, n, b))
	case n == 1:
		for i := range m {
			s := 0.0
			for l, x := range a[i*k : (i+1)*k] {
				s += x * b[l]
			}
			out[i] = s
		}
	default:
		for i := range m {
			row := out[i*n : (i+1)*n]
			fill(row, 0)
			for l, x := range a[i*k : (i+1)*k] {
				for j, y := range b[l*n : (l+1)*n] {
					row[j] += x * y
				}
			}
		}
	}
}

func prepareProduct(c *cell, _ map[string]int) func() {
	c.plan = planProduct(c)
	return c.plan.eval
}

func prepareKronecker(c *cell, _ map[string]int) func() {
	parts := make([]*operand, len(c.args))
	parts[0] = &c.args[0].operand
	for i, a := range c.args[1:] {
		left := parts[i]
		parts[i+1] = newOperand(left.rows*a.rows, left.cols*a.cols)
	}
	if len(parts) > 1 {
		parts[len(parts)-1] = &c.operand
	}
	return func() {
		copy(c.val, parts[0].val) // stays if there is one factor
		for n, b := range c.args[1:] {
			a, out := parts[n], parts[n+1]
			for i := range a.rows {
				for j := range a.cols {
					x := a.val[i*a.cols+j]
					for k := range b.rows {
						row := out.val[(i*b.rows+k)*out.cols+j*b.cols:]
						for l, y := range b.val[k*b.cols : (k+1)*b.cols] {
							row[l] = x * y
						}
					}
				}
			}
		}
	}
}

// preparePower is a scalar to a scalar power, or a square matrix to a whole number.
func preparePower(c *cell, _ map[string]int) func() {
	base, exponent := c.args[0], c.args[1]
	if base.shape.IsScalar() {
		return func() { c.val[0] = power(base.val[0], exponent.val[0]) }
	}
	n := c.rows
	square, spare := make([]float64, n*n), make([]float64, n*n)
	inverse := newInverter(n)
	return func() {
		p := exponent.val[0]
		if p != math.Trunc(p) || math.Abs(p) > 1e6 || !allFinite(base.val) {
			fill(c.val, math.NaN())
			return
		}
		if p < 0 {
			inverse.invert(square, base.val)
		} else {
			copy(square, base.val)
		}
		fillIdentity(c.val, n)
		started := false
		for k := int(math.Abs(p)); k > 0; k /= 2 {
			if k%2 == 1 {
				if started {
					multiply(spare, c.val, square, n, n, n)
					flush(spare)
					copy(c.val, spare)
				} else {
					copy(c.val, square)
					started = true
				}
			}
			if k > 1 {
				multiply(spare, square, square, n, n, n)
				flush(spare)
				square, spare = spare, square
			}
		}
	}
}

func prepareElementPower(c *cell, _ map[string]int) func() {
	return func() { elementPower(c.val, c.args[0].val, c.args[1].val) }
}

func elementPower(out, base, exponent []float64) {
	for i := range out {
		b, p := base[0], exponent[0]
		if len(base) > 1 {
			b = base[i]
		}
		if len(exponent) > 1 {
			p = exponent[i]
		}
		out[i] = power(b, p)
	}
}

// power is math.Pow, which is slow. A small integer exponent is done by squaring, as there, with the same result: only what
// overflows or underflows on the way is left to math.Pow, which scales.
func power(x, p float64) float64 {
	const small, least, most = 64, 1e-300, 1e300
	if p == 2 {
		return x * x
	}
	n := int(p)
	if float64(n) != p || n < -small || n > small {
		return math.Pow(x, p)
	}
	y, square := 1.0, x
	for i := max(n, -n); i > 0; i >>= 1 {
		if i&1 == 1 {
			y *= square
		}
		square *= square
	}
	if a := math.Abs(y); !(a > least && a < most) {
		return math.Pow(x, p)
	}
	if n < 0 {
		return 1 / y
	}
	return y
}
