package document

import (
	"fmt"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// links are the equations of a chain.
type links struct {
	*reading
	*sentence
	must        bool
	expect      string
	at          int
	named       int // the side that the name on the left is defined by
	tight, wide []*term
	notes       [][]string // of each side
	warnings    [][]string
	reasons     []string
}

// read reads the sides in the ways in which d X Y can be meant.
func (e *links) read() {
	n := len(e.sides)
	e.tight, e.wide, e.reasons = make([]*term, n), make([]*term, n), make([]string, n)
	e.notes, e.warnings = make([][]string, n), make([][]string, n)
	for i, s := range e.sides {
		e.reasons[i] = attempt(func() {
			in := &reader{tokens: s.tokens, apply: e.known.apply}
			e.tight[i] = in.whole()
			e.notes[i], e.warnings[i] = in.notes, in.warnings
		})
		attempt(func() { e.wide[i] = readTerm(s.tokens, true, e.known.apply) })
	}
}

// isDefinition reports whether the chain begins with a name that it defines.
func (e *links) isDefinition() bool {
	t := e.tight[0]
	if t == nil || t.op != opName && !(t.op == opApply && t.ops == "") || len(t.subs) > 0 && t.op == opName && e.derivesAnywhere() {
		return false
	}
	for _, a := range t.args { // f(x + h) = … is no definition
		if a.op != opName && a.op != opDots {
			return false
		}
	}
	return t.text != "I"
}

func (e *links) derivesAnywhere() bool {
	return slices.ContainsFunc(e.tight, func(t *term) bool { return t != nil && t.derives() })
}

// derives reports whether a side states a derivative, judged by its tokens if it cannot be read.
func (e *links) derives(i int) bool {
	if t := e.tight[i]; t != nil {
		return t.derives()
	}
	return slices.ContainsFunc(e.sides[i].tokens, func(t token) bool { return t.command("partial") || t.command("nabla") || t.is("∂") || t.is("∇") })
}

// link reads the equation between two sides.
func (e *links) link(a, b int) {
	start, _ := e.sides[b].span()
	if b == a+1 {
		start, _ = e.sides[a].span()
	}
	lineStart, end := e.sides[b].span()
	if b > a+1 {
		start = lineStart
	}
	derives := e.derives(a) || e.derives(b)
	if !derives && !e.must && !e.substantial(a, b) {
		return
	}
	if e.condition(a, b) && !e.must {
		if e.tight[a] != nil && e.tight[a].op != opD {
			e.problem(start, end, "a derivative that is 0 is taken for a condition", false)
			return
		}
	}
	for _, i := range []int{a, b} {
		if e.tight[i] == nil {
			if derives || e.must {
				e.problem(start, end, e.reasons[i], e.must)
			}
			return
		}
	}
	eq := Equation{Expect: e.expect, Must: e.must, Text: e.source(a) + " = " + e.source(b)}
	reason := e.translate(a, b, &eq)
	if len(eq.Readings) == 0 && eq.Clash == "" {
		if derives || e.must {
			e.problem(start, end, reason, e.must)
		}
		return
	}
	eq.Place = e.place(start, end)
	for _, i := range []int{a, b} {
		eq.Notes, eq.Warnings = union(eq.Notes, e.notes[i]), union(eq.Warnings, e.warnings[i])
	}
	e.found = append(e.found, eq)
}

// substantial reports whether an equation without derivatives says something that always holds, such as tr(AB) = tr(BA),
// and is no assumption or definition: a later link of a chain, or an equation of traces or of sums.
func (e *links) substantial(a, b int) bool {
	if e.named > 0 || a > 0 {
		return true
	}
	left, right := e.tight[a], e.tight[b]
	if left == nil || right == nil || right.op == opNumber || left.op == opName {
		return false
	}
	says := func(t *term) bool {
		return t.contains(func(p *term) bool {
			return p.op == opBig || p.op == opCall && (p.text == "tr" || p.text == "logdet" || p.text == "det")
		})
	}
	return says(left) && says(right) || right.op == opBig && left.op == opIndexed
}

// condition reports whether the equation sets a derivative to zero.
func (e *links) condition(a, b int) bool {
	t := e.tight[b]
	if t == nil || t.op != opNumber || strings.Trim(t.text, "0.") != "" || e.tight[a] == nil {
		return false
	}
	l := e.tight[a]
	return l.op == opPartial || l.op == opNabla || l.op == opTranspose && (l.args[0].op == opNabla || l.args[0].op == opPartial)
}

// maxReadings bounds the readings of an equation.
const maxReadings = 8

// translate collects the readings of an equation; without any it returns the reason.
func (e *links) translate(a, b int, eq *Equation) (reason string) {
	seen := map[string]bool{}
	square, expm, greek, scalars := false, false, false, false
	try := func(left, right *term, transpose, byFactor bool, moving map[string]bool) {
		if left == nil || right == nil || len(eq.Readings) >= maxReadings {
			return
		}
		c := &translator{
			known: e.known, at: e.sides[b].tokens[0].start, transpose: transpose, byFactor: byFactor, square: square, expm: expm, greekVectors: greek, scalars: scalars, declared: map[string]string{}, names: map[string]bool{}, moving: moving,
			vectors: map[string]bool{}, literal: map[string]bool{}, opaque: map[string]*term{}, alias: map[string]string{},
		}
		var claim string
		why, clash := e.attemptClash(func() { claim = c.equation(left, right) })
		switch {
		case clash != "":
			if eq.Clash == "" {
				eq.Clash = clash
			}
			return
		case why != "":
			if reason == "" {
				reason = why
			}
			return
		}
		if len(claim) > maxClaim {
			reason = "the formula is too large"
			return
		}
		r := Reading{Claim: claim, Declarations: c.declarations()}
		if strings.Contains(claim, "d(") {
			for name := range moving {
				if c.names[name] {
					r.Moving = append(r.Moving, name)
				}
			}
			slices.Sort(r.Moving)
		}
		key := fmt.Sprint(r)
		if seen[key] {
			return
		}
		seen[key] = true
		typed, err := parser.ParseEquation(expr.NewBuilder(), claim, parser.Options{Declarations: r.Declarations, Moving: r.Moving})
		if err == nil {
			if row := c.singleRow(typed); row != "" {
				if eq.Clash == "" {
					eq.Clash = fmt.Sprintf("the shapes fit only if %s has a single row: is a transpose missing?", row)
				}
				return
			}
		} else {
			d, ok := err.(*parser.Diagnostic)
			if ok && clashes[d.Code] {
				if eq.Clash == "" {
					eq.Clash = strings.Join(append([]string{d.Message}, d.Facts...), ": ")
				}
			} else if reason == "" {
				reason = err.Error()
			}
			return
		}
		eq.Readings = append(eq.Readings, r)
		eq.Notes, eq.Warnings = union(eq.Notes, c.notes), union(eq.Warnings, c.warnings)
	}
	all := func() {
		for _, moving := range e.movings() {
			try(e.tight[a], e.tight[b], false, false, moving)
			try(e.wide[a], e.wide[b], false, false, moving)
		}
		try(e.tight[a], e.tight[b], true, false, nil)
		try(e.tight[a], e.tight[b], false, true, nil)
	}
	all()
	expm = true
	try(e.tight[a], e.tight[b], false, false, nil)
	expm, greek = false, true
	try(e.tight[a], e.tight[b], false, false, nil)
	greek = false
	if l, r := e.tight[a], e.tight[b]; l != nil && r != nil && l.ofScalars() && r.ofScalars() {
		scalars = true
		try(l, r, false, false, nil)
		scalars = false
	}
	if len(eq.Readings) == 0 {
		square = true
		all()
	}
	if len(eq.Readings) == 0 && eq.Clash != "" { // the author's m×n may be square
		was := eq.Clash
		e.known.loose = true
		if all(); len(eq.Readings) > 0 {
			eq.Warnings = append(eq.Warnings, "the shapes that the document gives do not fit: "+was)
		}
		e.known.loose = false
	}
	if len(eq.Readings) > 0 {
		eq.Clash = ""
	}
	return reason
}

func (e *links) attemptClash(do func()) (reason, clashed string) {
	defer func() {
		switch f := recover().(type) {
		case nil:
		case *failure:
			reason = f.reason
		case *clash:
			clashed = strings.Join(append([]string{f.Message}, f.Facts...), ": ")
		default:
			panic(f)
		}
	}()
	do()
	return
}

// singleRow returns the name of a matrix that would have to be a row for the equation to have a shape, "" if there is none. Nothing
// says so of a matrix that has no declaration; (Ax)(Ax) is x'A'Ax with a transpose missing.
func (c *translator) singleRow(eq *parser.Equation) string {
	for _, name := range eq.Order {
		if s := eq.Names[name].Shape; upper(name) && c.declared[name] == "" && c.names[name] && s.Rows == expr.One && s.Cols != expr.One {
			return name
		}
	}
	return ""
}

// movings returns the sets of variables that the differentials of the chain can be by: those written as dX, those that the
// text around differentiates by, or whatever the equation suggests.
func (e *links) movings() []map[string]bool {
	written := map[string]bool{}
	differentials := false
	for _, t := range e.tight {
		t.walk(func(t *term) bool {
			if t.op != opD {
				return true
			}
			differentials = true
			if a := t.args[0]; a.op == opName && e.known.definition(a.text, e.at) == nil || a.op == opTranspose && a.args[0].op == opName {
				if a.op == opTranspose {
					a = a.args[0]
				}
				name := a.text
				if len(a.subs) == 2 && !upper(name) {
					name = strings.ToUpper(name)
				}
				written[name] = true
			}
			return true
		})
	}
	if !differentials {
		return []map[string]bool{nil}
	}
	delete(written, "I")
	var sets []map[string]bool
	if len(written) > 0 {
		sets = append(sets, written)
	}
	if v := e.known.variable(e.at); v != "" && !(len(written) == 1 && written[v]) {
		in := func(name string) bool {
			return slices.ContainsFunc(e.tight, func(t *term) bool {
				if t == nil {
					return false
				}
				inlined := t
				attempt(func() { inlined = e.known.inline(t, e.at, nil) })
				return occurs(inlined, name)
			})
		}
		if x := strings.ToUpper(v); !in(v) && in(x) {
			v = x
		}
		if in(v) || e.vanishes() {
			sets = append(sets, map[string]bool{v: true})
		}
	}
	return append(sets, nil)
}

// vanishes reports whether the chain says that a differential is 0: then it is of what does not vary.
func (e *links) vanishes() bool {
	last := e.wide[len(e.wide)-1]
	return last != nil && last.op == opNumber && e.wide[0] != nil && e.wide[0].op == opD
}
