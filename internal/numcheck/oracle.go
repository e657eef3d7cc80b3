package numcheck

import (
	"math"

	"gonum.org/v1/gonum/diff/fd"
)

// steps is a sequence of steps h_k = h_0·ratio^-k.
type steps struct {
	first float64 // h_0, as a share of the size of what moves
	exact bool    // h_0 is rounded down to a power of two
	ratio float64
	count int
}

var (
	standardSteps = steps{first: 0.25, exact: true, ratio: 2, count: 22}
	confirmSteps  = steps{first: 0.11, ratio: 1.7, count: 28}
	quickSteps    = steps{first: 0.25, exact: true, ratio: 4, count: 12}
)

func (s steps) sizes(reach float64) []float64 {
	h := s.first * reach
	if s.exact {
		h = math.Exp2(math.Floor(math.Log2(h)))
	}
	sizes := make([]float64, s.count)
	for k := range sizes {
		sizes[k] = h
		h /= s.ratio
	}
	return sizes
}

// estimate is a derivative with an estimate of its error, entry by entry.
type estimate struct {
	val, err []float64
	hidden   []float64 // the largest derivative that would be lost in the rounding errors of f, whose differences are no larger; else 0
	kink     bool
	outside  *cell // what has no value however near to the point
}

func newEstimate(n int) estimate {
	return estimate{val: make([]float64, n), err: make([]float64, n), hidden: make([]float64, n)}
}

// measurer differentiates the value of a cell; it keeps its workspace.
type measurer struct {
	machine  *machine
	steps    steps
	bounds   float64 // share of the bounds of rounding errors that counts
	out      *cell
	forward  []float64 // values at +h_k and -h_k, one row a step
	backward []float64
	quotient []float64
	table    extrapolation
}

func (s *measurer) reserve(n int) {
	if need := s.steps.count * n; cap(s.forward) < need {
		s.forward, s.backward = make([]float64, need), make([]float64, need)
	}
	s.quotient = make([]float64, s.steps.count)
}

// along returns the derivative of the cell's value along the motion, by central differences at all steps. Only those count that stay
// on the branches that piecewise functions have at the point, and over which no angle turns too far: steps are shorter where too few
// do not.
func (s *measurer) along(m *motion) estimate {
	n := len(s.out.val)
	e := newEstimate(n)
	reach := m.reach()
	if reach == 0 || !m.changes(s.out) {
		return e
	}
	s.reserve(n)
	base := append([]float64(nil), s.out.val...)
	h := s.steps.sizes(reach)
	crossing, turning, outside := s.move(m, h)
	for again := 0; turning > len(h)/2 && again < 2; again++ {
		reach *= h[turning-1] / h[0]
		h = s.steps.sizes(reach)
		crossing, turning, outside = s.move(m, h)
	}
	most := max(len(h)-fewestSteps, 0)
	if e.outside = outside; turning > most {
		fill(e.val, math.NaN())
		fill(e.err, math.Inf(1))
		return e
	}
	first := max(crossing, turning)
	if crossing > most {
		first, e.kink = turning, true
	}
	h, forward, backward, quotient := h[first:], s.forward[first*n:], s.backward[first*n:], s.quotient[first:]
	s.table.set(h, s.steps.ratio, 1)
	for i := range n {
		variation := 0.0
		for k, step := range h {
			change := forwards.Coeff*forward[k*n+i] + backwards.Coeff*backward[k*n+i]
			quotient[k], variation = change/step, math.Max(variation, math.Abs(change))
		}
		eta := eps * math.Max(math.Abs(base[i]), s.bounds*s.out.bound[i])
		if variation > 100*eta && math.Max(variation, math.Abs(base[i])) < leastDigits*eta {
			e.val[i], e.err[i] = math.NaN(), math.Inf(1)
			continue
		}
		e.val[i], e.err[i] = s.table.limit(quotient, eta)
		if variation <= visible*eta {
			e.hidden[i] = visible * eta / h[len(h)-1]
		}
		e.kink = e.kink || isKink(forward[i:], backward[i:], n, base[i], h, eta)
	}
	return e
}

// move evaluates the cell at all steps along the motion. It returns how many steps there are up to the last that crosses a branch, and
// to the last over which an angle turns too far, and what has no value at the least.
func (s *measurer) move(m *motion, h []float64) (crossing, turning int, outside *cell) {
	n := len(s.out.val)
	sides, phases := sidesOf(m.cells), phasesOf(m.cells)
	for k, step := range h {
		s.machine.pause()
		for _, to := range [2]struct {
			at     fd.Point
			values []float64
		}{{forwards, s.forward}, {backwards, s.backward}} {
			m.to(to.at.Loc * step)
			run(m.cells)
			copy(to.values[k*n:], s.out.val)
			if sides.crossed() {
				crossing = k + 1
			}
			if phases.turned() {
				turning = k + 1
			}
		}
	}
	if !allFinite(s.out.val) {
		outside = firstOutside(m.cells)
	}
	m.to(0)
	run(m.cells)
	return crossing, turning, outside
}

// The points of a central difference.
var backwards, forwards = fd.Central.Stencil[0], fd.Central.Stencil[1]

// fewestSteps is how many steps are enough for a limit.
const fewestSteps = 6

// visible is how many times the rounding error of f a difference of its values is that is none itself.
const visible = 8

// leastDigits is how many times its rounding error a value must be that is differentiated, unless all of its variation is
// rounding error. Functions that oscillate faster than the finest step have larger errors, and so has what is larger where the
// perturbations that errors are measured by are no longer small.
const leastDigits = 1e8

func firstOutside(cells []*cell) *cell {
	for _, c := range cells {
		if !allFinite(c.val) {
			return c
		}
	}
	return nil
}

// isKink reports whether the one-sided slopes differ: |f(h) + f(-h) - 2f(0)|/h is far above the noise eta/h and does not
// fall with h over the finest steps, where that of a smooth function falls like h.
func isKink(forward, backward []float64, stride int, base float64, h []float64, eta float64) bool {
	fine := max(len(h)*4/11, 4)
	least, most := math.Inf(1), 0.0
	for k := len(h) - fine; k < len(h); k++ {
		second := math.Abs(forward[k*stride] + backward[k*stride] - 2*base)
		if !(second > 64*eta) {
			return false
		}
		least, most = math.Min(least, second/h[k]), math.Max(most, second/h[k])
	}
	return least > most/4
}

// mixed returns ∂²f/∂u∂v at the point from four values a step, for a scalar f; u and v may be the same direction.
func (s *measurer) mixed(u, v []float64, x *cell, cells []*cell) estimate {
	s.reserve(1)
	e := newEstimate(1)
	reach := rms(x.val) / (largestMagnitude(u) + largestMagnitude(v))
	h := s.steps.sizes(reach)
	start := append([]float64(nil), x.val...)
	at := func(a, b float64) float64 {
		for i, y := range start {
			x.val[i] = y + a*u[i] + b*v[i]
		}
		run(cells)
		return s.out.val[0]
	}
	base := s.out.val[0]
	s.table.set(h, s.steps.ratio, 2)
	for k, t := range h {
		s.quotient[k] = (at(t, t) - at(t, -t) - at(-t, t) + at(-t, -t)) / (4 * t * t)
	}
	copy(x.val, start)
	run(cells)
	e.val[0], e.err[0] = s.table.limit(s.quotient, eps*math.Max(math.Abs(base), s.bounds*s.out.bound[0]))
	return e
}

// extrapolation is the Neville table of a sequence of difference quotients, even in h, towards h = 0.
type extrapolation struct {
	rows   [5][]float64
	weight [5]float64 // ratio^(2j)
	gain   [5]float64 // amplification of noise relative to that of the first row
	unit   []float64  // h^-order: the noise of each quotient in units of that of f
}

// set prepares for quotients at steps h, in which noise of f is amplified by h^-order.
func (x *extrapolation) set(h []float64, ratio float64, order int) {
	x.unit = append(x.unit[:0], h...)
	for k, s := range h {
		x.unit[k] = math.Pow(s, float64(-order))
	}
	x.weight[0], x.gain[0] = 1, 1
	decay := math.Pow(ratio, float64(order))
	for j := 1; j < len(x.rows); j++ {
		w := x.weight[j-1] * ratio * ratio
		x.weight[j], x.gain[j] = w, x.gain[j-1]*(w*decay+1)/(w-1)
		if len(x.rows[j]) != len(h)-j {
			x.rows[j] = make([]float64, len(h)-j)
		}
	}
}

// limit returns the limit of the quotients d and an estimate of its error; eta is the noise of f to be expected. Of all the
// table's entries, the one that its neighbours agree with best is taken, provided that every quotient at a finer step is
// consistent with it: an entry computed across a pole or kink may look converged.
func (x *extrapolation) limit(d []float64, eta float64) (value, err float64) {
	x.rows[0] = d
	for j := 1; j < len(x.rows); j++ {
		w, above := x.weight[j], x.rows[j-1]
		for k := range x.rows[j] {
			x.rows[j][k] = (w*above[k+1] - above[k]) / (w - 1)
		}
	}
	// The noise that f really has shows in the finest steps, once extrapolated to be free of curvature.
	measured := 0.0
	for k := x.firstFine(); k < len(x.rows[1]); k++ {
		measured = larger(measured, math.Abs(x.rows[1][k]-x.rows[1][k-1])/(x.gain[1]*x.unit[k]))
	}
	rough := larger(eta, measured)
	variation := 0.0
	for k, q := range d {
		variation = larger(variation, math.Abs(q)/x.unit[k])
	}
	if rough > maxNoise*eta || rough > someNoise*eta && rough > unresolved*variation {
		return math.NaN(), math.Inf(1)
	}
	slack := larger(2*eta, 8*measured)
	value, err = x.best(eta, slack)
	noise := eta
	for k := x.firstFine(); k < len(x.rows[1]); k++ {
		noise = larger(noise, math.Abs(x.rows[1][k]-value)/(x.gain[1]*x.unit[k]))
	}
	if noise > maxNoise*eta {
		return math.NaN(), math.Inf(1)
	}
	if noise > eta {
		return x.best(noise, slack)
	}
	// Where f is more exact than its bound says, finer steps may tell of another slope, beyond a kink that is next to the point.
	if measured > 0 && measured < eta {
		if v, e := x.best(measured, 8*measured); math.Abs(v-value) > e+err {
			err = math.Abs(v - value)
		}
	}
	return value, err
}

// maxNoise is how far the noise may exceed the expected rounding error: more is structure of f at the scale of the finest
// steps, such as a pole next to the point, and no limit can be trusted.
const maxNoise = 1e4

// Noise that is more than someNoise times that error, and this share of all the variation of f, is an oscillation that no step
// resolves.
const (
	someNoise  = 30
	unresolved = 0.01
)

// firstFine is the first of the steps that show the noise of f: the last 6 of 22, at least 2.
func (x *extrapolation) firstFine() int { return len(x.unit) - max(len(x.unit)*3/11, 2) }

// larger is the larger of a and b; a if b is NaN.
func larger(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

// best returns the entry that its neighbours agree with best, for the noise eta of f, of those that quotients at finer steps are
// consistent with if they have no more than the noise slack.
func (x *extrapolation) best(eta, slack float64) (value, err float64) {
	value, err = math.NaN(), math.Inf(1)
	for j, row := range x.rows {
		for k := 0; k+1 < len(row); k++ {
			r := row[k]
			e := math.Abs(r - row[k+1])
			if k > 0 {
				e = larger(e, math.Abs(r-row[k-1]))
			}
			if j > 0 {
				e = larger(e, math.Abs(r-x.rows[j-1][k+1]))
			}
			e += eta * x.gain[j] * x.unit[k]
			if e < err && x.consistent(k, r, e, slack) {
				value, err = r, e
			}
		}
	}
	return value, err
}

// consistent reports whether the quotients at steps finer than step k allow the limit r.
func (x *extrapolation) consistent(k int, r, e, slack float64) bool {
	d := x.rows[0]
	curvature := 2*math.Abs(d[k]-r) + e
	for i := k + 1; i < len(d); i++ {
		if math.Abs(d[i]-r) > slack*x.unit[i]+curvature {
			return false
		}
	}
	return true
}
