// Package diagnose says what is wrong with an equation that does not hold: it looks for the simplest change of the claimed
// side that makes it hold.
//
// It stands above rules and numcheck. The other side, the reference, is measured once at a few points (numcheck.Trial);
// the hypotheses are tried against these values in a fixed order, from whole-claim ones (transposed, a factor) over terms
// to single edits anywhere in the claim, and the first that agrees and then passes the full check is the diagnosis.
// What is printed has therefore been verified like any other equation. Each kind of mistake has a stable code with a page
// that explains it (pages.txt).
package diagnose

import (
	"errors"
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// Node is an expression.
type Node = expr.Node

// Code names a kind of mistake; it never changes its meaning.
type Code string

// The codes, in the order in which hypotheses are tried.
const (
	Transposed       Code = "transposed"
	LayoutVec        Code = "layout-vec"
	Sign             Code = "sign"
	Factor           Code = "factor"
	ScalarFactor     Code = "scalar-factor"
	SymmetricOnly    Code = "symmetric-only"
	Symmetrise       Code = "symmetrise"
	Entries          Code = "entries-convention"
	ExtraTerm        Code = "extra-term"
	TermSign         Code = "term-sign"
	TermFactor       Code = "term-factor"
	MissingTerm      Code = "missing-term"
	NameTransposed   Code = "name-transposed"
	PartTransposed   Code = "part-transposed"
	FactorsSwapped   Code = "factors-swapped"
	MissingInverse   Code = "missing-inverse"
	ExtraInverse     Code = "extra-inverse"
	Elementwise      Code = "elementwise"
	Power            Code = "power"
	Constant         Code = "constant"
	OtherFunction    Code = "other-function"
	ExtraFactor      Code = "extra-factor"
	OtherPart        Code = "other-part"
	MissingInnerTerm Code = "missing-inner-term"
	MissingFactor    Code = "missing-factor"
	TermFactors      Code = "term-factors"
	Region           Code = "region"
	Shape            Code = "shape"
	Different        Code = "different"
)

// Diagnosis is what is wrong with a claim.
type Diagnosis struct {
	Code    Code
	Message string // one line, in the user's terms
	Claim   *Node  // what the claimed side should be; nil if that is not known
	Derived *Node  // the gradient as matdiff derives it; nil if the equation asks for none, or it is not known
	Left    bool   // the claim is the left side
}

// Equation is an equation that does not hold.
type Equation struct {
	Left, Right *Node
	Depends     map[string]string // as in parser.Typed
	Seed        uint64
}

// Contradiction is the error for a gradient that matdiff derives and finite differences contradict: a bug in matdiff, or
// in a user's rules.
type Contradiction struct {
	Derived *Node
	Report  numcheck.Report
}

func (e *Contradiction) Error() string {
	return "the gradient derived from the rule book disagrees with finite differences: " + printer.Text(e.Derived)
}

// Explain finds what is wrong with e, whose nodes are of b. It is nil if there is nothing to say beyond that the sides
// differ. The error is a *Contradiction.
func Explain(b *expr.Builder, book *rules.Book, e Equation) (*Diagnosis, error) {
	q := newInquiry(b, book, e)
	if q == nil {
		return nil, nil
	}
	q.measure()
	if err := q.derive(); err != nil {
		return nil, err
	}
	found := q.search()
	if found == nil {
		found = q.unexplained()
	}
	if found != nil {
		found.Derived, found.Left = q.derived, q.claimLeft
	}
	return found, nil
}

// inquiry is one search for a diagnosis.
type inquiry struct {
	equation  Equation
	b         *expr.Builder
	a         *simplify.Algebra
	book      *rules.Book
	reference *Node // the side that is taken to be right
	claim     *Node
	claimLeft bool
	operator  *Node // the derivative that the reference is or holds; nil if it holds none
	derived   *Node // the reference, by the rules; nil if not known
	trial     *numcheck.Trial
	parts     parts

	tried    map[*Node]bool
	effort   int // candidates that may still be evaluated
	confirms int // candidates that may still be confirmed
}

const (
	maxCandidates = 6000
	maxConfirms   = 8
	maxClaim      = 400 // nodes of a claim that is edited, read as a tree
)

// newInquiry decides which side is the claim: the one without an operator of equations, or the right one. It is nil if
// both have operators.
func newInquiry(b *expr.Builder, book *rules.Book, e Equation) *inquiry {
	q := &inquiry{equation: e, b: b, a: simplify.New(b), book: book, reference: e.Left, claim: e.Right,
		tried: map[*Node]bool{}, effort: maxCandidates, confirms: maxConfirms}
	left, right := operatorIn(e.Left), operatorIn(e.Right)
	switch {
	case left != nil && right != nil:
		return nil
	case right != nil:
		q.reference, q.claim, q.claimLeft, q.operator = e.Right, e.Left, true, right
	default:
		q.operator = left
	}
	return q
}

// operatorIn returns an operator of equations in n, nil if there is none.
func operatorIn(n *Node) (found *Node) {
	expr.Walk(n, func(m *Node) {
		switch m.Op {
		case expr.Gradient, expr.Jacobian, expr.Hessian, expr.Differential:
			found = m
		}
	})
	return found
}

// measure draws the points at which hypotheses are tried; without them there is no search.
func (q *inquiry) measure() {
	o := numcheck.Options{Seed: q.equation.Seed, Depends: q.equation.Depends}
	if q.reference.Shape.IsScalar() {
		o.Points = scalarPoints
	}
	if t, err := numcheck.NewTrial(q.reference, q.claim, o); err == nil {
		q.trial = t
	}
}

// scalarPoints is how many points a reference of one entry is measured at.
const scalarPoints = 5

// derive sets derived if the reference is a gradient that the rules give. It has to agree with the measured values; if it
// does not, the full check decides whether it is wrong.
func (q *inquiry) derive() error {
	n := q.reference
	if !n.Is(expr.Gradient) || len(q.equation.Depends) > 0 {
		return nil
	}
	g, err := q.gradient(n.Args[0], n.Args[1])
	if err != nil {
		return noRule(err)
	}
	g = q.a.Shortest(g)
	if q.trial != nil && q.trial.Agrees(g) {
		q.derived = g
		return nil
	}
	r, err := q.check(g)
	switch {
	case err == nil && r.Verdict == numcheck.Fails:
		return &Contradiction{g, r}
	case err == nil && r.Verdict == numcheck.Holds:
		q.derived = g
	}
	return nil
}

// gradient returns the gradient of f by a variable, or by an entry of one.
func (q *inquiry) gradient(f, x *Node) (*Node, error) {
	if x.Is(expr.Variable) {
		all, err := q.book.Gradient(q.a, f, []*Node{x})
		if err != nil {
			return nil, err
		}
		return all[0], nil
	}
	all, err := q.book.Pullback(q.a, f, q.b.Int(1), []*Node{x.Args[0]})
	if err != nil {
		return nil, err
	}
	return q.a.Element(all[0], x.Args[1], x.Args[2]), nil
}

// noRule passes on errors that are no limits of the rule book.
func noRule(err error) error {
	if missing := (*rules.NoRule)(nil); errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("the gradient cannot be derived: %w", err)
}

// check compares n with the reference as matdiff check does.
func (q *inquiry) check(n *Node) (numcheck.Report, error) {
	left, right := q.reference, n
	if q.claimLeft {
		left, right = n, q.reference
	}
	return numcheck.Equal(left, right, numcheck.Options{Seed: q.equation.Seed, Depends: q.equation.Depends})
}

// search tries the hypotheses in order.
func (q *inquiry) search() *Diagnosis {
	if q.trial == nil {
		return nil
	}
	q.parts = q.collect()
	for _, hypothesis := range []func() *Diagnosis{
		q.transposed, q.vectorised, q.constantFactor, q.scalarFactor, q.symmetrised, q.entries,
		q.ownTerms, q.editedTerms, q.missingTerm, q.edited, q.inserted, q.exchanged, q.severalTerms, q.missingTerms, q.editedAndScaled, q.symmetricOnly, q.region,
	} {
		if d := hypothesis(); d != nil {
			return d
		}
	}
	return nil
}

// accepts reports whether n, which has not been tried before, agrees with the reference and passes the check.
func (q *inquiry) accepts(n *Node) bool {
	if n == nil || n.Shape != q.reference.Shape || q.tried[n] || q.effort == 0 {
		return false
	}
	q.tried[n] = true
	q.effort--
	return q.trial.Agrees(n) && q.confirmed(n)
}

// confirmed reports whether n passes the check.
func (q *inquiry) confirmed(n *Node) bool {
	if q.confirms == 0 {
		return false
	}
	q.confirms--
	r, err := q.check(n)
	return err == nil && r.Verdict == numcheck.Holds
}

// unexplained is the diagnosis of a claim that no small change makes right; nil if there is nothing to say.
func (q *inquiry) unexplained() *Diagnosis {
	if q.derived != nil {
		q.confirms++
		if !q.confirmed(q.derived) {
			q.derived = nil
		}
	}
	switch {
	case q.operator == nil:
		return nil
	case q.claim.Shape != q.reference.Shape:
		return diagnosis(Shape, q.derived, "it is %s where %s is needed", q.claim.Shape, q.reference.Shape)
	case q.derived == nil:
		return nil
	}
	return diagnosis(Different, q.derived, "no small change makes it right")
}

func diagnosis(code Code, claim *Node, format string, args ...any) *Diagnosis {
	return &Diagnosis{Code: code, Message: fmt.Sprintf(format, args...), Claim: claim}
}

// text writes n for a message.
func text(n *Node) string { return printer.Text(n) }
