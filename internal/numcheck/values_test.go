package numcheck

import (
	"bufio"
	"encoding/json"
	"math"
	"math/big"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// leaves and forms are the operations that are not functions of the language.
var (
	leaves = []*expr.Op{expr.Number, expr.Pi, expr.Size, expr.Identity, expr.Ones, expr.Zeros, expr.Unit, expr.Commutation}
	forms  = []*expr.Op{expr.Sum, expr.Product, expr.Hadamard, expr.Kronecker, expr.Transpose, expr.Power, expr.ElementPower, expr.Element}
)

func TestEveryOperationHasAValue(t *testing.T) {
	for _, list := range [][]*expr.Op{leaves, forms, expr.Functions} {
		for _, op := range list {
			if _, ok := operations[op]; !ok {
				t.Errorf("%s has no row in the table of operations", op.Name)
			}
		}
	}
}

// The values of testdata/values.jsonl were computed with numpy.
func TestValues(t *testing.T) {
	file, err := os.Open("testdata/values.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	byName := map[string]*expr.Op{}
	for _, list := range [][]*expr.Op{forms, expr.Functions} {
		for _, op := range list {
			byName[op.Name] = op
		}
	}
	tested := map[*expr.Op]bool{expr.Element: true} // in TestLeavesAndElements
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Op    string
			Args  []json.RawMessage
			Value [][]float64
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		b, env := expr.NewBuilder(), Env{Values: map[string]*mat.Dense{}}
		var args []*expr.Node
		for i, raw := range row.Args {
			var number float64
			if json.Unmarshal(raw, &number) == nil {
				args = append(args, b.Number(new(big.Rat).SetFloat64(number)))
				continue
			}
			var entries [][]float64
			if err := json.Unmarshal(raw, &entries); err != nil {
				t.Fatal(err)
			}
			m := denseOf(entries)
			name := string(rune('A' + i))
			env.Values[name] = m
			r, c := m.Dims()
			args = append(args, b.Variable(name, expr.Shape{Rows: expr.Fixed(r), Cols: expr.Fixed(c)}, 0))
		}
		op := byName[row.Op]
		tested[op] = true
		got, err := Eval(b.New(op, args...), env)
		if err != nil {
			t.Errorf("%s: %v", row.Op, err)
			continue
		}
		want := denseOf(row.Value)
		if !mat.EqualApprox(got, want, 1e-11*math.Max(1, mat.Norm(want, 1))) {
			t.Errorf("%s%s =\n%v\nwant\n%v", row.Op, row.Args, mat.Formatted(got), mat.Formatted(want))
		}
	}
	for name, op := range byName {
		if !tested[op] {
			t.Errorf("no value of %s is tested", name)
		}
	}
}

func denseOf(entries [][]float64) *mat.Dense {
	m := mat.NewDense(len(entries), len(entries[0]), nil)
	for i, row := range entries {
		m.SetRow(i, row)
	}
	return m
}

func TestLeavesAndElements(t *testing.T) {
	b := expr.NewBuilder()
	m, n := expr.Named("m"), expr.Named("n")
	a := b.Variable("A", expr.Shape{Rows: m, Cols: n}, 0)
	env := Env{
		Sizes:  map[string]int{"m": 2, "n": 3},
		Values: map[string]*mat.Dense{"A": mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})},
	}
	for _, c := range []struct {
		n    *expr.Node
		want *mat.Dense
	}{
		{b.SizeOf(m.Times(n)), mat.NewDense(1, 1, []float64{6})},
		{b.Sized(expr.Pi, expr.Scalar), mat.NewDense(1, 1, []float64{math.Pi})},
		{b.Sized(expr.Identity, expr.Square(m)), mat.NewDense(2, 2, []float64{1, 0, 0, 1})},
		{b.Sized(expr.Ones, expr.Vector(m)), mat.NewDense(2, 1, []float64{1, 1})},
		{b.Sized(expr.Zeros, expr.Vector(m)), mat.NewDense(2, 1, nil)},
		{b.Sized(expr.Unit, a.Shape, b.Int(2), b.Int(1)), mat.NewDense(2, 3, []float64{0, 0, 0, 1, 0, 0})},
		{b.New(expr.Element, a, b.Int(2), b.Int(3)), mat.NewDense(1, 1, []float64{6})},
		{b.New(expr.Product, b.Commutation(m, n), b.New(expr.Vec, a)), mat.NewDense(6, 1, []float64{1, 2, 3, 4, 5, 6})},
	} {
		got, err := Eval(c.n, env)
		if err != nil || !mat.Equal(got, c.want) {
			t.Errorf("%s: %v %v, not %v", c.n.Op.Name, got, err, c.want)
		}
	}
	x := b.Variable("A", a.Shape, 0)
	square := b.New(expr.Total, b.New(expr.Hadamard, x, x))
	if got, err := Eval(b.Sized(expr.Gradient, a.Shape, square, x), env); err != nil || !mat.EqualApprox(got, mat.NewDense(2, 3, []float64{2, 4, 6, 8, 10, 12}), 1e-11) {
		t.Errorf("a gradient: %v %v", got, err)
	}
	outsiders := []*expr.Node{
		b.New(expr.Log, b.Int(-1)), b.New(expr.Element, a, b.Int(3), b.Int(1)),
		b.New(expr.LogDet, b.New(expr.Product, a, b.New(expr.Transpose, a), b.Int(-1), b.Sized(expr.Unit, expr.Square(m), b.Int(1), b.Int(1)))),
	}
	for _, n := range outsiders {
		if got, err := Eval(n, env); err != nil || !math.IsNaN(got.At(0, 0)) {
			t.Errorf("%s outside its domain: %v %v", n.Op.Name, got, err)
		}
	}
	if _, err := Eval(a, Env{Sizes: env.Sizes}); err == nil {
		t.Error("a variable without a value is evaluated")
	}
}

// A function of a rule file is evaluated by its body, at the shape of the call.
func TestUserFunction(t *testing.T) {
	b := expr.NewBuilder()
	shape := expr.Shape{Rows: expr.Named("p"), Cols: expr.Named("q")}
	x := b.Variable("X", shape, 0)
	swish := &expr.Op{Name: "swish", In: []expr.Shape{shape}, Out: shape, Params: []*expr.Node{x},
		Body: b.New(expr.Sum, b.New(expr.Hadamard, x, b.New(expr.Sigmoid, x)), b.Sized(expr.Zeros, shape))}
	a := b.Variable("X", expr.Shape{Rows: expr.Named("m"), Cols: expr.Named("n")}, 0)
	f := b.New(expr.Total, b.New(swish, a))
	s := b.New(expr.Sigmoid, a)
	right := b.New(expr.Sum, s, b.New(expr.Hadamard, a, s, b.New(expr.Sum, b.Int(1), b.New(expr.Product, b.Int(-1), s))))
	if r, err := Verify(f, a, right, Options{}); err != nil || r.Verdict != Holds {
		t.Errorf("the gradient of swish: %+v %v", r, err)
	}
	if r, err := Verify(f, a, s, Options{}); err != nil || r.Verdict != Fails {
		t.Errorf("a wrong gradient of swish: %+v %v", r, err)
	}
	nameless := &expr.Op{Name: "nameless", In: []expr.Shape{shape}, Out: shape}
	if _, err := Eval(b.New(nameless, a), Env{Sizes: map[string]int{"m": 1, "n": 1}}); err == nil {
		t.Error("a function without a body is evaluated")
	}
}
