package index

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// evaluator evaluates expressions in entries at one point.
type evaluator struct {
	b     *expr.Builder
	env   numcheck.Env
	bases map[*Node]*mat.Dense
	at    map[string]int // the letters' values
	sums  map[*Expr]*knownSum
}

// knownSum holds the values that a sum has had.
type knownSum struct {
	free   []string // letters on which they depend
	values map[string][2]float64
}

func newEvaluator(b *expr.Builder, env numcheck.Env) *evaluator {
	return &evaluator{b, env, map[*Node]*mat.Dense{}, map[string]int{}, map[*Expr]*knownSum{}}
}

// inwards returns an expression of the value of e in which what does not depend on the index of a sum stands before it:
// a sum of k indices takes n^k steps as it is printed, and about n^3 for each index this way.
func inwards(e *Expr) *Expr {
	copied := *e
	copied.Args = make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		copied.Args[i] = inwards(a)
	}
	if e.Kind != Sum || copied.Args[0].Kind != Times {
		return &copied
	}
	var with, without []*Expr
	for _, f := range copied.Args[0].Args {
		if slices.Contains(free(f), e.Row.Name) {
			with = append(with, f)
		} else {
			without = append(without, f)
		}
	}
	return product(append(without, &Expr{Kind: Sum, Row: e.Row, Args: []*Expr{product(with)}}))
}

// free lists the letters in e that no sum in it binds, sorted.
func free(e *Expr) []string {
	var list []string
	for _, i := range []Index{e.Row, e.Col} {
		if i.isLetter() && e.Kind != Sum {
			list = append(list, i.Name)
		}
	}
	for _, a := range e.Args {
		for _, name := range free(a) {
			if e.Kind != Sum || name != e.Row.Name {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// sum returns the value of a Sum, and its bound; it adds up once for each value of the letters that are free in it.
func (v *evaluator) sum(e *Expr) (value, bound float64, err error) {
	known := v.sums[e]
	if known == nil {
		known = &knownSum{free(e), map[string][2]float64{}}
		v.sums[e] = known
	}
	key := make([]byte, 0, 2*len(known.free))
	for _, name := range known.free {
		key = strconv.AppendInt(append(key, ' '), int64(v.at[name]), 10)
	}
	if r, ok := known.values[string(key)]; ok {
		return r[0], r[1], nil
	}
	size, ok := e.Row.Dim.Value(v.env.Sizes)
	if !ok {
		return 0, 0, fmt.Errorf("no size for %s", e.Row.Dim)
	}
	for i := 1; i <= size; i++ {
		v.at[e.Row.Name] = i
		x, b, err := v.value(e.Args[0])
		if err != nil {
			return 0, 0, err
		}
		value, bound = value+x, bound+b
	}
	known.values[string(key)] = [2]float64{value, bound}
	return value, bound, nil
}

// value returns the value of e, and a bound of the magnitudes that were added up for it.
func (v *evaluator) value(e *Expr) (value, bound float64, err error) {
	switch e.Kind {
	case Number:
		value, _ = e.Number.Float64()
		return value, math.Abs(value), nil
	case Symbol, Entry:
		m, err := v.base(e.Base)
		if err != nil {
			return 0, 0, err
		}
		i, j := 1, 1
		if e.Kind == Entry {
			i, j = v.place(e.Row), v.place(e.Col)
		}
		if r, c := m.Dims(); i < 1 || j < 1 || i > r || j > c {
			return 0, 0, fmt.Errorf("entry %d,%d of a %d×%d matrix", i, j, r, c)
		}
		value = m.At(i-1, j-1)
		return value, math.Abs(value), nil
	case Delta:
		if v.place(e.Row) == v.place(e.Col) {
			value = 1
		}
		return value, value, nil
	case Sum:
		return v.sum(e)
	}
	values, bounds := make([]float64, len(e.Args)), make([]float64, len(e.Args))
	for i, a := range e.Args {
		if values[i], bounds[i], err = v.value(a); err != nil {
			return 0, 0, err
		}
	}
	switch e.Kind {
	case Plus:
		for i := range values {
			value, bound = value+values[i], bound+bounds[i]
		}
	case Times:
		value, bound = 1, 1
		for i := range values {
			value, bound = value*values[i], bound*bounds[i]
		}
	case Power:
		value = math.Pow(values[0], values[1])
		bound = math.Abs(value) + math.Abs(values[1])*math.Abs(math.Pow(values[0], values[1]-1))*bounds[0]
	case Function:
		x := v.b.Variable("\x00x", expr.Scalar, 0)
		y, err := numcheck.Eval(v.b.New(e.Base.Op, x), numcheck.Env{Values: map[string]*mat.Dense{x.Name: mat.NewDense(1, 1, values)}})
		if err != nil {
			return 0, 0, err
		}
		value = y.At(0, 0)
		bound = (1 + math.Abs(value)) * (1 + bounds[0])
	}
	return value, bound, nil
}

func (v *evaluator) base(n *Node) (*mat.Dense, error) {
	if m, ok := v.bases[n]; ok {
		return m, nil
	}
	m, err := numcheck.Eval(n, v.env)
	v.bases[n] = m
	return m, err
}

func (v *evaluator) place(i Index) int {
	if !i.isLetter() {
		return i.Number
	}
	if given, ok := v.env.Values[i.Name]; ok { // an index of the user's
		return int(given.At(0, 0))
	}
	return v.at[i.Name]
}

// Difference is the error for two forms of one value that differ at a point.
type Difference struct{ Left, Right float64 }

func (d *Difference) Error() string {
	return fmt.Sprintf("the forms have the values %.8g and %.8g", d.Left, d.Right)
}

const (
	points    = 4
	tolerance = 1e-8 // of what was added up
)

// agree compares forms of one value at random points, for random values of the letters that are free in them. n names the variables
// and sizes that are drawn. Undecided says that no point was in the domain.
func agree(b *expr.Builder, n *Node, letters []Index, o numcheck.Options, forms ...*Expr) (undecided bool, err error) {
	envs, err := numcheck.Points(n, points, o)
	if err != nil || len(envs) == 0 {
		return true, err
	}
	pushed := make([]*Expr, len(forms))
	for i, e := range forms {
		pushed[i] = inwards(e)
	}
	decided := false
	for k, env := range envs {
		v := newEvaluator(b, env)
		for t, i := range letters {
			size, _ := i.Dim.Value(env.Sizes)
			if size > 0 {
				v.at[i.Name] = 1 + (3*k+2*t+1)%size
			}
		}
		first, bound, err := v.value(pushed[0])
		if err != nil {
			return true, err
		}
		for _, e := range pushed[1:] {
			x, m, err := v.value(e)
			if err != nil {
				return true, err
			}
			if difference := math.Abs(x - first); difference > tolerance*math.Max(bound, m) {
				return false, &Difference{first, x}
			} else if !math.IsNaN(difference) && !math.IsInf(difference, 0) {
				decided = true
			}
		}
	}
	return !decided, nil
}

// Verify compares e, entry row, col of f, with the value of f.
func Verify(b *expr.Builder, f *Node, row, col Index, e *Expr, o numcheck.Options) (undecided bool, err error) {
	return agree(b, f, summed(row, col), o, e, entry(f, row, col))
}
