package main

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// witness is a program in Python that computes values and gradients of its own.
type witness struct {
	law     string
	every   int    // of how many subjects one is tried
	name    string // of what it computes with
	modules string // that its Python needs
	source  string
	atOnce  int    // points that it is asked about at once, of which all are compared
	always  bool   // it has to answer wherever matdiff has a value
	flags   string // of the command to paste for what it finds wrong
	ask     func(*python, *subject, []numcheck.Env) ([]answer, error)

	command string // of its Python
}

// answer is the value and the gradient at a point, or why there are none.
type answer struct {
	Value    float64   `json:"value"`
	Gradient []float64 `json:"gradient"` // row by row
	Error    string    `json:"error"`
}

// findWitnesses returns the witnesses that can be run, by the Python asked for if there is one, and the others.
func findWitnesses(asked string) (present, missing []witness) {
	for _, w := range []witness{torch, numpy} {
		if w.command = findPython(asked, w.modules); w.command != "" {
			present = append(present, w)
		} else {
			missing = append(missing, w)
		}
	}
	return present, missing
}

const (
	relative   = 1e-6  // share of the largest entry that is allowed as a difference
	rounding   = 1e-12 // and share of the value over the variable
	resolution = 1e-5  // where more than that would be allowed nothing is decided
)

// judge compares value and gradient with the witness's at points where rounding errors are small, until they agree there or
// differ at two: at a single one a difference may be the witness's own, as where a sigmoid is 1 to rounding.
func (w witness) judge(p *python, s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	var last finding
	agreed, differs := false, 0
	for batch := range slices.Chunk(points(s.random()), w.atOnce) {
		var both []numcheck.Env
		for _, at := range batch {
			both = append(both, at, nudged(at))
		}
		answers, err := w.ask(p, s, both)
		switch {
		case errors.Is(err, errNoAnswer):
			return []finding{{outcome: undecided, reason: err.Error()}}
		case err != nil:
			return refusal(err)
		}
		for i := range batch {
			f := w.compare(s, g, both[2*i:2*i+2], answers[2*i:2*i+2])
			switch {
			case f.outcome != wrong:
			case fragile(batch[i], s.f, g):
				f = finding{outcome: undecided, reason: "rounding errors choose a branch"}
			case isSingular(batch[i], g):
				f = finding{outcome: undecided, reason: "the formula has the inverse of a singular matrix"}
			}
			switch f.outcome {
			case agrees:
				agreed = true
			case wrong:
				if differs++; differs == 2 {
					f.shown = s.command() + w.flags
					return []finding{f}
				}
				f.reason = "differs at one point only"
			}
			if differs == 0 || f.outcome == wrong {
				last = f
			}
		}
		if agreed {
			return []finding{{outcome: agrees}}
		}
	}
	return []finding{{outcome: undecided, reason: last.reason}}
}

// compare compares at a point with the answers there and at the same point nudged.
func (w witness) compare(s *subject, g *expr.Node, points []numcheck.Env, answers []answer) finding {
	p := points[0]
	theirs, ours := make([][]float64, 2), make([][]float64, 2)
	for i, a := range answers {
		var err error
		if ours[i], err = numbers(points[i], g, s.f); err != nil {
			return finding{outcome: wrong, reason: err.Error()}
		}
		if x := largestMagnitude(ours[i]); math.IsNaN(x) || math.IsInf(x, 0) {
			return finding{outcome: undecided, reason: "outside the domain"}
		}
		theirs[i] = append(a.Gradient, a.Value)
	}
	for _, a := range answers {
		switch {
		case a.Error != "" && w.always:
			return finding{outcome: wrong, reason: fmt.Sprintf("%s: %s at %v", w.name, a.Error, p.Sizes)}
		case a.Error != "":
			return finding{outcome: undecided, reason: a.Error}
		}
	}
	entries := len(ours[0]) - 1 // then the value
	value, theirValue := ours[0][entries], theirs[0][entries]
	scale := math.Max(largestMagnitude(ours[0][:entries]), largestMagnitude(theirs[0][:entries]))
	noise := math.Max(change(ours[0][:entries], ours[1][:entries]), change(theirs[0][:entries], theirs[1][:entries]))
	tolerance := relative*scale + growth*noise + rounding*math.Abs(value)/largestMagnitude(p.Values[s.x.Name].RawMatrix().Data)
	switch {
	case largestMagnitude(ours[0][:entries]) == 0:
		tolerance = math.Max(tolerance, rounding)
	case scale < rounding*math.Max(1, math.Abs(value)): // the witness has lost it where a sigmoid is 1 to rounding
		return finding{outcome: undecided, reason: "vanishes to rounding"}
	case !(tolerance <= resolution*scale):
		return finding{outcome: undecided, reason: "rounding errors grow too much"}
	}
	for k := range entries {
		if d := math.Abs(ours[0][k] - theirs[0][k]); !(d <= tolerance) {
			rows, cols := dims(s.x.Shape, p.Sizes)
			return finding{outcome: wrong, reason: fmt.Sprintf("entry %d,%d of %d×%d: %.15g, %s %.15g ± %.1g at %v",
				k/cols+1, k%cols+1, rows, cols, ours[0][k], w.name, theirs[0][k], tolerance, p.Sizes)}
		}
	}
	change := math.Max(math.Abs(value-ours[1][entries]), math.Abs(theirValue-theirs[1][entries]))
	if d := math.Abs(value - theirValue); !(d <= relative*math.Abs(value)+growth*change+rounding) {
		return finding{outcome: wrong, reason: fmt.Sprintf("the value is %.15g, %s's %.15g at %v", value, w.name, theirValue, p.Sizes)}
	}
	return finding{outcome: agrees}
}
