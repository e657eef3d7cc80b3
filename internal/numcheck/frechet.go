package numcheck

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// prepareFrechet gives the Fréchet derivative of a matrix function f, at the first argument along the second:
//
//	f([A E; 0 A]) = [f(A) L(A,E); 0 f(A)]
//
// (Higham, Functions of Matrices, 2008, 3.16). It is linear in E, which is scaled to be of order 1: the exponential halves its
// argument as often as its norm needs, and a large E would leave no digits of A.
func prepareFrechet(prepare func(c *cell, sizes map[string]int) func()) func(c *cell, sizes map[string]int) func() {
	return func(c *cell, sizes map[string]int) func() {
		n := c.rows
		a, e := c.args[0].val, c.args[1].val
		if n == 1 {
			return func() { c.val[0] = slope(c.node.Op, a[0]) * e[0] }
		}
		block := &cell{node: c.node, args: []*cell{{}}}
		block.allocate(2*n, 2*n)
		block.args[0].allocate(2*n, 2*n)
		f := prepare(block, sizes)
		in := block.args[0].val
		return func() {
			_, exponent := math.Frexp(largestMagnitude(e))
			for i := range n {
				copy(in[i*2*n:], a[i*n:(i+1)*n])
				copy(in[(n+i)*2*n+n:], a[i*n:(i+1)*n])
				for j := range n {
					in[i*2*n+n+j] = math.Ldexp(e[i*n+j], -exponent)
				}
			}
			f()
			for i := range n {
				for j := range n {
					c.val[i*n+j] = math.Ldexp(block.val[i*2*n+n+j], exponent)
				}
			}
		}
	}
}

// slope is the derivative of the function at a number of which op is the Fréchet derivative.
func slope(op *expr.Op, x float64) float64 {
	switch {
	case op == expr.DExpm:
		return math.Exp(x)
	case x <= 0:
		return math.NaN()
	}
	return 1 / x
}

// boundOfLogarithm adds to what boundByProbe finds the errors of the method itself: it doubles those of the roots that logm
// takes as often as it takes them.
func boundOfLogarithm(c *cell) {
	const method = 1e4
	boundByProbe(c)
	top := largestMagnitude(c.val)
	for i := range c.bound {
		c.bound[i] += method * top
	}
}

// prepareSylvester solves A*X + X*B = C as a linear system for the entries of X. It is NaN where A and -B are near to
// having an eigenvalue in common.
func prepareSylvester(c *cell, _ map[string]int) func() {
	a, b, right := c.args[0], c.args[1], c.args[2]
	m, n := c.rows, c.cols
	system := mat.NewDense(m*n, m*n, nil)
	var lu mat.LU
	x := mat.NewVecDense(m*n, nil)
	return func() {
		system.Zero()
		for i := range m {
			for j := range n {
				row := i*n + j
				for k := range m {
					system.Set(row, k*n+j, a.val[i*m+k])
				}
				for k := range n {
					system.Set(row, i*n+k, system.At(row, i*n+k)+b.val[k*n+j])
				}
			}
		}
		lu.Factorize(system)
		if !allFinite(a.val) || !allFinite(b.val) || !(lu.Cond() < maxCondition) {
			fill(c.val, math.NaN())
			return
		}
		if err := lu.SolveVecTo(x, false, mat.NewVecDense(m*n, right.val)); err != nil {
			fill(c.val, math.NaN())
			return
		}
		copy(c.val, x.RawVector().Data)
	}
}

// triangle keeps the entries at the places i,j that keep says, and sets the others to 0.
func triangle(keep func(i, j int) bool) operation {
	mask := func(c *cell, out, in []float64) {
		for at := range out {
			out[at] = 0
			if keep(at/c.cols, at%c.cols) {
				out[at] = in[at]
			}
		}
	}
	return operation{
		prepare: func(c *cell, _ map[string]int) func() { return func() { mask(c, c.val, c.args[0].val) } },
		bound:   func(c *cell) { mask(c, c.bound, c.args[0].bound) },
	}
}
