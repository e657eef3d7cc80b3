package main

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// subject is an expression that is differentiated by one of its variables, as a user would type it.
type subject struct {
	number int
	seed   int64
	b      *expr.Builder
	a      *simplify.Algebra
	raw    *expr.Node // as it was drawn
	f      *expr.Node // as it is read from the text that raw is printed as
	x      *expr.Node
	fault  error // of reading it

	derived  bool
	swept    *expr.Node // the gradient as the sweep leaves it
	gradient *expr.Node // in its shortest form
	refusal  error
}

// draw makes the subject of a number: the same one for the same seed and sizes, whoever asks.
func (c *campaign) draw(number int, matrix bool) *subject {
	kind := int64(0)
	if matrix {
		kind = 1
	}
	rng := rand.New(rand.NewSource((c.seed*2+kind)*1_000_000_007 + int64(number)))
	for {
		b := expr.NewBuilder()
		shape := expr.Scalar
		if matrix {
			shape = randexpr.Variables[rng.Intn(len(randexpr.Variables))].Shape
		}
		size := c.least + rng.Intn(c.most-c.least+1)
		n := randexpr.New(rng, b, randexpr.Options{Depth: c.depth}).Of(shape, size)
		variables := expr.Variables(n)
		if n.Size() < c.least || n.Size() > c.most || len(variables) == 0 {
			continue
		}
		return newSubject(number, rng.Int63(), b, n, variables[rng.Intn(len(variables))])
	}
}

func newSubject(number int, seed int64, b *expr.Builder, raw, x *expr.Node) *subject {
	s := &subject{number: number, seed: seed, b: b, a: simplify.New(b), raw: raw, f: raw, x: x}
	typed, err := parser.Expression(b, printer.Text(raw), parser.Options{Declarations: randexpr.Declarations()})
	if err != nil {
		s.fault = err
	} else {
		s.f = typed.Expr
	}
	return s
}

// derive returns the gradient as grad prints it, or the error that it is not known.
func (s *subject) derive() (*expr.Node, error) {
	if !s.derived {
		s.derived = true
		var g []*expr.Node
		if g, s.refusal = rules.Standard().Gradient(s.a, s.f, []*expr.Node{s.x}); s.refusal == nil {
			s.swept, s.gradient = g[0], s.a.Shortest(g[0])
		}
	}
	return s.gradient, s.refusal
}

// random returns a source of randomness that belongs to the subject.
func (s *subject) random() *rand.Rand { return rand.New(rand.NewSource(s.seed)) }

// shrunk returns subjects that are smaller than s.
func (s *subject) shrunk() []*subject {
	var out []*subject
	for _, n := range randexpr.Shrinks(s.b, s.raw) {
		if slices.Contains(expr.Variables(n), s.x) {
			out = append(out, newSubject(s.number, s.seed, s.b, n, s.x))
		}
	}
	return out
}

// command returns a command to paste that asks matdiff for the derivative of the subject.
func (s *subject) command() string {
	name := "grad"
	if !s.f.Shape.IsScalar() {
		name = "jacobian"
	}
	return fmt.Sprintf("matdiff %s %s --wrt %s%s", name, quote(printer.Text(s.raw)), s.x.Name, s.declarations())
}

// checkCommand returns a command to paste that checks the claim that the gradient is g.
func (s *subject) checkCommand(g *expr.Node) string {
	claim := s.b.Sized(expr.Gradient, s.x.Shape, s.f, s.x)
	return fmt.Sprintf("matdiff check %s%s", quote(printer.Text(claim)+" = "+printer.Text(g)), s.declarations())
}

// declarations returns the flags that declare the variables and sizes of the subject.
func (s *subject) declarations() string {
	sizes := map[string]bool{}
	used := map[string]bool{s.x.Name: true}
	expr.Walk(s.raw, func(n *expr.Node) {
		used[n.Name] = true
		for _, d := range [4]expr.Dim{n.Shape.Rows, n.Shape.Cols, n.Dims[0], n.Dims[1]} {
			for _, name := range d.Names() {
				sizes[name] = true
			}
		}
	})
	var out strings.Builder
	all := randexpr.Declarations()
	declare := func(i int) {
		v := randexpr.Variables[i]
		out.WriteString(" -v " + quote(strings.TrimSpace(all[i])))
		for _, d := range [2]expr.Dim{v.Shape.Rows, v.Shape.Cols} {
			for _, name := range d.Names() {
				delete(sizes, name)
			}
		}
	}
	for i, v := range randexpr.Variables {
		if used[v.Name] {
			declare(i)
		}
	}
	for i, v := range randexpr.Variables {
		if v.Shape.IsColumn() && sizes[v.Shape.Rows.String()] {
			declare(i)
		}
	}
	return out.String()
}

func quote(s string) string { return `"` + s + `"` }
