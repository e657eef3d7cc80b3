package parser

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"matdiff/internal/expr"
	"matdiff/internal/proctime"
)

// patience is how long an input may take: more could stop a run.
const patience = 10 * time.Second

// FuzzExpression checks that no text is a reason to panic, that faults point into the text, and that what is typed
// fits together.
func FuzzExpression(f *testing.F) {
	for _, s := range corpusTexts(f) {
		f.Add(s.text, s.declarations, s.scalar)
	}
	f.Fuzz(func(t *testing.T, text, declarations string, scalar bool) {
		defer proctime.Bound(t, patience, text)()
		typed, err := Expression(expr.NewBuilder(), text, Options{Scalar: scalar, Declarations: listed(declarations)})
		if err != nil {
			checkDiagnostic(t, err)
		} else {
			checkConsistent(t, typed.Expr)
		}
	})
}

// FuzzEquation does the same for equations.
func FuzzEquation(f *testing.F) {
	for _, s := range corpusTexts(f) {
		f.Add(s.text, s.declarations, "")
	}
	f.Add("d(tr(X)) = tr(dX)", "", "X")
	f.Fuzz(func(t *testing.T, text, declarations, moving string) {
		defer proctime.Bound(t, patience, text)()
		eq, err := ParseEquation(expr.NewBuilder(), text, Options{Declarations: listed(declarations), Moving: listed(moving)})
		if err != nil {
			checkDiagnostic(t, err)
		} else {
			checkConsistent(t, eq.Left)
			checkConsistent(t, eq.Right)
		}
	})
}

// FuzzDeclaration reads declarations, as --var gives them, and names that a result is asked for.
func FuzzDeclaration(f *testing.F) {
	for _, s := range corpusTexts(f) {
		for _, d := range listed(s.declarations) {
			f.Add(d, s.wrt)
		}
		if _, where, ok := strings.Cut(s.text, " where "); ok {
			f.Add(where, "X")
		}
	}
	f.Add("A: n×n of t, t: scalar, Y = A*X", "X[1,2]")
	f.Fuzz(func(t *testing.T, declaration, wrt string) {
		defer proctime.Bound(t, patience, declaration+wrt)()
		o := Options{Declarations: []string{declaration}, Wrt: listed(wrt)}
		for _, text := range []string{"0", "tr(A*X*B)", "norm(A*x - b)^2"} {
			typed, err := Expression(expr.NewBuilder(), text, o)
			if err != nil {
				checkDiagnostic(t, err)
			} else {
				checkConsistent(t, typed.Expr)
			}
		}
	})
}

// FuzzRule reads lines of rule files.
func FuzzRule(f *testing.F) {
	for _, file := range []string{"testdata/rules.txt", "../rules/book.rules"} {
		for _, line := range linesOf(f, file) {
			line, _, _ = strings.Cut(line, " @ ")
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, line string) {
		defer proctime.Bound(t, patience, line)()
		if _, err := ParseRule(line); err != nil {
			checkDiagnostic(t, err)
		}
	})
}

// listed takes lines apart; the empty text has none.
func listed(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// corpusText is an input of the golden files.
type corpusText struct {
	text, declarations, wrt string
	scalar                  bool
}

// corpusTexts returns the inputs of the golden files of this package and of the whole program.
func corpusTexts(f *testing.F) (all []corpusText) {
	err := filepath.WalkDir("../../testdata", func(file string, entry fs.DirEntry, err error) error {
		folder := filepath.Base(filepath.Dir(file))
		switch {
		case err != nil || entry.IsDir():
			return err
		case filepath.Ext(file) == ".jsonl":
			for _, line := range linesOf(f, file) {
				var c struct {
					Expr, Equation, Wrt, Kind string
					Declare                   []string
				}
				if err := json.Unmarshal([]byte(line), &c); err != nil {
					return err
				}
				all = append(all, corpusText{c.Expr + c.Equation, strings.Join(c.Declare, "\n"), c.Wrt, c.Kind == "grad"})
			}
		case filepath.Ext(file) == ".claims" || folder == "grad" || folder == "derivatives":
			for _, line := range linesOf(f, file) {
				text, wrt, _ := strings.Cut(line, " wrt ")
				all = append(all, corpusText{text: text, wrt: wrt})
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		for _, line := range linesOf(f, file) {
			text, options, _ := strings.Cut(line, " @ ")
			all = append(all, corpusText{text: text, scalar: strings.Contains(options, "scalar")})
		}
	}
	if len(all) < 1000 {
		f.Fatalf("only %d seeds", len(all))
	}
	return all
}

// linesOf returns the lines of a file but for answers, which are indented, and comments.
func linesOf(f *testing.F, file string) (out []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	for s := bufio.NewScanner(strings.NewReader(string(text))); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '\t' && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
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
