package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// derivation is a derivative to be taken: what the flags say.
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

// result is what -o json prints for a derivative.
type result struct {
	Expression string            `json:"expression"`
	Variable   string            `json:"variable"`
	Derivative string            `json:"derivative"`
	LaTeX      string            `json:"latex"`
	Shape      string            `json:"shape"`
	Shapes     map[string]string `json:"shapes"`
	Verified   *verified         `json:"verified"` // null with --no-verify
}

// verified is how a derivative compares with finite differences.
type verified struct {
	Agrees     bool    `json:"agrees"` // if not, it could not be compared
	Points     int     `json:"points"`
	Resolution rounded `json:"resolution"`
	Seed       uint64  `json:"seed"`
	Reason     string  `json:"reason,omitempty"` // why it could not be
}

// newDerivative makes the subcommand of a derivative: its flags, and the book that they ask for. Its width is the number
// of results that it has for as many variables; several variables are given if it is more than one.
func newDerivative(d *derivation, c *cobra.Command, several bool, derive func(at place, text string) ([]shown, error), width func() int) *cobra.Command {
	name, _, _ := strings.Cut(c.Use, " ")
	c.Args = oneExpression
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case len(d.wrt) == 0:
			e := wrong("%s needs the variable to differentiate by", name)
			e.Hint = "for example --wrt X"
			return e
		case len(d.wrt) > 1 && !several:
			e := wrong("%s differentiates by one variable, not %d", name, len(d.wrt))
			e.Hint = "ask for one after the other"
			return e
		}
		if err := d.unused(d.code); err != nil {
			return err
		}
		var err error
		if d.book, err = d.session.book(); err != nil {
			return err
		}
		return d.forEach(args[0], width(), derive)
	}
	usage := "differentiate by `X`"
	if several {
		usage += ", or by several: X,Y (repeatable)"
	}
	c.Flags().Var(&d.wrt, "wrt", usage)
	c.Flags().BoolVar(&d.noVerify, "no-verify", false, "do not compare with finite differences")
	d.addSeed(c)
	d.addInput(c)
	d.addLeft(c)
	switch {
	case d.functions:
		d.code = d.addCode(c)
		d.code.addNoValue(c)
	case d.outputs == nil:
		d.addFormulaOutput(c)
	default:
		d.addOutput(c, d.outputs...)
		d.addDisplay(c)
	}
	return c
}

func one() int { return 1 }

// asked is an expression that is being differentiated.
type asked struct {
	*derivation
	book    *rules.Book
	at      place
	text    string
	typed   *parser.Typed
	algebra *simplify.Algebra
}

// read parses text for a derivative by d.wrt.
func (d *derivation) read(at place, text string, o parser.Options) (*asked, error) {
	b := d.builder()
	o.Wrt, o.Functions = d.wrt, d.book.Functions()
	typed, err := d.parse(at, b, text, o)
	if err != nil {
		return nil, err
	}
	return &asked{d, d.book, at, text, typed, simplify.New(b)}, nil
}

// known turns an error for a rule that is missing into one about the expression.
func (q *asked) known(err error) error {
	if missing := (*rules.NoRule)(nil); errors.As(err, &missing) {
		return notKnown(q.text, missing)
	}
	return err
}

// confirm compares a derivative with what is measured: both sides of an equation that holds if it is right. It is nil if
// that was not asked for.
func (q *asked) confirm(what string, measured, derived *expr.Node) (*verified, error) {
	if q.noVerify {
		return nil, nil
	}
	r, err := numcheck.Equal(measured, derived, q.comparison(numcheck.Options{Points: 3, Depends: q.typed.Depends}))
	if err != nil {
		return nil, err
	}
	return q.judge(what, r)
}

// confirmGradient compares g with the gradient of f by x as finite differences give it. It is nil if that was not asked for.
func (q *asked) confirmGradient(what string, f, x, g *expr.Node) (*verified, error) {
	if q.noVerify {
		return nil, nil
	}
	r, err := numcheck.Verify(f, x, g, q.comparison(numcheck.Options{Depends: q.typed.Depends}))
	if err != nil {
		return nil, err
	}
	return q.judge(what, r)
}

// judge turns the report on a derivative into what is said of it, or the error that it is contradicted.
func (q *asked) judge(what string, r numcheck.Report) (*verified, error) {
	v := &verified{Agrees: r.Verdict == numcheck.Holds, Points: r.Points, Resolution: rounded(r.Resolution), Seed: r.Seed}
	switch r.Verdict {
	case numcheck.Fails:
		return nil, q.contradicted(what, r)
	case numcheck.Undecided:
		if r.Undefined {
			return nil, undefined(what, r)
		}
		v.Reason = strings.Join(r.Reasons, "; ")
		q.note(q.at, "%s could not be compared with finite differences: %s", what, v.Reason)
	}
	return v, nil
}

// undefined is the error for a derivative that has no value where the expression has one: a rule was used where it does not
// hold, such as the differential of an adjugate for a matrix that is singular by its structure.
func undefined(what string, r numcheck.Report) *parser.Diagnostic {
	return &parser.Diagnostic{
		Code:    codeUndefined,
		Message: what + " is not known: the formula that the rules give has no value at any point",
		Facts:   r.Reasons,
		Exit:    exitUnknown,
	}
}

const codeUndefined = "no-value"

// whereDefined derives and confirms by the book, and where the result has no value though the expression has one, by the
// book for singular matrices.
func (q *asked) whereDefined(derive func() error) error {
	err := derive()
	if d := (*parser.Diagnostic)(nil); !errors.As(err, &d) || d.Code != codeUndefined {
		return err
	}
	usual := q.book
	defer func() { q.book = usual }()
	q.book = usual.Singular()
	return derive()
}

// contradicted is the error for a derivative that finite differences contradict.
func (q *asked) contradicted(what string, r numcheck.Report) error {
	e := bug(what+" disagrees with finite differences, so it is not printed",
		"expression "+strings.TrimSpace(q.text), fmt.Sprintf("seed %d", r.Seed), difference(r, "finite differences", "derived"))
	return q.doubtRules(e)
}

// result makes n, which is what left says, ready to be printed.
func (q *asked) result(variable string, left printer.Left, n *expr.Node, v *verified) (shown, error) {
	if q.output == outputJSON {
		return encoded(result{q.text, variable, printer.Text(n), printer.LaTeX(n), n.Shape.String(), shapesByName(q.typed), v})
	}
	return q.show(left, n), nil
}

// dependents maps the variables that were declared to be functions of a scalar to it.
func dependents(typed *parser.Typed) map[*expr.Node]*expr.Node {
	out := map[*expr.Node]*expr.Node{}
	for name, on := range typed.Depends {
		out[typed.Names[name]] = typed.Names[on]
	}
	return out
}

// follows reports whether a variable of the expression is a function of x.
func follows(typed *parser.Typed, x *expr.Node) bool {
	for y, t := range dependents(typed) {
		if t == x && occurs(y, typed.Expr) {
			return true
		}
	}
	return false
}

// absent notes the variables that the expression does not have.
func (q *asked) absent() {
	for i, x := range q.typed.Wrt {
		if !occurs(variable(x), q.typed.Expr) && !follows(q.typed, x) {
			q.note(q.at, "%s does not occur in the expression, so the derivative by it is zero", q.wrt[i])
		}
	}
}

// variable returns the variable that x is, or is an entry of.
func variable(x *expr.Node) *expr.Node {
	if x.Is(expr.Element) {
		return x.Args[0]
	}
	return x
}
