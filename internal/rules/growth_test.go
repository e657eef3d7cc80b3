package rules

import (
	"fmt"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/simplify"
)

// families are expressions of any size n, in which work must grow like n.
var families = []struct {
	name string
	wrt  string
	size int
	text func(n int) string
}{
	{"terms", "x", 2000, func(n int) string {
		return list(n, "+", func(i int) string { return fmt.Sprintf("a%d'*x", i) })
	}},
	{"quadratic terms", "x", 500, func(n int) string {
		return list(n, "+", func(i int) string { return fmt.Sprintf("norm(A%d*x - b%d)^2", i, i) })
	}},
	{"factors", "X", 1000, func(n int) string {
		factor := func(name string) string {
			return list(n/2, "*", func(i int) string { return fmt.Sprint(name, i) })
		}
		return "tr(" + factor("A") + "*X*" + factor("B") + ")"
	}},
	{"layers", "x", 200, func(n int) string {
		return fmt.Sprintf("norm(y%d)^2 where y0 = x, ", n) +
			list(n, ", ", func(i int) string { return fmt.Sprintf("y%d = tanh(W%d*y%d)", i+1, i, i) })
	}},
	{"doublings", "X", 100, func(n int) string {
		return fmt.Sprintf("sum(y%d) where y0 = X, ", n) +
			list(n, ", ", func(i int) string { return fmt.Sprintf("y%d = y%d .* sin(y%d)", i+1, i, i) })
	}},
}

func list(n int, separator string, item func(i int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return strings.Join(items, separator)
}

// gradientOf derives, simplifies and prints; it returns the text and the number of nodes made on the way.
func gradientOf(t testing.TB, text, wrt string) (string, int) {
	t.Helper()
	b := expr.NewBuilder()
	typed, err := parser.Expression(b, text, parser.Options{Wrt: []string{wrt}, Scalar: true})
	if err != nil {
		t.Fatal(err)
	}
	a := simplify.New(b)
	g, err := Standard().Gradient(a, typed.Expr, typed.Wrt)
	if err != nil {
		t.Fatal(err)
	}
	return printer.Text(a.Shortest(g[0])), b.Len()
}

// Nodes made and text printed grow no faster than the expression, up to what the passes may spend in any case.
func TestGrowth(t *testing.T) {
	for _, f := range families {
		short, few := gradientOf(t, f.text(f.size), f.wrt)
		long, many := gradientOf(t, f.text(2*f.size), f.wrt)
		if float64(len(long)) > 2.5*float64(len(short)) || float64(many) > 2.5*float64(few) {
			t.Errorf("%s: %d nodes and %d bytes at %d, %d and %d at %d", f.name, few, len(short), f.size, many, len(long), 2*f.size)
		}
	}
}

func BenchmarkGrowth(b *testing.B) {
	for _, f := range families {
		for _, n := range []int{f.size, 2 * f.size} {
			text := f.text(n)
			b.Run(fmt.Sprintf("%s/%d", f.name, n), func(b *testing.B) {
				for b.Loop() {
					gradientOf(b, text, f.wrt)
				}
			})
		}
	}
}

// Expressions that would be huge when multiplied out are not.
func TestPathological(t *testing.T) {
	products := list(200, " + ", func(i int) string { return fmt.Sprintf("tr(A%d*X*B%d*X)", i, i) })
	for _, c := range []struct{ text, wrt, want string }{
		{"tr((A + B)^30)", "A", "30*((A + B)^29)'"},
		{"tr((A + B)^12)", "A", "12*((A + B)^11)'"},
		{"tr((A + B)^12*C)", "A", ""},
		{products, "X", ""},
		{"tr(" + list(30, "*", func(i int) string { return fmt.Sprintf("(A%d + B%d)", i, i) }) + "*X)", "X", ""},
	} {
		got, nodes := gradientOf(t, c.text, c.wrt)
		if c.want != "" && got != c.want {
			t.Errorf("%.40s: got %s, want %s", c.text, got, c.want)
		}
		if nodes > 100_000 {
			t.Errorf("%.40s: %d nodes", c.text, nodes)
		}
	}
}

// What was derived before makes no difference.
func TestDeterminism(t *testing.T) {
	cases := corpus(t, "grad")
	shared := expr.NewBuilder()
	for _, c := range cases {
		options := parser.Options{Declarations: c.Declare, Wrt: []string{c.Wrt}, Scalar: true}
		typed, err := parser.Expression(shared, c.Expr, options)
		if err != nil {
			t.Fatal(err)
		}
		a := simplify.New(shared)
		g, err := Standard().Gradient(a, typed.Expr, typed.Wrt)
		if err != nil {
			t.Fatal(err)
		}
		_, _, alone := derive(t, c)
		if got, want := printer.Text(a.Shortest(g[0])), printer.Text(alone); got != want {
			t.Errorf("%s: %s after others, %s alone", c.ID, got, want)
		}
	}
}
