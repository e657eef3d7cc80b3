// Package rules differentiates. It holds the rule book, which states the differential of each operation in matdiff's own
// language (book.rules), and the reverse sweep that turns those lines into gradients.
//
// It stands between parser, whose grammar reads the book, and the commands. It takes and returns expressions of package
// expr; results are in the normal form of package simplify.
package rules

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"unicode"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

//go:embed book.rules
var standard string

// Rule is one line of a rule book. It is parsed when it is first used.
type Rule struct {
	Kind string // "d" for a differential, "adj" for the adjoint of a linear operation, "def" for a value
	Name string // the function's name, or the operator: + * .* ' ^ .^
	Text string // the line
	File string
	Line int

	book   *Book
	parsed *parser.RuleLine
}

// Place says where the rule stands.
func (r *Rule) Place() string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

func (r *Rule) parse() (*parser.RuleLine, error) {
	if r.parsed == nil {
		line, err := parser.ParseRule(r.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Place(), err)
		}
		line.Functions = r.book.functions
		r.parsed = line
	}
	return r.parsed, nil
}

// Book is a rule book: at most one rule of each kind for an operation.
type Book struct {
	rules     []*Rule
	index     map[string]*Rule // by kind and name
	functions []*expr.Op       // that rule files define
}

// Standard returns the rule book of the language.
func Standard() *Book {
	k := &Book{index: map[string]*Rule{}}
	if err := k.Add("book.rules", standard); err != nil {
		// The book is part of the program and its test reads every line.
		panic(err)
	}
	return k
}

// Rules lists the rules in the order of the book.
func (k *Book) Rules() []*Rule { return k.rules }

// Add indexes the lines of a rule file: rules, comments and blank lines. A second rule for an operation is an error, and
// so is one for a function without a value: what it says could not be verified.
func (k *Book) Add(file, text string) error {
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		kind, head, ok := strings.Cut(trimmed, " ")
		name := headName(head)
		if !ok || name == "" || kind != "d" && kind != "adj" && kind != "def" {
			return fmt.Errorf("%s:%d: a rule reads `d f(X) = …`, `adj f(X) = …` or `def f(X) = …`", file, i+1)
		}
		r := &Rule{book: k, Kind: kind, Name: name, Text: trimmed, File: file, Line: i + 1}
		if old := k.index[kind+" "+name]; old != nil {
			return fmt.Errorf("%s: %s already has a rule at %s", r.Place(), name, old.Place())
		}
		k.index[kind+" "+name] = r
		k.rules = append(k.rules, r)
		if kind == "def" {
			if err := k.define(r); err != nil {
				return err
			}
		}
	}
	for _, r := range k.rules {
		if r.File == file && isFunctionName(r.Name) && !k.defined(r.Name) {
			return fmt.Errorf("%s: %s has a rule but no value: add a line `def %s(X) = …`", r.Place(), r.Name, r.Name)
		}
	}
	return nil
}

func isFunctionName(name string) bool { return unicode.IsLetter([]rune(name)[0]) }

// headName finds the operation in the left side of a rule: the name before a bracket, or an operator between or after
// parameters. The two operations that users call diag are told apart by the parameter: x is a vector, X a matrix.
func headName(head string) string {
	left, _, found := strings.Cut(head, "=")
	if !found {
		return ""
	}
	left = strings.TrimSpace(left)
	if name, args, ok := strings.Cut(left, "("); ok {
		if name = strings.TrimSpace(name); name == "diag" {
			if strings.HasPrefix(args, "x") {
				return expr.DiagMatrix.Name
			}
			return expr.DiagVector.Name
		}
		return name
	}
	for _, operator := range []string{".*", ".^", "+", "*", "^", "'"} {
		if strings.Contains(left, operator) {
			return operator
		}
	}
	return ""
}

// adjugate is the differential of the determinant of any square X, of which the book's line, det(X)*tr(inv(X)*dX), is the
// short form for a nonsingular one.
const adjugate = "d det(X) = tr(adj(X)*dX)  # Jacobi's formula [cookbook 46]"

// Singular returns the book that differentiates the determinants of singular matrices too: with adj(X) for det(X)*inv(X).
func (k *Book) Singular() *Book {
	s := &Book{index: maps.Clone(k.index), functions: k.functions}
	for _, r := range k.rules {
		if r.Kind == "d" && r.Name == expr.Det.Name {
			r = &Rule{book: s, Kind: r.Kind, Name: r.Name, Text: adjugate, File: r.File, Line: r.Line}
			s.index[r.Kind+" "+r.Name] = r
		}
		s.rules = append(s.rules, r)
	}
	return s
}

// lookup returns the rule of a kind for an operation, or nil.
func (k *Book) lookup(kind string, op *expr.Op) *Rule { return k.index[kind+" "+op.Name] }
