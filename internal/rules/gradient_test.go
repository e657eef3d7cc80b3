package rules

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/simplify"
)

var update = flag.Bool("update", false, "rewrite golden files")

type corpusCase struct {
	ID, Kind, Expr, Wrt, Want string
	Declare                   []string
}

func corpus(t testing.TB, kind string) []corpusCase {
	t.Helper()
	var cases []corpusCase
	for _, name := range []string{"seeds", "literature"} {
		f, err := os.Open("../../testdata/corpus/" + name + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var c corpusCase
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if c.Kind == kind {
				cases = append(cases, c)
			}
		}
	}
	return cases
}

func derive(t testing.TB, c corpusCase) (a *simplify.Algebra, typed *parser.Typed, shortest *Node) {
	t.Helper()
	b := expr.NewBuilder()
	typed, err := parser.Expression(b, c.Expr, parser.Options{Declarations: c.Declare, Wrt: []string{c.Wrt}, Scalar: true})
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	a = simplify.New(b)
	g, err := Standard().Gradient(a, typed.Expr, typed.Wrt)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	return a, typed, a.Shortest(g[0])
}

// Every gradient of the corpus is derived as the golden file has it, and agrees with finite differences.
func TestGradientsOfTheLiterature(t *testing.T) {
	const golden = "../../testdata/grad/corpus.txt"
	var got strings.Builder
	for _, c := range corpus(t, "grad") {
		_, typed, g := derive(t, c)
		fmt.Fprintf(&got, "%s wrt %s\n\t%s\n", c.Expr, c.Wrt, printer.Text(g))
		report, err := numcheck.Verify(typed.Expr, typed.Wrt[0], g, numcheck.Options{Seed: 1})
		if err != nil || report.Verdict == numcheck.Fails {
			t.Errorf("%s: %s: %v %v", c.ID, printer.Text(g), report.Verdict, err)
		}
	}
	compareGolden(t, golden, got.String())
}

// The forms are gradients, one a line with its answer below, that the corpus has none of.
func TestGradientForms(t *testing.T) {
	answerForms(t, "../../testdata/grad/forms.txt", func(question, where string) string {
		f, x, _ := strings.Cut(question, " wrt ")
		if where != "" {
			f += " where " + where
		}
		_, typed, g := derive(t, corpusCase{ID: question, Expr: f, Wrt: x})
		report, err := numcheck.Verify(typed.Expr, typed.Wrt[0], g, numcheck.Options{Seed: 1})
		if err != nil || report.Verdict == numcheck.Fails {
			t.Errorf("%s: %s: %v %v", f, printer.Text(g), report.Verdict, err)
		}
		return printer.Text(g)
	})
}

// answerForms compares a golden file, whose lines are questions with comments among them and each with its answer below,
// with what answer gives for each question and what stands after where.
func answerForms(t *testing.T, golden string, answer func(question, where string) string) {
	t.Helper()
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		got.WriteString(line)
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		question, where, _ := strings.Cut(line, " where ")
		fmt.Fprintf(&got, "\t%s\n", answer(question, where))
	}
	compareGolden(t, golden, got.String())
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d: got\n%s\nwant\n%s\n(go test ./internal/rules -update rewrites the file)", file, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d", file, len(g), len(w))
}

// The gradient of a random expression agrees with finite differences, in normal form and as it would be printed.
func TestGradientsOfRandomExpressions(t *testing.T) {
	decided, refused := 0, 0
	for seed := range int64(400) {
		b := expr.NewBuilder()
		g := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{})
		f := g.Scalar(4 + int(seed%20))
		for _, x := range expr.Variables(f) {
			a := simplify.New(b)
			gradient, err := Standard().Gradient(a, f, []*Node{x})
			if missing := (*NoRule)(nil); errors.As(err, &missing) {
				refused++
				continue
			} else if err != nil {
				t.Fatalf("seed %d: %s by %s: %v", seed, printer.Text(f), x.Name, err)
			}
			report, err := numcheck.Verify(f, x, a.Shortest(gradient[0]), numcheck.Options{Seed: 1})
			if err != nil || report.Verdict == numcheck.Fails {
				t.Errorf("seed %d: %s by %s is not %s: %v %+v", seed, printer.Text(f), x.Name, printer.Text(a.Shortest(gradient[0])), err, report.Worst)
			}
			if report.Verdict == numcheck.Holds {
				decided++
			}
		}
	}
	t.Logf("%d gradients agree, %d refused", decided, refused)
	if decided < 800 {
		t.Errorf("only %d gradients were decided", decided)
	}
}

// BenchmarkDerive derives and simplifies every gradient of the corpus, without verification.
func BenchmarkDerive(b *testing.B) {
	cases := corpus(b, "grad")
	took := make([][]float64, len(cases))
	for b.Loop() {
		for i, c := range cases {
			start := time.Now()
			derive(b, c)
			took[i] = append(took[i], float64(time.Since(start).Microseconds()))
		}
	}
	typical := make([]float64, len(cases)) // median of a case over the rounds
	for i, t := range took {
		slices.Sort(t)
		typical[i] = t[len(t)/2]
	}
	slices.Sort(typical)
	b.ReportMetric(typical[len(typical)/2], "µs/median-case")
	b.ReportMetric(typical[len(typical)-1], "µs/slowest-case")
}
