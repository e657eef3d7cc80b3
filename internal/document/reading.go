package document

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// reading is one document while it is read.
type reading struct {
	name    string
	text    string
	lines   []int // where they begin
	macros  macros
	folder  fs.FS
	context context.Context
	inputs  int
	known   *knowledge
	pieces  []piece

	last    *sentence // the chain that a formula beginning with = continues
	must    bool      // of the directives that wait for the next equation
	ignore  bool
	expect  string
	off     bool
	between int // where the last formula ended

	found    []Equation
	problems []Problem
}

// piece is a formula or a directive, in order.
type piece struct {
	at        int
	formula   *formula
	chains    []chain
	directive *directive
	tokens    []token
}

// sentence is a chain whose sides are read.
type sentence struct {
	sides []side
	at    int
	end   int
}

// clean drops the spacing of a formula.
func (r *reading) clean(tokens []token) []token {
	all := chains(tokens)
	if len(all) == 1 && len(all[0].sides) == 1 {
		return all[0].sides[0].tokens
	}
	return tokens
}

// document collects the formulas and directives of a file and what is said once and holds throughout.
func (r *reading) document(c contents) {
	// Macros are defined outside of the formulas of TeX and anywhere in other files.
	r.macros.read(tokenize(r.text, 0, len(r.text)), r.input)
	for _, k := range c.comments {
		for _, d := range directives(r.text, k) {
			r.pieces = append(r.pieces, piece{at: d.at, directive: &d})
			if d.word == "macro" {
				r.obey(d)
			}
		}
	}
	for i := range c.formulas {
		if r.stopped() {
			return
		}
		f := &c.formulas[i]
		p := piece{at: f.start, formula: f}
		if reason := attempt(func() { p.tokens = r.macros.expand(tokenize(r.text, f.start, f.end)) }); reason != "" {
			r.problem(f.start, f.end, reason, false)
			continue
		}
		p.chains = chains(p.tokens)
		r.pieces = append(r.pieces, p)
	}
	sort.SliceStable(r.pieces, func(i, j int) bool { return r.pieces[i].at < r.pieces[j].at })
	r.functions()
	bold := map[string]bool{}
	for _, p := range r.pieces {
		r.known.membership(p.tokens)
		for _, ch := range p.chains {
			for _, s := range ch.sides {
				attempt(func() {
					t := readTerm(s.tokens, false, r.known.apply)
					r.survey(t, p.at, bold)
				})
			}
		}
	}
	r.known.bolds = len(bold) > 1
	r.known.prose()
	sort.SliceStable(r.known.declarations, func(i, j int) bool { return r.known.declarations[i].at < r.known.declarations[j].at })
}

// functions finds the names that are applied to arguments: those that the document defines so, and the usual ones.
func (r *reading) functions() {
	for _, usual := range []string{"f", "g", "h", "phi", "psi", "sigma", "varphi", "F"} {
		r.known.apply[usual] = true
	}
	for _, p := range r.pieces {
		for _, c := range p.chains {
			if len(c.sides) < 2 {
				continue
			}
			// J(w) = …
			t := c.sides[0].tokens
			i := 0
			for i < len(t) && (isFont(t[i]) || t[i].is("{") || t[i].is("}")) {
				i++
			}
			if i < len(t) && (t[i].kind == tokenLetter || t[i].command("ell") || greekLetters[t[i].text]) {
				name := strings.Replace(t[i].text, "ell", "l", 1)
				for i++; i < len(t) && t[i].is("}"); i++ {
				}
				if i < len(t) && t[i].is("(") && t[len(t)-1].is(")") && !slices.ContainsFunc(t[i:], func(k token) bool {
					return k.kind == tokenSymbol && strings.Contains("+-^|/", k.text) || k.command("frac") || k.command("partial")
				}) && name != "d" {
					r.known.apply[name] = true
				}
			}
		}
	}
}

// survey notes which names are bold, and what is differentiated by.
func (r *reading) survey(t *term, at int, bold map[string]bool) {
	t.walk(func(t *term) bool {
		switch {
		case t.op == opTranspose && t.args[0].op == opName && !upper(t.args[0].text):
			r.known.vectors[t.args[0].text] = true
		case t.op == opName && t.bold && !upper(t.text):
			bold[t.text] = true
		case t.op == opPartial, t.op == opNabla && len(t.args) > 1:
			attempt(func() {
				c := &translator{known: r.known, at: at}
				r.known.wrt = append(r.known.wrt, statement{name: c.variable(t.args[1]).name, at: t.start})
			})
		}
		return true
	})
}

// lookAhead finds the definitions that are said after what they explain.
func (r *reading) lookAhead() {
	for _, p := range r.pieces {
		if p.formula == nil || len(p.chains) == 0 || len(p.chains[0].sides) < 2 {
			continue
		}
		attempt(func() {
			head, body := readTerm(p.chains[0].sides[0].tokens, false, r.known.apply), readTerm(p.chains[0].sides[1].tokens, false, r.known.apply)
			d := definition{name: head.text, body: body, at: p.at}
			if body.derives() || len(head.subs) > 0 || occurs(body, head.text) || !d.hasHead(head) {
				return
			}
			r.known.written = append(r.known.written, d)
			if said := r.wordBefore(p.at); head.op == opName && (said == "where" || said == "with") {
				r.known.explained = append(r.known.explained, d)
			}
		})
	}
}

// equations goes through the formulas and directives in order.
func (r *reading) equations() {
	r.lookAhead()
	for i, p := range r.pieces {
		if p.directive != nil {
			if p.directive.word != "macro" {
				r.obey(*p.directive)
			}
			continue
		}
		if r.off {
			continue
		}
		if r.stopped() {
			return
		}
		before := r.text[min(r.between, p.formula.outerStart):p.formula.outerStart]
		if i > 0 && r.last != nil && len(r.last.sides) == 1 && len(p.chains) > 0 && beWord(before) {
			if reason := attempt(func() { r.denote(p) }); reason == "" {
				r.between = p.formula.outerEnd
				r.last = nil
				if len(p.chains[0].sides) < 2 {
					continue
				}
			}
		}
		for _, c := range p.chains {
			r.chain(c, p)
		}
		r.between = p.formula.outerEnd
	}
}

// beWord reports whether the prose between a name and a formula defines the name: let f be …
func beWord(between string) bool {
	switch strings.ToLower(strings.TrimSpace(between)) {
	case "be", "denote", "is", "=", "be defined as", "is defined as", "be the function", "equals", "be given by", "is given by":
		return true
	}
	return false
}

// denote defines the name in the last formula by this one.
func (r *reading) denote(p piece) {
	head := readTerm(r.last.sides[0].tokens, false, r.known.apply)
	body := readTerm(p.chains[0].sides[0].tokens, false, r.known.apply)
	if body.op == opName || body.derives() || !r.defines(head, body, p.at) {
		panic(unread("no definition"))
	}
}

// defines enters head = body as a definition, if head can be defined.
func (r *reading) defines(head, body *term, at int) bool {
	said := r.wordBefore(at)
	d := definition{name: head.text, body: body, at: at, until: r.scope(head, said, at)}
	switch {
	case head.op == opName && (head.text == "I" || head.text == "pi"):
		return false
	case head.op == opName && len(head.subs) == 1 && isDigit(head.subs[0][0]):
		return false
	case !d.hasHead(head):
		return false
	}
	if body.contains(func(t *term) bool { return (t.op == opName || t.op == opApply) && t.text == head.text }) {
		return false
	}
	if body.op == opApply && head.op == opName && body.ops == "" {
		f := r.known.definition(body.text, at)
		if f == nil || !f.applies(body.args) {
			r.known.aliases[head.text] = body.text
			for _, name := range []string{head.text, body.text} { // y = f(X): from here on both are anything
				r.known.define(definition{name: name, at: at})
			}
			return false
		}
	}
	if body.op == opName && body.text == head.text || body.op == opApply && r.known.definition(body.text, at) == nil {
		return false // y = f(x) with any f
	}
	if body.op == opMatrix || body.contains(func(t *term) bool { return t.op == opDots }) || body.square && body.op == opName {
		return false
	}
	r.known.define(d)
	if f := r.known.aliases[head.text]; f != "" && head.op == opName {
		d.name = f
		r.known.define(d)
	}
	return true
}

// hasHead makes a name, or a function applied to names, the left side of d; anything else cannot be.
func (d *definition) hasHead(head *term) bool {
	switch {
	case head.op == opName:
		d.subs = head.subs
		return true
	case head.op == opApply && head.ops == "":
		for _, a := range head.args {
			if a.op != opName || len(a.subs) > 0 {
				return false
			}
			d.params = append(d.params, a.text)
		}
		return true
	}
	return false
}

// scope returns where a definition ends to hold: that of a variable, and what is said after if or when, with its paragraph,
// and with the next one if the sentence goes on there.
func (r *reading) scope(head *term, said string, at int) int {
	if !conditional[said] && (len(head.subs) == 0 || !upper(head.text)) && (r.known.declaration(head.text, at) == "" || !upper(head.text)) {
		return 0
	}
	rest := r.text[at:]
	end := strings.Index(rest, "\n\n")
	if end < 0 {
		return len(r.text)
	}
	if strings.HasSuffix(strings.TrimRight(rest[:end], "$ \t"), ",") {
		if next := strings.Index(rest[end+2:], "\n\n"); next >= 0 {
			return at + end + 2 + next
		}
		return len(r.text)
	}
	return at + end
}

// wordBefore returns the word of prose before a formula, in lower case.
func (r *reading) wordBefore(at int) string {
	words := strings.Fields(r.text[max(at-40, 0):at])
	for len(words) > 0 && strings.Trim(words[len(words)-1], "$\\([{`") == "" {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return ""
	}
	return strings.ToLower(strings.Trim(words[len(words)-1], "$\\([{`"))
}

// chain reads one chain of equalities.
func (r *reading) chain(c chain, p piece) {
	from := 1
	s := &sentence{sides: c.sides, at: p.at}
	if c.continues {
		if r.last == nil || p.at-r.last.end > 400 {
			return
		}
		s = &sentence{sides: append(slices.Clone(r.last.sides), c.sides...), at: r.last.at}
		from = len(r.last.sides)
	}
	_, s.end = c.sides[len(c.sides)-1].span()
	r.last = s
	if len(s.sides) < 2 {
		return
	}
	ignore, must, expect := r.ignore, r.must, r.expect
	r.ignore, r.must, r.expect = false, false, ""
	if ignore {
		return
	}
	e := &links{reading: r, sentence: s, must: must, expect: expect, at: s.at}
	e.read()
	anchor := 0
	if e.isDefinition() {
		if from == 1 {
			for i := 1; i < len(s.sides); i++ {
				if t := e.tight[i]; t != nil && r.defines(e.tight[0], t, p.at) {
					e.named = i
					for _, other := range e.tight[1:i] { // y = f(x) = …
						if other != nil && (other.op == opName || other.op == opApply) {
							r.defines(other, t, p.at)
						}
					}
					break
				}
			}
		}
		if e.named == 0 && from > 1 {
			e.named = 1
		}
		anchor = max(e.named, 1)
	}
	for i := max(from, anchor+1); i < len(s.sides); i++ {
		e.link(anchor, i)
	}
	if head := e.tight[0]; anchor > 0 && head.op == opName {
		if t := e.tight[len(e.tight)-1]; t != nil && t.op == opBig {
			e.known.expansions = append(e.known.expansions, definition{name: head.text, body: t, at: e.sides[len(e.sides)-1].tokens[0].start})
		}
	}
}

// union adds to list what it does not have.
func union(list, more []string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// source returns a side as it stands in the file, in one line.
func (e *links) source(i int) string {
	start, end := e.sides[i].span()
	return strings.Join(strings.Fields(e.text[start:end]), " ")
}

func (r *reading) problem(start, end int, reason string, must bool) {
	r.problems = append(r.problems, Problem{
		Text: strings.Join(strings.Fields(r.text[start:end]), " "), Reason: reason, Must: must, Place: r.place(start, end),
	})
}

func (r *reading) fault(d directive, format string, args ...any) {
	r.problems = append(r.problems, Problem{
		Text: r.text[d.at:d.end], Reason: fmt.Sprintf(format, args...), Fault: true, Place: r.place(d.at, d.end),
	})
}

// place turns offsets into lines and columns.
func (r *reading) place(start, end int) Place {
	position := func(at int) (line, column int) {
		line = sort.SearchInts(r.lines, at+1)
		return line, 1 + utf8.RuneCountInString(r.text[r.lines[line-1]:at])
	}
	p := Place{File: r.name}
	p.Line, p.Column = position(start)
	p.EndLine, p.EndColumn = position(end)
	return p
}
