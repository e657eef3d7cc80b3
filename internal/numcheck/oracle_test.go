package numcheck

import (
	"math"
	"math/rand/v2"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// hard functions of one variable with their derivatives, and where they are tried.
var hard = []struct {
	f          func(x float64) float64
	derivative func(x float64) float64
	low, high  float64
	name       string
}{
	{func(x float64) float64 { return math.Sin(1000 * x) }, func(x float64) float64 { return 1000 * math.Cos(1000*x) }, -3, 3, "sin(1000x)"},
	{func(x float64) float64 { return math.Exp(-1000 * x * x) }, func(x float64) float64 { return -2000 * x * math.Exp(-1000*x*x) }, -0.1, 0.1, "exp(-1000x²)"},
	{func(x float64) float64 { return 1 / x }, func(x float64) float64 { return -1 / (x * x) }, -0.01, 0.01, "1/x"},
	{func(x float64) float64 { return 1 / (x - 1) }, func(x float64) float64 { return -1 / ((x - 1) * (x - 1)) }, 0.99, 1.01, "1/(x-1)"},
	{func(x float64) float64 { return math.Abs(x - 1) }, func(x float64) float64 { return sign(x - 1) }, 0.99, 1.01, "|x-1|"},
	{func(x float64) float64 { return 1e6 + x*x }, func(x float64) float64 { return 2 * x }, -1, 1, "1e6 + x²"},
	{func(x float64) float64 { return 1e-12 * x * x * x }, func(x float64) float64 { return 3e-12 * x * x }, -1, 1, "1e-12·x³"},
	{func(x float64) float64 { return math.Pow(x, 8) }, func(x float64) float64 { return 8 * math.Pow(x, 7) }, -3, 3, "x⁸"},
	{func(x float64) float64 { return logarithm(x) }, func(x float64) float64 { return 1 / x }, 0.0001, 0.1, "log(x)"},
	{softplus, sigmoid, -30, 30, "softplus"},
}

// TestOracle holds the error estimates against true errors: never beyond the caution with which they are used.
func TestOracle(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, h := range hard {
		useless := 0
		for range 300 {
			at := h.low + (h.high-h.low)*random.Float64()
			x := &cell{node: &expr.Node{Op: expr.Variable}}
			x.allocate(1, 1)
			x.val[0] = at
			f := &cell{node: &expr.Node{Op: expr.Variable}}
			f.allocate(1, 1)
			f.eval = func() { f.val[0] = h.f(x.val[0]) }
			f.eval()
			// The bound of one rounding of x and of f.
			f.bound[0] = math.Abs(f.val[0]) + sensitivity(h.f, at, math.Abs(at))
			m := motion{cells: []*cell{f}}
			m.add(x, []float64{1})
			s := measurer{machine: newMachine(standardSteps), steps: standardSteps, bounds: 1, out: f}
			e := s.along(&m)
			want := h.derivative(at)
			if !(e.err[0] <= 1e-6*math.Abs(want)) || e.kink {
				useless++
			} else if math.Abs(e.val[0]-want) > caution*e.err[0]+1e-13*math.Abs(want) {
				t.Errorf("%s at %v: %v ± %v, not %v", h.name, at, e.val[0], e.err[0], want)
			}
			if x.val[0] != at {
				t.Fatalf("%s: the variable moved from %v to %v", h.name, at, x.val[0])
			}
		}
		if useless > 15 {
			t.Errorf("%s: %d of 300 estimates tell nothing", h.name, useless)
		}
	}
}

func TestKink(t *testing.T) {
	for _, at := range []float64{0, 1, -2.5} {
		x := &cell{node: &expr.Node{Op: expr.Variable}}
		x.allocate(1, 1)
		x.val[0] = at
		f := &cell{node: &expr.Node{Op: expr.Variable}}
		f.allocate(1, 1)
		f.eval = func() { f.val[0] = 3 + math.Abs(x.val[0]) }
		f.eval()
		f.bound[0] = 3 + math.Abs(at)
		m := motion{cells: []*cell{f}}
		m.add(x, []float64{1})
		s := measurer{machine: newMachine(standardSteps), steps: standardSteps, bounds: 1, out: f}
		if e := s.along(&m); e.kink != (at == 0) {
			t.Errorf("|x| at %v: kink %v", at, e.kink)
		}
	}
}

// TestKinkNextToPoint: where rounding errors are bounded by much more than they are, a slope beyond the kink is not taken for the
// one at the point.
func TestKinkNextToPoint(t *testing.T) {
	for _, slope := range []float64{1e-11, 1e-10, 1e-9, 1e-8, 1e-6, 1e-3, 1} {
		for _, distance := range []float64{branchMargin, 1e-4, 1e-3, 1e-2, 0.1} {
			for _, bound := range []float64{1, 100, 1e4, 1e6} {
				x := &cell{node: &expr.Node{Op: expr.Variable}}
				x.allocate(2, 1)
				x.val[0], x.val[1] = distance, 1
				f := &cell{node: &expr.Node{Op: expr.Abs}, args: []*cell{x}}
				f.allocate(1, 1)
				f.eval = func() { f.val[0] = 1 + slope*math.Abs(x.val[0]) }
				f.eval()
				f.bound[0] = bound
				m := motion{cells: []*cell{f}}
				m.add(x, []float64{1, 0})
				for _, steps := range []steps{standardSteps, confirmSteps, quickSteps} {
					s := measurer{machine: newMachine(steps), steps: steps, bounds: 1, out: f}
					if e := s.along(&m); !(e.kink && distance == branchMargin) && math.Abs(e.val[0]-slope) > caution*e.err[0] {
						t.Errorf("slope %v, kink at %v, bound %v: %v ± %v", slope, distance, bound, e.val[0], e.err[0])
					}
				}
			}
		}
	}
}

// TestSampling draws every kind of declared variable at many points.
func TestSampling(t *testing.T) {
	declared := []string{"S: n×n symmetric", "K: n×n skew", "D: n×n diagonal", "P: n×n posdef", "Q: n×n orthogonal",
		"L: n×n lower", "U: n×n upper", "B: m×k positive", "F: 3×k", "s: scalar"}
	q, err := parser.ParseEquation(expr.NewBuilder(), "tr(S*K*D*P*Q*L*U) + sum(B) + s + sum(F) + F[i,j] = 0", parser.Options{Declarations: declared})
	if err != nil {
		t.Fatal(err)
	}
	k, err := newQuestion(standardSteps, q.Left, q.Right, Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.chooseSizes(); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		if err := k.sampler.draw(); err != nil {
			t.Fatal(err)
		}
		k.sampler.judged(false)
		sizes := map[int]bool{}
		for name, n := range k.machine.sizes {
			if n < 3 || n > 7 {
				t.Errorf("sizes %v: %s", k.machine.sizes, name)
			}
			sizes[n] = true
		}
		if want := len(k.machine.sizes); len(sizes) != want && !(k.sampler.areEqual() && len(sizes) == 1) {
			t.Errorf("sizes %v are neither all different nor the same", k.machine.sizes)
		}
		checkStructure(t, k.machine)
		k.sampler.jitter()
		checkStructure(t, k.machine)
	}
}

func checkStructure(t *testing.T, m *machine) {
	for _, v := range m.variables {
		p, n := v.node.Props, v.cols
		if p.Has(expr.Orthogonal) {
			for a := range n {
				for b := range n {
					dot := 0.0
					for i := range n {
						dot += v.val[i*n+a] * v.val[i*n+b]
					}
					if a == b {
						dot--
					}
					if math.Abs(dot) > 1e-14 {
						t.Errorf("orthogonal: columns %d and %d", a, b)
					}
				}
			}
			continue
		}
		for i := range v.rows {
			for j := range n {
				x := v.val[i*n+j]
				bad := p.Has(expr.Diagonal) && i != j && x != 0 || p.Has(expr.Lower) && j > i && x != 0 || p.Has(expr.Upper) && j < i && x != 0 ||
					p.Has(expr.Positive) && !(x > 0) || p.Has(expr.Index) && (x != math.Trunc(x) || x < 1 || x > 7) ||
					p.Has(expr.Skew) && x != -v.val[j*n+i] || p&(expr.Symmetric|expr.PosDef) != 0 && x != v.val[j*n+i]
				if bad {
					t.Errorf("%s %s: entry %d,%d is %v", v.node.Name, p, i+1, j+1, x)
				}
			}
		}
		if p.Has(expr.PosDef) {
			f := newInverter(n)
			if sign, _ := f.factorise(v.val); sign <= 0 {
				t.Errorf("%s is not positive definite", v.node.Name)
			}
		}
		if p.Has(expr.Index) && v.node.Name == "i" && v.val[0] > 3 {
			t.Errorf("row %v of 3", v.val[0])
		}
	}
}

// TestMotion: variables stay in their space, and come back exactly.
func TestMotion(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for _, p := range []expr.Props{0, expr.Symmetric, expr.Skew, expr.Diagonal, expr.Lower, expr.Upper, expr.Orthogonal} {
		n := 4
		b := expr.NewBuilder()
		m := newMachine(standardSteps)
		x := m.variable(b.Variable("X", expr.Square(expr.Fixed(n)), p), expr.Square(expr.Fixed(n)))
		x.allocate(n, n)
		s := &sampler{machine: m, random: random, scale: 1}
		s.fill(x)
		start := append([]float64(nil), x.val...)
		v := make([]float64, n*n)
		for i := range v {
			v[i] = random.NormFloat64()
		}
		project(x, v)
		again := append([]float64(nil), v...)
		project(x, again)
		for i := range v {
			if math.Abs(v[i]-again[i]) > 1e-14 {
				t.Errorf("%s: the projection is none", p)
			}
		}
		var move motion
		move.add(x, v)
		const h = 1e-4
		move.to(h)
		checkStructure(t, m)
		for i := range v {
			if speed := (x.val[i] - start[i]) / h; math.Abs(speed-v[i]) > 1e-3 {
				t.Errorf("%s: entry %d moves at %v, not %v", p, i, speed, v[i])
			}
		}
		move.to(0)
		for i := range v {
			if x.val[i] != start[i] {
				t.Errorf("%s: entry %d does not come back", p, i)
			}
		}
	}
}
