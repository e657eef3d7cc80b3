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
	"math"

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

// The codes, about in the order in which hypotheses are tried (see search).
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
	MissingFunction  Code = "missing-function"
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
	Claimed *Node  // the claimed side
	Claim   *Node  // what it should be; nil if that is not known
	Derived *Node  // the derivative as matdiff derives it; nil if the equation asks for none, or it is not known
	Left    bool   // the claim is the left side
}

// Equation is an equation that does not hold.
type Equation struct {
	Left, Right *Node
	Depends     map[string]string // as in parser.Typed
	Seed        uint64
}

// options are those of the comparisons that a diagnosis needs.
func (q *inquiry) options() numcheck.Options {
	return numcheck.Options{Seed: q.equation.Seed, Depends: q.equation.Depends, Context: q.b.Context(), Entries: q.b.Limits().Entries}
}

// Contradiction is the error for a derivative that matdiff derives and finite differences contradict: a bug in matdiff, or
// in a user's rules.
type Contradiction struct {
	Derived *Node
	Report  numcheck.Report
}

func (e *Contradiction) Error() string {
	return "the derivative that the rule book gives disagrees with finite differences: " + printer.Text(e.Derived)
}

// Explain finds what is wrong with e, whose nodes are of b. It is nil if there is nothing to say beyond that the sides
// differ. The error is a *Contradiction.
func Explain(b *expr.Builder, book *rules.Book, e Equation) (*Diagnosis, error) {
	q := newInquiry(b, book, e)
	q.measure()
	if err := q.derive(); err != nil {
		return nil, err
	}
	found := q.search()
	if err := q.b.Err(); err != nil {
		return nil, err
	}
	if found == nil {
		found = q.unexplained()
	}
	if found == nil {
		return nil, nil
	}
	if c := found.Claim; c != nil && (!q.inForm(c) || q.derived != nil && float64(c.Size()) > clumsy*float64(q.derived.Size())) {
		found.Claim = q.derived
	}
	if found.Claim == q.derived && q.derived != nil && q.passed != q.derived && !q.passes(q.derived) {
		found.Claim, q.derived = nil, nil
	}
	if found.Claim != nil {
		found.Claim = b.Readable(found.Claim)
	}
	found.Claimed = b.Readable(q.claim)
	found.Derived, found.Left = q.derived, q.claimLeft
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

	tried      map[*Node]bool
	passed     *Node   // the last that passed the check
	effort     float64 // candidates of small matrices that may still be evaluated
	price      float64 // of a candidate
	confirms   int     // candidates that may still be confirmed
	expansions int     // products that may still be multiplied out
}

const (
	maxCandidates = 6000
	maxConfirms   = 8
	maxExpansions = 200
	clumsy        = 1.5 // a corrected claim of more nodes, as a share of those of the derived gradient, is not printed
	maxClaim      = 400 // nodes of a claim that is edited, read as a tree
)

// newInquiry decides which side is the claim: the one without an operator of equations, or the right one.
func newInquiry(b *expr.Builder, book *rules.Book, e Equation) *inquiry {
	q := &inquiry{equation: e, b: b, a: simplify.New(b), book: book, reference: e.Left, claim: e.Right,
		tried: map[*Node]bool{}, effort: maxCandidates, confirms: maxConfirms, expansions: maxExpansions}
	left, right := operatorIn(e.Left), operatorIn(e.Right)
	switch {
	case left == nil && right != nil:
		q.reference, q.claim, q.claimLeft, q.operator = e.Right, e.Left, true, right
	default:
		q.operator = left
	}
	return q
}

// operatorIn returns an operator of equations in n, nil if there is none.
func operatorIn(n *Node) (found *Node) {
	expr.Walk(n, func(m *Node) {
		if m.Op.Traits.Has(expr.Operator) {
			found = m
		}
	})
	return found
}

// measure draws the points at which hypotheses are tried; without them there is no search.
func (q *inquiry) measure() {
	o := q.options()
	if q.reference.Shape.IsScalar() {
		o.Points = scalarPoints
	}
	t, err := numcheck.NewTrial(q.reference, q.claim, o)
	if err != nil {
		return
	}
	q.trial = t
	entries := float64(len(t.Reference(0)))
	q.price = 1 + entries*math.Sqrt(entries)/1e4
}

// scalarPoints is how many points a reference of one entry is measured at.
const scalarPoints = 5

// derive sets derived if the reference is a derivative that the rules give. It has to agree with the measured values; if it
// does not, the full check decides whether it is wrong.
func (q *inquiry) derive() error {
	if q.operator != q.reference || q.operator == nil {
		return nil
	}
	g, err := q.byRules(q.operator.Op, q.operator.Args)
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
		q.derived, q.passed = g, g
	}
	return nil
}

// byRules applies an operator of equations by the rule book.
func (q *inquiry) byRules(op *expr.Op, args []*Node) (*Node, error) {
	if op == expr.Differential {
		tangents := map[*Node]*Node{}
		for i := 1; i < len(args); i += 2 {
			tangents[args[i]] = args[i+1]
		}
		return q.book.Differential(q.a, args[0], tangents)
	}
	f, x := args[0], args[1]
	dependents := map[*Node]*Node{}
	for _, v := range expr.Variables(f) {
		if q.equation.Depends[v.Name] == x.Name && x.Is(expr.Variable) {
			dependents[v] = x
		}
	}
	if op == expr.Jacobian || op == expr.Gradient && len(dependents) > 0 { // by a scalar they are one
		return q.book.Jacobian(q.a, f, x, dependents)
	}
	g, err := q.book.Gradient(q.a, f, []*Node{x})
	switch {
	case err != nil:
		return nil, err
	case op == expr.Hessian:
		return q.book.Jacobian(q.a, g[0], x, nil)
	}
	return g[0], nil
}

// noRule passes on errors that are no limits of the rule book.
func noRule(err error) error {
	if missing := (*rules.NoRule)(nil); errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("no derivative: %w", err)
}

// check compares n with the reference as matdiff check does.
func (q *inquiry) check(n *Node) (numcheck.Report, error) {
	left, right := q.reference, n
	if q.claimLeft {
		left, right = n, q.reference
	}
	return numcheck.Equal(left, right, q.options())
}

// search tries the hypotheses in order.
func (q *inquiry) search() *Diagnosis {
	if q.trial == nil || len(expr.Variables(q.claim)) == 0 && q.operator == nil {
		return nil
	}
	q.parts = q.collect()
	for _, hypothesis := range []func() *Diagnosis{
		q.transposed, q.vectorised, q.constantFactor, q.scalarFactor, q.symmetrised, q.entries,
		q.ownTerms, q.editedTerms, q.incomplete, q.missingTerm,
		q.edited, q.incompleteDerived, q.inserted, q.exchanged,
		q.severalTerms, q.missingTerms, q.editedAndScaled, q.symmetricOnly, q.region,
	} {
		if d := hypothesis(); d != nil && !q.vacuous(d) {
			return d
		}
	}
	return nil
}

// vacuous reports whether d says no more than that the claim should be the other side, word by word or with something
// around it.
func (q *inquiry) vacuous(d *Diagnosis) bool {
	return d.Claim != nil && d.Code != Sign && d.Code != Factor && holds(d.Claim, q.reference)
}

// holds reports whether part is n or in it.
func holds(n, part *Node) (found bool) {
	expr.Walk(n, func(m *Node) { found = found || m == part })
	return found
}

// accepts reports whether n, which has not been tried before, agrees with the reference and passes the check.
func (q *inquiry) accepts(n *Node) bool {
	if n == nil || n.Shape != q.reference.Shape || q.tried[n] || q.effort <= 0 || q.b.Err() != nil {
		return false
	}
	q.tried[n] = true
	q.effort -= q.price
	return q.trial.Agrees(n) && q.confirmed(n)
}

// inForm reports whether n, which passes the check, is the reference itself. A derivative by a structured variable passes if
// its projection does, as A for (A + A')/2 by a symmetric one.
func (q *inquiry) inForm(n *Node) bool {
	if q.trial == nil || n == q.derived {
		return true
	}
	for i := range q.trial.Points() {
		v := q.trial.Value(i, n)
		for k := range q.trial.Reference(i) {
			if v == nil || !q.trial.Near(i, k, v[k]) {
				return false
			}
		}
	}
	return true
}

// passes reports whether n passes the check.
func (q *inquiry) passes(n *Node) bool {
	r, err := q.check(n)
	return err == nil && r.Verdict == numcheck.Holds
}

// confirmed reports whether n passes the check, of which there are not many: fewest where checks end undecided, after all their points.
func (q *inquiry) confirmed(n *Node) bool {
	if q.confirms <= 0 {
		return false
	}
	r, err := q.check(n)
	if q.confirms--; r.Verdict == numcheck.Undecided {
		q.confirms -= maxConfirms / 2
	}
	if err != nil || r.Verdict != numcheck.Holds {
		return false
	}
	q.passed = n
	return true
}

// unexplained is the diagnosis of a claim that no small change makes right; nil if there is nothing to say.
func (q *inquiry) unexplained() *Diagnosis {
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
