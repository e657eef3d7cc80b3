package plan_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"math/rand"
	"os"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/plan"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

var tries = flag.Int("tries", 2000, "random expressions to try in each property test")

type corpusCase struct {
	ID, Kind, Expr, Wrt string
	Declare             []string
}

func corpus(t *testing.T) (cases []corpusCase) {
	t.Helper()
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
			cases = append(cases, c)
		}
	}
	return cases
}

// sameValues compares what a program computes with the expressions that it was made for, and reports how many could be.
func sameValues(t *testing.T, name string, b *expr.Builder, wanted []plan.Wanted) (decided int) {
	t.Helper()
	var nodes []*expr.Node
	for _, w := range wanted {
		nodes = append(nodes, w.Forms...)
	}
	p, err := plan.New(b, expr.Variables(nodes...), wanted)
	if unsupported := (*plan.Unsupported)(nil); errors.As(err, &unsupported) {
		return 0
	} else if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i, computed := range p.Expressions(b) {
		n := wanted[i].Forms[0]
		report, err := numcheck.Equal(n, computed, numcheck.Options{Seed: 1, Points: 2})
		switch {
		case err != nil:
			t.Errorf("%s: %s: %v", name, printer.Text(n), err)
		case report.Verdict == numcheck.Fails:
			t.Errorf("%s: %s: the program computes %s", name, printer.Text(n), printer.Text(computed))
		case report.Verdict == numcheck.Holds:
			decided++
		}
	}
	return decided
}

var shapes = []expr.Shape{
	expr.Scalar, expr.Vector(expr.Named("n")), expr.Vector(expr.Named("m")).T(),
	{Rows: expr.Named("m"), Cols: expr.Named("n")}, expr.Square(expr.Named("n")),
}

// The program for a random expression, and for two that share parts, computes its value.
func TestRandomExpressions(t *testing.T) {
	decided := 0
	for seed := range *tries {
		b := expr.NewBuilder()
		g := randexpr.New(rand.New(rand.NewSource(int64(seed))), b, randexpr.Options{})
		n := g.Of(shapes[seed%len(shapes)], 3+seed%25)
		a := simplify.New(b)
		normal := a.Normalize(n)
		wanted := []plan.Wanted{{Name: "value", Forms: []*expr.Node{n}}}
		if seed%2 == 0 {
			wanted = []plan.Wanted{{Name: "value", Forms: []*expr.Node{normal, a.Shortest(normal)}}, {Name: "other", Forms: []*expr.Node{g.Of(shapes[seed%len(shapes)], 3+seed%25)}}}
		}
		decided += sameValues(t, printer.Text(n), b, wanted)
		if t.Failed() {
			return
		}
	}
	if decided < *tries {
		t.Errorf("only %d values could be compared", decided)
	}
}

// The programs for the derivatives of the corpora compute what was derived.
func TestDerivativesOfTheLiterature(t *testing.T) {
	decided, total := 0, 0
	for _, c := range corpus(t) {
		if c.Kind != "grad" && c.Kind != "jacobian" && c.Kind != "hessian" && c.Kind != "scalar" {
			continue
		}
		b := expr.NewBuilder()
		typed, err := parser.Expression(b, c.Expr, parser.Options{Declarations: c.Declare, Wrt: []string{c.Wrt}, Scalar: c.Kind == "grad" || c.Kind == "hessian"})
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		a, book := simplify.New(b), rules.Standard()
		f := a.Normalize(typed.Expr)
		wanted := []plan.Wanted{{Name: "value", Forms: []*expr.Node{typed.Expr, f, a.Shortest(f)}}}
		add := func(n *expr.Node) {
			wanted = append(wanted, plan.Wanted{Name: "derivative", Forms: []*expr.Node{n, a.Shortest(n)}})
		}
		if c.Kind != "jacobian" && c.Kind != "scalar" {
			g, err := book.Gradient(a, typed.Expr, typed.Wrt)
			if err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
			add(g[0])
			f = g[0]
		}
		if c.Kind != "grad" {
			j, err := book.Jacobian(a, f, typed.Wrt[0], nil)
			if err != nil {
				continue
			}
			add(j)
		}
		total += len(wanted)
		decided += sameValues(t, c.ID+" "+c.Expr, b, wanted)
	}
	t.Logf("%d of %d compared", decided, total)
}

// A long product of sums is planned in time, for which allocations stand: they are the same on every machine.
func TestPowersOfSums(t *testing.T) {
	b := expr.NewBuilder()
	typed, err := parser.Expression(b, "logdet((X - Y + Z + I)^6*((X - Y + Z + I)^6)' + I)", parser.Options{Declarations: []string{"X, Y, Z: n×n"}})
	if err != nil {
		t.Fatal(err)
	}
	wanted := []plan.Wanted{{Name: "value", Forms: []*expr.Node{typed.Expr}}}
	allocations := testing.AllocsPerRun(1, func() {
		if _, err := plan.New(b, expr.Variables(typed.Expr), wanted); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 1e6 {
		t.Errorf("%.0f allocations", allocations)
	}
}
