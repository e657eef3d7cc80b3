package printer

import (
	"math"
	"math/rand"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/randexpr"
)

var notations = map[string]func(*expr.Node) string{"text": Text, "unicode": Unicode}

// What is printed is read back as the same expression. Its node need not be the same one, since x*s^-1 and x/s are one
// text; so texts are compared, which must not change any more, and values.
func TestRoundTrip(t *testing.T) {
	env := values(rand.New(rand.NewSource(1)))
	same := 0
	const count = 2000
	for seed := range int64(count) {
		b := expr.NewBuilder()
		n := random(b, seed)
		for name, print := range notations {
			fault := roundTrip(b, n, print, env)
			if fault == "" {
				continue
			}
			t.Errorf("%s, seed %d: %s", name, seed, fault)
			for smaller := n; smaller != nil; {
				n, smaller = smaller, nil
				for _, m := range randexpr.Shrinks(b, n) {
					if f := roundTrip(b, m, print, env); f != "" {
						smaller, fault = m, f
						break
					}
				}
			}
			t.Fatalf("shrunk to: %s", fault)
		}
		if read, _ := parser.Expression(b, Text(n), parser.Options{Declarations: randexpr.Declarations()}); read.Expr == n {
			same++
		}
	}
	t.Logf("%d of %d are the same node", same, count)
}

func random(b *expr.Builder, seed int64) *expr.Node {
	g := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{})
	shape := expr.Scalar
	if seed%2 == 0 {
		shape = randexpr.Variables[int(seed/2)%len(randexpr.Variables)].Shape
	}
	return g.Of(shape, 1+int(seed%60))
}

// roundTrip returns what is wrong with the way n is printed, if anything.
func roundTrip(b *expr.Builder, n *expr.Node, print func(*expr.Node) string, env numcheck.Env) string {
	text := print(n)
	read, err := parser.Expression(b, text, parser.Options{Declarations: randexpr.Declarations()})
	if err != nil {
		return text + "\n" + err.Error()
	}
	if again := print(read.Expr); again != text {
		return text + "\nis then printed\n" + again
	}
	if read.Expr == n || read.Expr.Shape != n.Shape { // the size of an I that is all of n is free
		return ""
	}
	want, err := numcheck.Eval(n, env)
	if err != nil {
		return text + "\n" + err.Error()
	}
	got, err := numcheck.Eval(read.Expr, env)
	if err != nil {
		return text + "\n" + err.Error()
	}
	if nudged, _ := numcheck.Eval(n, nudge(env)); !close(want, got) && close(want, nudged) {
		return text + "\nhas another value when it is read"
	}
	return ""
}

// nudge returns values that differ from those of env by rounding errors, which tell values that mean nothing: the sine
// of a huge number, the sign of a sum that is 0.
func nudge(env numcheck.Env) numcheck.Env {
	out := numcheck.Env{Sizes: env.Sizes, Values: map[string]*mat.Dense{}}
	for name, x := range env.Values {
		var y mat.Dense
		y.Apply(func(i, j int, v float64) float64 { return v * (1 + 1e-13*float64((3*i+j)%5-2)) }, x)
		out.Values[name] = &y
	}
	return out
}

// close allows for rounding that cancellation in the middle of an expression has magnified.
func close(a, b *mat.Dense) bool {
	x, y := a.RawMatrix().Data, b.RawMatrix().Data
	scale := 1.0
	for _, v := range x {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			scale = max(scale, math.Abs(v))
		}
	}
	for i := range x {
		if d := math.Abs(x[i] - y[i]); d > 1e-7*scale && !math.IsInf(x[i], 0) {
			return false
		}
	}
	return len(x) == len(y)
}

// values gives the variables of package randexpr values that have their properties.
func values(rng *rand.Rand) numcheck.Env {
	env := numcheck.Env{Sizes: map[string]int{"m": 3, "n": 4, "p": 5}, Values: map[string]*mat.Dense{}}
	for _, v := range randexpr.Variables {
		rows, _ := v.Shape.Rows.Value(env.Sizes)
		cols, _ := v.Shape.Cols.Value(env.Sizes)
		x := mat.NewDense(rows, cols, nil)
		x.Apply(func(i, j int, _ float64) float64 {
			switch u := 2*rng.Float64() - 1; {
			case v.Props.Has(expr.Positive):
				return 0.3 + math.Abs(u)
			case v.Props.Has(expr.Diagonal) && i != j, v.Props.Has(expr.Lower) && i < j, v.Props.Has(expr.Upper) && i > j:
				return 0
			default:
				return u
			}
		}, x)
		var y mat.Dense
		switch {
		case v.Props.Has(expr.PosDef):
			y.Mul(x, x.T())
			for i := range rows {
				y.Set(i, i, y.At(i, i)+0.7)
			}
			x = &y
		case v.Props.Has(expr.Symmetric):
			y.Add(x, x.T())
			x = &y
		case v.Props.Has(expr.Skew):
			y.Sub(x, x.T())
			x = &y
		case v.Props.Has(expr.Orthogonal):
			var qr mat.QR
			qr.Factorize(x)
			qr.QTo(&y)
			x = &y
		}
		env.Values[v.Name] = x
	}
	return env
}

// LaTeX has no reader here, so only what would make it no LaTeX is looked for.
func TestLaTeXIsWellFormed(t *testing.T) {
	for seed := range int64(2000) {
		text := LaTeX(random(expr.NewBuilder(), seed))
		if fault := latexFault(text); fault != "" {
			t.Fatalf("seed %d: %s in %s", seed, fault, text)
		}
	}
}

// latexFault finds braces and delimiters without a partner, and a second superscript or subscript on one symbol.
func latexFault(text string) string {
	if strings.Count(text, `\left`) != strings.Count(text, `\right`) {
		return `\left without \right`
	}
	depth := 0
	scripts := map[int]string{} // on what stands last at each depth
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i+1 < len(text) && strings.IndexByte("{}_", text[i+1]) >= 0 {
				i++
			}
			scripts[depth] = ""
		case '{':
			depth++
			scripts[depth] = ""
		case '}':
			depth--
			if depth < 0 {
				return "} without {"
			}
			if i+1 == len(text) || text[i+1] != '^' && text[i+1] != '_' {
				scripts[depth] = ""
			}
		case '^', '_':
			if strings.IndexByte(scripts[depth], c) >= 0 {
				return "double " + string(c)
			}
			scripts[depth] += string(c)
		default:
			scripts[depth] = ""
		}
	}
	if depth != 0 {
		return "{ without }"
	}
	return ""
}

// Names of all letters read back, in both notations, next to every operator that is a letter or a raised sign in one.
func TestNamesReadBack(t *testing.T) {
	first, rest := []rune("aWxTdéñαφΣ矩ℝß_"), []rune("aWxTdéñ\u0302αφΣ矩ℝß_19₂٣")
	rng := rand.New(rand.NewSource(1))
	name := func() string {
		runes := []rune{first[rng.Intn(len(first))]}
		for range rng.Intn(4) {
			runes = append(runes, rest[rng.Intn(len(rest))])
		}
		return string(runes)
	}
	square := expr.Square(expr.Named("n"))
	for range 3000 {
		b := expr.NewBuilder()
		x, y := b.Variable(name(), square, 0), b.Variable(name()+"y", square, 0)
		if x == y {
			continue
		}
		inverse := b.New(expr.Inv, y)
		n := b.New(expr.Product, b.New(expr.Transpose, x), b.New(expr.Transpose, inverse), b.New(expr.Power, x, b.Int(12)), inverse,
			b.New(expr.Hadamard, x, b.New(expr.Tanh, y)))
		for notation, print := range notations {
			text := print(n)
			read, err := parser.Expression(b, text, parser.Options{Declarations: []string{x.Name + ": n×n", y.Name + ": n×n"}})
			if err != nil {
				t.Fatalf("%s: %s: %v", notation, text, err)
			}
			if again := print(read.Expr); again != text {
				t.Fatalf("%s: %s is read as %s", notation, text, again)
			}
		}
	}
}
