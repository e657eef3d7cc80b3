package document

import (
	"fmt"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// directive is what a comment tells matdiff.
type directive struct {
	word, rest string
	at, end    int
}

// directiveWords are what may follow matdiff: in a comment, besides declarations.
var directiveWords = []string{"let", "wrt", "layout", "check", "ignore", "expect", "off", "on", "macro"}

// directives reads a comment: matdiff: WORD …, or matdiff: X: m×n, a declaration.
func directives(text string, c comment) []directive {
	var all []directive
	at := c.start
	for line := range strings.SplitSeq(text[c.start:c.end], "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "matdiff:"); ok {
			begin := at + strings.Index(line, "matdiff:")
			d := directive{at: begin, end: begin + len("matdiff:") + len(rest)}
			rest = strings.TrimSpace(rest)
			d.word, d.rest = rest, ""
			if i := strings.IndexAny(rest, " \t:,"); i >= 0 {
				d.word, d.rest = rest[:i], strings.TrimLeft(rest[i:], ": \t")
			}
			if !known(d.word) && strings.Contains(rest, ":") {
				d.word, d.rest = "", rest
			}
			all = append(all, d)
		}
		at += len(line) + 1
	}
	return all
}

func known(word string) bool { return slices.Contains(directiveWords, word) }

// obey does what a directive says.
func (r *reading) obey(d directive) {
	switch d.word {
	case "":
		for _, part := range splitDeclarations(d.rest) {
			name, what, _ := strings.Cut(part, ":")
			name, what = strings.TrimSpace(name), strings.TrimSpace(what)
			if _, err := parser.Expression(expr.NewBuilder(), "0", parser.Options{Declarations: []string{name + ": " + what}}); err != nil {
				if near := parser.Nearest(name, directiveWords); near != "" && len(name) > 3 {
					r.fault(d, "unknown directive %q; did you mean %q?", name, near)
				} else {
					r.fault(d, "%s: %v", part, err)
				}
				continue
			}
			r.known.declare(name, what, d.at, 0)
		}
	case "let":
		name, body, ok := strings.Cut(d.rest, "=")
		if !ok {
			r.fault(d, "let needs a definition: let f = tr(A X B)")
			return
		}
		at := d.at + strings.Index(r.text[d.at:], body)
		reason := attempt(func() {
			head := readTerm(r.clean(tokenize(name, 0, len(name))), false, r.known.apply)
			tokens := r.clean(r.macros.expand(tokenize(r.text, at, at+len(body))))
			t := readTerm(tokens, false, r.known.apply)
			if !r.defines(head, t, d.at) {
				panic(unread("%s is no name", strings.TrimSpace(name)))
			}
		})
		if reason != "" {
			r.fault(d, "%s", reason)
		}
	case "wrt":
		r.known.wrt = append(r.known.wrt, statement{name: strings.TrimPrefix(d.rest, `\`), at: d.at})
	case "layout":
		if d.rest != "numerator" && d.rest != "denominator" {
			r.fault(d, "the layout is numerator or denominator, not %q", d.rest)
			return
		}
		r.known.layouts = append(r.known.layouts, statement{what: d.rest, at: d.at})
	case "check":
		r.must = true
	case "ignore":
		r.ignore = true
	case "expect":
		if d.rest != "wrong" && d.rest != "right" {
			r.fault(d, "expect takes wrong or right, not %q", d.rest)
			return
		}
		r.expect = d.rest
	case "off", "on":
		r.off = d.word == "off"
	case "macro":
		r.macros.read(tokenize(d.rest, 0, len(d.rest)), func(string) {})
	default:
		hint := "the words are " + strings.Join(directiveWords, ", ") + ", and declarations such as X: m×n"
		if near := parser.Nearest(d.word, directiveWords); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		r.fault(d, "unknown directive %q; %s", d.word, hint)
	}
}

// splitDeclarations takes A: m×n, B: n×p apart, and gives X, Y: n×n one declaration each.
func splitDeclarations(text string) (out []string) {
	var waiting []string
	for _, part := range splitOutside(text) {
		name, what, ok := strings.Cut(part, ":")
		waiting = append(waiting, strings.TrimSpace(name))
		if !ok {
			continue
		}
		for _, n := range waiting {
			out = append(out, n+": "+strings.TrimSpace(what))
		}
		waiting = nil
	}
	return append(out, waiting...)
}

// splitOutside splits text at the commas outside of brackets.
func splitOutside(text string) (parts []string) {
	depth, from := 0, 0
	for i, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[from:i])
				from = i + 1
			}
		}
	}
	return append(parts, text[from:])
}
