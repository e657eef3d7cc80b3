package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	differentials "matdiff/internal/derivation"
	"matdiff/internal/expr"
	"matdiff/internal/index"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// The styles of a derivation.
const (
	styleDifferential = "differential"
	styleIndex        = "index"
)

// step is a line of a derivation, Left = Right. Left is empty if it is that of the line before.
type step struct {
	Left   string `json:"left,omitempty"`
	Right  string `json:"right"`
	Reason string `json:"reason,omitempty"`
}

// stepsResult is what -o json prints for steps.
type stepsResult struct {
	Expression string            `json:"expression"`
	Variable   string            `json:"variable"`
	Style      string            `json:"style"`
	Steps      []step            `json:"steps"`
	LaTeX      string            `json:"latex"`
	Gradient   string            `json:"gradient"`
	Shapes     map[string]string `json:"shapes"`
	Verified   bool              `json:"verified"`
}

func newSteps(s *session) *cobra.Command {
	d := &derivation{session: s, outputs: []string{outputText, outputUnicode, outputLaTeX, outputJSON}}
	s.display.aligned = true
	style := styleDifferential
	c := &cobra.Command{
		Use:   "steps EXPR --wrt X",
		Short: "Derivation of a gradient, line by line",
		Long: `steps prints how the gradient of the scalar EXPR is found, each line with the rule that gives it.

In the differential style d is taken inwards until only dX is left, which then is brought to the end of a trace,
tr(G'*dX). In the index style EXPR is written as sums over indices, each place where X stands gives a partial
derivative, and each of these is brought back to matrix form. Before it is printed every line is compared with the
one before at random points, and the gradient with finite differences.

EXPR may be -: an expression a line is read from standard input, and a derivation a line is printed.`,
		Example: `  matdiff steps "norm(A*x - b)^2" --wrt x
  matdiff steps "tr(A*X*B)" --wrt X --style index -o unicode`,
	}
	c = newDerivative(d, c, false, func(at place, text string) ([]shown, error) {
		q, err := d.read(at, text, parser.Options{Scalar: true})
		if err != nil {
			return nil, err
		}
		r, err := q.steps(style)
		return []shown{r}, err
	}, one)
	c.Flags().Var(&choice{&style, []string{styleDifferential, styleIndex}}, "style", "`STYLE` of the derivation: differential, or index for sums over indices")
	return c
}

// written is a derivation in one notation.
type written struct {
	steps  []step
	last   string // what is concluded
	headed bool   // the first left side stands on a line of its own
}

// steps returns the derivation of the expression as it is printed, once it is verified.
func (q *asked) steps(style string) (shown, error) {
	x := q.typed.Wrt[0]
	switch {
	case x.Is(expr.Element):
		e := wrong("a derivation is by a whole variable, not by %s", q.wrt[0])
		e.Hint = fmt.Sprintf("derive the gradient by %s and take its entry", x.Args[0].Name)
		return shown{}, e
	case follows(q.typed, x):
		return shown{}, &parser.Diagnostic{Code: "no-derivation", Exit: exitUnknown,
			Message: fmt.Sprintf("the derivation by %s, which other variables depend on, is not known", x.Name)}
	}
	derive := q.differentialSteps
	if style == styleIndex {
		derive = q.indexSteps
	}
	inNotation, gradient, err := derive(x)
	if err != nil {
		return shown{}, q.underivable(err)
	}
	switch q.output {
	case outputJSON:
		w := inNotation(plainNotations[outputText])
		return encoded(stepsResult{q.text, x.Name, style, w.steps, q.display.style.Wrap("none", [][]printer.Row{inNotation(q.display.notation()).rows()}, " ")[0],
			printer.Text(gradient), shapesByName(q.typed), !q.noVerify})
	case outputLaTeX:
		return shown{rows: inNotation(q.display.notation()).rows()}, nil
	}
	w := inNotation(plainNotations[q.output])
	if q.at.name != "" {
		return shown{text: w.line()}, nil
	}
	return shown{text: w.table()}, nil
}

// underivable turns the errors of derivations into diagnostics.
func (q *asked) underivable(err error) error {
	d := &parser.Diagnostic{Code: "no-derivation", Exit: exitUnknown, Message: err.Error()}
	var (
		none  *differentials.Unknown
		entry *index.Unknown
		line  *differentials.Fault
		form  *index.Fault
	)
	switch {
	case errors.As(err, &none):
		return d
	case errors.As(err, &entry):
		if entry.Op != nil {
			q.mark(d, entry.Op)
		}
		return d
	case errors.As(err, &line):
		return q.doubtRules(bug(err.Error()+", so it is not printed", fmt.Sprintf("seed %d", line.Report.Seed),
			"left "+printer.Text(line.Left), "right "+printer.Text(line.Right), difference(line.Report, "left", "right")))
	case errors.As(err, &form):
		e := bug(err.Error()+", so the derivation is not printed", fmt.Sprintf("seed %d", q.seed))
		if form.Detail != nil {
			e.Facts = append(e.Facts, form.Detail.Error())
		} else {
			e.Facts = append(e.Facts, difference(*form.Report, "left", "right"))
		}
		return q.doubtRules(e)
	}
	return q.known(err)
}

// doubtRules makes the hint of a bug point to the user's rule files, if there are any.
func (s *session) doubtRules(bug *parser.Diagnostic) *parser.Diagnostic {
	if len(s.ruleFiles) > 0 {
		bug.Hint = "are the rules in " + strings.Join(s.ruleFiles, ", ") + " right? Without them it would be a bug in matdiff: please report it"
	}
	return bug
}

// mark shows where op stands in the expression.
func (q *asked) mark(d *parser.Diagnostic, op *expr.Op) {
	if i := strings.Index(q.text, op.UserName()+"("); i >= 0 {
		d.Source, d.Spans = q.text, []parser.Span{{Start: i, End: i + len(op.UserName())}}
	}
}

// unsure notes that part of a derivation could not be compared.
func (q *asked) unsure(reasons []string) {
	if len(reasons) > 0 {
		slices.Sort(reasons)
		q.note(q.at, "some lines of the derivation could not be compared: %s", strings.Join(slices.Compact(reasons), "; "))
	}
}

// notation is how a derivation is written.
type notation struct {
	node     func(*expr.Node) string
	entries  *index.Notation
	words    func(string) string
	gradient func(x *expr.Node) string
	partial  func(entry string) string
	so       string
}

var plainNotations = map[string]notation{
	outputText: {
		printer.Text, index.Text, func(s string) string { return s },
		func(*expr.Node) string { return "grad" }, func(e string) string { return "df/d" + e }, "so ",
	},
	outputUnicode: {
		printer.Unicode, index.Unicode, func(s string) string { return s },
		func(x *expr.Node) string { return "∂f/∂" + x.Name }, func(e string) string { return "∂f/∂" + e }, "so ",
	},
}

// notation is the notation of LaTeX.
func (d *display) notation() notation {
	partial := func(e string) string { return `\frac{\partial f}{\partial ` + e + "}" }
	gradient := func(x *expr.Node) string { return `\nabla_{` + d.style.LaTeX(x) + "} f" }
	if d.left == leftPartial {
		gradient = func(x *expr.Node) string { return partial(d.style.LaTeX(x)) }
	}
	return notation{d.style.LaTeX, index.LaTeX(d.style), printer.LaTeXWords, gradient, partial, ""}
}

// differentialSteps derives the gradient by x with differentials.
func (q *asked) differentialSteps(x *expr.Node) (func(notation) written, *expr.Node, error) {
	b := q.algebra.Builder()
	var d *differentials.Derivation
	err := q.whereDefined(func() (err error) {
		if d, err = differentials.Derive(q.algebra, q.book, q.typed.Expr, x); err != nil || q.noVerify {
			return err
		}
		reasons, err := d.Verify(b, q.typed.Expr, x, q.comparison(numcheck.Options{}))
		if none := (*differentials.NoValue)(nil); errors.As(err, &none) {
			return undefined("the gradient by "+x.Name, none.Report)
		}
		if err == nil {
			q.unsure(reasons)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return func(n notation) written {
		w := written{headed: true}
		left := n.node(d.Lines[0].Expr)
		for _, l := range d.Lines[1:] {
			right := n.node(l.Expr)
			if last := len(w.steps) - 1; last >= 0 && w.steps[last].Right == right {
				continue
			}
			w.steps = append(w.steps, step{left, right, q.reason(l.Reason, n)})
			left = ""
		}
		if left != "" { // d x itself
			w.steps = append(w.steps, step{Left: n.node(b.Sized(expr.Differential, x.Shape, q.typed.Expr)), Right: left})
		}
		w.last = conclusion(n, x, d.Read(b), d.Gradient, d.Space)
		return w
	}, d.Gradient, nil
}

// reason writes why a line holds.
func (q *asked) reason(r differentials.Reason, n notation) string {
	var parts []string
	if r.Rule != "" {
		parts = append(parts, n.words(r.Rule))
	}
	if r.Left != nil {
		parts = append(parts, n.node(r.Left)+" = "+n.node(r.Right))
	}
	if names := r.Constants; len(names) > 0 {
		var list []string
		for _, c := range names {
			list = append(list, n.node(c))
		}
		are := " are constant"
		if len(names) == 1 {
			are = " is constant"
		}
		parts = append(parts, strings.Join(list, ", ")+n.words(are))
	}
	return strings.Join(parts, n.words("; "))
}

// conclusion writes the gradient: as it is read off, and in short form.
func conclusion(n notation, x, read, gradient *expr.Node, space expr.Props) string {
	left, short := n.node(read), n.node(gradient)
	if space != 0 {
		return n.so + "G = " + left + n.words(", and for "+space.String()+" ") + n.node(x) + n.words(": ") + n.gradient(x) + " = " + short
	}
	if left == short {
		return n.so + n.gradient(x) + " = " + short
	}
	return n.so + n.gradient(x) + " = " + left + " = " + short
}

// indexSteps derives the gradient by x in entries.
func (q *asked) indexSteps(x *expr.Node) (func(notation) written, *expr.Node, error) {
	b := q.algebra.Builder()
	d, err := index.Derive(q.algebra, q.book, q.typed.Expr, x)
	if err != nil {
		return nil, nil, err
	}
	if !q.noVerify {
		reasons, err := d.Verify(b, x, q.comparison(numcheck.Options{}))
		if err != nil {
			return nil, nil, err
		}
		q.unsure(reasons)
	}
	return func(n notation) written {
		var w written
		add := func(left string, forms []index.Step) {
			for i, f := range forms {
				s := step{Right: n.entries.Write(f.Expr), Reason: n.words(f.Rule)}
				if i == 0 {
					s.Left = left
				}
				w.steps = append(w.steps, s)
			}
		}
		add("f", d.Sums)
		for _, p := range d.Partials {
			add(n.partial(n.entries.Write(index.EntryOf(x, p.Row, p.Col))), p.Forms)
		}
		space := x.Props & expr.Structure
		w.last = conclusion(n, x, d.Sum, d.Gradient, space)
		return w
	}, d.Gradient, nil
}

// table writes the derivation with its signs of equality, and its reasons, below each other.
func (w written) table() string {
	var lines []string
	margin, width := 1, 0
	if w.headed {
		lines = append(lines, w.steps[0].Left)
	} else {
		for _, s := range w.steps {
			margin = max(margin, utf8.RuneCountInString(s.Left))
		}
	}
	for _, s := range w.steps {
		if n := utf8.RuneCountInString(s.Right); n <= maxRight {
			width = max(width, n)
		}
	}
	for _, s := range w.steps {
		left := s.Left
		if w.headed {
			left = ""
		}
		line := padded(left, margin) + " = " + s.Right
		if s.Reason != "" {
			line = padded(line, margin+width+len(" = ")) + "  " + s.Reason
		}
		lines = append(lines, line)
	}
	return strings.Join(append(lines, w.last), "\n")
}

// maxRight is the width in characters beyond which a right side does not move the reasons of the others.
const maxRight = 72

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
}

// line writes the derivation as one line.
func (w written) line() string {
	var b strings.Builder
	for i, s := range w.steps {
		if i > 0 && s.Left != "" {
			b.WriteString("; ")
		}
		if s.Left != "" {
			b.WriteString(s.Left)
		}
		b.WriteString(" = " + s.Right)
		if s.Reason != "" {
			b.WriteString(" {" + s.Reason + "}")
		}
	}
	return b.String() + "; " + w.last
}

// rows writes the derivation as lines of LaTeX.
func (w written) rows() []printer.Row {
	var rows []printer.Row
	for _, s := range w.steps {
		rows = append(rows, printer.Row{Left: s.Left, Right: "= " + s.Right, Reason: s.Reason})
	}
	left, right, _ := strings.Cut(w.last, " = ")
	return append(rows, printer.Row{Left: left, Right: "= " + right})
}
