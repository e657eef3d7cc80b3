package parser

import (
	"slices"

	"matdiff/internal/expr"
)

// run is one inference of all shapes under one reading of the undeclared lower-case names.
//
// Every dimension is an unknown, and every operation an equation between dimensions. Where the meaning of an
// operation depends on whether an operand is 1×1 and that is not known yet, the operand is taken for a matrix; if it turns out to be 1×1 later, inference
// is repeated with what was learnt (see program.infer).
type run struct {
	p         *program
	u         *unifier
	scalars   symbolSet      // candidates that are read as scalars
	late      map[int32]bool // nodes that the last run found to be 1×1 after they were taken for matrices
	unsure    []int32        // nodes taken for matrices that may become 1×1
	shapes    []shape        // by node id
	symbols   []shape
	defs      []shape
	defDone   []bool
	tree      tree // that is being read
	conflicts []conflict
	naming    *dimensionNames
}

// bad is the shape of what cannot be formed; it silences everything that follows from it.
var bad = shape{-1, -1}

// conflict is a place where shapes do not agree.
type conflict struct {
	names []int32 // candidates of which at least one has to be a scalar for this to agree
	tree  tree    // in which it is
	text  func() *Diagnostic
}

// report says what the conflict c is.
func (r *run) report(c conflict) *Diagnostic {
	r.tree = c.tree
	return c.text().in(c.tree.source)
}

// maxConflicts bounds the conflicts that one run collects.
const maxConflicts = 1_000_000

// newRun begins a run, in the workspace of the spare one if there is one.
func (p *program) newRun(scalars symbolSet, late map[int32]bool) *run {
	r := p.spare
	p.spare = nil
	if r == nil {
		r = &run{p: p, u: &unifier{}}
	}
	r.u.reset(2*len(p.symbols)+len(p.meanings), p.nameSets != nil)
	*r = run{
		p: p, u: r.u, scalars: scalars, late: late,
		shapes: cleared(r.shapes, len(p.meanings)), symbols: cleared(r.symbols, len(p.symbols)),
		defs: cleared(r.defs, len(p.decls.defs)), defDone: cleared(r.defDone, len(p.decls.defs)),
		unsure: r.unsure[:0], conflicts: r.conflicts[:0],
	}
	for i := range p.symbols {
		if d := p.symbols[i].decl; d != nil && d.props&needSquare != 0 && d.sizes[0] != nil && d.sizes[1] != nil {
			r.u.identify(r.u.of(*d.sizes[0]), r.u.of(*d.sizes[1]))
		}
	}
	for i := range p.symbols {
		if p.symbols[i].like < 0 {
			r.symbols[i] = r.shapeOf(int32(i))
		}
	}
	for i := range p.symbols {
		r.symbols[i] = r.symbols[p.root(int32(i))]
	}
	return r
}

// cleared returns n zeros, in the place of s if they fit there.
func cleared[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// shapeOf returns the shape of a symbol before its use is looked at.
func (r *run) shapeOf(i int32) shape {
	s := &r.p.symbols[i]
	switch {
	case s.node != nil:
		return r.u.shape(s.node.Shape)
	case s.index:
		return scalarShape
	case s.decl != nil && s.decl.shaped:
		size := func(d *expr.Dim, free dim) dim {
			if d == nil {
				return free
			}
			return r.u.of(*d)
		}
		if s.decl.scalar {
			return scalarShape
		}
		if s.decl.sizes[0] == nil && s.decl.sizes[1] == nil && s.decl.props&needSquare != 0 {
			n := r.u.free()
			return shape{n, n}
		}
		rows := r.u.free()
		if s.decl.sizes[1] != nil {
			rows = r.u.solid() // vector
		}
		return shape{size(s.decl.sizes[0], rows), size(s.decl.sizes[1], r.u.free())}
	case s.decl != nil && s.decl.props&needSquare != 0:
		n := r.u.free()
		return shape{n, n}
	case s.nature == natureScalar || r.scalars.has(i):
		return scalarShape
	case s.nature == natureMatrix:
		return shape{r.u.free(), r.u.free()}
	}
	vector := r.u.solid()
	if r.u.reasons != nil {
		r.u.reasons[vector].add(s.place)
	}
	return shape{vector, one}
}

// infer finds all shapes under one reading, repeating until nothing new is found to be 1×1. What is taken for 1×1 has to be
// so in the end; a 1×1 operand that is taken for a matrix does no harm.
func (p *program) infer(scalars symbolSet, demand func(*run)) *run {
	var late map[int32]bool
	most := p.visits + maxVisits
	for round := 0; ; round++ {
		if err := p.builder.Err(); err != nil {
			panic((&Diagnostic{Code: "stopped", Message: err.Error()}).unknown())
		}
		r := p.newRun(scalars, late)
		for _, t := range p.roots {
			r.inferTree(t)
		}
		for _, d := range p.decls.defs {
			r.definition(d)
		}
		demand(r)
		if !r.u.settle() {
			t := p.roots[0]
			r.fail(t.root, func() *Diagnostic { return wrong("sizes", t.root.span, "the sizes do not agree").in(t.source) })
		}
		p.visits += len(p.meanings) + 10
		found := map[int32]bool{}
		for _, id := range r.unsure {
			if s := r.shapes[id]; s != bad && r.u.isScalar(s) {
				found[id] = true
			}
		}
		sound := subset(late, found)
		switch {
		case sound && (len(found) == len(late) || round >= 6):
			return r
		case round > len(r.unsure)+6 || p.visits > most:
			found = nil // always sound
		}
		late, p.spare = found, r
	}
}

func subset(a, b map[int32]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

func (r *run) inferTree(t tree) shape {
	before := r.tree
	r.tree = t
	s := r.infer(t.root)
	r.tree = before
	return s
}

func (r *run) definition(d *definition) shape {
	if !r.defDone[d.index] {
		r.defDone[d.index] = true
		r.defs[d.index] = r.inferTree(d.tree)
	}
	return r.defs[d.index]
}

// scalar reports whether s, the shape of node id, is 1×1 as far as is known.
func (r *run) scalar(s shape, id int32) bool {
	if r.u.isScalar(s) {
		return true
	}
	if (r.u.isOne(s.rows) || r.mayBeOne(s.rows)) && (r.u.isOne(s.cols) || r.mayBeOne(s.cols)) {
		r.unsure = append(r.unsure, id)
		return r.late[id]
	}
	return false
}

func (r *run) mayBeOne(d dim) bool {
	c := r.u.cells[r.u.find(d)]
	return c.kind == dimFree && !c.solid || c.kind == dimProduct
}

func (r *run) fail(n *node, report func() *Diagnostic, blamed ...*node) shape {
	if len(r.conflicts) < maxConflicts {
		if blamed == nil {
			blamed = []*node{n}
		}
		names := slices.DeleteFunc(r.blame(blamed), r.scalars.has)
		r.conflicts = append(r.conflicts, conflict{names, r.tree, report})
	}
	return bad
}

// blame returns the candidates in the given nodes, and those that made the last equation fail.
func (r *run) blame(nodes []*node) []int32 {
	if r.p.nameSets == nil {
		return r.p.candidates(nodes...)
	}
	set := r.u.failed
	r.u.failed = nameSet{}
	for _, n := range nodes {
		set.include(r.p.nameSets[n.id])
	}
	var names []int32
	for _, i := range set.list() {
		names = append(names, r.p.alphabet[i])
	}
	return names
}

func (r *run) infer(n *node) shape {
	before := r.u.why
	r.because(n.id)
	s := r.shapeFor(n)
	r.u.why = before
	if r.u.tooLong {
		r.u.tooLong = false
		s = r.fail(n, func() *Diagnostic {
			return wrong("size", n.span, "a size here has more factors than matdiff can handle")
		})
	}
	r.shapes[n.id] = s
	return s
}

func (r *run) shapeFor(n *node) shape {
	switch n.kind {
	case kindNumber:
		return scalarShape
	case kindName:
		return r.name(n)
	case kindCall:
		return r.p.functions.find(n.text).infer(r, n)
	case kindIndex:
		return r.index(n)
	case kindSum:
		return r.sum(n)
	case kindChain:
		return r.chain(n)
	case kindTranspose:
		return r.transpose(n)
	case kindInverse:
		return r.inverse(n)
	case kindPower:
		return r.power(n)
	case kindElementPower:
		return r.entrywise(n)
	}
	return r.infer(n.args[0])
}

func (r *run) name(n *node) shape {
	switch m := r.p.meanings[n.id]; m.kind {
	case meansVariable:
		return r.symbols[m.target]
	case meansDefinition:
		return r.definition(r.p.decls.defs[m.target])
	case meansIdentity:
		size := r.u.free()
		return shape{size, size}
	case meansOnes, meansZeros:
		return shape{r.u.free(), r.u.free()}
	}
	return scalarShape
}

func (r *run) index(n *node) shape {
	s := r.infer(n.args[0])
	for _, a := range n.args[1:] {
		r.needScalar(a, "an index")
	}
	if s == bad {
		return bad
	}
	if len(n.args) == 2 && !r.u.isOne(s.rows) && !r.u.equal(s.cols, one) {
		return r.fail(n, func() *Diagnostic {
			return wrong("index", n.span, "an entry of the matrix %s has two indices", r.text(n.args[0])).
				hint("write %s[i,j]", r.text(n.args[0]))
		})
	}
	return scalarShape
}

// needScalar infers n, which stands for what, and demands that it is 1×1.
func (r *run) needScalar(n *node, what string) {
	if s := r.infer(n); s != bad && !r.scalar(s, n.id) && !r.u.same(s, scalarShape) {
		r.fail(n, func() *Diagnostic {
			return wrong("not-scalar", n.span, "%s has to be a scalar, but %s is %s", what, r.text(n), r.show(s))
		})
	}
}

func (r *run) sum(n *node) shape {
	var whole shape
	var first *node
	failed := false
	for _, a := range n.args {
		s := r.infer(a)
		switch {
		case s == bad:
			failed = true
		case r.scalar(s, a.id):
		case first == nil:
			first, whole = a, s
		case !r.agree(first, a, whole, s):
			failed = true
			r.fail(n, r.disagree("sum-shapes", "the terms of a sum need the same shape", first, a, whole, s), first, a)
		}
	}
	switch {
	case failed:
		return bad
	case first == nil:
		return scalarShape
	}
	return whole
}

// agree makes the shapes of a and b equal on account of these two alone.
func (r *run) agree(a, b *node, sa, sb shape) bool {
	before := r.u.why
	r.because(a.id, b.id)
	ok := r.u.same(sa, sb)
	r.u.why = before
	return ok
}

func (r *run) chain(n *node) shape {
	s := r.infer(n.args[0])
	id := n.args[0].id
	for i, op := range n.ops {
		t := r.infer(n.args[i+1])
		s = r.combine(n, i, s, id, op, t)
		id = n.id + 1 + int32(i) // the prefix up to here
		r.shapes[id] = s
	}
	return s
}

// combine returns the shape of the first i+2 operands of a chain, the first i+1 of which have shape s.
func (r *run) combine(n *node, i int, s shape, id int32, op byte, t shape) shape {
	if s == bad || t == bad {
		return bad
	}
	b := n.args[i+1]
	r.because(n.id + 1 + int32(i))
	switch op {
	case opKronecker:
		return shape{r.u.times(s.rows, t.rows), r.u.times(s.cols, t.cols)}
	case opHadamard, opQuotient:
		switch {
		case r.scalar(s, id):
			return t
		case r.scalar(t, b.id) || r.u.same(s, t):
			return s
		}
		return r.fail(n, r.disagree("hadamard-shapes", "an entrywise product needs operands of the same shape", n.prefix(i), b, s, t), n.args[:i+2]...)
	}
	if op == '/' {
		if r.scalar(t, b.id) {
			return s
		}
		if !r.u.equal(t.rows, t.cols) {
			return r.fail(n, r.notSquare(b, t, "a matrix to divide by"), b)
		}
	}
	if op == '\\' {
		if r.scalar(s, id) {
			return t
		}
		if !r.u.equal(s.rows, s.cols) {
			return r.fail(n, r.notSquare(n.prefix(i), s, "a matrix to divide by"), n.args[:i+1]...)
		}
	}
	switch {
	case r.scalar(s, id):
		return t
	case r.scalar(t, b.id):
		return s
	case !r.u.equal(s.cols, t.rows):
		return r.fail(n, r.nonconforming(n.prefix(i), b, s, t), n.args[:i+2]...)
	}
	return shape{s.rows, t.cols}
}

// prefix stands for the first i+1 operands of a chain in messages.
func (n *node) prefix(i int) *node {
	if i == 0 {
		return n.args[0]
	}
	return &node{kind: kindChain, args: n.args[:i+1], ops: n.ops[:i], span: Span{n.span.Start, n.args[i].span.End}}
}

func (r *run) transpose(n *node) shape {
	if s := r.infer(n.args[0]); s != bad {
		return s.t()
	}
	return bad
}

func (r *run) inverse(n *node) shape {
	s := r.infer(n.args[0])
	if s == bad || r.scalar(s, n.args[0].id) {
		return s
	}
	if !r.u.equal(s.rows, s.cols) {
		return r.fail(n, r.notSquare(n.args[0], s, "a matrix to invert"))
	}
	return s
}

func (r *run) power(n *node) shape {
	s := r.infer(n.args[0])
	r.needScalar(n.args[1], "an exponent")
	if s == bad || r.scalar(s, n.args[0].id) {
		return s
	}
	if !r.u.equal(s.rows, s.cols) {
		return r.fail(n, func() *Diagnostic {
			return r.notSquare(n.args[0], s, "a matrix to take a power of")().
				hint("the power of each entry is written %s.^%s", r.text(n.args[0]), r.text(n.args[1]))
		}, n.args[0])
	}
	return s
}

// entrywise is the shape of x.^p and hadamard(A,B).
func (r *run) entrywise(n *node) shape {
	a, b := n.args[0], n.args[1]
	s, t := r.infer(a), r.infer(b)
	switch {
	case s == bad || t == bad:
		return bad
	case r.scalar(s, a.id):
		return t
	case r.scalar(t, b.id) || r.u.same(s, t):
		return s
	}
	return r.fail(n, r.disagree("hadamard-shapes", "entrywise operations need operands of the same shape", a, b, s, t))
}
