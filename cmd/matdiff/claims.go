package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"matdiff/internal/parser"
)

// documents are the extensions of files in which equations stand among text that is not read.
var documents = []string{".html", ".ipynb", ".pdf", ".docx"}

// file checks the equations of a claims file. Like claims it returns an error only if nothing can be written.
func (k *checking) file(name string) error {
	var written error
	k.guard(place{}, func() error {
		if ext := strings.ToLower(filepath.Ext(name)); slices.Contains(documents, ext) {
			d := wrong("%s cannot be read: equations are not looked for in %s files", name, ext)
			d.Hint = "put them into a text file, one equation or declaration a line"
			return d
		}
		f, err := os.Open(name)
		if err != nil {
			return wrong("%s cannot be read: %v", name, reason(err))
		}
		defer f.Close()
		if isDocument(name, f) {
			return k.document(f, name)
		}
		set, err := k.settingsFor(name)
		if err != nil {
			return err
		}
		k.demand(set)
		written = k.claims(f, name, override(set.Declarations, k.declarations), k.isStrict(set))
		return nil
	})
	return written
}

// claims checks the lines of r. A declaration holds until its name is declared again; those given come first.
func (k *checking) claims(r io.Reader, name string, given []string, strict bool) error {
	var declared []declaration
	equations, added := 0, 0
	for _, d := range given {
		declared = append(declared, declarations(d)...)
	}
	for at, err := range k.lines(r, name) {
		text := withoutComment(at.text)
		switch {
		case err != nil:
			equations++ // as far as is known
			k.report(at, err)
		case blank(text):
		case declares(text, declared):
			k.guard(at, func() error {
				more := declarations(text)
				added += len(more)
				kept := slices.DeleteFunc(slices.Clone(declared), func(d declaration) bool {
					return slices.ContainsFunc(more, func(a declaration) bool { return a.name == d.name })
				})
				// Reading nothing under the new declarations says what is wrong with them.
				_, err := parser.Expression(k.builder(), "0", parser.Options{Declarations: append(sources(kept), text), Functions: k.functions})
				if err == nil {
					declared = append(kept, more...)
				}
				return err
			})
		default:
			equations++
			known := sources(declared)
			if err := k.add(func(k *checking) error { return k.equation(at, text, known) }); err != nil {
				return err
			}
		}
	}
	if equations == 0 {
		k.nothing(name, added, strict)
	}
	return nil
}

// nothing says that a claims file, which declares so many names, has no equation; strictly that is a fault.
func (k *checking) nothing(name string, declared int, strict bool) {
	found := fmt.Sprintf("%s: no equation found", name)
	switch {
	case declared == 1:
		found += ", only a declaration"
	case declared > 1:
		found += fmt.Sprintf(", only %d declarations", declared)
	}
	if strict {
		k.report(place{}, wrong("%s", found))
		return
	}
	k.note(place{}, "%s", found)
}

// declaration is what a line says of one name.
type declaration struct {
	name    string
	source  string // NAME: … or NAME = …
	defined bool   // NAME = …
}

func sources(all []declaration) []string {
	var s []string
	for _, d := range all {
		s = append(s, d.source)
	}
	return s
}

// declarations takes X, Y: m×n, Z = X + Y apart: one declaration a name.
func declarations(text string) []declaration {
	var all []declaration
	var waiting []string // X of X, Y: m×n
	for _, part := range splitOutside(text) {
		name, rest := cutName(part)
		waiting = append(waiting, name)
		if rest == "" {
			continue
		}
		for _, n := range waiting {
			all = append(all, declaration{n, n + rest, rest[0] == '='})
		}
		waiting = nil
	}
	return all
}

// declares reports whether a line of a claims file is a declaration. NAME = EXPR is an equation, not a definition, if
// NAME has been declared to be something or occurs in EXPR.
func declares(text string, declared []declaration) bool {
	for _, part := range splitOutside(text) {
		name, rest := cutName(part)
		switch {
		case name == "":
			return false
		case strings.HasPrefix(rest, ":"):
			return true
		case strings.HasPrefix(rest, "="):
			return !slices.Contains(names(rest), name) &&
				!slices.ContainsFunc(declared, func(d declaration) bool { return d.name == name && !d.defined })
		case rest != "":
			return false
		}
	}
	return false
}

// cutName returns the name that text begins with, if any, and what follows it without space in front.
func cutName(text string) (name, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, func(r rune) bool { return !inName(r) })
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

// names returns the names in text, those of functions too.
func names(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !inName(r) })
}

func inName(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// splitOutside splits text at the commas that stand outside of brackets.
func splitOutside(text string) []string {
	var parts []string
	depth, from := 0, 0
	for i, r := range text {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
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
