package derivation

import (
	"errors"
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// Every line of the derivation of a random expression equals the line before, and the last gives the gradient.
func TestRandomDerivations(t *testing.T) {
	const wanted = 300
	book := rules.Standard()
	derived, unknown, unchecked := 0, map[string]int{}, 0
	for seed := int64(1); derived < wanted; seed++ {
		rng := rand.New(rand.NewSource(seed))
		b := expr.NewBuilder()
		f := randexpr.New(rng, b, randexpr.Options{Smooth: true}).Scalar(4 + rng.Intn(10))
		var wrt []*Node
		for _, v := range expr.Variables(f) {
			if v.Props&expr.Index == 0 {
				wrt = append(wrt, v)
			}
		}
		if len(wrt) == 0 {
			continue
		}
		x := wrt[rng.Intn(len(wrt))]
		d, err := Derive(simplify.New(b), book, f, x)
		if missing, none := (*Unknown)(nil), (*rules.NoRule)(nil); errors.As(err, &missing) || errors.As(err, &none) {
			unknown[err.Error()]++
			continue
		} else if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, printer.Text(f), err)
		}
		derived++
		reasons, err := d.Verify(b, f, x, numcheck.Options{Seed: 1})
		if fault := (*Fault)(nil); errors.As(err, &fault) {
			t.Errorf("seed %d: %s by %s: %v\n  %s\n  %s", seed, printer.Text(f), x.Name, err, printer.Text(fault.Left), printer.Text(fault.Right))
		} else if err != nil {
			t.Errorf("seed %d: %s: %v", seed, printer.Text(f), err)
		}
		if len(reasons) > 0 {
			unchecked++
		}
	}
	t.Logf("%d derived, %d with lines that could not be compared; without derivation: %v", derived, unchecked, unknown)
	if unchecked > wanted/4 {
		t.Errorf("%d of %d derivations had lines that could not be compared", unchecked, wanted)
	}
}

// A line made wrong is caught by the comparison with the one before.
func TestWrongLinesAreCaught(t *testing.T) {
	for _, c := range [][2]string{
		{"tr(A*X*B)", "X"}, {"norm(A*x - b)^2", "x"}, {"logdet(X'*X)", "X"}, {"a'*exp(X*b)", "X"}, {"tr(A*X*B*X*C')", "X"},
	} {
		b := expr.NewBuilder()
		typed, err := parser.Expression(b, c[0], parser.Options{Wrt: []string{c[1]}, Scalar: true})
		if err != nil {
			t.Fatal(err)
		}
		x := typed.Wrt[0]
		derive := func() *Derivation {
			d, err := Derive(simplify.New(b), rules.Standard(), typed.Expr, x)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		for i := range derive().Lines[1:] {
			for _, mutate := range mutations {
				d := derive()
				line := &d.Lines[i+1]
				if line.Expr = mutate(b, line.Expr); line.Expr == nil {
					continue
				}
				_, err := d.Verify(b, typed.Expr, x, numcheck.Options{Seed: 1})
				if fault := (*Fault)(nil); !errors.As(err, &fault) || fault.Line != i+1 {
					t.Errorf("%s: %s passes as line %d (%v)", c[0], printer.Text(line.Expr), i+1, err)
				}
			}
		}
		d := derive()
		d.Factor = b.New(expr.Product, b.Int(-1), d.Factor)
		if _, err := d.Verify(b, typed.Expr, x, numcheck.Options{Seed: 1}); err == nil {
			t.Errorf("%s: a gradient of the wrong sign passes", c[0])
		}
	}
}

// mutations make an expression wrong, or return nil.
var mutations = []func(b *expr.Builder, n *Node) *Node{
	func(b *expr.Builder, n *Node) *Node { return b.New(expr.Product, b.Int(-1), n) },
	func(b *expr.Builder, n *Node) *Node { return b.New(expr.Product, b.Int(2), n) },
	func(b *expr.Builder, n *Node) *Node { // one term of a sum dropped
		if n.Op != expr.Sum {
			return nil
		}
		return n.Args[0]
	},
	func(b *expr.Builder, n *Node) *Node { // a factor added
		if n.Op != expr.Tr {
			return nil
		}
		return b.New(expr.Tr, b.New(expr.Product, n.Args[0], n.Args[0]))
	},
}
