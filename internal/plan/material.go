package plan

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// The costs of operations that are bound by memory, for each entry, where a multiplication and an addition of a product
// of matrices cost 1 each.
const (
	entryCost  = 30
	matVecCost = 25
	mapCost    = 100 // of an elementary function
)

// length is the nominal size of a dimension: 1000 for a name.
func (p *planner) length(d expr.Dim) float64 {
	v := float64(d.Factor())
	for range d.Names() {
		v *= nominalSize
	}
	return v
}

const nominalSize = 1000

func (p *planner) size(s expr.Shape) float64 { return p.length(s.Rows) * p.length(s.Cols) }

func (p *planner) sizeOf(v *Value) float64 { return p.length(v.Rows) * p.length(v.Cols) }

// value computes o; a matrix may come transposed.
func (p *planner) value(o *operand) (v *Value, trans bool) {
	switch o.form {
	case identity:
		return p.intern(matrixValue(Value{Op: Eye}, o.shape.Rows, o.shape.Cols)), false
	case diagonal:
		if d := o.value; d.Op == Diagonal && d.Args[0].Op == Input && d.Args[0].props.Has(expr.Diagonal) {
			return d.Args[0], false
		}
		return p.intern(matrixValue(Value{Op: DiagMatrix, Args: []*Value{o.value}}, o.shape.Rows, o.shape.Cols)), false
	case inverse:
		return p.intern(matrixValue(Value{Op: Inverse, Args: []*Value{o.value}, Trans: [2]bool{o.trans}}, o.shape.Rows, o.shape.Cols)), false
	case sum:
		return p.addUp(o.terms)
	case chain:
		s := p.settle(o.links)
		if u, v := outerOf(s); u != nil {
			switch {
			case isFill(u, one) && isFill(v, one):
				return p.fill(o.shape, one), false
			}
			return p.outer(u, v), false
		}
		return p.value(s)
	}
	return o.value, o.trans
}

// plain computes o as it stands.
func (p *planner) plain(o *operand) *Value {
	v, trans := p.value(o)
	if trans {
		return p.transpose(v)
	}
	return v
}

// materialCost is what value costs for an operand that solve returned.
func (p *planner) materialCost(o *operand) float64 {
	switch o.form {
	case inverse:
		return 2 * p.size(o.shape) * p.length(o.shape.Rows)
	case sum:
		cost := 0.0
		for _, t := range o.terms {
			cost += p.size(o.shape) * entryCost
			if t.of.form == chain {
				s := p.solve(t.of.links)
				cost += s.cost + p.materialCost(s.of)
			} else {
				cost += p.materialCost(t.of)
			}
		}
		return cost
	case diagonal, chain, identity:
		return p.size(o.shape) * entryCost
	}
	return 0
}

// piece is a term of a sum as an operand of Add or Sub, without its sign.
type piece struct {
	value    *Value
	negative bool
	spread   bool // a number, or a vector over rows or columns
}

// addUp computes a sum of vectors or matrices.
func (p *planner) addUp(terms []term) (v *Value, trans bool) {
	shape := terms[0].of.shape
	full := 0
	type part struct {
		t    term
		v    *Value
		at   bool
		u, w *Value
	}
	parts := make([]part, 0, len(terms))
	turned := 0
	for _, t := range terms {
		q := part{t: t}
		of := t.of
		if of.form == chain {
			of = p.settle(of.links)
		}
		if u, w := outerOf(of); u != nil && (isFill(u, one) || isFill(w, one)) {
			q.u, q.w = u, w
		} else if isOnes(of) {
			q.u = of.value
		} else {
			q.v, q.at = p.value(of)
			if q.at {
				turned++
			}
			if !isSymmetric(q.v) { // which stands either way
				full++
			}
		}
		parts = append(parts, q)
	}
	trans = turned > 0 && turned == full
	var pieces []piece
	for _, q := range parts {
		c := piece{negative: q.t.coef.Sign() < 0}
		abs := q.t.times(one)
		abs.coef = new(big.Rat).Abs(abs.coef)
		switch u, w := q.u, q.w; {
		case u == nil:
			m := q.v
			if q.at != trans {
				m = p.transpose(m)
			}
			c.value = p.scaled(m, abs)
		case w == nil || isFill(u, one) && isFill(w, one):
			c.value, c.spread = p.scalar(abs.with(nil)), true
		default:
			op := SpreadColumn
			if isFill(u, one) {
				op, u = SpreadRow, w
			}
			rows, cols := shape.Rows, shape.Cols
			if trans {
				op, rows, cols = SpreadColumn+SpreadRow-op, cols, rows
			}
			c.value, c.spread = p.spread(op, p.scaled(u, abs), rows, cols), true
		}
		pieces = append(pieces, c)
	}
	if trans {
		shape = shape.T()
	}
	return p.accumulate(pieces, shape), trans
}

// accumulate adds pieces, beginning with one that has the full shape or can be taken from one that has.
func (p *planner) accumulate(pieces []piece, shape expr.Shape) *Value {
	lead := slices.IndexFunc(pieces, func(c piece) bool { return !c.spread && !c.negative })
	if lead < 0 {
		second := slices.IndexFunc(pieces, func(c piece) bool { return !c.spread })
		lead = slices.IndexFunc(pieces, func(c piece) bool { return c.spread && !c.negative })
		switch {
		case second >= 0 && lead >= 0: // c - A
			first, next := pieces[lead], pieces[second]
			rest := slices.Delete(slices.Clone(pieces), max(lead, second), max(lead, second)+1)
			rest = slices.Delete(rest, min(lead, second), min(lead, second)+1)
			return p.addAll(p.sub(first.value, next.value), rest)
		case second >= 0:
			for i := range pieces {
				pieces[i].negative = !pieces[i].negative
			}
			return p.neg(p.accumulate(pieces, shape))
		}
		lead = max(lead, 0)
		first := pieces[lead]
		v := p.widened(first.value, shape)
		if first.negative {
			v = p.neg(v)
		}
		return p.addAll(v, slices.Delete(slices.Clone(pieces), lead, lead+1))
	}
	return p.addAll(pieces[lead].value, slices.Delete(slices.Clone(pieces), lead, lead+1))
}

func (p *planner) addAll(v *Value, pieces []piece) *Value {
	for _, c := range pieces {
		if c.negative {
			v = p.sub(v, c.value)
		} else {
			v = p.add(v, c.value)
		}
	}
	return v
}

// widened makes a number or a spread vector a vector or matrix of that shape.
func (p *planner) widened(v *Value, shape expr.Shape) *Value {
	switch v.Op {
	case SpreadColumn:
		return p.outer(v.Args[0], p.fill(expr.Vector(v.Cols), one))
	case SpreadRow:
		return p.outer(p.fill(expr.Vector(v.Rows), one), v.Args[0])
	}
	return p.mul(v, p.fill(shape, one))
}

// scalar returns a term that is a scalar.
func (p *planner) scalar(t term) *Value {
	v := p.number(t.coef)
	num, den := new(big.Rat).SetInt(t.coef.Num()), new(big.Rat).SetInt(t.coef.Denom())
	if len(t.over) > 0 && t.coef.IsInt() || len(t.over) > 0 && num.IsInt() && isOne(new(big.Rat).Abs(num)) {
		v = p.number(num)
	} else {
		den = one
	}
	negative := v.Num.Sign() < 0
	if negative {
		v = p.neg(v)
	}
	for _, s := range p.ordered(t.over) {
		v = p.mul(v, s)
	}
	under := p.number(den)
	for _, s := range p.ordered(t.under) {
		under = p.mul(under, s)
	}
	if v = p.div(v, under); negative {
		v = p.neg(v)
	}
	return v
}

// ordered puts factors in an order that depends on their values alone, and gathers equal ones.
func (p *planner) ordered(factors []*Value) []*Value {
	fs := slices.Clone(factors)
	slices.SortStableFunc(fs, func(a, b *Value) int { return p.ids[a] - p.ids[b] })
	var out []*Value
	for i := 0; i < len(fs); {
		j := i
		for j < len(fs) && fs[j] == fs[i] {
			j++
		}
		out = append(out, p.pow(fs[i], p.number(big.NewRat(int64(j-i), 1))))
		i = j
	}
	return out
}

// scaled multiplies v by the scalars of t, at the smallest of its factors.
func (p *planner) scaled(v *Value, t term) *Value {
	over, under := p.cancel(t.over, t.under)
	s := term{coef: t.coef, over: over, under: under}
	switch {
	case s.plain():
		return v
	case len(over)+len(under) == 0 && s.coef.Cmp(minusOne) == 0:
		return p.neg(v)
	case v.Kind == Scalar:
		return p.scalar(scalarTerm(v).scaledBy(s))
	}
	return p.scaleSmallest(v, func(v *Value) *Value {
		if s.coef.Sign() < 0 && len(over)+len(under) > 0 {
			return p.neg(p.scaleHere(v, s.times(minusOne)))
		}
		return p.scaleHere(v, s)
	})
}

// scaleHere multiplies by scalars in one pass over the entries: c*A, or A/c.
func (p *planner) scaleHere(v *Value, s term) *Value {
	c := p.scalar(s)
	if c.Op == Div && isFill(c.Args[0], one) {
		return p.div(v, c.Args[1])
	}
	if c.Op == Number && !c.Num.IsInt() && isOne(new(big.Rat).SetInt(c.Num.Num())) { // c = 1/k
		return p.div(v, p.number(new(big.Rat).Inv(c.Num)))
	}
	return p.mul(c, v)
}

// cancel leaves out what is both a factor and a divisor.
func (p *planner) cancel(over, under []*Value) ([]*Value, []*Value) {
	over, under = slices.Clone(over), slices.Clone(under)
	for i := 0; i < len(over); i++ {
		if j := slices.Index(under, over[i]); j >= 0 {
			over, under = slices.Delete(over, i, i+1), slices.Delete(under, j, j+1)
			i--
		}
	}
	return over, under
}

// scaleSmallest applies scale to the smallest factor of v, unless v is also needed as it is.
func (p *planner) scaleSmallest(v *Value, scale func(*Value) *Value) *Value {
	at := -1
	if p.isOnlyFor(v) {
		least := p.sizeOf(v)
		for i, a := range v.Args {
			linear := v.Op == MatMul || v.Op == MatVec || v.Op == Outer || v.Op == Transpose && a.Kind == Matrix ||
				(v.Op == Mul || v.Op == Div && i == 0) && a.Kind != Scalar
			if size := p.sizeOf(a); linear && (size < least || a.IsSpread() && p.sizeOf(a.Args[0]) < least) {
				at, least = i, min(size, least)
			}
		}
	}
	if at < 0 {
		return scale(v)
	}
	w := *v
	w.Args = slices.Clone(v.Args)
	w.Uses = 0
	if a := w.Args[at]; a.IsSpread() {
		w.Args[at] = p.spread(a.Op, scale(a.Args[0]), a.Rows, a.Cols)
	} else {
		w.Args[at] = p.scaleSmallest(a, scale)
	}
	return p.intern(w)
}

// isOnlyFor reports whether v had one use in the program before: at first nothing is known of uses.
func (p *planner) isOnlyFor(v *Value) bool { return p.onceUsed[v] }
