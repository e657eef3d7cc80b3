package main

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/rules"
)

// book returns the rule book with the lines of the user's rule files.
func (s *session) book() (*rules.Book, error) {
	book := rules.Standard()
	for _, name := range s.ruleFiles {
		text, err := s.readFile(name)
		if err != nil {
			return nil, err
		}
		if err := book.Add(name, string(text)); err != nil {
			if d := (*parser.Diagnostic)(nil); errors.As(err, &d) {
				return nil, err
			}
			return nil, wrong("%v", err)
		}
	}
	return book, nil
}

// functions returns the functions that the user's rule files add to the language.
func (s *session) functions() ([]*expr.Op, error) {
	if len(s.ruleFiles) == 0 {
		return nil, nil
	}
	book, err := s.book()
	if err != nil {
		return nil, err
	}
	return book.Functions(), nil
}

// parse reads an expression under the declarations of the command line, and passes on what there is to note.
func (s *session) parse(at place, b *expr.Builder, text string, o parser.Options) (*parser.Typed, error) {
	o.Declarations = s.declarations
	typed, err := parser.Expression(b, text, o)
	if err != nil {
		return nil, err
	}
	s.noteReading(at, typed)
	return typed, nil
}

// noteReading notes how an expression was read, and of one on the command line the names that are declared for nothing.
func (s *session) noteReading(at place, typed *parser.Typed) {
	for _, n := range typed.Notes {
		s.note(at, "%s", n)
	}
	if at.name == "" {
		s.noteUnused(typed.Unused, "the expression")
	}
}

// noteUnused notes names that are declared, but do not occur: one of them may be misspelt.
func (s *session) noteUnused(names []string, where string) {
	const most = 12
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "…")
	}
	if len(names) > 0 {
		s.note(place{}, "declared, but not in %s: %s", where, strings.Join(names, ", "))
	}
}

// occurs reports whether x is part of n.
func occurs(x, n *expr.Node) bool {
	found := false
	expr.Walk(n, func(m *expr.Node) { found = found || m == x })
	return found
}

// notKnown is the diagnostic for an expression that cannot be differentiated; it shows the operation in text.
func notKnown(text string, missing *rules.NoRule) *parser.Diagnostic {
	d := &parser.Diagnostic{Code: "no-rule", Message: missing.Error(), Exit: exitUnknown}
	name := missing.Op.UserName()
	i := strings.Index(text, name+"(")
	if i < 0 && strings.Count(text, name) == 1 && !unicode.IsLetter(rune(name[0])) { // the sign of an operation
		i = strings.Index(text, name)
	}
	if i >= 0 {
		d.Source = text
		d.Spans = []parser.Span{{Start: i, End: i + len(name)}}
	}
	return d
}
