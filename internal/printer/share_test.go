package printer

import (
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/proctime"
)

// y ← y .* sin(y) again and again: 2 nodes each time as a graph, twice as many each time as a tree.
func doubled(b *expr.Builder, times int) *expr.Node {
	y := b.Variable("x", expr.Vector(expr.Named("n")), 0)
	for range times {
		y = b.New(expr.Hadamard, y, b.New(expr.Sin, y))
	}
	return y
}

func TestSharedPartsKeepTextLinear(t *testing.T) {
	defer proctime.Bound(t, 3*time.Second, "")()
	b := expr.NewBuilder()
	for _, times := range []int{10, 200, 1000} {
		n := doubled(b, times)
		text := Text(n)
		if len(text) > 40*times {
			t.Errorf("%d doublings take %d bytes", times, len(text))
		}
		if len(LaTeX(n)) > 100*times {
			t.Errorf("%d doublings are long in LaTeX", times)
		}
		if times > 200 { // deeper than the parser reads
			continue
		}
		read, err := parser.Expression(b, text, parser.Options{Declarations: []string{"x: vector(n)"}})
		if err != nil {
			t.Fatal(err)
		}
		if again := Text(read.Expr); again != text {
			t.Errorf("%s\nis then printed\n%s", text, again)
		}
	}
}

// Operands that are one node, in every operation.
func TestSharedOperandsTakeNoTime(t *testing.T) {
	b := expr.NewBuilder()
	n := b.Variable("X", expr.Square(expr.Named("n")), 0)
	i := b.Sized(expr.Identity, n.Shape)
	for range 40 {
		n = b.New(expr.Product, n, n)
		n = b.New(expr.Hadamard, n, n)
		n = b.New(expr.Sum, n, b.New(expr.Product, b.Int(-1), n), i)
		n = b.New(expr.Product, b.New(expr.Power, b.New(expr.Tr, n), b.Int(-1)), n)
		n = b.New(expr.Power, b.New(expr.Inv, b.New(expr.Transpose, n)), b.Int(2))
	}
	if text := Text(n); len(text) > 10000 {
		t.Errorf("%d bytes", len(text))
	}
	if text := LaTeX(n); len(text) > 20000 {
		t.Errorf("%d bytes of LaTeX", len(text))
	}
}

func TestDeepExpressionsPrint(t *testing.T) {
	b := expr.NewBuilder()
	x := b.Variable("x", expr.Scalar, 0)
	n := x
	for range 100000 {
		n = b.New(expr.Sin, n)
	}
	if text := Text(n); len(text) != 500001 {
		t.Errorf("%d bytes", len(text))
	}
	n = x
	for range 3000 {
		n = b.New(expr.Product, b.New(expr.Sum, n, x), x)
	}
	if text := Text(n); !strings.HasSuffix(text, " + x)*x") {
		t.Errorf("ends in %s", text[len(text)-20:])
	}
}
