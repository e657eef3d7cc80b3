package printer

import (
	"math/rand"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/randexpr"
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
	start := time.Now()
	b := expr.NewBuilder()
	for _, times := range []int{10, 200, 1000} {
		n := doubled(b, times)
		text := Text(n)
		if len(text) > 40*times {
			t.Errorf("%d doublings take %d bytes", times, len(text))
		}
		if len(LaTeX(n)) > 100*times || len(Tree(n).Nodes) != 2*times+1 {
			t.Errorf("%d doublings are long in LaTeX or as data", times)
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
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
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
	if _, defs := Parts(n); len(defs) > 200 {
		t.Errorf("%d definitions", len(defs))
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

// The names that Parts gives stand for what they replace, and are new and defined before they are used.
func TestParts(t *testing.T) {
	env := values(rand.New(rand.NewSource(1)))
	divided := 0
	for seed := range int64(1000) {
		b := expr.NewBuilder()
		g := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{})
		n := b.New(expr.Sum, g.Scalar(30), g.Scalar(30), g.Scalar(30))
		n = b.New(expr.Product, n, b.New(expr.Exp, n))
		body, defs := Parts(n)
		if len(defs) == 0 {
			if body != n {
				t.Fatalf("seed %d: the body is another node", seed)
			}
			continue
		}
		divided++
		inner := numcheck.Env{Sizes: env.Sizes, Values: map[string]*mat.Dense{}}
		for name, value := range env.Values {
			inner.Values[name] = value
		}
		for _, d := range append(defs, Definition{"", body}) {
			value, err := numcheck.Eval(d.Value, inner)
			if err != nil {
				t.Fatalf("seed %d: %v in %s", seed, err, Text(n))
			}
			if _, taken := inner.Values[d.Name]; taken {
				t.Fatalf("seed %d: %s is taken", seed, d.Name)
			}
			inner.Values[d.Name] = value
		}
		want, err := numcheck.Eval(n, env)
		if err != nil {
			t.Fatal(err)
		}
		if nudged, _ := numcheck.Eval(n, nudge(env)); !close(want, inner.Values[""]) && close(want, nudged) {
			t.Fatalf("seed %d: the parts of %s have another value", seed, Text(n))
		}
	}
	if divided < 100 {
		t.Errorf("only %d expressions have shared parts", divided)
	}
}
