package parser

import (
	"strings"
)

// The shapes of function calls.

// apply is the shape of an operation whose row in the table says it.
func (r *run) apply(f *function, n *node) shape {
	sig := &f.signature
	var room [8]dim
	unknown := room[:0]
	for range sig.unknowns {
		unknown = append(unknown, r.u.free())
	}
	of := func(k int) dim {
		if k < 0 {
			return one
		}
		return unknown[k]
	}
	failed := false
	for i, a := range n.args {
		s := r.infer(a)
		if s == bad {
			failed = true
			continue
		}
		if !r.u.same(s, shape{of(sig.in[i][0]), of(sig.in[i][1])}) {
			failed = true
			if sig.squareArgument() {
				r.fail(n, r.needsSquare(n, s))
			} else {
				r.fail(n, func() *Diagnostic {
					return r.facts(wrong("argument-shape", a.span, "%s does not fit the argument of %s", r.text(a), n.text), a).
						fact("%s takes %s", n.text, r.takes(f))
				})
			}
		}
	}
	if failed && !(len(sig.out[0]) == 0 && len(sig.out[1]) == 0) {
		return bad
	}
	var out [2]dim
	for i, factors := range sig.out {
		for _, k := range factors {
			out[i] = r.u.times(out[i], of(k))
		}
	}
	return shape{out[0], out[1]}
}

func (r *run) needsSquare(n *node, s shape) func() *Diagnostic {
	return func() *Diagnostic {
		a := n.args[0]
		d := wrong("square", a.span, "%s needs a square matrix", n.text).fact("%s is %s", r.text(a), r.show(s))
		if a.kind != kindName {
			r.facts(d, a)
		}
		return d
	}
}

func (r *run) takes(f *function) string {
	var shapes []string
	for _, in := range f.op.In {
		shapes = append(shapes, in.String())
	}
	return strings.Join(shapes, ", ")
}

func (r *run) diag(n *node) shape {
	s := r.infer(n.args[0])
	switch {
	case s == bad:
		return bad
	case r.u.isOne(s.cols):
		return shape{s.rows, s.rows}
	case !r.u.equal(s.rows, s.cols):
		return r.fail(n, func() *Diagnostic {
			return wrong("square", n.args[0].span, "diag needs a column vector or a square matrix").
				fact("%s is %s", r.text(n.args[0]), r.show(s))
		})
	}
	return shape{s.rows, one}
}

func (r *run) kronecker(n *node) shape {
	s, t := r.infer(n.args[0]), r.infer(n.args[1])
	if s == bad || t == bad {
		return bad
	}
	return shape{r.u.times(s.rows, t.rows), r.u.times(s.cols, t.cols)}
}

func (r *run) inner(n *node) shape {
	a, b := n.args[0], n.args[1]
	s, t := r.infer(a), r.infer(b)
	if s != bad && t != bad && !r.u.same(s, t) {
		r.fail(n, r.disagree("inner-shapes", "the arguments of "+n.text+" need the same shape", a, b, s, t))
	}
	return scalarShape
}

func (r *run) symmetricPart(n *node) shape {
	s := r.infer(n.args[0])
	if s != bad && !r.u.equal(s.rows, s.cols) {
		return r.fail(n, r.needsSquare(n, s))
	}
	return s
}

func (r *run) vectorOf(n *node) shape {
	r.needScalar(n.args[0], "the argument of vector")
	return shape{r.u.solid(), one}
}

func (r *run) matrixOf(n *node) shape {
	r.needScalar(n.args[0], "the argument of matrix")
	return shape{r.u.free(), r.u.free()}
}

func (r *run) sizeOf(n *node) shape {
	r.infer(n.args[0])
	return scalarShape
}

func (r *run) eye(n *node) shape {
	d := r.size(n.args[0])
	return shape{d, d}
}

func (r *run) filled(n *node) shape {
	s := shape{r.size(n.args[0]), one}
	if len(n.args) == 2 {
		s.cols = r.size(n.args[1])
	}
	return s
}

func (r *run) commutation(n *node) shape {
	d := r.u.times(r.size(n.args[0]), r.size(n.args[1]))
	return shape{d, d}
}

func (r *run) unit(n *node) shape {
	for _, a := range n.args[:2] {
		r.needScalar(a, "an index")
	}
	return shape{r.size(n.args[2]), r.size(n.args[3])}
}

// size reads an argument as a dimension: a product of numbers, names, rows(X) and cols(X).
func (r *run) size(n *node) dim {
	d, ok := r.sizeFactor(n)
	if !ok {
		r.fail(n, func() *Diagnostic {
			return wrong("size", n.span, "%s is no size", r.text(n)).
				hint("a size is a product of whole numbers, names, rows(X) and cols(X)")
		})
		return r.u.free()
	}
	return d
}

func (r *run) sizeFactor(n *node) (dim, bool) {
	r.shapes[n.id] = scalarShape
	switch n.kind {
	case kindNumber:
		d, ok := sizeNumber(n.text)
		if !ok {
			return 0, false
		}
		return r.u.of(d), true
	case kindName:
		return r.u.named(n.text), true
	case kindCall:
		if n.text == "rows" || n.text == "cols" {
			s := r.infer(n.args[0])
			if s == bad {
				return r.u.free(), true
			}
			if n.text == "rows" {
				return s.rows, true
			}
			return s.cols, true
		}
	case kindChain:
		out := one
		for i, a := range n.args {
			d, ok := r.sizeFactor(a)
			if !ok || i > 0 && n.ops[i-1] != '*' {
				return 0, false
			}
			out = r.u.times(out, d)
		}
		return out, true
	}
	return 0, false
}

// The operators of equations.

func (r *run) transparent(n *node) shape { return r.infer(n.args[0]) }

func (r *run) gradient(n *node) shape {
	f := r.infer(n.args[0])
	x := r.infer(n.args[1])
	r.mustBeScalar(f, n.args[0])
	return x
}

func (r *run) hessian(n *node) shape {
	f := r.infer(n.args[0])
	x := r.infer(n.args[1])
	r.mustBeScalar(f, n.args[0])
	if x == bad {
		return bad
	}
	size := r.u.times(x.rows, x.cols)
	return shape{size, size}
}

func (r *run) jacobian(n *node) shape {
	f := r.infer(n.args[0])
	x := r.infer(n.args[1])
	if f == bad || x == bad {
		return bad
	}
	if r.scalar(x, n.args[1].id) {
		return f
	}
	return shape{r.u.times(f.rows, f.cols), r.u.times(x.rows, x.cols)}
}

// mustBeScalar demands that s, the shape of n, is 1×1 without making any undeclared matrix so: that a gradient is
// asked for says nothing about matrices.
func (r *run) mustBeScalar(s shape, n *node) {
	if s == bad || r.scalar(s, n.id) {
		return
	}
	report := func() *Diagnostic {
		d := wrong("not-scalar", n.span, "the gradient needs a scalar, but %s is %s", r.text(n), r.show(s))
		if n.kind != kindName {
			r.facts(d, n)
		}
		return d.hint("use jacobian, or make it a scalar with tr(…), sum(…) or norm(…)^2")
	}
	if n.kind != kindSum {
		r.blameShape(s)
		r.fail(n, report)
		return
	}
	for _, a := range n.args { // each term that is not a scalar is one too many
		if s := r.shapes[a.id]; s != bad && !r.scalar(s, a.id) {
			r.blameShape(s)
			r.fail(n, report, a)
		}
	}
}

// blameShape says that the next failure is due to s as well.
func (r *run) blameShape(s shape) {
	r.u.failed = r.u.reason(s.rows)
	r.u.failed.include(r.u.reason(s.cols))
}
