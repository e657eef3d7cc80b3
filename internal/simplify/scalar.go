package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// mergeScalars multiplies scalar factors: numbers are collected, equal bases merge into powers, exponentials into one,
// and the rest is put in order. What factors have become may merge again.
func (a *Algebra) mergeScalars(in []*Node) (*big.Rat, []*Node) {
	coef := one
	p := powers{place: map[*Node]int{}}
	var logs []*Node // exponents of e
	for _, f := range in {
		switch f.Op {
		case expr.Number:
			coef = mul(coef, f.Num)
		case expr.Exp:
			logs = append(logs, f.Args[0])
		case expr.Power:
			p.take(a, f.Args[0], f.Args[1])
		case expr.Sum:
			c, atom := a.content(f)
			coef = mul(coef, c)
			p.take(a, atom, a.b.Int(1))
		default:
			p.take(a, f, a.b.Int(1))
		}
	}
	var out []*Node
	if len(logs) > 0 {
		p.take(a, a.Apply(expr.Exp, a.Sum(logs...)), a.b.Int(1))
	}
	a.absorb(p.bases, p.exponents)
	again := a.mergeFunctions(p.bases, p.exponents)
	for i, b := range p.bases {
		m := monomialOf(a.Power(b, p.exponents[i]))
		coef = mul(coef, m.coef)
		out = append(out, m.scalars...)
		again = again || len(m.scalars) > 1 || len(m.scalars) == 1 && !isPowerOf(m.scalars[0], b)
	}
	if again {
		c, merged := a.mergeScalars(out)
		return mul(coef, c), merged
	}
	slices.SortFunc(out, expr.Compare)
	return coef, out
}

// isPowerOf reports whether f is b or a power of b; abs(x)^2, which is x^2, is none of abs(x).
func isPowerOf(f, b *Node) bool {
	return f == b || (f.Op == expr.Power || f.Op == expr.ElementPower) && f.Args[0] == b
}

// powers collects factors as powers of distinct bases.
type powers struct {
	bases, exponents []*Node
	place            map[*Node]int // of a base
}

// take multiplies by base^exponent.
func (p *powers) take(a *Algebra, base, exponent *Node) {
	if i, ok := p.place[base]; ok {
		p.exponents[i] = a.Sum(p.exponents[i], exponent)
		return
	}
	p.place[base] = len(p.bases)
	p.bases = append(p.bases, base)
	p.exponents = append(p.exponents, exponent)
}

// absorb merges s*t*(s*t)^e into (s*t)^(e+1), changing exponents in place.
func (a *Algebra) absorb(bases, exponents []*Node) {
	for i, b := range bases {
		if b.Op != expr.Product || chainOnly(b) || exponents[i].Op != expr.Number {
			continue
		}
		var at []int
		for _, f := range b.Args {
			if j := slices.Index(bases, f); j >= 0 && (len(at) == 0 || exponents[j] == exponents[at[0]]) && exponents[j].Op == expr.Number {
				at = append(at, j)
			}
		}
		if len(at) < len(b.Args) || exponents[at[0]].IsNumber(0) {
			continue
		}
		exponents[i] = a.Sum(exponents[i], exponents[at[0]])
		for _, j := range at {
			exponents[j] = a.b.Int(0)
		}
	}
}
