package simplify

import (
	"matdiff/internal/expr"
)

// spent reports whether the passes are to take what they have. A result is right whenever they stop.
func (a *Algebra) spent() bool { return a.budget <= 0 || a.b.Err() != nil }

// Shortest returns the shortest way found to write n, which must be in normal form. The result is meant for printing: its
// normal form is equal to n, but may differ from it where factors were taken out or sums expanded.
func (a *Algebra) Shortest(n *Node) *Node {
	return a.oriented(a.present(a.shorten(n)).node)
}

// length is the cost of n as it would be written.
func (a *Algebra) length(n *Node) int { return a.present(n).cost }

// shorten applies the passes to every part of n, parts first, as long as the cost falls.
func (a *Algebra) shorten(n *Node) *Node {
	if m, ok := a.short[n]; ok {
		return m
	}
	if a.void[n] {
		return n
	}
	m := a.shortenParts(n)
	for range maxRounds {
		next := a.improve(m)
		if next == m {
			break
		}
		m = a.shortenParts(next)
	}
	a.short[n] = m
	a.short[m] = m
	return m
}

// shortenParts shortens the arguments of n.
func (a *Algebra) shortenParts(n *Node) *Node {
	args := make([]*Node, len(n.Args))
	changed := false
	for i, arg := range n.Args {
		args[i] = a.shorten(arg)
		changed = changed || args[i] != arg
	}
	if changed {
		if c := a.Make(n, args); a.length(c) <= a.length(n) {
			return c
		}
	}
	return n
}

const maxRounds = 50

// The identities that the passes use, as people call them.
const (
	IdentityNormal      = "like terms and factors collected, transposes moved to the variables"
	IdentityFactor      = "common factor taken out"
	IdentityExpand      = "multiplied out, collected and factored again"
	IdentitySquares     = "sin(u)^2 + cos(u)^2 = 1, cos(u)^2 - sin(u)^2 = cos(2*u)"
	IdentityInverse     = "inverse of a product or of a sum: push-through, inv(B)*M*inv(B + M) = inv(B) - inv(B + M)"
	IdentityCommutation = "commutation matrix moved past a Kronecker product: K*kron(A, B) = kron(B, A)*K"
	IdentityLinear      = "values of a linear function added: f(X, E) + f(X, D) = f(X, E + D)"
	IdentityDivisor     = "divisor moved into a sum under the bar"
	IdentityDivide      = "numerator divided by a sum under the bar"
	IdentityRankOne     = "a vector and its inner product taken out together: u .* (z + v'*z) = (diag(u) + u*v')*z"
	IdentityDeterminant = "matrix determinant lemma, det(A + x*y') = det(A)*(1 + y'*inv(A)*x)"
	IdentityWritten     = "written as short as it reads: shared transposes and inverses, norms, signs"
)

// improve returns the best of the candidates for n that are shorter than n, or n.
func (a *Algebra) improve(n *Node) *Node {
	best, cost, identity := n, a.length(n), ""
	try := func(name string, candidates ...*Node) {
		for _, c := range candidates {
			if c == nil || c == n {
				continue
			}
			if l := a.length(c); l < cost {
				best, cost, identity = c, l, name
			}
		}
	}
	switch n.Op {
	case expr.Sum:
		try(IdentityFactor, a.factorings(n)...)
		if best == n {
			try(IdentityExpand, a.refactored(n))
		}
		try(IdentitySquares, a.pythagorean(n))
		try(IdentityInverse, a.complements(n)...)
		try(IdentityCommutation, a.commuted(n)...)
		try(IdentityLinear, a.linearSums(n)...)
	case expr.Product, expr.Hadamard, expr.Tr, expr.Total, expr.DiagVector, expr.DiagMatrix, expr.Tril, expr.Triu, expr.Vec, expr.Kronecker:
		if a.spent() {
			return n
		}
		try(IdentityExpand, a.refactored(n))
		try(IdentityInverse, a.inverseForms(n)...)
		try(IdentityDivisor, a.intoDivisor(n)...)
		try(IdentityDivide, a.quotients(n)...)
		try(IdentityDeterminant, a.determinants(n)...)
		try(IdentityRankOne, a.rankOne(n)...)
	}
	if best != n && a.observe != nil {
		a.observe(identity, n, best)
	}
	return best
}

// refactored multiplies n out, collects, and factors the result again.
func (a *Algebra) refactored(n *Node) *Node {
	if a.spent() {
		return nil
	}
	e := a.expand(n)
	if e == nil || e == n {
		return nil
	}
	if a.length(e) < 2*a.length(n) {
		return a.factored(e)
	}
	kept := max(a.budget-maxHopeful, 0)
	a.budget -= kept
	m := a.factored(e)
	a.budget = max(a.budget, 0) + kept
	return m
}

// maxHopeful is how many candidates are tried for an expression that is more than twice as long when it is multiplied out.
const maxHopeful = 100
