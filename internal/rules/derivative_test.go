package rules

import (
	"errors"
	"math/rand"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/simplify"
)

// refused reports whether err says that there is no rule; any other error fails the test.
func refused(t *testing.T, err error) bool {
	t.Helper()
	if missing := (*NoRule)(nil); errors.As(err, &missing) {
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	return false
}

// agree compares two expressions at random points; it reports whether they were found to be equal.
func agree(t *testing.T, what string, left, right *Node, points int) bool {
	t.Helper()
	report, err := numcheck.Equal(left, right, numcheck.Options{Seed: 1, Points: points})
	if err != nil || report.Verdict == numcheck.Fails {
		t.Errorf("%s:\n%s\nis not\n%s\n%v %v %v", what, printer.Text(left), printer.Text(right), report.Shapes, report.Worst, err)
	}
	return err == nil && report.Verdict == numcheck.Holds
}

// Of one scalar expression the gradient, the transposed Jacobian, the differential and the pullback of 1 say the same.
func TestDerivativesOfScalarsAgree(t *testing.T) {
	decided := 0
	for seed := range int64(scalarSeeds) {
		b := expr.NewBuilder()
		f := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{}).Scalar(4 + int(seed%16))
		a, book := simplify.New(b), Standard()
		for _, x := range expr.Variables(f) {
			gradients, err := book.Gradient(a, f, []*Node{x})
			if refused(t, err) {
				continue
			}
			g := gradients[0]
			pulled, err := book.Pullback(a, f, b.Int(1), []*Node{x})
			if refused(t, err) {
				continue
			}
			dx := b.Variable("d"+x.Name, x.Shape, 0)
			along := Project(a, dx, x)
			df, err := book.Differential(a, f, map[*Node]*Node{x: along})
			if refused(t, err) {
				t.Errorf("seed %d: %s by %s: a gradient but no differential: %v", seed, printer.Text(f), x.Name, err)
				continue
			}
			j, err := book.Jacobian(a, f, x, nil)
			if refused(t, err) {
				t.Errorf("seed %d: %s by %s: a gradient but no Jacobian: %v", seed, printer.Text(f), x.Name, err)
				continue
			}
			r := newReading(book, a, dx)
			read, err := r.matrix(nil, df, nil)
			if refused(t, err) {
				t.Errorf("seed %d: %s: the Jacobian cannot be read off: %v", seed, printer.Text(df), err)
				continue
			}
			what := printer.Text(f) + " by " + x.Name
			row := b.New(expr.Transpose, b.New(expr.Vec, g))
			if x.Shape.IsScalar() {
				row = g
			}
			if !agree(t, "differential of "+what, df, a.Inner(g, along), 2) {
				continue // nowhere defined
			}
			decided++
			agree(t, "Jacobian of "+what, a.Shortest(j), row, 2)
			agree(t, "Jacobian read off "+what, read, row, 2)
			agree(t, "pullback of 1 through "+what, Project(a, pulled[0], x), g, 2)
		}
	}
	t.Logf("%d derivatives agree", decided)
	if decided < scalarSeeds {
		t.Errorf("only %d were decided", decided)
	}
}

const (
	scalarSeeds  = 150
	matrixSeeds  = 120
	hessianSeeds = 100
)

// The Jacobian of a random matrix or vector agrees with finite differences, and so does its differential.
func TestJacobiansOfRandomExpressions(t *testing.T) {
	n, m := expr.Named("n"), expr.Named("m")
	shapes := []expr.Shape{expr.Vector(n), {Rows: expr.One, Cols: n}, expr.Square(n), {Rows: m, Cols: n}, expr.Vector(m)}
	decided, without := 0, 0
	for seed := range int64(matrixSeeds) {
		b := expr.NewBuilder()
		f := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{}).Of(shapes[seed%5], 4+int(seed%12))
		a, book := simplify.New(b), Standard()
		for _, x := range expr.Variables(f) {
			what := printer.Text(f) + " by " + x.Name
			dx := Project(a, b.Variable("d"+x.Name, x.Shape, 0), x)
			df, err := book.Differential(a, f, map[*Node]*Node{x: dx})
			if refused(t, err) {
				continue
			}
			agree(t, "differential of "+what, b.Sized(expr.Differential, f.Shape, f, x, dx), a.Shortest(df), 2)
			j, err := book.Jacobian(a, f, x, nil)
			if refused(t, err) {
				without++
				continue
			}
			if agree(t, "Jacobian of "+what, b.Sized(expr.Jacobian, j.Shape, f, x), a.Shortest(j), 2) {
				decided++
			}
		}
	}
	t.Logf("%d Jacobians agree, %d have no form", decided, without)
	if decided < matrixSeeds {
		t.Errorf("only %d were decided", decided)
	}
}

// The Hessian of a random scalar is symmetric, and the Jacobian of its gradient by finite differences.
func TestHessiansOfRandomExpressions(t *testing.T) {
	decided, without := 0, 0
	for seed := range int64(hessianSeeds) {
		b := expr.NewBuilder()
		f := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{Smooth: true}).Scalar(4 + int(seed%12))
		a, book := simplify.New(b), Standard()
		for _, x := range expr.Variables(f) {
			if x.Props.Has(expr.Orthogonal) {
				continue // the second derivative along a curved space is not that of its tangent projection
			}
			gradients, err := book.Gradient(a, f, []*Node{x})
			if refused(t, err) {
				continue
			}
			h, err := book.Jacobian(a, gradients[0], x, nil)
			if refused(t, err) {
				without++
				continue
			}
			what := "Hessian of " + printer.Text(f) + " by " + x.Name
			h = a.Shortest(h)
			if agree(t, what, b.Sized(expr.Jacobian, h.Shape, gradients[0], x), h, 2) {
				decided++
				agree(t, what, h, b.New(expr.Transpose, h), 2)
			}
		}
	}
	t.Logf("%d Hessians agree, %d have no form", decided, without)
	if decided < hessianSeeds/2 {
		t.Errorf("only %d were decided", decided)
	}
}
