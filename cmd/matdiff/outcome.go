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
	Version   int       `json:"version"` // of this format
	Program   string    `json:"matdiff"` // version of matdiff
	Seed      uint64    `json:"seed"`
	Equations []outcome `json:"equations"`
}

// outcomesVersion changes when a program that reads outcomes has to.
const outcomesVersion = 1

// outcome is how one equation stands.
type outcome struct {
	File       string   `json:"file,omitempty"`
	Line       int      `json:"line,omitempty"`   // lines and columns count from 1, columns in code points; the end is
	Column     int      `json:"column,omitempty"` // the place after the last
	EndLine    int      `json:"endLine,omitempty"`
	EndColumn  int      `json:"endColumn,omitempty"`
	Text       string   `json:"text"`
	Read       string   `json:"read,omitempty"`     // how it was read, if it is from a document
	Expected   bool     `json:"expected,omitempty"` // it is wrong, and the document says so
	Verdict    string   `json:"verdict"`
	Code       string   `json:"code,omitempty"`      // of the diagnosis
	Claimed    string   `json:"claimed,omitempty"`   // the side that is wrong
	Right      string   `json:"right,omitempty"`     // what it should be
	Derived    string   `json:"derived,omitempty"`   // the derivative as matdiff derives it
	Diagnosis  string   `json:"diagnosis,omitempty"` // what is wrong
	Witness    *witness `json:"witness,omitempty"`   // where the sides differ
	Points     int      `json:"points,omitempty"`
	Resolution rounded  `json:"resolution,omitempty"`
	Given      string   `json:"given,omitempty"`   // how it stands at the values that are set
	Shapes     []string `json:"shapes,omitempty"`  // of the sides, if they differ
	Reasons    []string `json:"reasons,omitempty"` // why there is no verdict
	Notes      []string `json:"notes,omitempty"`
	Warnings   []string `json:"warnings,omitempty"` // what a document probably means otherwise than it says

	fault  bool     // unread: that it cannot be read is a fault
	names  []string // that are set
	unused []string // names that are declared for nothing on the command line
	report numcheck.Report
	sides  [2]string // what the sides are called
}

// The verdicts on an equation.
const (
	holds     = "holds"
	fails     = "fails"
	undecided = "undecided"
	faulty    = "error"  // cannot be read or formed
	unread    = "unread" // stands in a document, and is passed over
)

// witness is an entry in which the two sides differ. Row 0 stands for a random direction.
type witness struct {
	Row       int            `json:"row"`
	Column    int            `json:"column"`
	Left      float64        `json:"left"`
	Right     float64        `json:"right"`
	Tolerance rounded        `json:"tolerance"`
	Sizes     map[string]int `json:"sizes"`
	Given     bool           `json:"given,omitempty"` // at the values that are set
}

// decide enters what numcheck says.
func (o *outcome) decide(r numcheck.Report) {
	o.report, o.sides = r, [2]string{"left", "right"}
	o.Verdict, o.Points, o.Resolution, o.Reasons, o.Notes = r.Verdict.String(), r.Points, rounded(r.Resolution), r.Reasons, r.Notes
	if r.Mismatch {
		o.Shapes = []string{r.Shapes[0].String(), r.Shapes[1].String()}
	}
	if w := r.Worst; w != nil {
		o.Witness = &witness{w.Row, w.Col, w.Left, w.Right, rounded(w.Tolerance), r.Sizes, r.Given}
	}
}

// place enters where the equation stands.
func (o *outcome) place(p document.Place) {
	o.File, o.Line, o.Column, o.EndLine, o.EndColumn = p.File, p.Line, p.Column, p.EndLine, p.EndColumn
}

// diagnose enters what is wrong with the equation, if that is known.
func (o *outcome) diagnose(d *diagnose.Diagnosis) {
	if d == nil {
		return
	}
	o.Code, o.Diagnosis, o.Claimed = string(d.Code), d.Message, printer.Text(d.Claimed)
	if d.Claim != nil {
		o.Right = printer.Text(d.Claim)
	}
	if d.Derived != nil {
		o.Derived = printer.Text(d.Derived)
	}
	o.sides = [2]string{"true", "claimed"}
	if d.Left {
		o.sides = [2]string{"claimed", "true"}
	}
}

// mistake says what is wrong, and what would be right.
func (o *outcome) mistake() string {
	s := fmt.Sprintf("%s [%s].", o.Diagnosis, o.Code)
	switch {
	case o.Right != "":
		s += "  Right: " + o.Right
	case o.Derived != "":
		s += "  Derived: " + o.Derived
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
	if o.Given != "" {
		return o.atRandom() + "; " + o.Given
	}
	return o.atRandom()
}

// atRandom is the finding at the random points, or at the point given if that decides.
func (o *outcome) atRandom() string {
	r, found := o.report, ""
	if o.Diagnosis != "" {
		found = o.mistake() + "   "
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
	if s := sizes(r.Sizes); r.Given {
		where += " at the values given"
	} else if s != "" {
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
