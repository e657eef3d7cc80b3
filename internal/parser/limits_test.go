package parser

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/proctime"
)

// TestLimits gives inputs that are too much for careless code: each has to end soon, in a result or a diagnostic.
func TestLimits(t *testing.T) {
	const mebi = 1 << 20
	for _, c := range []struct {
		name, text string
		scalar     bool
		code       string // of the diagnostic, "" for a result
	}{
		{"sum", many(50_000, " + ", "x'*A*x"), true, ""},
		{"sum of names", many(50_000, " + ", "x#"), false, ""},
		{"product", many(50_000, "*", "A"), false, ""},
		{"parentheses", strings.Repeat("(", 100_000) + "x" + strings.Repeat(")", 100_000), false, "nesting"},
		{"parentheses in limits", strings.Repeat("(", 1900) + "x" + strings.Repeat(")", 1900), false, ""},
		{"calls", strings.Repeat("sin(", 100_000) + "x" + strings.Repeat(")", 100_000), false, "nesting"},
		{"open", strings.Repeat("(", mebi), false, "nesting"},
		{"transposes", "x" + strings.Repeat("'", mebi), false, "nesting"},
		{"minus", strings.Repeat("-", mebi) + "x", false, ""},
		{"powers", "x" + many(300_000, "", "^2"), false, "nesting"},
		{"mixed products", many(200_000, "*", "x.*y"), false, "nesting"},
		{"letters", strings.Repeat("x", mebi), false, ""},
		{"digits", strings.Repeat("7", mebi), false, "number"},
		{"spaces", strings.Repeat(" ", mebi), false, "empty"},
		{"plus", strings.Repeat("x+", mebi/2) + "x", false, ""},
		{"commas", "f(" + strings.Repeat("x,", mebi/2) + "x)", false, "unknown-function"},
		{"scalars", many(200, " + ", "c#^2"), false, ""},
		{"scalars in gradients", many(200, " + ", "c#*sin(y#)'*x#"), true, ""},
		{"names of scalars", many(20_000, " + ", "x#"), true, ""},
		{"shared scalars", many(200, " + ", "c#*sin(y#)'*x"), true, ""},
		{"many scalars", many(5_000, " + ", "c#^2"), false, ""},
		{"one product of names", many(200, "*", "x#"), true, ""},
		{"sum of products of names", many(700, " + ", "x#*y#") + " + x1", true, ""},
		{"one product of names as vector", many(200, "*", "x#"), false, ""},
		{"definitions", "x0 where " + many(5_000, ", ", "y# = x#"), false, ""},
		{"definition chain", "y0*1 where " + chainOfDefinitions(1500), false, ""},
		{"doubling sizes", "y0 where " + strings.ReplaceAll(doubling(200), ".*sin", "⊗sin"), false, ""}, // of a scalar
		{"doubling numbers", "y0 where " + strings.ReplaceAll(doubling(200), ".*sin", "⊗sin") + "*ones(10)", false, "size"},
		{"doubling unknowns", many(60, " + ", "kron(x#, x#)'*x#a"), false, ""},
		{"doubling unknowns in a row", doublingUnknowns(100), true, "size"},
		{"doubling", "y0 where " + doubling(200), false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			done := proctime.Bound(t, 5*time.Second, c.text) // two seconds are allowed, but the collector works beside it
			_, err := Expression(expr.NewBuilder(), c.text, Options{Scalar: c.scalar})
			done()
			var d *Diagnostic
			switch {
			case err == nil && c.code != "":
				t.Errorf("no diagnostic, want %s", c.code)
			case err != nil && !errors.As(err, &d):
				t.Error(err)
			case err != nil && d.Code != c.code:
				t.Errorf("%.300s, want code %q", describe(err), c.code)
			}
		})
	}
}

// BenchmarkSearch reads a sum in which every product leaves a choice of the name that is a scalar.
func BenchmarkSearch(b *testing.B) {
	text := many(700, " + ", "x#*y#") + " + x1"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Expression(expr.NewBuilder(), text, Options{Scalar: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// many joins n terms, in which # is the number of the term.
func many(n int, separator, term string) string {
	terms := make([]string, n)
	for i := range terms {
		terms[i] = strings.ReplaceAll(term, "#", fmt.Sprint(i))
	}
	return strings.Join(terms, separator)
}

func chainOfDefinitions(n int) string {
	var defs []string
	for i := range n {
		defs = append(defs, fmt.Sprintf("y%d = y%d + 1", i, i+1))
	}
	return strings.Join(append(defs, fmt.Sprintf("y%d = x", n)), ", ")
}

func doubling(n int) string {
	var defs []string
	for i := range n {
		defs = append(defs, fmt.Sprintf("y%d = y%d.*sin(y%d)", i, i+1, i+1))
	}
	return strings.Join(append(defs, fmt.Sprintf("y%d = x", n)), ", ")
}

func doublingUnknowns(n int) string {
	var terms []string
	for i := range n {
		terms = append(terms, fmt.Sprintf("kron(x%d, x%d)'*x%d", i, i, i+1))
	}
	return strings.Join(terms, " + ") + " where " + strings.Join(vectors(n), ", ")
}

func vectors(n int) (out []string) {
	for i := range n + 1 {
		out = append(out, fmt.Sprintf("x%d: vector", i))
	}
	return out
}
