package simplify_test

import (
	"flag"
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/simplify"
)

// shapes of random expressions: a scalar, vectors, matrices.
var shapes = []expr.Shape{
	expr.Scalar, expr.Vector(expr.Named("n")), expr.Vector(expr.Named("m")).T(),
	{Rows: expr.Named("m"), Cols: expr.Named("n")}, expr.Square(expr.Named("n")),
}

var (
	tries = flag.Int("tries", 1500, "random expressions to try in each property test")
	first = flag.Int("first", 0, "seed of the first of them")
)

// random calls check with so many random expressions of all shapes and sizes.
func random(t *testing.T, tries int, o randexpr.Options, check func(t *testing.T, seed int, b *expr.Builder, n *expr.Node)) {
	t.Helper()
	for seed := *first; seed < *first+tries; seed++ {
		b := expr.NewBuilder()
		g := randexpr.New(rand.New(rand.NewSource(int64(seed))), b, o)
		check(t, seed, b, g.Of(shapes[seed%len(shapes)], 3+seed%25))
		if t.Failed() {
			return
		}
	}
}

// equal reports whether two expressions have the same value at a few points; ok is false if there is no such point.
func equal(t *testing.T, m, n *expr.Node) (same, ok bool) {
	t.Helper()
	report, err := numcheck.Equal(m, n, numcheck.Options{Seed: 1, Points: 2})
	if err != nil {
		t.Fatal(err)
	}
	return report.Verdict != numcheck.Fails, report.Verdict != numcheck.Undecided
}

// Normal form and shortest form have the value of what was written.
func TestValueIsKept(t *testing.T) {
	decided := 0
	random(t, *tries, randexpr.Options{}, func(t *testing.T, seed int, b *expr.Builder, n *expr.Node) {
		a := simplify.New(b)
		normal := a.Normalize(n)
		if normal.Shape != n.Shape {
			t.Fatalf("seed %d: %s is %s, its normal form %s is %s", seed, printer.Text(n), n.Shape, printer.Text(normal), normal.Shape)
		}
		for _, m := range []*expr.Node{normal, a.Shortest(normal)} {
			same, ok := equal(t, n, m)
			if !same {
				t.Errorf("seed %d: %s is not %s", seed, printer.Text(n), printer.Text(m))
			}
			if ok {
				decided++
			}
		}
	})
	if decided < *tries {
		t.Errorf("only %d were decided", decided)
	}
}

// Normalizing what is normal changes nothing, and neither does simplifying what was simplified and printed.
func TestIdempotent(t *testing.T) {
	longer := 0
	random(t, *tries, randexpr.Options{}, func(t *testing.T, seed int, b *expr.Builder, n *expr.Node) {
		a := simplify.New(b)
		normal := a.Normalize(n)
		if again := simplify.New(b).Normalize(normal); again != normal {
			t.Errorf("seed %d: the normal form of %s is %s, and of that %s", seed, printer.Text(n), printer.Text(normal), printer.Text(again))
			return
		}
		once := printer.Text(a.Shortest(normal))
		typed, err := parser.Expression(expr.NewBuilder(), once, parser.Options{Declarations: randexpr.Declarations()})
		if err != nil {
			t.Errorf("seed %d: %s cannot be read back: %v", seed, once, err)
			return
		}
		c := simplify.New(expr.NewBuilder())
		if twice := printer.Text(c.Shortest(c.Normalize(typed.Expr))); twice != once {
			longer++
			t.Logf("seed %d: %s simplifies to %s, and that to %s", seed, printer.Text(n), once, twice)
		}
	})
	if longer > 0 {
		t.Errorf("%d were not final", longer)
	}
}
