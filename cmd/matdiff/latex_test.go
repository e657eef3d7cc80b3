package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// sharedNotation begins calls that are entry by entry in the language and are something else in documents: |x| is the
// norm of a vector, and exp(X) the matrix exponential.
var sharedNotation = []string{"abs(", "exp(X", "sin(X"}

// TestLaTeXIsReadBack prints gradients of the literature as equations in LaTeX, in all styles, with the definition of the
// function before them. As check reads them, none is wrong.
func TestLaTeXIsReadBack(t *testing.T) {
	corpus, err := os.Open("../../testdata/corpus/literature.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer corpus.Close()
	read, unread, i := 0, 0, 0
	for lines := bufio.NewScanner(corpus); lines.Scan(); i++ {
		var q struct {
			Kind, Expr, Wrt string
			Declare         []string
		}
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		if q.Kind != "grad" || strings.Contains(q.Expr, "where") {
			continue
		}
		style := printer.Style{
			Transpose: printer.Transposes[i%len(printer.Transposes)],
			Bold:      printer.Bolds[i/len(printer.Transposes)%len(printer.Bolds)],
			Operators: printer.Operators[i%2],
		}
		typed, err := parser.Expression(expr.NewBuilder(), q.Expr, parser.Options{Declarations: q.Declare, Wrt: []string{q.Wrt}, Scalar: true})
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"grad", q.Expr, "--wrt", q.Wrt, "--no-verify", "--lhs", []string{leftNabla, leftPartial}[i%2], "--wrap", "display",
			"--transpose", style.Transpose, "--bold", style.Bold, "--operators", style.Operators}
		for _, d := range q.Declare {
			args = append(args, "--var", d)
		}
		var document, formula, errs bytes.Buffer
		if run(t.Context(), args, nil, &formula, &errs) != exitDone {
			t.Fatalf("%q: %s", args, &errs)
		}
		for _, name := range typed.Order {
			x := typed.Names[name]
			shape := x.Shape.String()
			if x.Shape.IsScalar() {
				shape = "scalar"
			}
			fmt.Fprintf(&document, "%% matdiff: %s: %s %s\n", name, shape, x.Props)
		}
		fmt.Fprintf(&document, "Let $f = %s$. Then\n%s", style.LaTeX(typed.Expr), &formula)
		file := filepath.Join(t.TempDir(), "f.tex")
		if err := os.WriteFile(file, document.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		status := run(t.Context(), []string{"check", "--verbose", file}, nil, &out, &out)
		shared := slices.ContainsFunc(sharedNotation, func(call string) bool { return strings.Contains(q.Expr, call) })
		switch {
		case strings.Contains(out.String(), "not read"):
			unread++
		case status != exitDone && !shared:
			t.Errorf("%s\n%s", &document, &out)
		default:
			read++
		}
	}
	t.Logf("%d read, %d not", read, unread)
	if read < 200 || unread > 4 {
		t.Errorf("%d equations are read, %d are not", read, unread)
	}
}
