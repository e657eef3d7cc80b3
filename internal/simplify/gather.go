package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// gatherings returns n with terms that are the same linear function of something made one, once for each function:
//
//	diag(u) + s*diag(v) → diag(u + s*v)    tr(A) - tr(B) → tr(A - B)    kron(A, B) + kron(A, C) → kron(A, B + C)
func (a *Algebra) gatherings(n *Node) []*Node {
	var out []*Node
	gather := func(within func(t *Node) *Node, around func(sum *Node) *Node) {
		var inner, rest []*Node
		for _, t := range n.Args {
			if x := within(t); x != nil {
				inner = append(inner, x)
			} else {
				rest = append(rest, t)
			}
		}
		if a.budget--; len(inner) > 1 && !a.spent() {
			out = append(out, a.Sum(append(rest, around(a.factored(a.Sum(inner...))))...))
		}
	}
	for _, f := range []*expr.Op{expr.Tr, expr.DiagMatrix, expr.DiagVector, expr.Vec, expr.Tril, expr.Triu} {
		for i, t := range n.Args {
			x := a.argument(f, t)
			if x == nil {
				continue
			}
			within := func(t *Node) *Node {
				// That f(x) and f(y) have one shape does not say that x and y have.
				if y := a.argument(f, t); y != nil && y.Shape == x.Shape {
					return y
				}
				return nil
			}
			if count(n.Args[:i], within) == 0 && count(n.Args[i:], within) > 1 {
				gather(within, func(sum *Node) *Node { return a.Apply(f, sum) })
			}
		}
	}
	for i, t := range n.Args {
		for _, first := range []bool{true, false} {
			shared := a.operand(t, first)
			if shared == nil {
				continue
			}
			within := func(t *Node) *Node {
				if a.operand(t, first) != shared {
					return nil
				}
				return a.withoutOperand(t, first)
			}
			if count(n.Args[:i], within) > 0 || count(n.Args[i:], within) < 2 {
				continue // gathered already, or alone
			}
			gather(within, func(sum *Node) *Node {
				if first {
					return a.Kronecker(shared, sum)
				}
				return a.Kronecker(sum, shared)
			})
		}
	}
	return out
}

// count returns how many of the nodes within gives something for.
func count(nodes []*Node, within func(*Node) *Node) int {
	k := 0
	for _, n := range nodes {
		if within(n) != nil {
			k++
		}
	}
	return k
}

// argument returns x if t is f(x), or a multiple of f(x) as f of a multiple of x; else nil.
func (a *Algebra) argument(f *expr.Op, t *Node) *Node {
	m := monomialOf(t)
	factors := append(slices.Clone(m.scalars), m.chain...)
	for i := len(factors) - 1; i >= 0; i-- {
		if x := factors[i]; x.Op == f && (len(m.chain) == 0 || len(m.chain) == 1 && x == m.chain[0]) {
			rest := slices.Delete(factors, i, i+1)
			return a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, rest, x.Args)...)
		}
	}
	return nil
}

// operand returns the first or the last operand of t, a multiple of a Kronecker product, or nil.
func (a *Algebra) operand(t *Node, first bool) *Node {
	chain := monomialOf(t).chain
	switch {
	case len(chain) != 1 || chain[0].Op != expr.Kronecker:
		return nil
	case first:
		return chain[0].Args[0]
	}
	return chain[0].Args[len(chain[0].Args)-1]
}

// withoutOperand returns t without that operand.
func (a *Algebra) withoutOperand(t *Node, first bool) *Node {
	m := monomialOf(t)
	operands := m.chain[0].Args
	if first {
		operands = operands[1:]
	} else {
		operands = operands[:len(operands)-1]
	}
	return a.Product(append(append([]*Node{a.b.Number(m.coef)}, m.scalars...), a.Kronecker(operands...))...)
}
