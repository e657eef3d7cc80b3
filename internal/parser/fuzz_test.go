package parser

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"matdiff/internal/expr"
)

// FuzzExpression checks that no text is a reason to panic, that faults point into the text, and that what is typed
// fits together.
func FuzzExpression(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if line != "" && line[0] != '\t' && line[0] != '#' {
				line, options, _ := strings.Cut(line, "@")
				f.Add(strings.TrimSpace(line), "", strings.Contains(options, "scalar"))
			}
		}
	}
	f.Add("A*x", "A: m×n symmetric", true)
	f.Fuzz(func(t *testing.T, text, declaration string, scalar bool) {
		o := Options{Scalar: scalar}
		if declaration != "" {
			o.Declarations = []string{declaration}
		}
		if typed, err := Expression(expr.NewBuilder(), text, o); err != nil {
			checkDiagnostic(t, err)
		} else {
			checkConsistent(t, typed.Expr)
		}
		if eq, err := ParseEquation(expr.NewBuilder(), text, o); err != nil {
			checkDiagnostic(t, err)
		} else {
			checkConsistent(t, eq.Left)
			checkConsistent(t, eq.Right)
		}
		if _, err := ParseRule(text); err != nil {
			checkDiagnostic(t, err)
		}
	})
}

func checkDiagnostic(t *testing.T, err error) {
	t.Helper()
	var d *Diagnostic
	if !errors.As(err, &d) {
		t.Fatalf("%T %v is no diagnostic", err, err)
	}
	if d.Code == "" || d.Message == "" || d.Exit != 2 && d.Exit != 3 || strings.Contains(d.Message, "%!") || strings.Contains(d.Hint, "%!") {
		t.Errorf("incomplete diagnostic %+v", d)
	}
	for _, s := range d.Spans {
		if s.Start < 0 || s.End < s.Start || s.End > len(d.Source) {
			t.Errorf("span %v is outside of %q", s, d.Source)
		} else if utf8.ValidString(d.Source) && (!utf8.ValidString(d.Source[:s.Start]) || !utf8.ValidString(d.Source[:s.End])) {
			t.Errorf("span %v splits a character of %q", s, d.Source)
		}
	}
}
