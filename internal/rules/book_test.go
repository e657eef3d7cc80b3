package rules

import (
	"fmt"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/simplify"
)

// inCode lists the operations whose differential is code, and where; all others have a line in the book.
var inCode = map[*expr.Op]string{
	expr.Vec:   "adjoint.go: its adjoint, unvec, is no function of the language",
	expr.DExpm: "adjoint.go: linear in E; its derivative by A is not known in closed form",
	expr.DLogm: "adjoint.go: linear in E; its derivative by A is not known in closed form",
}

// Every function of the language has a line in the book or is said to be code, and not both.
func TestBookIsComplete(t *testing.T) {
	book := Standard()
	for _, op := range append([]*expr.Op{expr.Sum, expr.Product, expr.Hadamard, expr.Kronecker, expr.Transpose, expr.Power, expr.ElementPower}, expr.Functions...) {
		line := book.lookup("d", op) != nil || book.lookup("adj", op) != nil
		if _, code := inCode[op]; line == code {
			t.Errorf("%s: has a line: %t, is code: %t; add a line to book.rules or a reason to inCode", op.Name, line, code)
		}
	}
}

// Every line parses, says why it holds, and belongs to an operation.
func TestBookLinesAreStated(t *testing.T) {
	for _, r := range Standard().Rules() {
		line, err := r.parse()
		if err != nil {
			t.Errorf("%s: %v", r.Place(), err)
			continue
		}
		if line.Comment == "" {
			t.Errorf("%s: no reason after #", r.Place())
		}
	}
}

// example is a rule applied to variables of one set of shapes.
type example struct {
	rule  *Rule
	name  string
	b     *expr.Builder
	op    *expr.Op
	value *Node   // f(X)
	args  []*Node // X
	right *Node   // what the rule says, with dX for the differentials (d) or G for the cotangent (adj)
	bind  map[string]*Node
}

// arguments gives the argument shapes on which a rule is tried: tall, wide and square where it allows them. The numbers
// are small enough for spectra to be separated and large enough for no identity to hold by chance.
func arguments(r *Rule) [][]expr.Shape {
	s := func(m, n int) expr.Shape { return expr.Shape{Rows: expr.Fixed(m), Cols: expr.Fixed(n)} }
	tall, wide, square := s(4, 3), s(3, 4), s(3, 3)
	switch r.Name {
	case "+", ".*":
		return [][]expr.Shape{{tall, tall}, {wide, wide}, {square, square}}
	case "*":
		return [][]expr.Shape{{tall, wide}, {wide, tall}, {square, square}}
	case "nuclear": // holds for wide matrices too, but there X'*X is singular and its root too noisy to tell
		return [][]expr.Shape{{tall}, {square}, {s(5, 2)}}
	case "kron":
		return [][]expr.Shape{{s(3, 2), s(2, 3)}, {s(2, 3), s(2, 2)}, {s(2, 2), s(3, 2)}}
	case "^":
		return [][]expr.Shape{{expr.Scalar, expr.Scalar}}
	case ".^":
		return [][]expr.Shape{{tall, expr.Scalar}, {wide, expr.Scalar}, {square, expr.Scalar}}
	case "sylvester":
		return [][]expr.Shape{{s(3, 3), s(2, 2), s(3, 2)}, {s(2, 2), s(3, 3), s(2, 3)}}
	case "'":
		return [][]expr.Shape{{tall}, {wide}, {square}}
	}
	op := operation(r)
	switch in := op.In[0]; {
	case in.Cols == expr.One:
		return [][]expr.Shape{{s(3, 1)}, {s(4, 1)}}
	case in.IsSquare():
		return [][]expr.Shape{{square}, {s(4, 4)}}
	}
	return [][]expr.Shape{{tall}, {wide}, {square}, {s(4, 1)}, {s(1, 4)}}
}

func operation(r *Rule) *expr.Op {
	for _, op := range append([]*expr.Op{expr.Sum, expr.Product, expr.Hadamard, expr.Kronecker, expr.Transpose, expr.Power, expr.ElementPower}, expr.Functions...) {
		if op.Name == r.Name {
			return op
		}
	}
	return nil
}

// properties keep the arguments of a rule inside its domain.
func properties(r *Rule) expr.Props {
	switch r.Name {
	case "log", "sqrt", "^", ".^":
		return expr.Positive
	case "logdet":
		return expr.PosDef | expr.Symmetric
	case "lambda_max":
		return expr.Symmetric
	}
	return 0
}

func newExample(t *testing.T, r *Rule, shapes []expr.Shape) *example {
	t.Helper()
	line, err := r.parse()
	if err != nil {
		t.Fatal(err)
	}
	e := &example{rule: r, b: expr.NewBuilder(), op: operation(r), bind: map[string]*Node{}}
	var names []string
	for i, p := range line.Params {
		x := e.b.Variable(p, shapes[i], properties(r))
		e.args = append(e.args, x)
		e.bind[p] = x
		e.bind["d"+p] = e.b.Variable("d"+p, shapes[i], properties(r)&^(expr.Positive|expr.PosDef))
		names = append(names, shapes[i].String())
	}
	e.name = fmt.Sprintf("%s %s", r.Name, strings.Join(names, " "))
	e.value = e.b.New(e.op, e.args...)
	shape := e.value.Shape
	if r.Kind == "adj" {
		e.bind["G"] = e.b.Variable("G", shape, 0)
		shape = e.args[0].Shape
	}
	if e.right, err = line.Instantiate(e.b, e.bind, shape); err != nil {
		t.Fatalf("%s at %s: %v", r.Place(), e.name, err)
	}
	return e
}

// verdict decides numerically whether the rule with a given right side holds, for every argument that moves alone.
func (e *example) verdict(t *testing.T, right *Node) (numcheck.Verdict, []string) {
	t.Helper()
	line, _ := e.rule.parse()
	for i, p := range line.Params {
		x, dx := e.args[i], e.bind["d"+p]
		left := e.b.Sized(expr.Differential, e.value.Shape, e.value, x, dx)
		claim := right
		if e.rule.Kind == "adj" {
			// <G, f(dX)> = <adj f(G), dX>
			inner := func(a, b *Node) *Node { return e.b.New(expr.Total, e.b.New(expr.Hadamard, a, b)) }
			left, claim = inner(e.bind["G"], left), inner(right, dx)
		} else {
			still := map[*Node]*Node{}
			for j, q := range line.Params {
				if j != i {
					still[e.bind["d"+q]] = e.b.Sized(expr.Zeros, e.args[j].Shape)
				}
			}
			claim = e.b.Substitute(right, still)
		}
		report, err := numcheck.Equal(left, claim, numcheck.Options{Seed: 1})
		if err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		if report.Verdict != numcheck.Holds {
			return report.Verdict, report.Reasons
		}
	}
	return numcheck.Holds, nil
}

// Every line holds for every argument at tall, wide and square shapes.
func TestBookHolds(t *testing.T) {
	for _, r := range Standard().Rules() {
		for _, shapes := range arguments(r) {
			e := newExample(t, r, shapes)
			if v, reasons := e.verdict(t, e.right); v != numcheck.Holds {
				t.Errorf("%s: %s %v: %s %v", r.Place(), e.name, v, r.Text, reasons)
			}
		}
	}
}

// mutant is a rule's name and the place of a mutation in its line.
type mutant struct {
	rule  string
	place int
}

// equalMutants are the mutations that leave a rule true, each with its reason.
var equalMutants = map[mutant]string{
	{"sign", 0}: "minus zero is zero",
	{"step", 0}: "minus zero is zero",
}

// A line with a sign turned or a transpose dropped fails at some shape.
func TestMutatedBookFails(t *testing.T) {
	caught, total := 0, 0
	for _, r := range Standard().Rules() {
		alive := map[int]string{}
		dead := map[int]bool{}
		for _, shapes := range arguments(r) {
			e := newExample(t, r, shapes)
			for i, m := range mutants(e.b, e.right) {
				if dead[i] {
					continue
				}
				// A mutant that has no value anywhere does not hold either.
				if m != nil {
					if v, _ := e.verdict(t, m); v == numcheck.Holds {
						alive[i] = e.name
						continue
					}
				}
				dead[i] = true
				delete(alive, i)
			}
		}
		total += len(dead) + len(alive)
		caught += len(dead)
		for i, name := range alive {
			if reason := equalMutants[mutant{r.Name, i}]; reason == "" {
				t.Errorf("%s: mutant %d of %s still holds at all shapes (last %s)", r.Place(), i, r.Text, name)
			}
		}
	}
	t.Logf("%d of %d mutants caught", caught, total)
}

// mutants lists n with one node changed: a term with its sign turned, or a transpose dropped. One whose shapes do not
// conform is nil: the shape checker catches that.
func mutants(b *expr.Builder, n *Node) []*Node {
	var out []*Node
	expr.Walk(n, func(m *Node) {
		to := func(c *Node) {
			if c.Shape != m.Shape {
				out = append(out, nil)
				return
			}
			out = append(out, b.Substitute(n, map[*Node]*Node{m: c}))
		}
		switch m.Op {
		case expr.Transpose:
			to(m.Args[0])
		case expr.Sum:
			for i, t := range m.Args {
				args := append([]*Node{}, m.Args...)
				args[i] = b.New(expr.Product, b.Int(-1), t)
				to(b.New(expr.Sum, args...))
			}
		}
	})
	return append(out, b.New(expr.Product, b.Int(-1), n))
}

// The reverse sweep through one line gives what the line says: <G, f'(dX)> = <gradient, dX>.
func TestSweepAgreesWithFiniteDifferences(t *testing.T) {
	for _, r := range Standard().Rules() {
		for _, shapes := range arguments(r) {
			e := newExample(t, r, shapes)
			a := simplify.New(e.b)
			g := e.b.Variable("G", e.value.Shape, 0)
			f := e.b.New(expr.Total, e.b.New(expr.Hadamard, g, e.value))
			gradients, err := Standard().Gradient(a, f, e.args)
			if err != nil {
				t.Errorf("%s: %v", e.name, err)
				continue
			}
			for i, x := range e.args {
				report, err := numcheck.Verify(f, x, gradients[i], numcheck.Options{Seed: 1})
				if err != nil || report.Verdict != numcheck.Holds {
					t.Errorf("%s by argument %d: %v %v %v", e.name, i, report.Verdict, report.Reasons, err)
				}
			}
		}
	}
}
