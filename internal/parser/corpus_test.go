package parser

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"matdiff/internal/expr"
)

// lines reads a file of JSON lines.
func lines[T any](t testing.TB, path string) (out []T) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, v)
	}
	return out
}

type corpusCase struct {
	ID, Kind, Expr, Wrt, Want string
	Alt                       []string
	Declare                   []string
	Shapes                    map[string][2]any
}

// TestCorpus infers the shapes of every expression of the corpora. Which dimensions are 1 has to agree with the
// corpus, and what inference finds equal has to be equal there; the corpus may be more special.
func TestCorpus(t *testing.T) {
	for _, file := range []string{"seeds", "literature"} {
		for _, c := range lines[corpusCase](t, "../../testdata/corpus/"+file+".jsonl") {
			t.Run(c.ID, func(t *testing.T) {
				o := Options{Declarations: c.Declare, Wrt: []string{c.Wrt}, Scalar: c.Kind == "grad"}
				got, err := Expression(expr.NewBuilder(), c.Expr, o)
				if err != nil {
					t.Fatalf("%s: %v", c.Expr, describe(err))
				}
				checkConsistent(t, got.Expr)
				size := map[string]any{}
				for name, want := range c.Shapes {
					v := got.Names[name]
					if v == nil {
						t.Fatalf("%s: no variable %s", c.Expr, name)
					}
					for i, d := range [2]expr.Dim{v.Shape.Rows, v.Shape.Cols} {
						if (want[i] == 1.0) != (d == expr.One) {
							t.Errorf("%s: %s is %s, want %v", c.Expr, name, v.Shape, want)
						}
						if before, ok := size[d.String()]; ok && before != want[i] {
							t.Errorf("%s: %s is %s in %s, but %v in the corpus", c.Expr, d, before, name, want[i])
						}
						size[d.String()] = want[i]
					}
				}
				for _, result := range append(c.Alt, c.Want) {
					declare := c.Declare
					for name, shape := range c.Shapes {
						if _, declared := got.Names[name]; declared && !mentions(declare, name) {
							declare = append(declare, name+": "+dimText(shape[0])+"×"+dimText(shape[1]))
						}
					}
					if _, err := Expression(expr.NewBuilder(), result, Options{Declarations: declare}); err != nil {
						t.Errorf("%s: %v", result, describe(err))
					}
				}
			})
		}
	}
}

func mentions(declarations []string, name string) bool {
	for _, d := range declarations {
		if len(d) > len(name) && d[:len(name)] == name {
			return true
		}
	}
	return false
}

func dimText(v any) string {
	s, _ := json.Marshal(v)
	if v, ok := v.(string); ok {
		return v
	}
	return string(s)
}

type claim struct {
	ID, Equation string
	Declare      []string
	Holds        bool
	Mismatch     *bool `json:"shape_mismatch"`
}

func TestClaims(t *testing.T) {
	for _, file := range []string{"right", "wrong"} {
		for _, c := range lines[claim](t, "../../testdata/claims/"+file+".jsonl") {
			t.Run(c.ID, func(t *testing.T) {
				eq, err := ParseEquation(expr.NewBuilder(), c.Equation, Options{Declarations: c.Declare})
				if err != nil {
					t.Fatalf("%s: %v", c.Equation, describe(err))
				}
				checkConsistent(t, eq.Left)
				checkConsistent(t, eq.Right)
				if same := eq.Left.Shape == eq.Right.Shape; c.Mismatch != nil && same == *c.Mismatch {
					t.Errorf("%s: %s = %s, mismatch in the corpus: %v", c.Equation, eq.Left.Shape, eq.Right.Shape, *c.Mismatch)
				}
			})
		}
	}
}

// checkConsistent compares the shapes that the builder derives with the demands of each operation.
func checkConsistent(t *testing.T, n *expr.Node) {
	t.Helper()
	expr.Walk(n, func(n *expr.Node) {
		switch n.Op {
		case expr.Sum, expr.Hadamard, expr.ElementPower:
			for _, a := range n.Args {
				if !a.Shape.IsScalar() && a.Shape != n.Shape {
					t.Errorf("%s of %s and %s", n.Op.Name, n.Shape, a.Shape)
				}
			}
		case expr.Product:
			s := n.Args[0].Shape
			for _, a := range n.Args[1:] {
				switch {
				case s.IsScalar():
					s = a.Shape
				case a.Shape.IsScalar():
				case s.Cols != a.Shape.Rows:
					t.Errorf("product of %s and %s", s, a.Shape)
				default:
					s = expr.Shape{Rows: s.Rows, Cols: a.Shape.Cols}
				}
			}
		case expr.Power:
			if !n.Shape.IsSquare() {
				t.Errorf("power of %s", n.Shape)
			}
		}
	})
}

// describe writes all of a diagnostic.
func describe(err error) string {
	d, ok := err.(*Diagnostic)
	if !ok {
		return err.Error()
	}
	out := d.Code + ": " + d.Message
	for _, f := range d.Facts {
		out += "\n  " + f
	}
	if d.Hint != "" {
		out += "\n  hint: " + d.Hint
	}
	return out
}
