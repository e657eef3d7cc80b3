package plan

import (
	"slices"

	"matdiff/internal/expr"
)

// solution is the cheapest way found to compute a product, and what it costs.
type solution struct {
	of    *operand
	cost  float64
	parts []string // keys of the products that it is computed from
}

// product returns the product of terms, from left to right; a scalar scales.
func (p *planner) product(terms []term) term {
	out := number(one)
	var links []*operand
	for _, t := range terms {
		of := t.of
		out = out.scaledBy(t)
		if of != nil {
			links = append(links, linksOf(of)...)
		}
		// What is 1×1 by now is a scalar: a product is read from the left.
		if len(links) > 0 && shapeOf(links).IsScalar() {
			out = out.scaledBy(p.contract(links))
			links = nil
		}
	}
	if len(links) == 0 {
		return out
	}
	rest, scalars, _ := p.contractInner(p.tidy(links))
	return out.scaledBy(scalars).with(chainOf(rest))
}

// tidy leaves out identities.
func (p *planner) tidy(links []*operand) []*operand {
	rest := slices.DeleteFunc(slices.Clone(links), func(l *operand) bool { return l.form == identity })
	if len(rest) == 0 {
		return links[:1]
	}
	return rest
}

// cutsOf lists the places between two links where the inner dimension is 1.
func cutsOf(links []*operand) []int {
	var cuts []int
	for i, l := range links[1:] {
		if l.shape.Rows == expr.One {
			cuts = append(cuts, i+1)
		}
	}
	return cuts
}

// contract returns a product that is 1×1.
func (p *planner) contract(links []*operand) term {
	links = p.tidy(links)
	out := number(one)
	from := 0
	for _, to := range append(cutsOf(links), len(links)) {
		out = out.scaledBy(scalarTerm(p.settle(links[from:to]).value))
		from = to
	}
	return out
}

// contractInner takes the scalars out of a product that is none: the parts between two places where the inner dimension
// is 1, or between such a place and an end that is 1.
func (p *planner) contractInner(links []*operand) (rest []*operand, scalars term, cost float64) {
	scalars = number(one)
	cuts := cutsOf(links)
	if links[0].shape.Rows == expr.One {
		cuts = append([]int{0}, cuts...)
	}
	if links[len(links)-1].shape.Cols == expr.One {
		cuts = append(cuts, len(links))
	}
	if len(cuts) < 2 {
		return links, scalars, 0
	}
	for i := range len(cuts) - 1 {
		part := links[cuts[i]:cuts[i+1]]
		scalars = scalars.scaledBy(p.contract(part))
		cost += p.solve(part).cost
	}
	return joinLinks(links[:cuts[0]], links[cuts[len(cuts)-1]:]), scalars, cost
}

// settle computes a product, and counts its parts.
func (p *planner) settle(links []*operand) *operand {
	p.register(links)
	p.use(links)
	return p.solve(links).of
}

// register counts the parts of products of which one is needed, each part once: what is a part of several products may be
// worth computing by itself.
func (p *planner) register(products ...[]*operand) {
	first := products[0]
	key := linksKey(first)
	if p.registered[key] || len(first) > maxRegistered {
		return
	}
	p.registered[key] = true
	parts := map[string]bool{}
	for _, links := range products {
		for i := range links {
			for j := i + 2; j <= len(links); j++ {
				parts[linksKey(links[i:j])] = true
				parts[linksKey(p.transposedLinks(links[i:j]))] = true
			}
		}
	}
	for part := range parts {
		p.possible[part]++
	}
}

// use counts what a product is computed from.
func (p *planner) use(links []*operand) {
	if len(links) == 1 || p.used[linksKey(links)] > 0 && p.settled[linksKey(links)] {
		return
	}
	p.settled[linksKey(links)] = true
	p.solve(links)
	p.mark(linksKey(links))
}

func (p *planner) mark(key string) {
	s, ok := p.solved[key]
	if !ok {
		return
	}
	if p.used[key]++; p.used[key] > 1 {
		return
	}
	for _, part := range s.parts {
		p.mark(part)
	}
}

// maxRegistered and maxLinks bound the work on long products, of which the parts are counted, or bracketed in the cheapest
// way. Longer ones are bracketed from the end with the vector. Products with more sums than maxSums, such as powers of one,
// are not multiplied term by term, and none are once there are maxSolved products.
const (
	maxRegistered = 12
	maxLinks      = 24
	maxSums       = 4
	maxSolved     = 300
)

// solve returns the cheapest way to compute the product of links: by dynamic programming over the brackets, where a sum may
// also be multiplied term by term, and where what several products need counts only in part.
func (p *planner) solve(links []*operand) solution {
	if len(links) == 1 {
		return solution{of: links[0]}
	}
	key := linksKey(links)
	if s, ok := p.solved[key]; ok {
		return s
	}
	if back := linksKey(p.transposedLinks(links)); p.solved[back].of != nil {
		s := p.solved[back]
		s = solution{p.transposed(s.of), s.cost, []string{back}}
		p.solved[key] = s
		return s
	}
	s := p.bracket(links)
	if n := p.uses[key]; n > 1 {
		s.cost /= float64(n)
	}
	p.solved[key] = s
	return s
}

func (p *planner) bracket(links []*operand) solution {
	if cuts := cutsOf(links); len(cuts) > 0 {
		l, r := p.solve(links[:cuts[0]]), p.solve(links[cuts[0]:])
		s := shapeOf(links)
		u := p.dense(p.plain(l.of), expr.Vector(s.Rows), false)
		v := p.dense(p.plain(r.of), expr.Shape{Rows: expr.One, Cols: s.Cols}, false)
		return solution{chainOf([]*operand{u, v}), l.cost + r.cost + p.materialCost(l.of) + p.materialCost(r.of), partsOf(links[:cuts[0]], links[cuts[0]:])}
	}
	if len(links) > maxLinks {
		return p.sweep(links)
	}
	best := solution{}
	mirrored := linksKey(links) == linksKey(p.transposedLinks(links))
	for k := 1; k < len(links); k++ {
		l, r := p.solve(links[:k]), p.solve(links[k:])
		if linksKey(links[:k]) == linksKey(links[k:]) || mirrored && 2*k == len(links) { // A*A, A*A'
			r.cost = 0
		}
		if best.of != nil && l.cost+r.cost >= best.cost {
			continue
		}
		s := p.multiply(l.of, r.of)
		s.cost += l.cost + r.cost
		s.parts = partsOf(links[:k], links[k:])
		if best.of == nil || s.cost < best.cost*(1-1e-9) {
			best = s
		}
	}
	sums := 0
	for _, l := range links {
		if l.form == sum {
			sums++
		}
	}
	for i, l := range links {
		if l.form == sum && sums <= maxSums {
			if s, ok := p.distribute(links[:i], l, links[i+1:]); ok && s.cost < best.cost {
				best = s
			}
		}
	}
	return best
}

func partsOf(left, right []*operand) []string { return []string{linksKey(left), linksKey(right)} }

// sweep multiplies from one end.
func (p *planner) sweep(links []*operand) solution {
	if links[0].shape.Rows == expr.One {
		s := p.solve(links[:1])
		for _, l := range links[1:] {
			next := p.multiply(s.of, l)
			s = solution{of: next.of, cost: s.cost + next.cost}
		}
		return s
	}
	last := len(links) - 1
	s := p.solve(links[last:])
	for i := last - 1; i >= 0; i-- {
		next := p.multiply(links[i], s.of)
		s = solution{of: next.of, cost: s.cost + next.cost}
	}
	return s
}

// distribute multiplies a sum term by term with what stands beside it. Each sum is tried once within another, which bounds
// the work.
func (p *planner) distribute(left []*operand, l *operand, right []*operand) (solution, bool) {
	if p.distributing[l.key] || len(p.distributing) > 1 || len(p.solved) > maxSolved {
		return solution{}, false
	}
	p.distributing[l.key] = true
	defer delete(p.distributing, l.key)
	var terms []term
	var parts []string
	cost := 0.0
	for _, t := range l.terms {
		links := p.tidy(joinLinks(joinLinks(left, linksOf(t.of)), right))
		if shapeOf(links).IsScalar() {
			return solution{}, false
		}
		rest, scalars, inner := p.contractInner(links)
		s := p.solve(rest)
		cost += inner + s.cost + p.materialCost(s.of) + p.size(s.of.shape)*entryCost
		terms = append(terms, t.with(s.of).scaledBy(scalars))
		parts = append(parts, linksKey(rest))
	}
	return solution{p.sum(terms), cost, parts}, true
}

// multiply returns the product of two operands that are computed already, and what that costs.
func (p *planner) multiply(l, r *operand) solution {
	switch {
	case l.form == identity:
		return solution{of: r}
	case r.form == identity:
		return solution{of: l}
	case l.form == diagonal && r.form == diagonal:
		return solution{of: p.diagonal(p.mul(l.value, r.value)), cost: p.size(r.shape)}
	case l.form == inverse && r.form != inverse && r.form != diagonal:
		return p.solveFor(l, r)
	case r.form == inverse && l.form != inverse && l.form != diagonal:
		s := p.solveFor(p.transposed(r), p.transposed(l))
		return solution{of: p.transposed(s.of), cost: s.cost}
	}
	shape := expr.Shape{Rows: l.shape.Rows, Cols: r.shape.Cols}
	if l.form == diagonal || r.form == diagonal {
		return p.scaleRows(l, r, shape)
	}
	if l.form == inverse && r.form == inverse {
		s := p.multiply(l, p.dense(p.plain(r), r.shape, false))
		s.cost += p.materialCost(r)
		return s
	}
	cost := p.materialCost(l)
	a, at := p.value(l)
	b, bt := a, !at
	if r.key != p.transposed(l).key { // A*A' has one A, so that it is seen to be positive semidefinite
		b, bt = p.value(r)
		cost += p.materialCost(r)
	}
	switch {
	case a.Kind == Vector && b.Kind == Vector && shape.IsScalar():
		return solution{of: p.dense(p.dot(a, b), shape, false), cost: cost + 2*p.length(a.Rows)}
	case b.Kind == Vector:
		return solution{of: p.dense(p.matVec(a, b, at), shape, false), cost: cost + p.size(l.shape)*matVecCost}
	case a.Kind == Vector:
		return solution{of: p.dense(p.matVec(b, a, !bt), shape, false), cost: cost + p.size(r.shape)*matVecCost}
	}
	cost += 2 * p.size(l.shape) * p.length(r.shape.Cols)
	if at && bt {
		v := p.intern(matrixValue(Value{Op: MatMul, Args: []*Value{b, a}}, shape.Cols, shape.Rows))
		return solution{of: p.dense(v, shape, true), cost: cost}
	}
	v := p.intern(matrixValue(Value{Op: MatMul, Args: []*Value{a, b}, Trans: [2]bool{at, bt}}, shape.Rows, shape.Cols))
	return solution{of: p.dense(v, shape, false), cost: cost}
}

func (p *planner) matVec(a, x *Value, trans bool) *Value {
	switch {
	case isFill(x, one) && trans:
		return p.colSums(a)
	case isFill(x, one):
		return p.rowSums(a)
	}
	rows := a.Rows
	if trans = trans && !isSymmetric(a); trans {
		rows = a.Cols
	}
	return p.intern(vectorValue(Value{Op: MatVec, Args: []*Value{a, x}, Trans: [2]bool{trans}}, rows))
}

// solveFor returns inv(A)*r for the inverse l.
func (p *planner) solveFor(l, r *operand) solution {
	b := p.plain(r)
	cost := p.size(l.shape) * matVecCost
	if b.Kind == Matrix {
		cost = 2 * p.size(l.shape) * p.length(r.shape.Cols)
	}
	v := p.intern(like(Value{Op: Solve, Args: []*Value{l.value, b}, Trans: [2]bool{l.trans}}, b))
	return solution{of: p.dense(v, r.shape, false), cost: p.materialCost(r) + cost}
}

// scaleRows multiplies by a diagonal matrix from the left or from the right.
func (p *planner) scaleRows(l, r *operand, shape expr.Shape) solution {
	op, d, m := SpreadColumn, l, r
	if l.form != diagonal {
		op, d, m = SpreadRow, r, l
	}
	cost := p.materialCost(m) + p.size(shape)*entryCost
	v, trans := p.value(m)
	if v.Kind == Vector {
		return solution{of: p.dense(p.mul(d.value, v), shape, false), cost: cost}
	}
	if trans {
		op = SpreadColumn + SpreadRow - op
	}
	return solution{of: p.dense(p.mul(v, p.spread(op, d.value, v.Rows, v.Cols)), shape, trans), cost: cost}
}
