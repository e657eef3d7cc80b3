package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"matdiff/internal/diagnose"
	"matdiff/internal/document"
	"matdiff/internal/numcheck"
	"matdiff/internal/printer"
)

// outcomes is what -o json prints for check.
type outcomes struct {
	Version   string           `json:"version"`
	Seed      uint64           `json:"seed"`
	Equations []outcome        `json:"equations"`
	Unread    []unreadEquation `json:"unread,omitempty"`
}

// outcome is how one equation stands.
type outcome struct {
	Text       string   `json:"text"`
	File       string   `json:"file,omitempty"`
	Line       int      `json:"line,omitempty"`
	Claim      string   `json:"claim,omitempty"`    // how it was read, if it is from a document
	Expected   bool     `json:"expected,omitempty"` // it is wrong, and the document says so
	Verdict    string   `json:"verdict"`
	Points     int      `json:"points,omitempty"`
	Resolution rounded  `json:"resolution,omitempty"`
	Shapes     []string `json:"shapes,omitempty"`    // of the sides, if they differ
	Diagnosis  *mistake `json:"diagnosis,omitempty"` // what is wrong
	Witness    *witness `json:"witness,omitempty"`   // where they differ
	Reasons    []string `json:"reasons,omitempty"`   // why there is no verdict
	Notes      []string `json:"notes,omitempty"`
	Warnings   []string `json:"warnings,omitempty"` // what a document probably means otherwise than it says

	at         document.Place
	inDocument bool
	report     numcheck.Report
	sides      [2]string // what the sides are called
}

// mistake is what is wrong with an equation that fails.
type mistake struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Claim   string `json:"claim,omitempty"`   // what the claimed side should be
	Derived string `json:"derived,omitempty"` // the derivative as matdiff derives it
}

// The verdicts on an equation.
const (
	holds     = "holds"
	fails     = "fails"
	undecided = "undecided"
	faulty    = "error" // cannot be read or formed
)

// witness is an entry in which the two sides differ. Row 0 stands for a random direction.
type witness struct {
	Row       int            `json:"row"`
	Column    int            `json:"column"`
	Left      float64        `json:"left"`
	Right     float64        `json:"right"`
	Tolerance rounded        `json:"tolerance"`
	Sizes     map[string]int `json:"sizes"`
}

// decide enters what numcheck says.
func (o *outcome) decide(r numcheck.Report) {
	o.report, o.sides = r, [2]string{"left", "right"}
	o.Verdict, o.Points, o.Resolution, o.Reasons, o.Notes = r.Verdict.String(), r.Points, rounded(r.Resolution), r.Reasons, r.Notes
	if r.Mismatch {
		o.Shapes = []string{r.Shapes[0].String(), r.Shapes[1].String()}
	}
	if w := r.Worst; w != nil {
		o.Witness = &witness{w.Row, w.Col, w.Left, w.Right, rounded(w.Tolerance), r.Sizes}
	}
}

// diagnose enters what is wrong, if that is known.
func (o *outcome) diagnose(d *diagnose.Diagnosis) {
	if d == nil {
		return
	}
	o.Diagnosis = &mistake{Code: string(d.Code), Message: d.Message}
	if d.Claim != nil {
		o.Diagnosis.Claim = printer.Text(d.Claim)
	}
	if d.Derived != nil {
		o.Diagnosis.Derived = printer.Text(d.Derived)
	}
	o.sides = [2]string{"true", "claimed"}
	if d.Left {
		o.sides = [2]string{"claimed", "true"}
	}
}

// String says what is wrong, and what would be right.
func (m *mistake) String() string {
	s := fmt.Sprintf("%s [%s].", m.Message, m.Code)
	switch {
	case m.Claim != "":
		s += "  Right: " + m.Claim
	case m.Derived != "":
		s += "  Derived: " + m.Derived
	}
	return s
}

// verdictWords begin the line of an equation.
var verdictWords = map[string]struct{ word, colour string }{
	holds:     {"ok   ", "32"},
	fails:     {"wrong", "31"},
	undecided: {"?    ", "33"},
}

// line says how the equation stands.
func (o *outcome) line(colour bool) string {
	w := verdictWords[o.Verdict]
	if colour {
		w.word = "\x1b[" + w.colour + "m" + w.word + "\x1b[0m"
	}
	at := ""
	if o.File != "" {
		at = fmt.Sprintf("%s:%d: ", oneLine(o.File), o.Line)
	}
	return fmt.Sprintf("%s  %s%s   %s", w.word, at, oneLine(shortened(o.Text, maxColumns)), o.finding())
}

func (o *outcome) finding() string {
	r, found := o.report, ""
	if o.Diagnosis != nil {
		found = o.Diagnosis.String() + "   "
	}
	switch {
	case r.Mismatch:
		return found + "the shapes differ: " + difference(r, o.sides[0], o.sides[1])
	case o.Verdict == fails:
		return fmt.Sprintf("%s%s (seed %d)", found, difference(r, o.sides[0], o.sides[1]), r.Seed)
	case o.Verdict == undecided:
		return fmt.Sprintf("not decided: %s (seed %d)", strings.Join(r.Reasons, "; "), r.Seed)
	case r.Vacuous:
		return fmt.Sprintf("both sides are 0 at %d points (%s)", r.Points, drawn(r))
	}
	return fmt.Sprintf("agrees to %s at %d points (%s; an error of %s would show)", magnitude(r.Agreement), r.Points, drawn(r), magnitude(r.Resolution))
}

// drawn says what the points of r were drawn from.
func drawn(r numcheck.Report) string {
	s := fmt.Sprintf("scales %g-%g, seed %d", r.MinScale, r.MaxScale, r.Seed)
	if r.MaxSize > 1 {
		s = fmt.Sprintf("sizes %d-%d, ", r.MinSize, r.MaxSize) + s
	}
	return s
}

// magnitude writes x with one digit, as 4e-14.
func magnitude(x float64) string {
	if x == 0 {
		return "0"
	}
	return strings.NewReplacer("e-0", "e-", "e+0", "e").Replace(fmt.Sprintf("%.0e", x))
}

// difference says how the sides, called left and right, differ: in shape, or in which entry most.
func difference(r numcheck.Report, left, right string) string {
	if r.Mismatch {
		return fmt.Sprintf("%s %s, %s %s", left, r.Shapes[0], right, r.Shapes[1])
	}
	w := r.Worst
	where := fmt.Sprintf("entry (%d,%d)", w.Row, w.Col)
	if w.Row == 0 {
		where = "a random direction"
	}
	if s := sizes(r.Sizes); s != "" {
		where += " at " + s
	}
	return fmt.Sprintf("%s: %s %.8g, %s %.8g ± %s", where, left, w.Left, right, w.Right, magnitude(w.Tolerance))
}

// sizes writes m=4, n=3.
func sizes(of map[string]int) string {
	var s []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		s = append(s, fmt.Sprintf("%s=%d", name, of[name]))
	}
	return strings.Join(s, ", ")
}
