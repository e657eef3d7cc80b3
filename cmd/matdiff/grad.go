package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// The layouts of a gradient by a symmetric variable.
const (
	layoutDenominator = "denominator"
	layoutEntries     = "entries"
)

// derivation is a gradient to be taken: what the flags of grad say.
type derivation struct {
	*session
	book     *rules.Book
	wrt      variables
	layout   string
	noVerify bool
	outputs  []string // the notations that there are, if not all

	functions bool // it can be written as a function of a program
	code      *code
}

// derived is what -o json prints for one variable.
type derived struct {
	Expression string            `json:"expression"`
	Variable   string            `json:"variable"`
	Gradient   string            `json:"gradient"`
	LaTeX      string            `json:"latex"`
	Shapes     map[string]string `json:"shapes"`
	Verified   *verified         `json:"verified"` // null with --no-verify
}

// verified is how a gradient compares with finite differences.
type verified struct {
	Agrees     bool    `json:"agrees"` // if not, it could not be compared
	Points     int     `json:"points"`
	Resolution rounded `json:"resolution"`
	Seed       uint64  `json:"seed"`
	Reason     string  `json:"reason,omitempty"` // why it could not be
}

func newGrad(s *session) *cobra.Command {
	d := &derivation{session: s, layout: layoutDenominator}
	c := &cobra.Command{
		Use:   "grad EXPR --wrt X[,Y…]",
		Short: "Gradient of a scalar",
		Long: `grad prints the gradient of the scalar EXPR in the shape of each variable: entry i,j is the derivative
by X[i,j]. Before a gradient is printed it is compared with finite differences at random points.

EXPR may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff grad "tr(A*X*B)" --wrt X
  matdiff grad "norm(A*x - b)^2 where A: 5×3" --wrt x,b -o latex`,
		Args: oneExpression,
		RunE: func(c *cobra.Command, args []string) error {
			if len(d.wrt) == 0 {
				e := wrong("grad needs the variable to differentiate by")
				e.Hint = "for example --wrt X"
				return e
			}
			if err := s.unused(d.code); err != nil {
				return err
			}
			var err error
			if d.book, err = s.book(); err != nil {
				return err
			}
			if s.generates() {
				return s.forEach(args[0], 1, d.function)
			}
			return s.forEach(args[0], len(d.wrt), d.gradients)
		},
	}
	c.Flags().Var(&d.wrt, "wrt", "differentiate by `X`, or by several: X,Y (repeatable)")
	c.Flags().Var(&choice{&d.layout, []string{layoutDenominator, layoutEntries}}, "layout",
		"`LAYOUT` of the gradient by a symmetric X, where G is the unconstrained gradient: denominator for\n"+
			"its symmetric part, entries for G + G' - diag(diag(G)), each free entry varied by itself")
	c.Flags().BoolVar(&d.noVerify, "no-verify", false, "do not compare with finite differences")
	s.addSeed(c)
	s.addInput(c)
	s.addLeft(c)
	d.code = s.addCode(c)
	d.code.addNoValue(c)
	return c
}

// gradients returns the gradient of the expression by each variable, in order.
func (d *derivation) gradients(at place, text string) ([]shown, error) {
	b := d.builder()
	typed, err := d.parse(at, b, text, parser.Options{Wrt: d.wrt, Scalar: true, Functions: d.book.Functions()})
	if err != nil {
		return nil, err
	}
	algebra := simplify.New(b)
	// One sweep gives all gradients. Where it meets an operation without a rule, each variable is tried by itself.
	all, err := d.book.Gradient(algebra, typed.Expr, typed.Wrt)
	results := make([]shown, len(typed.Wrt))
	for i, x := range typed.Wrt {
		d.guard(at, func() error {
			g := all
			if err != nil || follows(typed, x) {
				one, err := d.gradientBy(algebra, typed, x)
				if missing := (*rules.NoRule)(nil); errors.As(err, &missing) {
					return notKnown(text, missing)
				} else if err != nil {
					return err
				}
				g = slices.Repeat(one, len(results))
			}
			line, err := d.gradient(at, text, typed, algebra, i, g[i])
			results[i] = line
			return err
		})
	}
	return results, nil
}

// function returns the function that computes the value of the expression and its gradients, once they are verified.
func (d *derivation) function(at place, text string) ([]shown, error) {
	b := d.builder()
	typed, err := d.parse(at, b, text, parser.Options{Wrt: d.wrt, Scalar: true, Functions: d.book.Functions()})
	if err != nil {
		return nil, err
	}
	a := simplify.New(b)
	p := program{purpose: codegen.Gradient, text: text, typed: typed, by: d.wrt}
	if !d.code.noValue {
		p.wantValue(a)
	}
	for i, x := range typed.Wrt {
		g, err := d.gradientBy(a, typed, x)
		if missing := (*rules.NoRule)(nil); errors.As(err, &missing) {
			return nil, notKnown(text, missing)
		} else if err != nil {
			return nil, err
		}
		shortest, _, err := d.confirmed(at, text, typed, a, i, g[0])
		if err != nil {
			return nil, err
		}
		forms := []*expr.Node{g[0], shortest}
		if d.layout == layoutEntries && x.Props.Has(expr.Symmetric) {
			forms = []*expr.Node{shortest}
		}
		p.want(resultName("grad", d.wrt[i:i+1]), forms...)
	}
	out, err := d.generate(at, d.code, b, p, !d.noVerify)
	return []shown{out}, err
}

// gradientBy returns the gradient of the expression by x alone; if variables depend on x, they move with it.
func (d *derivation) gradientBy(a *simplify.Algebra, typed *parser.Typed, x *expr.Node) ([]*expr.Node, error) {
	if !follows(typed, x) {
		return d.book.Gradient(a, typed.Expr, []*expr.Node{x})
	}
	g, err := d.book.Jacobian(a, typed.Expr, x, dependents(typed))
	return []*expr.Node{g}, err
}

// gradient returns the line for g, the gradient of typed.Expr by the i-th variable, once it is verified.
func (d *derivation) gradient(at place, text string, typed *parser.Typed, a *simplify.Algebra, i int, g *expr.Node) (shown, error) {
	name, x := d.wrt[i], typed.Wrt[i]
	g, v, err := d.confirmed(at, text, typed, a, i, g)
	if err != nil {
		return shown{}, err
	}
	if d.output == outputJSON {
		return encoded(derived{text, name, printer.Text(g), printer.LaTeX(g), shapesByName(typed), v})
	}
	left := d.display.leftSide(functionLetter(a.Builder(), typed), x)
	return d.labelled(name, len(d.wrt) > 1, d.show(left, g)), nil
}

// confirmed returns the shortest form of g, the gradient of typed.Expr by the i-th variable, in the layout asked for, once
// it is verified.
func (d *derivation) confirmed(at place, text string, typed *parser.Typed, a *simplify.Algebra, i int, g *expr.Node) (*expr.Node, *verified, error) {
	name, x := d.wrt[i], typed.Wrt[i]
	if !occurs(variable(x), typed.Expr) && !follows(typed, x) {
		d.note(at, "%s does not occur in the expression, so the gradient by it is zero", name)
	}
	g = a.Shortest(g)
	v, err := d.verify(at, text, typed, name, x, g)
	if err != nil {
		return nil, nil, err
	}
	if d.layout == layoutEntries && x.Props.Has(expr.Symmetric) {
		g, err = d.byEntries(a, g)
	}
	return g, v, err
}

// variable returns the variable that x is, or is an entry of.
func variable(x *expr.Node) *expr.Node {
	if x.Is(expr.Element) {
		return x.Args[0]
	}
	return x
}

// byEntries returns G + G' - diag(diag(G)) for the gradient g by a symmetric variable, checked to be that.
func (d *derivation) byEntries(a *simplify.Algebra, g *expr.Node) (*expr.Node, error) {
	b := a.Builder()
	diagonal := b.New(expr.DiagMatrix, b.New(expr.DiagVector, g))
	definition := b.New(expr.Sum, g, b.New(expr.Transpose, g), b.New(expr.Product, b.Int(-1), diagonal))
	entries := a.Shortest(a.Normalize(definition))
	if d.noVerify {
		return entries, nil
	}
	r, err := numcheck.Equal(entries, definition, d.comparison(numcheck.Options{}))
	if err == nil && r.Verdict == numcheck.Fails {
		err = bug("the simplified form of G + G' - diag(diag(G)) differs from it, so it is not printed", difference(r, "simplified", "definition"))
	}
	return entries, err
}

// verify compares g with finite differences of the expression. It is nil if that was not asked for.
func (d *derivation) verify(at place, text string, typed *parser.Typed, name string, x, g *expr.Node) (*verified, error) {
	if d.noVerify {
		return nil, nil
	}
	r, err := numcheck.Verify(typed.Expr, x, g, d.comparison(numcheck.Options{Depends: typed.Depends}))
	if err != nil {
		return nil, err
	}
	v := &verified{Agrees: r.Verdict == numcheck.Holds, Points: r.Points, Resolution: rounded(r.Resolution), Seed: r.Seed}
	switch r.Verdict {
	case numcheck.Fails:
		return nil, d.disagreement(text, name, r)
	case numcheck.Undecided:
		if r.Undefined {
			return nil, undefined("the gradient by "+name, r)
		}
		v.Reason = strings.Join(r.Reasons, "; ")
		d.note(at, "the gradient by %s could not be compared with finite differences: %s", name, v.Reason)
	}
	return v, nil
}

// disagreement is the error for a gradient that finite differences contradict.
func (d *derivation) disagreement(text, name string, r numcheck.Report) error {
	e := bug(fmt.Sprintf("the gradient derived by %s disagrees with finite differences, so it is not printed", name),
		"expression "+strings.TrimSpace(text), fmt.Sprintf("seed %d", r.Seed), difference(r, "finite differences", "derived"))
	return d.doubtRules(e)
}
