package numcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"matdiff/internal/expr"
)

const (
	pointsNeeded    = 10
	pointsPiecewise = 20
	pointsLarge     = 3    // of large matrices
	pointsQuick     = 3    // Verify
	failuresNeeded  = 2    // disagreeing points for Fails
	relative        = 1e-9 // tolerance of an entry
	absolute        = 1e-12
	resolved        = 1e-6 // errors beyond this share of the largest entry decide nothing
	sharp           = 1e-8 // resolution of the best point up to which none better is looked for
	evident         = 4    // times the tolerance: what such errors do not excuse; less leaves a doubt
	maxCondition    = 1e4
	singular        = 1e12   // condition of what has no inverse but for rounding errors
	branchMargin    = 1e-7   // of the largest entry of a piecewise argument: enough steps of a difference stay on its side
	zeroResolution  = 1e-9   // of the size that a value that is 0 might have
	underflow       = 1e-290 // what is smaller has lost digits, or may be what is left of more
)

// Equal decides whether two expressions, which may hold operators of equations, are equal.
func Equal(left, right *expr.Node, o Options) (report Report, err error) {
	defer recoverPanic(&err)
	if left.Shape != right.Shape {
		return Report{Verdict: Fails, Mismatch: true, Shapes: [2]expr.Shape{left.Shape, right.Shape}, Seed: o.Seed}, nil
	}
	q, err := newQuestion(standardSteps, left, right, o)
	if err != nil {
		return Report{}, err
	}
	q.need = pointsNeeded
	if q.hasBranches() {
		q.need = pointsPiecewise
	}
	q.branches, q.anyRank = true, o.Points == 0
	if o.Given.Values != nil {
		q.atGiven()
	}
	work, err := q.chooseSizes()
	if err != nil {
		return Report{}, err
	}
	if math.IsInf(work, 1) {
		return q.tooLarge(), nil
	}
	if work > entryWork {
		work = q.economise(work)
	}
	if o.Points > 0 {
		q.need = o.Points
	}
	if work > equalWork {
		return q.tooLarge(), nil
	}
	return q.decide()
}

// tooLarge is the report of a question that would take too long.
func (q *question) tooLarge() Report {
	q.report.Reasons = []string{"the matrices are too large to be checked in reasonable time"}
	return q.report
}

// isZero reports whether n is a literal zero.
func isZero(n *expr.Node) bool { return n.Op == expr.Zeros || n.IsNumber(0) }

// question is an equation being decided.
type question struct {
	machine *machine
	program *program
	sides   [2]side
	sampler *sampler
	need    int
	// All values of the point are given.
	complete bool
	// Branches makes both sides of every branch a condition for Holds, and that no point that is aimed at contradicts.
	branches bool
	anyRank  bool  // matrices of low rank are drawn too
	confirm  steps // with which a disagreement is confirmed
	// Large matrices: fewer points, bounds in place of jitter, and no more than maxEvaluations.
	large  bool
	margin float64 // of the arguments of piecewise functions, as a share of their largest entry
	bounds float64 // share of the bounds of rounding errors that counts
	// A derivative by a large variable is compared along random directions only.
	probe      *derivative
	directions int
	tally      tally
	saved      [][]float64 // values of the variables, while these are moved
	report     Report
	finest     float64         // resolution of the best agreeing point
	fit        []int           // the draws of agreeing points
	approached float64         // work done for points beside branches
	patterns   map[string]bool // of the sides of their branches that piecewise functions have been on together
	general    bool            // some agreeing point was not of the family that draws all matrices positive definite
}

// side is one side of the equation.
type side struct {
	node  *expr.Node
	root  *cell
	cells []*cell // all that root needs
	inner []*cell // and all that the derivatives among these need
	space space   // in which it lies, if it is a derivative by a structured variable
}

func newQuestion(s steps, left, right *expr.Node, o Options) (*question, error) {
	m := newMachine(s)
	m.context = o.Context
	if o.Entries > 0 {
		m.entries = o.Entries
	}
	p, err := m.compile(left, right)
	if err != nil {
		return nil, err
	}
	if err := m.follow(o.Depends); err != nil {
		return nil, err
	}
	q := &question{machine: m, program: p, confirm: confirmSteps, margin: branchMargin, finest: math.Inf(1), patterns: map[string]bool{},
		tally: tally{blocked: map[string]int{}, noise: math.Inf(1)}}
	for i, n := range [2]*expr.Node{left, right} {
		cells := p.ancestors(p.roots[i])
		q.sides[i] = side{node: n, root: p.roots[i], cells: cells, inner: differentiated(cells), space: spaceOf(p.roots[i])}
	}
	q.sampler = newSampler(m, o.Seed, left, right)
	q.sampler.given = o.Given
	q.report = Report{Seed: o.Seed, Shapes: [2]expr.Shape{left.Shape, right.Shape}}
	return q, nil
}

func (m *machine) setSteps(s steps) {
	m.steps = s
	for _, d := range m.derivatives() {
		d.steps = s
	}
}

// soleDerivative returns the derivative by a whole variable that is one side of the equation, if the other side has none. The
// Jacobian by a scalar is one entry by entry: it has the shape of the function.
func (q *question) soleDerivative() *derivative {
	for i, s := range q.sides {
		d, op := s.root.derivative, s.node.Op
		if d == nil || op == expr.Differential || d.wrt[0].single || q.sides[1-i].root.late {
			continue
		}
		if op != expr.Jacobian || !d.wrt[0].x.shape.IsScalar() {
			return d
		}
	}
	return nil
}

// atGiven has the question decided at one point, of which the user gives some values: branches are where they are.
func (q *question) atGiven() {
	q.need, q.branches, q.report.Given = 1, false, true
	q.complete = !slices.ContainsFunc(q.machine.variables, func(v *cell) bool { return q.sampler.given.Values[v.node.Name] == nil })
}

// draws is how many points are drawn at most, and how many are compared in vain: fewer where each is a lot of work.
func (q *question) draws() (most, vain int) {
	if q.complete {
		return 1, 1
	}
	w := q.work()
	for c := range q.machine.cells() {
		if c.derivative == nil {
			w += boundRuns * c.work()
		}
	}
	most, affordable := 6*q.need+60, int(drawsWork/w)
	switch {
	case w <= entryWork:
		return max(q.need+10, min(most, affordable)), most
	case q.branches: // not by Verify, which has to be quick
		return most, most
	}
	return q.need + 10, max(1, affordable)
}

// decide draws points until there are enough of one kind.
func (q *question) decide() (Report, error) {
	r := &q.report
	draws, vain := q.draws()
	for range draws {
		q.machine.pause()
		if q.exhausted() || q.tally.inVain() >= vain {
			q.tally.exhausted = true
			break
		}
		if err := q.sampler.draw(); errors.Is(err, errTooLarge) {
			return q.tooLarge(), nil
		} else if err != nil {
			return Report{}, err
		}
		o := q.judge()
		q.tally.count[o]++
		if o == agrees {
			q.fit = append(q.fit, q.sampler.draws)
		}
		q.sampler.judged(o == agrees || o == bothZero || o == disagrees)
		switch {
		case q.tally.count[disagrees] == min(failuresNeeded, q.need):
			r.Verdict, r.Points = Fails, q.tally.count[disagrees]
		case q.tally.count[disagrees] > 0:
			continue
		case q.tally.count[agrees] >= q.need && q.allSeen() && (q.isSharp() || q.tally.drawn() == draws):
			r.Verdict, r.Points = Holds, q.tally.count[agrees]
		case q.saysZero() && q.isVacuous():
			r.Verdict, r.Points, r.Vacuous = Holds, q.tally.count[bothZero], true
		}
		if r.Verdict != Undecided {
			break
		}
	}
	if r.Verdict == Undecided && q.tally.count[disagrees] == 0 && q.isVacuous() {
		r.Verdict, r.Points, r.Vacuous = Holds, q.tally.count[bothZero], true
	}
	if r.Verdict == Holds && q.branches && r.MaxSize == smallSize && len(q.sampler.names) > 0 && q.sampler.high > smallSize {
		r.Verdict = Undecided
		r.Reasons = append(r.Reasons, fmt.Sprintf("only points at which all sizes are %d could be compared", smallSize))
	}
	if r.Vacuous && q.tally.count[noisy] > q.tally.count[bothZero] { // 0 perhaps only where something is saturated
		r.Verdict, r.Vacuous = Undecided, false
	}
	if r.Verdict == Holds && manySaturated*q.tally.saturated >= q.tally.drawn() && q.tally.saturated > 0 {
		r.Verdict = Undecided
	}
	if r.Verdict == Holds {
		q.note()
	}
	if q.branches && !q.large && (r.Verdict == Holds || r.Verdict == Undecided && q.tally.count[disagrees] > 0) {
		if err := q.lookElsewhere(); err != nil {
			return Report{}, err
		}
	}
	if r.Verdict == Holds && q.tally.doubtful > 0 {
		r.Verdict, r.Vacuous, r.Notes = Undecided, false, nil
	}
	if r.Verdict == Holds && q.branches {
		if limits := q.atLimits(); len(limits) > 0 {
			r.Verdict, r.Reasons = Undecided, append(r.Reasons, limits...)
			r.Vacuous, r.Notes = false, nil
		}
	}
	r.Drawn, r.Evaluations = q.tally.drawn(), q.machine.evaluations
	if r.Verdict == Undecided {
		r.Points = q.tally.count[agrees]
		r.Reasons = append(r.Reasons, append(q.tally.reasons(), q.asymmetric()...)...)
		r.Undefined = q.tally.fit == 0 && q.tally.only[0] >= pointsQuick
		if q.branches {
			r.Unseen = q.unseen()
		}
		for _, n := range r.Unseen {
			r.Reasons = append(r.Reasons, fmt.Sprintf("a branch of %s was never taken", n.Op.UserName()))
		}
		r.Worst = nil
	}
	return *r, nil
}

// smallSize is the size at which more is equal than at others: squares of skew matrices are diagonal there.
const smallSize = 2

// manySaturated is one over the share of points at which only one side has a value, since a function on the other is saturated, that is
// too large for the rest to be evidence.
const manySaturated = 3

// asymmetric says what lambda_max is not defined for, if points were outside its domain.
func (q *question) asymmetric() []string {
	if q.tally.blocked[expr.LambdaMax.UserName()] == 0 {
		return nil
	}
	reason := "lambda_max is defined for symmetric matrices only"
	for c := range q.machine.cells() {
		if x := c.args; c.node.Op == expr.LambdaMax && x[0].node.Op == expr.Variable && mirrorSign(x[0].node.Props) <= 0 {
			return []string{fmt.Sprintf("%s: declare %s: symmetric", reason, x[0].node.Name)}
		}
	}
	return []string{reason}
}

// isVacuous reports whether both sides are 0 wherever that can be told.
func (q *question) isVacuous() bool {
	return q.tally.count[agrees] == 0 && !q.tally.nonzero && q.tally.count[bothZero] >= q.need && q.allSeen()
}

// saysZero reports whether a side is written as 0. If neither is, both may be 0 only where something is saturated, as a
// sigmoid is far from 0: then all points are drawn that may be.
func (q *question) saysZero() bool { return isZero(q.sides[0].node) || isZero(q.sides[1].node) }

// note remarks on what a Holds leaves open. That the formula for a derivative has a value where the function has none is usual.
func (q *question) note() {
	for i, name := range [2]string{"left", "right"} {
		if n := q.tally.only[i]; n > 0 && (q.sides[i].root.late || !q.sides[1-i].root.late) {
			q.report.Notes = append(q.report.Notes, fmt.Sprintf("%d of %d points: only the %s side is defined there", n, q.tally.drawn(), name))
		}
	}
	if !q.general {
		q.report.Notes = append(q.report.Notes, "only points with symmetric positive definite matrices were in the domain")
	}
	for i, s := range q.sides {
		other := q.sides[1-i].root
		if s.space.x == nil || q.probe != nil {
			continue
		}
		v := append([]float64(nil), other.val...)
		s.space.project(v)
		for k, y := range other.val {
			if math.Abs(y-v[k]) > relative*largestMagnitude(other.val) {
				q.report.Notes = append(q.report.Notes, fmt.Sprintf("equal as a derivative by a matrix that is %s, though not of that form itself", s.space.x.node.Props&structure))
				break
			}
		}
	}
}

// judge evaluates both sides at the point drawn and compares them.
func (q *question) judge() outcome {
	q.machine.prepare()
	if q.sampler.unfit >= liftAfter {
		q.lift()
	}
	if o := q.inspect(); o != agrees {
		return o
	}
	q.tally.fit++
	var directions []direction
	if q.probe != nil {
		directions = q.randomDirections()
	}
	c := q.compare(directions)
	if c.outcome == disagrees && len(q.machine.derivatives()) > 0 {
		usual := q.machine.steps
		q.machine.setSteps(q.confirm)
		c = q.compare(directions)
		q.machine.setSteps(usual)
		if c.outcome == agrees {
			c.outcome = noisy
		}
	}
	switch {
	case c.outcome == bothZero && (q.underflows() || q.absorbs()),
		c.outcome == disagrees && (c.worst.isTiny() && q.underflows() || q.isDrowned()):
		c.outcome = vanished
	}
	q.record(c)
	return c.outcome
}

// inspect finds what makes the point unfit before anything is differentiated: agrees means nothing.
func (q *question) inspect() outcome {
	for c := range q.machine.cells() {
		if !c.late && !allFinite(c.val) {
			q.tally.blocked[c.node.Op.UserName()]++
			q.compareDomains()
			return outside
		}
	}
	for c := range q.machine.cells() {
		switch traits := c.node.Op.Traits; {
		case c.late:
		case c.constant:
			if traits.Has(expr.Piecewise) && c.args[0].isNoise() {
				return nearBranch
			}
		case c.isLostAngle():
			return noisy
		case traits.Has(expr.NeedsNonsingular):
			if k := condition(c); !(k <= maxCondition) {
				q.tally.condition = math.Max(q.tally.condition, k)
				q.compareDomains()
				return illPosed
			}
		case traits.Has(expr.Piecewise):
			a := c.args[0].val
			margin := q.margin * largestMagnitude(a)
			for i, x := range a {
				reach := math.Max(margin, caution*eps*c.args[0].bound[i])
				if math.Abs(x) < reach && (x != 0 || c.args[0].roundsToZero()) { // other exact zeros are by structure, like the diagonal of X-X'
					return nearBranch
				}
			}
		}
	}
	return agrees
}

// compareDomains counts a point at which one side only has a value.
func (q *question) compareDomains() {
	var defined [2]bool
	for i, s := range q.sides {
		defined[i] = !slices.ContainsFunc(s.cells, (*cell).isUndefined) && !slices.ContainsFunc(s.inner, (*cell).isUndefined)
	}
	for i := range q.sides {
		if defined[i] && !defined[1-i] {
			q.tally.only[i]++
			if slices.ContainsFunc(q.sides[1-i].cells, (*cell).isSaturated) {
				q.tally.saturated++
			}
		}
	}
}

// isUndefined reports whether c has no value, or one by rounding errors only. What is measured may have one.
func (c *cell) isUndefined() bool {
	if c.late || !allFinite(c.val) {
		return !c.late
	}
	switch c.node.Op {
	case expr.Inv, expr.LogDet, expr.Logm:
		return !c.constant && !(condition(c) <= singular)
	}
	return false
}

func (q *question) randomDirections() []direction {
	directions := make([]direction, q.directions)
	for i := range directions {
		x := q.probe.wrt[0].x
		directions[i].v = q.sampler.direction(x)
		if q.probe.cell.node.Op == expr.Hessian {
			directions[i].u = q.sampler.direction(x)
		}
	}
	return directions
}

// isPiecewise reports whether anything in the equation has branches.
func (q *question) isPiecewise() bool {
	for c := range q.machine.cells() {
		if isPiecewise(c) {
			return true
		}
	}
	return false
}

// hasBranches reports whether anything in the equation may have more than one branch, as the inverse of a function does
// where it is given a value of that function.
func (q *question) hasBranches() bool {
	for c := range q.machine.cells() {
		switch c.node.Op {
		case expr.Asin, expr.Acos, expr.Atan, expr.Logm, expr.Sqrtm:
			if len(c.args[0].args) > 0 {
				return true
			}
		}
		if c.turning() != nil {
			return true
		}
	}
	return false
}

// unseen lists the operations with branches of which agreeing points have not shown both sides.
func (q *question) unseen() []*expr.Node {
	var list []*expr.Node
	for c := range q.machine.cells() {
		if isBranching(c) && !(c.seen[0] && c.seen[1]) && !slices.Contains(list, c.node) {
			list = append(list, c.node)
		}
	}
	return list
}

func (q *question) allSeen() bool { return !q.branches || len(q.unseen()) == 0 }

// isSharp reports whether an agreeing point would have shown a small error.
func (q *question) isSharp() bool { return q.finest <= sharp || q.large || !q.branches }

// record keeps what the report says of the point.
func (q *question) record(c comparison) {
	r := &q.report
	switch c.outcome {
	case noisy:
		q.tally.noise = math.Min(q.tally.noise, c.resolution)
		if c.doubtful {
			q.tally.doubtful++
		}
		q.tally.nonzero = q.tally.nonzero || c.nonzero
		return
	case disagrees:
		if r.Worst == nil {
			worst := c.worst
			r.Worst, r.Sizes = &worst, q.machine.sizes
		}
	case agrees, bothZero:
		for c := range q.machine.cells() {
			if c.turning() != nil {
				c.see()
			}
			c.turns = c.turns || c.isTurning()
		}
		q.isNewPattern()
		q.general = q.general || families[q.sampler.family] != definite
		if c.outcome == agrees {
			r.Agreement = math.Max(r.Agreement, c.agreement)
			r.Resolution = math.Max(r.Resolution, c.resolution)
			q.finest = math.Min(q.finest, c.resolution)
		}
	default:
		return
	}
	for _, v := range q.machine.variables {
		for _, size := range [2]int{v.rows, v.cols} {
			if size > 1 && (r.MinSize == 0 || size < r.MinSize) {
				r.MinSize = size
			}
			r.MaxSize = max(r.MaxSize, size)
		}
	}
	if r.MinScale == 0 || q.sampler.scale < r.MinScale {
		r.MinScale = q.sampler.scale
	}
	r.MaxScale = math.Max(r.MaxScale, q.sampler.scale)
}
