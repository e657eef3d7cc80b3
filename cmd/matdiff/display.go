package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// The left sides that results can be printed with.
const (
	leftNone    = "none"
	leftNabla   = "nabla"
	leftPartial = "partial"
)

// display is how formulas for documents are printed.
type display struct {
	style    printer.Style
	wrap     string
	left     string
	preamble bool
	aligned  bool // the command prints several lines that belong together
}

// displayed are the outputs for documents.
var displayed = []string{outputLaTeX, outputMathML, outputTypst}

// displayFlags are the flags of display, with the outputs that they are for.
var displayFlags = []struct {
	name    string
	outputs []string
}{
	{"wrap", displayed[:1]}, {"operators", displayed[:1]}, {"preamble", displayed[:1]},
	{"lhs", displayed}, {"transpose", displayed}, {"bold", displayed},
}

// addDisplay gives c, which has its other flags for output already, those for formulas in documents.
func (s *session) addDisplay(c *cobra.Command) {
	d := &s.display
	d.style, d.wrap, d.left = printer.PlainStyle(), printer.Wraps[0], leftNone
	word := func(value *string, name string, words []string, usage string) {
		c.Flags().Var(&choice{value, words}, name, usage+": "+strings.Join(words, ", "))
		c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	word(&d.wrap, "wrap", printer.Wraps, "`WRAP` round LaTeX; long sums are divided into lines, but not for none and inline")
	word(&d.style.Transpose, "transpose", printer.Transposes, "`SIGN` of transposes")
	word(&d.style.Bold, "bold", printer.Bolds, "`FONT` of vectors and matrices")
	word(&d.style.Operators, "operators", printer.Operators, "`HOW` the names of functions such as tr are written in LaTeX")
	c.Flags().BoolVar(&d.preamble, "preamble", false, "print the lines that these flags need in the preamble of a document, and no result")

	var flags []string
	for _, f := range displayFlags {
		if c.Flags().Lookup(f.name) != nil {
			flags = append(flags, "--"+f.name)
		}
	}
	c.Long += "\n\nFor formulas in documents there are " + strings.Join(flags, ", ") + ".\nAny of them means -o latex where no output is chosen."

	arguments, run := c.Args, c.RunE
	c.Args = func(c *cobra.Command, args []string) error {
		if d.preamble {
			return nil
		}
		return arguments(c, args)
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := s.fitOutput(c); err != nil {
			return err
		}
		if !d.preamble {
			return run(c, args)
		}
		for _, line := range d.style.Preamble((d.aligned || printer.Breaks(d.wrap)) && d.wrap != "markdown") {
			if err := s.result(line); err != nil {
				return err
			}
		}
		return nil
	}
}

// addLeft gives c the flag of the commands whose results are derivatives.
func (s *session) addLeft(c *cobra.Command) {
	words := []string{leftNone, leftNabla, leftPartial}
	c.Flags().Var(&choice{&s.display.left, words}, "lhs", "`LEFT` side of the result: "+strings.Join(words, ", "))
	c.RegisterFlagCompletionFunc("lhs", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// fitOutput makes the output LaTeX if a flag for formulas in documents is given and no output is chosen. That one is
// given that another output has no use for is an error.
func (s *session) fitOutput(c *cobra.Command) error {
	for _, f := range displayFlags {
		flag := c.Flags().Lookup(f.name)
		if flag == nil || !flag.Changed {
			continue
		}
		if !c.Flags().Changed("output") {
			s.output = outputLaTeX
		}
		if !slices.Contains(f.outputs, s.output) {
			d := wrong("--%s has no meaning with -o %s", f.name, s.output)
			d.Hint = "it is for -o " + strings.Join(f.outputs, ", ") + ", and means -o latex by itself"
			return d
		}
	}
	return nil
}

// shown is a result that is ready to be printed, in the notation that was asked for.
type shown struct {
	label string        // which it is of several
	text  string        // unless it is LaTeX
	rows  []printer.Row // LaTeX
}

// show makes n, which is what left says, ready.
func (s *session) show(left printer.Left, n *expr.Node) shown {
	e := func() printer.Equation { return s.display.style.Equation(left, n) }
	switch s.output {
	case outputUnicode:
		return shown{text: printer.Unicode(n)}
	case outputMathML:
		return shown{text: e().MathML()}
	case outputTypst:
		return shown{text: e().Typst()}
	case outputLaTeX:
		if printer.Breaks(s.display.wrap) {
			return shown{rows: e().Rows()}
		}
		return shown{rows: []printer.Row{{Right: e().LaTeX()}}}
	}
	return shown{text: printer.Text(n)}
}

// labelled gives the result its label if there are several and nothing else says which it is.
func (s *session) labelled(label string, several bool, r shown) shown {
	if several && s.output != outputJSON && s.display.left == leftNone && s.display.wrap == printer.Wraps[0] {
		r.label = label + ": "
	}
	return r
}

// texts returns what is printed for results that belong together, with something between the lines of one.
func (s *session) texts(results []shown, between string) []string {
	var out []string
	var formulas [][]printer.Row
	for _, r := range results {
		switch {
		case r.rows == nil && r.text == "": // it has failed
		case r.rows == nil:
			out = append(out, r.label+r.text)
		case r.label != "":
			out = append(out, r.label+s.display.style.Wrap(s.display.wrap, [][]printer.Row{r.rows}, between)[0])
		default:
			formulas = append(formulas, r.rows)
		}
	}
	if formulas != nil {
		out = append(out, s.display.style.Wrap(s.display.wrap, formulas, between)...)
	}
	return out
}

// leftSide returns the left side for the derivative of f by variables, as far as it is asked for.
func (d *display) leftSide(f *expr.Node, by ...*expr.Node) printer.Left {
	symbol := map[string]printer.Symbol{leftNabla: printer.Nabla, leftPartial: printer.Partial}[d.left]
	return printer.Left{Symbol: symbol, Of: f, By: by}
}

// functionLetter returns a name for the value of an expression, a letter that no name in it is.
func functionLetter(b *expr.Builder, typed *parser.Typed) *expr.Node {
	shape, letters := typed.Expr.Shape, "fghuvy"
	if !shape.IsScalar() && !shape.IsColumn() {
		letters = strings.ToUpper(letters)
	}
	taken := map[string]bool{}
	for name, x := range typed.Names {
		taken[name] = true
		takeSizes(taken, x.Shape)
	}
	expr.Walk(typed.Expr, func(n *expr.Node) {
		taken[n.Op.UserName()] = true
		takeSizes(taken, n.Shape)
	})
	for _, l := range letters {
		if !taken[string(l)] {
			return b.Variable(string(l), shape, 0)
		}
	}
	for i := 1; ; i++ {
		if name := letters[:1] + strconv.Itoa(i); !taken[name] {
			return b.Variable(name, shape, 0)
		}
	}
}

func takeSizes(taken map[string]bool, s expr.Shape) {
	for _, name := range append(s.Rows.Names(), s.Cols.Names()...) {
		taken[name] = true
	}
}

// noLeft is the error for a left side that a result has not got.
func noLeft(what, left, other string) error {
	d := wrong("%s is not written with --lhs %s", what, left)
	d.Hint = fmt.Sprintf("--lhs %s gives it a left side", other)
	return d
}
