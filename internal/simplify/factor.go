package simplify

import (
	"cmp"
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// factored takes common factors out of a sum, the best one first, until no more is gained.
func (a *Algebra) factored(n *Node) *Node {
	if m, ok := a.factors[n]; ok {
		return m
	}
	m := n
	for range maxRounds {
		if m.Op != expr.Sum || a.spent() {
			break
		}
		best, cost := m, a.length(m)
		for _, c := range a.factorings(m) {
			if l := a.length(c); l < cost {
				best, cost = c, l
			}
		}
		if best == m {
			break
		}
		m = best
	}
	if !a.spent() {
		a.factors[n] = m
	}
	return m
}

// factorings returns n with factors taken out of those of its terms that have them, once for each choice:
//
//	A*x + A*y → A*(x + y)    s*A + s*B → s*(A + B)    A .* C + B .* C → (A + B) .* C
func (a *Algebra) factorings(n *Node) []*Node {
	if len(n.Args) > maxFactored || a.spent() {
		return nil
	}
	var out []*Node
	whole := a.length(n)
	for _, c := range a.common(n) {
		if a.budget -= len(c.group); a.spent() {
			break
		}
		var rest, inner []*Node
		for i, t := range n.Args {
			if slices.Contains(c.group, i) {
				inner = append(inner, a.divided(t, c))
			} else {
				rest = append(rest, t)
			}
		}
		sum := a.Sum(inner...)
		if sum == n || a.length(sum) > whole+maxLonger {
			continue
		}
		var product *Node
		switch c.where {
		case atLeft, atScalar, atConstant:
			product = a.Product(append(c.factors, a.factored(sum))...)
		case atRight:
			product = a.Product(a.factored(sum), c.factors[0])
		case atEntry:
			product = a.Hadamard(append(c.factors, a.factored(sum))...)
		}
		out = append(out, a.Sum(append(rest, product)...))
	}
	return append(out, a.gatherings(n)...)
}

// common is what can be taken out of some terms of a sum.
type common struct {
	factors []*Node
	where   position // one that is atLeft, atRight or atConstant is alone
	group   []int    // which terms
}

// common lists what terms of n have in common; of sums of many terms, that which saves most.
func (a *Algebra) common(n *Node) []common {
	var places []candidate
	groups := map[candidate][]int{}
	terms := make([][]candidate, len(n.Args))
	for i, t := range n.Args {
		terms[i] = a.positions(t)
		for _, key := range terms[i] {
			if g := groups[key]; len(g) == 0 {
				places = append(places, key)
			} else if g[len(g)-1] == i {
				continue
			}
			groups[key] = append(groups[key], i)
		}
	}
	var all []common
	for _, key := range places {
		if group := a.withPowers(terms, key, groups[key]); len(group) > 1 {
			all = append(all, common{[]*Node{key.factor}, key.where, group})
		}
	}
	all = a.joint(n, all)
	if len(n.Args) > fewTerms && len(all) > maxTried {
		saved := func(c common) int {
			cost := 0
			for _, f := range c.factors {
				cost += 1 + a.Cost(f)
			}
			return (len(c.group) - 1) * cost
		}
		slices.SortStableFunc(all, func(c, d common) int { return cmp.Compare(saved(d), saved(c)) })
		all = all[:maxTried]
	}
	return all
}

// joint replaces factors that commute and that the same terms have by all of them together: which is taken out first makes no
// difference, and there are as many ways as subsets. Where that leaves nothing but a number of a term, each of them is tried
// without one of the others as well, since c + c^3 is shorter than c*(1 + c^2).
func (a *Algebra) joint(n *Node, all []common) []common {
	var out []common
	for _, c := range all {
		i := slices.IndexFunc(out, func(d common) bool {
			return c.where == d.where && (c.where == atScalar || c.where == atEntry) && slices.Equal(c.group, d.group)
		})
		if i < 0 {
			out = append(out, c)
		} else if base, _ := a.numericPower(c.factors[0]); !slices.ContainsFunc(out[i].factors, func(f *Node) bool {
			other, _ := a.numericPower(f)
			return other == base
		}) {
			out[i].factors = append(out[i].factors, c.factors[0])
		} else {
			out = append(out, c) // its power is taken out already: another one is another choice
		}
	}
	for _, c := range out {
		if len(c.factors) == 1 || !slices.ContainsFunc(c.group, func(i int) bool { return isConstant(a.divided(n.Args[i], c)) }) {
			continue
		}
		for i := range c.factors {
			out = append(out, common{slices.Delete(slices.Clone(c.factors), i, i+1), c.where, c.group})
		}
	}
	return out
}

// isConstant reports whether n is a number, or the same one in all entries.
func isConstant(n *Node) bool {
	last := n
	if n.Op == expr.Product && len(n.Args) == 2 && n.Args[0].Op == expr.Number {
		last = n.Args[1]
	}
	return last.Op == expr.Number || last.Op == expr.Ones
}

// divided is term t without the factors of c.
func (a *Algebra) divided(t *Node, c common) *Node {
	for _, f := range c.factors {
		t = a.without(t, f, c.where)
	}
	return t
}

// isReciprocal reports whether n is a negative power.
func isReciprocal(n *Node) bool {
	return (n.Op == expr.Power || n.Op == expr.ElementPower) && n.Args[1].Op == expr.Number && n.Args[1].Num.Sign() < 0
}

// withPowers adds to the terms that have a power as a factor those with a higher one, and to those with a divisor s^k also
// those with a lower one: 1/s - t/s^2 has the common denominator s^2.
func (a *Algebra) withPowers(terms [][]candidate, key candidate, group []int) []int {
	if key.where != atScalar && key.where != atEntry {
		return group
	}
	base, k := a.numericPower(key.factor)
	out := slices.Clone(group)
	for i, positions := range terms {
		if slices.Contains(group, i) {
			continue
		}
		for _, c := range positions {
			if c.where != key.where {
				continue
			}
			if b, j := a.numericPower(c.factor); b == base && (k.Sign() < 0 && j.Sign() < 0 || k.Sign() > 0 && j.Cmp(k) > 0) {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// numericPower writes a factor as a numeric power of a base: s^(2*t) is the second power of s^t.
func (a *Algebra) numericPower(f *Node) (*Node, *big.Rat) {
	sign, base, exponent := a.powerBase(f)
	switch {
	case f.Op == expr.Power && f.Shape.IsScalar():
		base, exponent = f.Args[0], f.Args[1]
	case f.Op == expr.Exp:
		c, rest := a.coefficient(f.Args[0])
		return a.Apply(expr.Exp, rest), c
	}
	if base == nil || !isOne(sign) {
		return f, one
	}
	c, rest := a.coefficient(exponent)
	return a.ElementPower(base, rest), c
}

// maxFactored is the number of terms up to which common factors are looked for.
const maxFactored = 64

// Of sums of more than fewTerms only maxTried choices of common factors are tried.
const (
	fewTerms = 4
	maxTried = 8
)

// maxLonger is how much longer than the whole what is left of its terms may be, before it is factored: sum(M) - sum(M*v) is
// sum(M*ones(n) - M*v).
const maxLonger = 3

// position is where in a term a factor stands.
type position int

const (
	atLeft position = iota
	atRight
	atScalar
	atConstant // the I of s*I, the ones of s*ones
	atEntry
)

type candidate struct {
	factor *Node
	where  position
}

// positions lists the factors that could be taken out of a term.
func (a *Algebra) positions(t *Node) []candidate {
	var out []candidate
	for _, s := range monomialOf(t).scalars {
		out = append(out, candidate{s, atScalar})
	}
	for _, m := range append(a.readings(t), a.weightings(t)...) {
		k := len(m.chain)
		if k == 0 {
			continue
		}
		for _, f := range a.powersOf(m.chain[0]) {
			out = append(out, candidate{f, atLeft})
		}
		for _, f := range a.powersOf(m.chain[k-1]) {
			out = append(out, candidate{f, atRight})
		}
		if f := m.chain[0]; k == 1 && (f.Op == expr.Identity || f.Op == expr.Ones) {
			out = append(out, candidate{f, atConstant})
		}
		if k == 1 {
			for _, f := range a.entriesOf(m.chain[0]) {
				out = append(out, candidate{f, atEntry})
			}
		}
	}
	return out
}

// readings takes a term apart in every way that shows a chain: like monomialOf, and with one of its 1×1 factors as part of the
// chain: s*x'*A*y, s*sum(A*x) as s*ones'*A*x, sum(x)*ones*y' as ones*ones'*x*y'.
func (a *Algebra) readings(t *Node) []monomial {
	m := monomialOf(t)
	out := []monomial{m}
	k := len(m.chain)
	// A sum of entries fits between ones and what follows or precedes them.
	var before, after []*Node
	rows, cols := expr.One, expr.One
	switch {
	case k == 0:
	case k == 1 && m.chain[0].Op == expr.Ones:
		rows, cols = m.chain[0].Shape.Rows, m.chain[0].Shape.Cols
	case m.chain[0].Op == expr.Ones && m.chain[0].Shape.IsColumn():
		rows, after = m.chain[0].Shape.Rows, m.chain[1:]
	case m.chain[k-1].Op == expr.Ones && m.chain[k-1].Shape.IsRow():
		before, cols = m.chain[:k-1], m.chain[k-1].Shape.Cols
	default:
		return out
	}
	for i, s := range m.scalars {
		var chain []*Node
		coef := m.coef
		switch {
		case s.Op == expr.Total:
			x := s.Args[0]
			if column := cols == expr.One || rows != expr.One; column && x.Shape.IsRow() || !column && x.Shape.IsColumn() {
				x = a.Transpose(x)
			}
			c, x := a.content(x)
			coef = mul(coef, c)
			chain = slices.Clone(before)
			if rows != expr.One || x.Shape.Rows != expr.One {
				chain = append(chain, a.ones(expr.Shape{Rows: rows, Cols: x.Shape.Rows}))
			}
			chain = append(chain, spread(x)...)
			if cols != expr.One || x.Shape.Cols != expr.One {
				chain = append(chain, a.ones(expr.Shape{Rows: x.Shape.Cols, Cols: cols}))
			}
			chain = append(chain, after...)
		case chainOnly(s) && k == 0:
			chain = s.Args
		default:
			continue
		}
		out = append(out, monomial{coef, slices.Concat(m.scalars[:i], m.scalars[i+1:]), chain})
	}
	return out
}

// weightings takes a term apart in every way that shows diag at an end of its chain: (u .* (A'*v))' as v'*A*diag(u), and
// u .* (A*v) as diag(u)*A*v.
func (a *Algebra) weightings(t *Node) []monomial {
	m := monomialOf(t)
	if len(m.chain) == 0 {
		return nil
	}
	var out []monomial
	first, last := m.chain[0], m.chain[len(m.chain)-1]
	if last.Op == expr.Transpose && last.Args[0].Op == expr.Hadamard && last.Shape.IsRow() {
		for _, w := range a.weights(last.Args[0]) {
			chain := slices.Concat(m.chain[:len(m.chain)-1], spread(a.Transpose(w.rest)), []*Node{a.Apply(expr.DiagMatrix, w.weight)})
			out = append(out, monomial{m.coef, m.scalars, chain})
		}
	}
	if first.Op == expr.Hadamard && first.Shape.IsColumn() {
		for _, w := range a.weights(first) {
			chain := slices.Concat([]*Node{a.Apply(expr.DiagMatrix, w.weight)}, spread(w.rest), m.chain[1:])
			out = append(out, monomial{m.coef, m.scalars, chain})
		}
	}
	return out
}

// weighted is the column weight .* rest, where rest is a product.
type weighted struct{ weight, rest *Node }

// weights lists the ways to read a column of entries as a weighted product.
func (a *Algebra) weights(h *Node) []weighted {
	var out []weighted
	for i, f := range h.Args {
		if f.Op == expr.Product {
			out = append(out, weighted{a.Hadamard(slices.Concat(h.Args[:i], h.Args[i+1:])...), f})
		}
	}
	return out
}

// powersOf lists the powers of its base that a factor can give up: X, X^2 and X^3 for X^3.
func (a *Algebra) powersOf(f *Node) []*Node {
	b, k := a.base(f)
	sign := int64(1)
	if k < 0 {
		sign = -1
	}
	if k*sign == 1 {
		return []*Node{f}
	}
	var out []*Node
	for j := int64(1); j < min(k*sign, maxLower); j++ {
		power := a.matrixPower(b, j*sign)
		if c, _ := a.base(power); c == b { // sqrtm(X)^2 is X
			out = append(out, power)
		}
	}
	return append(out, f)
}

// maxLower bounds the powers below a high one that are tried as common factors.
const maxLower = 4

// entriesOf lists the entrywise factors of a matrix.
func (a *Algebra) entriesOf(f *Node) []*Node {
	switch {
	case f.Op == expr.Hadamard:
		return f.Args
	case f.Op == expr.Transpose && f.Args[0].Op == expr.Hadamard:
		_, entries := a.transposedFactors(f.Args[0].Args)
		return entries
	case f.Op == expr.Identity || f.Op == expr.Ones:
		return nil
	}
	return []*Node{f}
}

// without divides a term by one of its factors.
func (a *Algebra) without(t, factor *Node, where position) *Node {
	switch where {
	case atScalar:
		m := monomialOf(t)
		if i := slices.Index(m.scalars, factor); i >= 0 {
			return a.assemble(m.coef, slices.Delete(m.scalars, i, i+1), m.chain)
		}
		return a.Product(t, a.Power(factor, a.b.Int(-1)))
	case atConstant:
		m := monomialOf(t)
		return a.Product(append([]*Node{a.b.Number(m.coef)}, m.scalars...)...)
	case atEntry:
		m := monomialOf(t)
		if len(m.chain) == 1 && m.chain[0].Op == expr.Hadamard {
			if i := slices.Index(m.chain[0].Args, factor); i >= 0 {
				return a.Product(append(m.scalars, a.b.Number(m.coef), a.Hadamard(slices.Delete(slices.Clone(m.chain[0].Args), i, i+1)...))...)
			}
		}
		return a.Hadamard(t, a.ElementPower(factor, a.b.Int(-1)))
	}
	for _, m := range append(a.readings(t), a.weightings(t)...) {
		if chain := a.withoutEnd(m.chain, factor, where); chain != nil {
			return a.Product(append(append([]*Node{a.b.Number(m.coef)}, m.scalars...), a.Product(chain...))...)
		}
	}
	return nil
}

// withoutEnd divides a chain by a power of its first or its last factor; it is nil if factor is none.
func (a *Algebra) withoutEnd(chain []*Node, factor *Node, where position) []*Node {
	if len(chain) == 0 {
		return nil
	}
	i, dim := 0, factor.Shape.Cols
	if where == atRight {
		i, dim = len(chain)-1, factor.Shape.Rows
	}
	b, k := a.base(chain[i])
	fb, fk := a.base(factor)
	switch {
	case fb == b && (0 < fk && fk < k || k < fk && fk < 0):
		chain = slices.Clone(chain)
		chain[i] = a.matrixPower(b, k-fk)
	case chain[i] != factor:
		return nil
	case len(chain) == 1:
		return []*Node{a.Identity(dim)}
	default:
		chain = slices.Delete(slices.Clone(chain), i, i+1)
	}
	return chain
}
