package randexpr

import (
	"math/rand"
	"slices"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

func TestEveryOperationOccurs(t *testing.T) {
	found := map[*expr.Op]bool{}
	for seed := range int64(3000) {
		b := expr.NewBuilder()
		expr.Walk(New(rand.New(rand.NewSource(seed)), b, Options{}).Scalar(30), func(n *expr.Node) { found[n.Op] = true })
	}
	operators := []*expr.Op{
		expr.Number, expr.Variable, expr.Pi, expr.Size, expr.Identity, expr.Ones, expr.Zeros, expr.Unit, expr.Commutation,
		expr.Sum, expr.Product, expr.Hadamard, expr.Kronecker, expr.Transpose, expr.Power, expr.ElementPower, expr.Element,
	}
	for _, op := range append(operators, expr.Functions...) {
		if !found[op] {
			t.Errorf("%s (%s) does not occur", op.Name, op.Doc)
		}
	}
}

func TestOptionsLeaveOut(t *testing.T) {
	o := Options{Smooth: true, Regular: true, Without: []*expr.Op{expr.Kronecker, expr.Softmax}}
	for seed := range int64(2000) {
		b := expr.NewBuilder()
		expr.Walk(New(rand.New(rand.NewSource(seed)), b, o).Scalar(30), func(n *expr.Node) {
			if n.Op.Traits&(expr.Piecewise|expr.NeedsNonsingular) != 0 || n.Op == expr.Kronecker || n.Op == expr.Softmax {
				t.Fatalf("seed %d: %s", seed, n.Op.Name)
			}
		})
	}
}

func TestPolynomialsHaveNoFunctions(t *testing.T) {
	for seed := range int64(2000) {
		b := expr.NewBuilder()
		expr.Walk(New(rand.New(rand.NewSource(seed)), b, Options{Polynomial: true}).Scalar(30), func(n *expr.Node) {
			if len(n.Args) > 0 && n.Op.Traits&(expr.Leaf|expr.Linear) == 0 && !slices.Contains(polynomial, n.Op) {
				t.Fatalf("seed %d: %s", seed, n.Op.Name)
			}
		})
	}
}

func TestDepthIsBounded(t *testing.T) {
	deepest := func(n *expr.Node) int {
		depth := map[*expr.Node]int{}
		expr.Walk(n, func(m *expr.Node) {
			for _, a := range m.Args {
				depth[m] = max(depth[m], depth[a]+1)
			}
		})
		return depth[n]
	}
	found := [2]int{}
	for seed := range int64(500) {
		for i, o := range [2]Options{{Depth: 2}, {}} {
			found[i] = max(found[i], deepest(New(rand.New(rand.NewSource(seed)), expr.NewBuilder(), o).Scalar(60)))
		}
	}
	if found[0] > 2*3+3 || found[0] >= found[1] {
		t.Errorf("of depth 2: %d operations deep; of any depth: %d", found[0], found[1])
	}
}

func TestDeclarationsAreRead(t *testing.T) {
	b := expr.NewBuilder()
	for i, v := range Variables {
		read, err := parser.Expression(b, v.Name, parser.Options{Declarations: Declarations()})
		if err != nil {
			t.Fatal(err)
		}
		if want := b.Variable(v.Name, v.Shape, v.Props); read.Expr != want {
			t.Errorf("%s gives %v %v", Declarations()[i], read.Expr.Shape, read.Expr.Props)
		}
	}
}

func TestShrinksAreSmallerAndOfTheSameShape(t *testing.T) {
	for seed := range int64(300) {
		b := expr.NewBuilder()
		n := New(rand.New(rand.NewSource(seed)), b, Options{}).Of(Variables[int(seed)%len(Variables)].Shape, 25)
		for _, m := range Shrinks(b, n) {
			if m.Size() >= n.Size() || m.Shape != n.Shape {
				t.Fatalf("seed %d: size %d of %d, shape %v for %v", seed, m.Size(), n.Size(), m.Shape, n.Shape)
			}
		}
	}
}
