//go:build interop

package codegen_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/plan"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// interopCase is a function whose generated code is run: an expression and its derivative.
type interopCase struct {
	id, text, by string

	purpose codegen.Purpose
	b       *expr.Builder
	f, x    *expr.Node
	order   []*expr.Node // the variables in the order in which they are met
	wanted  []plan.Wanted
	want    []*expr.Node // the results as numcheck measures them, derivatives as operators
	depends map[string]string
	points  []interopPoint
}

// interopPoint holds what a function is called with, and what it has to return.
type interopPoint struct {
	envs       []numcheck.Env // the point itself, then those of the stencils along each direction
	directions []*mat.Dense
	step       float64
	want       []*mat.Dense
}

// value is that of the expression; derivative is the one that it is all about.
func (p interopPoint) value() *mat.Dense      { return p.want[0] }
func (p interopPoint) derivative() *mat.Dense { return p.want[len(p.want)-1] }

// stencil is the central difference of fourth order: f'(0) = sum of weight*f(offset*h) / h.
var stencil = [...]struct{ offset, weight float64 }{{-2, 1. / 12}, {-1, -2. / 3}, {1, 2. / 3}, {2, -1. / 12}}

const (
	pointsPerCase      = 2
	directionsPerPoint = 2
)

type corpusLine struct {
	ID, Kind, Expr, Wrt string
	Declare             []string
}

func readCorpus(t testing.TB) []corpusLine {
	t.Helper()
	cases := []corpusLine{ // of operations that the corpus does not lead to
		{ID: "lyapunov-wide", Kind: "grad", Expr: "tr(A*sqrtm(X'*X))", Wrt: "X", Declare: []string{"X: 3×4"}},
		{ID: "lyapunov", Kind: "grad", Expr: "tr(A*sqrtm(X'*X))", Wrt: "X", Declare: []string{"X: 4×3"}},
		{ID: "lyapunov-hessian", Kind: "hessian", Expr: "nuclear(X)", Wrt: "X", Declare: []string{"X: 4×3"}},
	}
	for _, name := range []string{"seeds", "literature"} {
		f, err := os.Open("../../testdata/corpus/" + name + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var c corpusLine
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// derive parses the expression of a corpus line and differentiates it as the command line does.
func (c corpusLine) derive() (*interopCase, error) {
	b := expr.NewBuilder()
	if purposes[c.Kind] == "" {
		return nil, fmt.Errorf("%ss are not written as code", c.Kind)
	}
	scalar := c.Kind == "grad" || c.Kind == "hessian"
	typed, err := parser.Expression(b, c.Expr, parser.Options{Declarations: c.Declare, Wrt: []string{c.Wrt}, Scalar: scalar})
	if err != nil {
		return nil, err
	}
	f, x := typed.Expr, typed.Wrt[0]
	q := &interopCase{id: c.ID, text: c.Expr, by: c.Wrt, purpose: purposes[c.Kind], b: b, f: f, x: x, depends: typed.Depends}
	for _, name := range typed.Order {
		q.order = append(q.order, typed.Names[name])
	}
	dependents := map[*expr.Node]*expr.Node{}
	for name, on := range typed.Depends {
		dependents[typed.Names[name]] = typed.Names[on]
	}
	return q, q.differentiate(dependents)
}

var purposes = map[string]codegen.Purpose{
	"grad": codegen.Gradient, "jacobian": codegen.Jacobian, "scalar": codegen.Jacobian, "element": codegen.Jacobian,
	"hessian": codegen.Hessian,
}

func (q *interopCase) differentiate(dependents map[*expr.Node]*expr.Node) error {
	a, book := simplify.New(q.b), rules.Standard()
	add := func(name string, measured *expr.Node, forms ...*expr.Node) {
		q.wanted = append(q.wanted, plan.Wanted{Name: name, Forms: forms})
		q.want = append(q.want, measured)
	}
	normal := a.Normalize(q.f)
	add("value", q.f, q.f, normal, a.Shortest(normal))
	if q.purpose == codegen.Jacobian {
		j, err := book.Jacobian(a, q.f, q.x, dependents)
		if err != nil {
			return err
		}
		add("jacobian", q.b.Sized(expr.Jacobian, j.Shape, q.f, q.x), j, a.Shortest(j))
		return nil
	}
	g, err := book.Gradient(a, q.f, []*expr.Node{q.x})
	if err != nil {
		return err
	}
	add("grad", q.b.Sized(expr.Gradient, q.x.Shape, q.f, q.x), g[0], a.Shortest(g[0]))
	if q.purpose == codegen.Hessian {
		h, err := book.Jacobian(a, g[0], q.x, dependents)
		if err != nil {
			return err
		}
		add("hessian", q.b.Sized(expr.Jacobian, h.Shape, g[0], q.x), h, a.Shortest(h))
	}
	return nil
}

// draw finds points at which the expression and its derivative have values, also as it is derived: the determinant of a singular
// matrix has a derivative that is not det(X)*inv(X)'. Where f is smooth enough for the stencil, by the values that numcheck computes,
// the point has directions too.
func (c *interopCase) draw(seed uint64) error {
	last := len(c.want) - 1
	err := c.drawFrom(c.b.New(expr.Sum, c.want[last], c.wanted[last].Forms[0]), seed)
	if err == nil && len(c.points) == 0 { // code may be for more: a Sylvester equation of a singular matrix has no value
		err = c.drawFrom(c.want[last], seed)
	}
	// A derivative can have a larger domain than the function.
	if err == nil && len(c.points) == 0 && c.purpose == codegen.Hessian {
		err = c.drawFrom(c.f, seed)
	}
	if err == nil && len(c.points) == 0 {
		err = fmt.Errorf("no point at which it can be measured")
	}
	return err
}

// drawFrom draws the points at which n has a value.
func (c *interopCase) drawFrom(n *expr.Node, seed uint64) error {
	points, err := numcheck.Points(n, 4*pointsPerCase, numcheck.Options{Seed: seed, Depends: c.depends})
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 1))
	var rough []interopPoint
	for _, env := range points {
		p := interopPoint{envs: []numcheck.Env{env}}
		ok := true
		for _, n := range c.want {
			want, err := numcheck.Eval(n, env)
			if err != nil {
				return err
			}
			p.want = append(p.want, want)
			ok = ok && finite(want)
		}
		if !ok {
			continue
		}
		if c.addDirections(&p, random) {
			c.points = append(c.points, p)
		} else if c.isResolved(p) {
			rough = append(rough, p)
		}
		if len(c.points) == pointsPerCase {
			return nil
		}
	}
	for len(c.points) < pointsPerCase && len(rough) > 0 {
		c.points, rough = append(c.points, rough[0]), rough[1:]
	}
	return nil
}

// isResolved reports whether the derivative could be measured where no stencil confirms it: noise is no derivative.
func (c *interopCase) isResolved(p interopPoint) bool {
	derived, err := numcheck.Eval(c.wanted[len(c.wanted)-1].Forms[0], p.envs[0])
	return err == nil && near(byColumns(derived), byColumns(p.derivative()), 1e-9*(1+size(p.value())), 1e-7)
}

// addDirections gives p the directions along which finite differences of the generated function are taken. It reports
// whether the stencil resolves them.
func (c *interopCase) addDirections(p *interopPoint, random *rand.Rand) bool {
	if c.purpose == codegen.Hessian || c.x.Op != expr.Variable || c.x.Props.Has(expr.Orthogonal) || len(c.depends) > 0 {
		return false
	}
	env := p.envs[0]
	x := env.Values[c.x.Name]
	p.step = 1e-3 * mat.Norm(x, 2) / math.Sqrt(float64(len(x.RawMatrix().Data)))
	for range directionsPerPoint {
		v := direction(x, c.x.Props, random)
		var values []*mat.Dense
		for _, s := range stencil {
			var moved mat.Dense
			moved.Scale(s.offset*p.step, v)
			moved.Add(x, &moved)
			e := numcheck.Env{Sizes: env.Sizes, Values: map[string]*mat.Dense{}}
			for name, value := range env.Values {
				e.Values[name] = value
			}
			e.Values[c.x.Name] = &moved
			value, err := numcheck.Eval(c.f, e)
			if err != nil {
				return false
			}
			values = append(values, value)
			p.envs = append(p.envs, e)
		}
		p.directions = append(p.directions, v)
		measured := difference(values, p.step)
		if !near(c.along(p.derivative(), v), measured, 1e-7*(1+size(p.value())), 1e-7) {
			p.envs, p.directions = p.envs[:1], nil
			return false
		}
	}
	return true
}

// along returns the derivative d applied to the direction v, as the entries of the function's change column by column.
func (c *interopCase) along(d, v *mat.Dense) []float64 {
	switch {
	case c.purpose == codegen.Gradient:
		var product mat.Dense
		product.MulElem(d, v)
		return []float64{mat.Sum(&product)}
	case c.x.Shape.IsScalar():
		var product mat.Dense
		product.Scale(v.At(0, 0), d)
		return byColumns(&product)
	}
	entries := byColumns(v)
	var product mat.VecDense
	product.MulVec(d, mat.NewVecDense(len(entries), entries))
	return product.RawVector().Data
}

// difference is the derivative by the stencil from the values at its offsets, column by column.
func difference(values []*mat.Dense, step float64) []float64 {
	sum := make([]float64, len(values[0].RawMatrix().Data))
	for k, s := range stencil {
		for i, v := range byColumns(values[k]) {
			sum[i] += s.weight * v / step
		}
	}
	return sum
}

func byColumns(m *mat.Dense) []float64 {
	r, c := m.Dims()
	out := make([]float64, 0, r*c)
	for j := range c {
		for i := range r {
			out = append(out, m.At(i, j))
		}
	}
	return out
}

// direction returns a random direction in which a variable of these properties can move.
func direction(x *mat.Dense, props expr.Props, random *rand.Rand) *mat.Dense {
	r, c := x.Dims()
	v := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			w := random.NormFloat64()
			switch {
			case props.Has(expr.Diagonal) && i != j, props.Has(expr.Lower) && j > i, props.Has(expr.Upper) && j < i:
				w = 0
			case props.Has(expr.Skew) && i == j:
				w = 0
			case props.Has(expr.Skew) && j < i:
				w = -v.At(j, i)
			case props&(expr.Symmetric|expr.PosDef) != 0 && j < i:
				w = v.At(j, i)
			}
			v.Set(i, j, w)
		}
	}
	return v
}

// near reports whether a and b differ by no more than absolute, or relative to their largest entry.
func near(a, b []float64, absolute, relative float64) bool {
	if len(a) != len(b) {
		return false
	}
	top := 0.0
	for i := range a {
		top = max(top, math.Abs(a[i]), math.Abs(b[i]))
	}
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= max(absolute, relative*top)) {
			return false
		}
	}
	return true
}

func size(m *mat.Dense) float64 { return max(math.Abs(mat.Max(m)), math.Abs(mat.Min(m))) }

func finite(m *mat.Dense) bool {
	for _, v := range m.RawMatrix().Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
