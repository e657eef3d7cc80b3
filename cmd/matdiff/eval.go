package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// evaluation is one run of eval.
type evaluation struct {
	*derivation
	set    []string
	values []givenValue
	random func() bool // --random was given
	draw   uint64      // the seed of what is drawn for it
}

// evaluated is what -o json prints for eval.
type evaluated struct {
	Expression string              `json:"expression"`
	Value      jsonMatrix          `json:"value"`
	Gradients  []evaluatedGradient `json:"gradients,omitempty"`
	Sizes      map[string]int      `json:"sizes,omitempty"` // of the dimensions that have names
}

type evaluatedGradient struct {
	Variable string     `json:"variable"`
	Value    jsonMatrix `json:"value"`
}

// jsonMatrix is a number if it is 1×1, else a list of rows.
type jsonMatrix struct{ *mat.Dense }

func (m jsonMatrix) MarshalJSON() ([]byte, error) {
	rows, cols := m.Dims()
	if rows == 1 && cols == 1 {
		return []byte(shortest(m.At(0, 0))), nil
	}
	b := []byte{'['}
	for i := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j := range cols {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, shortest(m.At(i, j))...)
		}
		b = append(b, ']')
	}
	return append(b, ']'), nil
}

func newEval(s *session) *cobra.Command {
	e := &evaluation{derivation: &derivation{session: s}}
	c := &cobra.Command{
		Use:   "eval EXPR --set X=VALUE…",
		Short: "Value of an expression, and of its gradient, in numbers",
		Long: `eval prints the value of EXPR for the values of its names that --set gives, and with --wrt the values of
its gradient too. A value is a number, a matrix in brackets or a file: NumPy's .npy, MatrixMarket, or text with numbers
between commas or spaces. What is printed can be given to --set again. The dimensions of all names have to fit together,
and a value has to have the properties that its name is declared with.

--random SEED draws what is not set, of the shapes and properties that are declared; --seed is that of the points at which a
gradient is checked before it is evaluated. EXPR may be -: an expression a line is
read from standard input.`,
		Example: `  matdiff eval "norm(A*x - b)^2" --set A=a.npy --set "x=[1; 2]" --set b=b.csv --wrt x
  matdiff eval "logdet(S)" --var "S: 3×3 posdef" --random 1`,
		Args: oneExpression,
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if e.book, err = s.book(); err != nil {
				return err
			}
			if e.values, err = readValues(e.set); err != nil {
				return err
			}
			width := 1 + len(e.wrt)
			if e.output == outputJSON {
				width = 1
			}
			return s.forEach(args[0], width, e.evaluate)
		},
	}
	e.random = func() bool { return c.Flags().Changed("random") }
	addSet(c, &e.set)
	c.Flags().Var(&e.wrt, "wrt", "print the gradient by `X`, or by several: X,Y (repeatable)")
	c.Flags().Uint64Var(&e.draw, "random", 1, "draw the values that are not set, with seed `SEED`")
	s.addSeed(c)
	s.addInput(c)
	s.addOutput(c, outputText, outputJSON)
	return c
}

// evaluate returns the value of an expression, and those of its gradients.
func (e *evaluation) evaluate(at place, text string) ([]shown, error) {
	b := e.builder()
	options := parser.Options{Wrt: e.wrt, Scalar: len(e.wrt) > 0, Functions: e.book.Functions(), Declarations: e.declarations}
	typed, err := parser.Expression(b, text, options)
	if err != nil {
		return nil, err
	}
	if scalars := scalarsAmong(e.values, typed.Names, e.declarations); len(scalars) > 0 {
		options.Declarations = append(slices.Clone(e.declarations), scalars...)
		b = e.builder()
		if typed, err = parser.Expression(b, text, options); err != nil {
			return nil, err
		}
	}
	e.noteReading(at, typed)
	for _, v := range e.values {
		if typed.Names[v.name] == nil {
			d := wrong("%s is set, but does not occur in the expression", v.name)
			d.Hint = suggestion(v.name, typed.Order, "its names are "+strings.Join(typed.Order, ", "))
			return nil, d
		}
	}
	env, err := e.point(typed)
	if err != nil {
		return nil, err
	}
	a := simplify.New(b)
	value, err := valueOf(rules.Stable(a, typed.Expr), env, "the expression")
	if err != nil {
		return nil, err
	}
	out := evaluated{Expression: text, Value: jsonMatrix{value}, Sizes: env.Sizes}
	results := []shown{{text: inline(value)}}
	q := &asked{e.derivation, e.book.Singular(), at, text, typed, a} // a value may be singular
	for i, x := range typed.Wrt {
		what := "the gradient by " + e.wrt[i]
		g, err := q.gradientBy(x)
		if err != nil {
			return nil, err
		}
		g = q.algebra.Shortest(g)
		if _, err := q.confirmGradient(what, typed.Expr, x, g); err != nil {
			return nil, err
		}
		value, err := valueOf(rules.Stable(a, g), env, what)
		if err != nil {
			return nil, err
		}
		out.Gradients = append(out.Gradients, evaluatedGradient{e.wrt[i], jsonMatrix{value}})
		results = append(results, shown{text: e.wrt[i] + ": " + inline(value)})
	}
	if e.output == outputJSON {
		line, err := encode(out)
		return []shown{{text: line}}, err
	}
	return results, nil
}

// point returns the values of all variables, those that are not set drawn if that was asked for.
func (e *evaluation) point(typed *parser.Typed) (numcheck.Env, error) {
	env, err := fit(e.values, typed.Names)
	if err != nil {
		return env, err
	}
	absent := missing(typed, env)
	if len(absent) > 0 && !e.random() {
		d := wrong("no value for %s", strings.Join(absent, ", "))
		d.Hint = fmt.Sprintf("set values, as in --set %s=FILE, or draw them with --random SEED", absent[0])
		return env, d
	}
	if len(absent) == 0 && !needsSize(typed.Expr, env.Sizes) {
		return env, nil
	}
	if !e.random() {
		d := wrong("the dimensions of the expression do not follow from the values")
		d.Hint = "declare them, as in --var \"X: 3×4\""
		return env, d
	}
	drawn := e.comparison(numcheck.Options{Given: env})
	drawn.Seed = e.draw
	points, err := numcheck.Points(typed.Expr, 1, drawn)
	if err != nil {
		return env, err
	}
	if len(points) == 0 {
		return env, unknownValue("no values were found at which the expression is defined")
	}
	return points[0], nil
}

// needsSize reports whether n has a dimension without a size.
func needsSize(n *expr.Node, sizes map[string]int) bool {
	found := false
	expr.Walk(n, func(m *expr.Node) {
		for _, d := range [4]expr.Dim{m.Shape.Rows, m.Shape.Cols, m.Dims[0], m.Dims[1]} {
			found = found || slices.ContainsFunc(d.Names(), func(name string) bool { return sizes[name] == 0 })
		}
	})
	return found
}

// valueOf evaluates n, which is called what in messages.
func valueOf(n *expr.Node, env numcheck.Env, what string) (*mat.Dense, error) {
	value, err := numcheck.Eval(n, env)
	if err != nil {
		return nil, err
	}
	for _, x := range value.RawMatrix().Data {
		switch {
		case math.IsNaN(x):
			return nil, withoutValue(n, env, "%s is not defined for these values", what)
		case math.IsInf(x, 0):
			return nil, withoutValue(n, env, "%s is not finite for these values", what)
		}
	}
	return value, nil
}

// withoutValue is the error for an expression without a value. It names the first part that has none, unless that is all of it.
func withoutValue(n *expr.Node, env numcheck.Env, format string, args ...any) *parser.Diagnostic {
	d := unknownValue(format, args...)
	if n.Size() > maxSearched {
		return d
	}
	var parts []*expr.Node
	expr.Walk(n, func(m *expr.Node) { parts = append(parts, m) })
	for _, m := range parts[:len(parts)-1] {
		value, err := numcheck.Eval(m, env)
		if err == nil && slices.ContainsFunc(value.RawMatrix().Data, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			d.Facts = []string{"in the way: " + printer.Text(m)}
			break
		}
	}
	return d
}

// maxSearched is the number of nodes up to which the part is looked for that has no value.
const maxSearched = 1000

// unknownValue is the error for an expression without a value.
func unknownValue(format string, args ...any) *parser.Diagnostic {
	d := wrong(format, args...)
	d.Exit = exitUnknown
	return d
}

// inline writes m as --set reads it.
func inline(m *mat.Dense) string {
	rows, cols := m.Dims()
	if rows == 1 && cols == 1 {
		return shortest(m.At(0, 0))
	}
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteString("; ")
		}
		for j := range cols {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(shortest(m.At(i, j)))
		}
	}
	return "[" + b.String() + "]"
}

// shortest writes x with as many digits as it takes to read x back; -0 is 0.
func shortest(x float64) string { return strconv.FormatFloat(x+0, 'g', -1, 64) }
