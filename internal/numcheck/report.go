package numcheck

import (
	"context"
	"fmt"

	"matdiff/internal/expr"
)

// Options says how to decide.
type Options struct {
	Seed   uint64 // same seed, same points, same report
	Points int    // how many points have to agree; 0: as many as a verdict takes
	// Depends gives the scalar that a variable is declared to be a function of, by their names.
	Depends map[string]string
	Context context.Context // of the run; nil for one that nothing stops
	Entries int             // of all matrices of a point at most; 0: the usual limit
	// Given has sizes and values that are not drawn. If it has values, the verdict is on that point alone.
	Given Env
}

// Verdict is what the points say about an equation.
type Verdict int

const (
	Undecided Verdict = iota
	Holds
	Fails
)

func (v Verdict) String() string { return [...]string{"undecided", "holds", "fails"}[v] }

// Report is a verdict and what it rests on. A verdict of Holds means: equal at the points and resolution given.
type Report struct {
	Verdict Verdict
	Seed    uint64
	Points  int // that agree, or for Fails that disagree
	Drawn   int
	Given   bool // the verdict is on the point given
	// Evaluations of the functions whose derivatives were measured.
	Evaluations int

	Agreement  float64 // largest difference seen, relative to the largest entry
	Resolution float64 // an error of this size, relative to the largest entry, would have shown
	Vacuous    bool    // both sides are 0 at all points
	MinSize    int     // of the dimensions and the scales drawn at these points
	MaxSize    int
	MinScale   float64
	MaxScale   float64

	Mismatch bool           // the shapes of the sides differ: decided without points
	Shapes   [2]expr.Shape  // of the sides
	Sizes    map[string]int // Fails: the dimensions at the point of Worst
	Worst    *Entry         // Fails: the entry that disagrees most

	Reasons   []string     // Undecided: why
	Undefined bool         // Undecided: the right side has no value at any point at which the left side may have one
	Unseen    []*expr.Node // piecewise operations of which one branch was never taken
	Notes     []string     // remarks on an equation that holds
}

// Entry is an entry of both sides, counted from 1, and how far they may differ. Row 0 stands for a random direction.
type Entry struct {
	Row, Col               int
	Left, Right, Tolerance float64
}

// outcome is what came of a point.
type outcome int

const (
	agrees     outcome = iota
	bothZero           // no evidence unless it is so everywhere
	disagrees          // confirmed with other steps
	vanished           // a side may be 0 by underflow only
	noisy              // the errors are too large to tell
	outside            // not finite somewhere
	illPosed           // an argument of inv, det … is near singular
	nearBranch         // a piecewise argument is near its branch
	kinked             // one-sided slopes differ
	outcomes
)

// tally counts outcomes and keeps what reasons are given from.
type tally struct {
	count     [outcomes]int
	blocked   map[string]int // operations outside their domain
	condition float64        // worst
	noise     float64        // least resolution of a noisy point
	only      [2]int         // points at which only that side has a value
	saturated int            // points at which only one side has a value, and a function on the other is saturated
	fit       int            // points at which all is defined
	exhausted bool           // no more evaluations were allowed
	nonzero   bool           // at a noisy point a side was not 0
	doubtful  int            // noisy points at which the sides differ by more than their errors
}

// inVain is how many points were compared and tell nothing.
func (t *tally) inVain() int { return t.count[vanished] + t.count[noisy] + t.count[kinked] }

func (t *tally) drawn() int {
	n := 0
	for _, c := range t.count {
		n += c
	}
	return n
}

func (t *tally) reasons() []string {
	var list []string
	say := func(n int, format string, args ...any) {
		if n > 0 {
			list = append(list, fmt.Sprintf(format, append([]any{n, t.drawn()}, args...)...))
		}
	}
	if t.count[outside] > 0 {
		worst, most := "", 0
		for name, n := range t.blocked {
			if n > most || n == most && name < worst {
				worst, most = name, n
			}
		}
		say(t.count[outside], "%d of %d points are outside the domain, mostly of %s", worst)
	}
	say(t.count[illPosed], "%d of %d points have a nearly singular argument (condition number up to %.0e)", t.condition)
	say(t.count[nearBranch], "%d of %d points are at a branch of a piecewise function")
	say(t.saturated, "%d of %d points give one side alone a value, the other one is beyond what numbers can be")
	say(t.count[kinked], "%d of %d points are at a kink")
	say(t.count[vanished], "%d of %d points have values too small to be told from 0")
	say(t.count[noisy], "%d of %d points are too noisy to tell (resolution %.0e at best)", t.noise)
	say(t.doubtful, "%d of %d points differ by more than their errors, but these are large")
	say(t.count[disagrees], "%d of %d points disagree, too few to be sure")
	if t.count[agrees] > 0 {
		say(t.count[bothZero], "%d of %d points give 0 on both sides")
	}
	if t.exhausted {
		list = append(list, fmt.Sprintf("%d of %d points agree, and no more are drawn of large matrices", t.count[agrees], t.drawn()))
	}
	return list
}
