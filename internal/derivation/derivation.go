// Package derivation writes a gradient down as the notes do: line by line from d f to tr(G'*dX), each line with the rule
// that makes it of the one before.
//
// It stands above rules, whose book gives the differentials of functions, and below the commands, which print the lines.
// Lines are raw expressions that hold operators d(F) while differentials are taken, and dX afterwards. Two stages make
// them: differential.go moves d inwards until only dX is left, trace.go moves dX outwards to the end of a trace.
package derivation

import (
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// Node is an expression.
type Node = expr.Node

// Derivation is a gradient with the way to it.
type Derivation struct {
	Lines  []Line // the first is d f; each is equal to the one before
	Factor *Node  // G' of the last line tr(G'*dX)
	// Gradient is the transpose of Factor in short form, in the space in which the variable moves.
	Gradient *Node
	Space    expr.Props // what was declared of the variable that makes Gradient another matrix than G
}

// Line is one expression of a derivation.
type Line struct {
	Expr   *Node
	Reason Reason // why it equals the line before; none for the first
}

// Reason is the rule that a line is made by.
type Reason struct {
	Rule        string  // in words
	Constants   []*Node // variables that the rule takes as constant
	Left, Right *Node   // the rule as an equation, or nil
}

// Unknown is the error for what has a gradient but no derivation in these steps.
type Unknown struct{ Reason string }

func (e *Unknown) Error() string { return e.Reason }

// Bounds beyond which a derivation is no help to a reader.
const (
	maxLines = 100
	maxSize  = 2000
)

// Derive derives the gradient of the scalar f by the variable x. The error is an *Unknown, a *rules.NoRule or that of a
// rule that cannot be read.
func Derive(a *simplify.Algebra, book *rules.Book, f, x *Node) (*Derivation, error) {
	g, err := book.Gradient(a, f, []*Node{x})
	if err != nil {
		return nil, err
	}
	w := newWriter(a, book, f, x)
	d := &Derivation{Gradient: a.Shortest(g[0]), Space: x.Props & expr.Structure}
	line := Line{Expr: w.operator(f)}
	if line.Expr == nil {
		return nil, &Unknown{fmt.Sprintf("%s does not occur in the expression, so there is nothing to derive: the gradient is zero", x.Name)}
	}
	for {
		d.Lines = append(d.Lines, line)
		if len(d.Lines) > maxLines || line.Expr.Size() > maxSize {
			return nil, &Unknown{"the derivation is too long to be written out: name parts of the expression and derive them one by one"}
		}
		next, err := w.next(line.Expr)
		if err != nil {
			return nil, err
		}
		if next == nil {
			break
		}
		line = *next
	}
	d.Factor = w.factor(line.Expr)
	return d, nil
}

// Read returns the gradient as it is read off the last line: G for tr(G'*dX).
func (d *Derivation) Read(b *expr.Builder) *Node {
	switch {
	case d.Factor.Shape.IsScalar():
		return d.Factor
	case d.Factor.Op == expr.Transpose:
		return d.Factor.Args[0]
	}
	return b.New(expr.Transpose, d.Factor)
}

// next returns the line after n, or nil if n is tr(G'*dX).
func (w *writer) next(n *Node) (*Line, error) {
	if operators := w.operators(n); len(operators) > 0 {
		return w.differentiate(n, operators)
	}
	return w.rearrange(n)
}

// Fault is the error for a line that does not equal the one before, or a last line that is not the gradient.
type Fault struct {
	Line        int // from 0; the number of lines for the gradient
	Left, Right *Node
	Report      numcheck.Report
}

func (e *Fault) Error() string {
	return fmt.Sprintf("line %d of the derivation is not equal to the line before", e.Line+1)
}

// NoValue is the error for a gradient that has no value where the expression has one.
type NoValue struct{ Report numcheck.Report }

func (e *NoValue) Error() string { return "the gradient has no value at any point" }

// points is how many random points two lines are compared at: a wrong line differs at almost every one.
const points = 2

// Verify compares every line with the one before, the last with the gradient, and the gradient with finite differences,
// at random points. The error is a *Fault, a *NoValue or that of an evaluation; reasons say what could not be compared.
func (d *Derivation) Verify(b *expr.Builder, f, x *Node, o numcheck.Options) (reasons []string, err error) {
	compare := func(i int, left, right *Node, o numcheck.Options) error {
		r, err := numcheck.Equal(left, right, o)
		switch {
		case err != nil:
			return err
		case r.Verdict == numcheck.Fails:
			return &Fault{Line: i, Left: left, Right: right, Report: r}
		case r.Verdict == numcheck.Undecided:
			reasons = append(reasons, r.Reasons...)
		}
		return nil
	}
	quick := o
	quick.Points = points
	for i := 1; i < len(d.Lines); i++ {
		if err := compare(i, d.Lines[i-1].Expr, d.Lines[i].Expr, quick); err != nil {
			return reasons, err
		}
	}
	if d.Space == 0 {
		if err := compare(len(d.Lines), d.Read(b), d.Gradient, quick); err != nil {
			return reasons, err
		}
	}
	r, err := numcheck.Verify(f, x, d.Gradient, o)
	switch {
	case err != nil:
		return reasons, err
	case r.Verdict == numcheck.Fails:
		return reasons, &Fault{Line: len(d.Lines), Left: f, Right: d.Gradient, Report: r}
	case r.Undefined:
		return reasons, &NoValue{r}
	case r.Verdict == numcheck.Undecided:
		reasons = append(reasons, r.Reasons...)
	}
	return reasons, nil
}
