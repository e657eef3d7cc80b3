package numcheck

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/integrate/quad"
	lapack "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

var impl lapack.Implementation

// inverter factorises n×n matrices with lapack itself: package mat would estimate the condition each time, which
// takes longer than the rest at these sizes.
type inverter struct {
	n     int
	lu    []float64
	pivot []int
	work  []float64
}

func newInverter(n int) *inverter {
	return &inverter{n: n, lu: make([]float64, n*n), pivot: make([]int, n), work: make([]float64, 16*n)}
}

// factorise returns the sign and the logarithm of the magnitude of the determinant of a.
func (f *inverter) factorise(a []float64) (sign, logAbs float64) {
	if !allFinite(a) {
		fill(f.lu, math.NaN())
		return math.NaN(), math.NaN()
	}
	copy(f.lu, a)
	impl.Dgetrf(f.n, f.n, f.lu, f.n, f.pivot)
	sign = 1
	for i, p := range f.pivot {
		d := f.lu[i*(f.n+1)]
		if (p != i) != (d < 0) {
			sign = -sign
		}
		logAbs += math.Log(math.Abs(d))
	}
	if math.IsInf(logAbs, -1) {
		sign = 0
	}
	return sign, logAbs
}

func (f *inverter) determinant(a []float64) float64 {
	if !allFinite(a) {
		return math.NaN()
	}
	copy(f.lu, a)
	impl.Dgetrf(f.n, f.n, f.lu, f.n, f.pivot)
	det := 1.0
	for i, p := range f.pivot {
		if p != i {
			det = -det
		}
		det *= f.lu[i*(f.n+1)]
	}
	return det
}

// invert sets out to the inverse of a, NaN if a is singular. They may be the same.
func (f *inverter) invert(out, a []float64) {
	if !allFinite(a) {
		fill(out, math.NaN())
		return
	}
	copy(out, a)
	if !impl.Dgetrf(f.n, f.n, out, f.n, f.pivot) || !impl.Dgetri(f.n, out, f.n, f.pivot, f.work, len(f.work)) {
		fill(out, math.NaN())
	}
}

func prepareDet(c *cell, _ map[string]int) func() {
	a := c.args[0]
	f := newInverter(a.rows)
	return func() { c.val[0] = f.determinant(a.val) }
}

func prepareLogDet(c *cell, _ map[string]int) func() {
	a := c.args[0]
	f := newInverter(a.rows)
	return func() {
		sign, l := f.factorise(a.val)
		if !(sign > 0) {
			l = math.NaN()
		}
		c.val[0] = l
	}
}

func prepareInverse(c *cell, _ map[string]int) func() {
	a := c.args[0].val
	f := newInverter(c.rows)
	return func() { f.invert(c.val, a) }
}

// prepareSingular is f of the singular values.
func prepareSingular(f func([]float64) float64) func(c *cell, _ map[string]int) func() {
	return func(c *cell, _ map[string]int) func() {
		a := c.args[0]
		var svd mat.SVD
		values := make([]float64, min(a.rows, a.cols))
		return func() {
			if !allFinite(a.val) || !svd.Factorize(a.dense(), mat.SVDNone) {
				c.val[0] = math.NaN()
				return
			}
			c.val[0] = f(svd.Values(values))
		}
	}
}

// asymmetry is how far a matrix may be from symmetric, relative to its largest entry, and still be one that was
// symmetric before rounding.
const asymmetry = 1e-10

func isSymmetric(a []float64, n int) bool {
	top := largestMagnitude(a)
	for i := range n {
		for j := range i {
			if math.Abs(a[i*n+j]-a[j*n+i]) > asymmetry*top {
				return false
			}
		}
	}
	return true
}

// symmetricPart sets the upper triangle of (a + a')/2·2^-e, and returns e, which is even. The largest entry is then of order 1, and
// those that its rounding error drowns are 0: gonum's Dsterf and Dsteqr panic on matrices and blocks that they have to scale
// themselves.
func symmetricPart(a []float64, n int, set func(i, j int, v float64)) (e int) {
	_, e = math.Frexp(largestMagnitude(a))
	e -= e % 2
	for i := range n {
		for j := i; j < n; j++ {
			v := math.Ldexp(a[i*n+j]/2+a[j*n+i]/2, -e)
			if math.Abs(v) < eps*eps {
				v = 0
			}
			set(i, j, v)
		}
	}
	return e
}

func prepareLambdaMax(c *cell, _ map[string]int) func() {
	a := c.args[0]
	n := a.rows
	even := make([]float64, n*n)
	values, work := make([]float64, n), make([]float64, 3*n)
	return func() {
		if !allFinite(a.val) || !isSymmetric(a.val, n) {
			c.val[0] = math.NaN()
			return
		}
		exponent := symmetricPart(a.val, n, func(i, j int, v float64) { even[i*n+j] = v })
		if !impl.Dsyev('N', blas.Upper, n, even, n, values, work, len(work)) {
			c.val[0] = math.NaN()
			return
		}
		c.val[0] = math.Ldexp(values[n-1], exponent)
	}
}

// svdParts are the thin factors U·diag(s)·V' of an operand, with workspace.
type svdParts struct {
	svd  mat.SVD
	u, v mat.Dense
	s    []float64
}

func (p *svdParts) factorise(a *operand, kind mat.SVDKind) bool {
	if !allFinite(a.val) || !p.svd.Factorize(a.dense(), kind) {
		return false
	}
	p.svd.UTo(&p.u)
	p.svd.VTo(&p.v)
	p.s = p.svd.Values(p.s)
	return true
}

// scaled sets out to V·diag(d)·U'.
func (p *svdParts) scaled(out *operand, d []float64) {
	fill(out.val, 0)
	for k, x := range d {
		for i := range out.rows {
			for j := range out.cols {
				out.val[i*out.cols+j] += p.v.At(i, k) * x * p.u.At(j, k)
			}
		}
	}
}

const eps = 0x1p-52

func preparePseudoInverse(c *cell, _ map[string]int) func() {
	a := &c.args[0].operand
	var parts svdParts
	inverse := make([]float64, min(a.rows, a.cols))
	return func() {
		if !parts.factorise(a, mat.SVDThin) {
			fill(c.val, math.NaN())
			return
		}
		for k, s := range parts.s {
			inverse[k] = 0
			if s > parts.s[0]*eps*float64(max(a.rows, a.cols)) {
				inverse[k] = 1 / s
			}
		}
		parts.scaled(&c.operand, inverse)
	}
}

// adjugator computes adjugates of n×n matrices, with workspace.
type adjugator struct {
	parts     svdParts
	cofactors []float64
	f         *inverter
}

func newAdjugator(n int) *adjugator {
	return &adjugator{cofactors: make([]float64, n), f: newInverter(n)}
}

// adjugate sets out to adj(U·S·V') = adj(V')·adj(S)·adj(U) = det(U)·det(V)·V·adj(S)·U', which holds for singular matrices too.
func (p *adjugator) adjugate(out, a *operand) {
	if !p.parts.factorise(a, mat.SVDFull) {
		fill(out.val, math.NaN())
		return
	}
	sign := math.Round(p.f.determinant(p.parts.u.RawMatrix().Data)) * math.Round(p.f.determinant(p.parts.v.RawMatrix().Data))
	for k := range p.cofactors {
		p.cofactors[k] = sign
		for l, s := range p.parts.s {
			if l != k {
				p.cofactors[k] *= s
			}
		}
	}
	p.parts.scaled(out, p.cofactors)
}

func prepareAdjugate(c *cell, _ map[string]int) func() {
	a := &c.args[0].operand
	p := newAdjugator(a.rows)
	return func() { p.adjugate(&c.operand, a) }
}

func prepareExpm(c *cell, _ map[string]int) func() {
	a, out := c.args[0].dense(), c.dense()
	return func() {
		if !allFinite(c.args[0].val) || mat.Norm(a, 1) > 1000 {
			fill(c.val, math.NaN())
			return
		}
		out.Exp(a)
	}
}

// rooter computes principal square roots by the product form of the Denman-Beavers iteration with determinantal
// scaling (Higham, Functions of Matrices, 6.29): M ← (2I + μ²M + (μ²M)⁻¹)/4, Y ← μY(I + (μ²M)⁻¹)/2, μ = |det M|^(-1/2n).
type rooter struct {
	n                     int
	m, y, inv, next, back []float64
	f                     *inverter
}

func newRooter(n int) *rooter {
	w := func() []float64 { return make([]float64, n*n) }
	return &rooter{n: n, m: w(), y: w(), inv: w(), next: w(), back: w(), f: newInverter(n)}
}

// root sets out to the square root of a; it reports whether there is a real one in the right half plane.
func (r *rooter) root(out, a []float64) bool {
	n := r.n
	copy(r.m, a)
	copy(r.y, a)
	scaling := true
	for range 40 {
		mu := 1.0
		if scaling {
			_, logAbs := r.f.factorise(r.m)
			mu = math.Exp(-logAbs / float64(2*n))
		}
		r.f.invert(r.inv, r.m)
		if !allFinite(r.inv) || !(mu > 0) {
			return false
		}
		mu2 := mu * mu
		for i := range r.inv {
			r.inv[i] /= mu2
		}
		copy(r.back, r.inv)
		for i := range n {
			r.back[i*(n+1)]++
		}
		multiply(r.next, r.y, r.back, n, n, n)
		for i, x := range r.next {
			r.y[i] = x * mu / 2
		}
		distance := 0.0
		for i := range r.m {
			r.m[i] = (mu2*r.m[i] + r.inv[i]) / 4
			if i%(n+1) == 0 {
				r.m[i] += 0.5
				distance = math.Max(distance, math.Abs(r.m[i]-1))
			} else {
				distance = math.Max(distance, math.Abs(r.m[i]))
			}
		}
		scaling = scaling && distance > 1e-2
		if distance < 1e-14*float64(n) {
			break
		}
	}
	multiply(r.back, r.y, r.y, n, n, n)
	for i, x := range r.back {
		if !(math.Abs(x-a[i]) <= 1e-8*(1+1/float64(n))*largestMagnitude(a)) {
			return false
		}
	}
	copy(out, r.y)
	return true
}

// prepareSqrtm takes the root of a symmetric matrix from its eigenvalues, so that it may be singular, and that of others
// by iteration.
func prepareSqrtm(c *cell, _ map[string]int) func() {
	a := c.args[0].val
	r := newRooter(c.rows)
	spectral := newSymmetricRoot(c.rows)
	return func() {
		switch {
		case !allFinite(a):
			fill(c.val, math.NaN())
		case isSymmetric(a, c.rows):
			if !spectral.root(c.val, a) {
				fill(c.val, math.NaN())
			}
		case !r.root(c.val, a):
			fill(c.val, math.NaN())
		}
	}
}

// symmetricRoot computes square roots of positive semidefinite matrices as V·diag(λ)^(1/2)·V'.
type symmetricRoot struct {
	n      int
	even   *mat.SymDense
	eigen  mat.EigenSym
	vector mat.Dense
	values []float64
}

func newSymmetricRoot(n int) *symmetricRoot {
	return &symmetricRoot{n: n, even: mat.NewSymDense(n, nil), values: make([]float64, n)}
}

// root sets out to the square root of a; it reports whether no eigenvalue is negative beyond rounding. Those that are 0 to
// rounding count as 0: their roots would magnify the rounding error.
func (r *symmetricRoot) root(out, a []float64) bool {
	e := symmetricPart(a, r.n, r.even.SetSym)
	if !r.eigen.Factorize(r.even, true) {
		return false
	}
	r.eigen.VectorsTo(&r.vector)
	r.values = r.eigen.Values(r.values)
	noise := 4 * float64(r.n) * eps * math.Max(math.Abs(r.values[0]), math.Abs(r.values[r.n-1]))
	fill(out, 0)
	for k, l := range r.values {
		if l < -noise {
			return false
		}
		if l <= noise {
			continue
		}
		root := math.Ldexp(math.Sqrt(l), e/2)
		for i := range r.n {
			for j := range r.n {
				out[i*r.n+j] += r.vector.At(i, k) * root * r.vector.At(j, k)
			}
		}
	}
	return true
}

// prepareLogm takes square roots until the argument is near I, then log(I+X) = ∫ X·(I+tX)⁻¹ dt over 0..1 by Gauss
// quadrature, which is the Padé approximant [8/8] (Higham, Functions of Matrices, 11.4), exact to rounding for ‖X‖ < 1/4.
func prepareLogm(c *cell, _ map[string]int) func() {
	const points = 8
	a, n := c.args[0].val, c.rows
	var t, weight [points]float64
	quad.Legendre{}.FixedLocations(t[:], weight[:], 0, 1)
	r, f := newRooter(n), newInverter(n)
	x, shifted, term := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	distance := func() float64 {
		d := 0.0
		for i := range n {
			row := 0.0
			for j := range n {
				v := x[i*n+j]
				if i == j {
					v--
				}
				row += math.Abs(v)
			}
			d = math.Max(d, row)
		}
		return d
	}
	return func() {
		copy(x, a)
		factor := 1.0
		for !(distance() < 0.25) {
			if !allFinite(x) || factor > 1e15 || !r.root(x, x) {
				fill(c.val, math.NaN())
				return
			}
			factor *= 2
		}
		for i := range n {
			x[i*(n+1)]--
		}
		fill(c.val, 0)
		for k := range points {
			for i, v := range x {
				shifted[i] = t[k] * v
			}
			for i := range n {
				shifted[i*(n+1)]++
			}
			f.invert(shifted, shifted)
			multiply(term, x, shifted, n, n, n)
			for i, v := range term {
				c.val[i] += factor * weight[k] * v
			}
		}
	}
}

// condition returns the condition number of the argument of c: that of its inverse, or of its full rank.
func condition(c *cell) float64 {
	a := c.args[0]
	if a.rows == a.cols && c.node.Op != expr.Pinv {
		var lu mat.LU
		lu.Factorize(a.dense())
		return lu.Cond()
	}
	var svd mat.SVD
	if !svd.Factorize(a.dense(), mat.SVDNone) {
		return math.Inf(1)
	}
	s := svd.Values(nil)
	if c.node.Op != expr.Pinv {
		return s[0] / s[len(s)-1]
	}
	// A rank that is low by construction, as that of X'*X for a wide X, does no harm to a pseudo-inverse.
	least := s[0]
	for _, v := range s {
		if v > s[0]*eps*float64(max(a.rows, a.cols)) {
			least = v
		}
	}
	return s[0] / least
}
