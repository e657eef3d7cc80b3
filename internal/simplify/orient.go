package simplify

import (
	"cmp"
	"slices"

	"matdiff/internal/expr"
)

// oriented writes norm(b - a), and (b - a)*(b - a)', with a - b where that stands elsewhere in n and b - a does not; with a residual
// A*x - b also where both do, or neither.
func (a *Algebra) oriented(n *Node) *Node {
	elsewhere := map[*Node]bool{untransposed(n): true}
	even := false
	expr.Walk(n, func(m *Node) {
		if m.Op == expr.Transpose { // counts as its argument, wherever it stands
			return
		}
		groups := evenArguments(m)
		even = even || len(groups) > 0
		for i, arg := range m.Args {
			if !slices.ContainsFunc(groups, func(g []int) bool { return slices.Contains(g, i) }) {
				elsewhere[untransposed(arg)] = true
			}
		}
	})
	if !even {
		return n
	}
	done := map[*Node]*Node{}
	var orient func(m *Node) *Node
	orient = func(m *Node) *Node {
		if o, ok := done[m]; ok || len(m.Args) == 0 {
			return cmp.Or(o, m)
		}
		args := slices.Clone(m.Args)
		for _, group := range evenArguments(m) {
			here := untransposed(args[group[0]])
			back := a.negatedSum(here)
			if back == nil || elsewhere[here] == elsewhere[back] && !isResidual(back) || elsewhere[here] && !elsewhere[back] {
				continue
			}
			for _, i := range group {
				if args[i] == here {
					args[i] = back
				} else {
					args[i] = a.b.New(expr.Transpose, back)
				}
			}
		}
		for i, arg := range args {
			args[i] = orient(arg)
		}
		done[m] = m
		if !slices.Equal(args, m.Args) {
			done[m] = a.b.With(m, args)
		}
		return done[m]
	}
	return orient(n)
}

// evenArguments returns the places of sums in n that may be negated, those in a group together: under a norm, and a sum beside its
// transpose.
func evenArguments(n *Node) (groups [][]int) {
	switch {
	case (n.Op == expr.Norm || n.Op == expr.Abs) && n.Args[0].Op == expr.Sum:
		return [][]int{{0}}
	case n.Op != expr.Product:
		return nil
	}
	for i := 0; i+1 < len(n.Args); i++ {
		if isSquareOfSum(n.Args[i], n.Args[i+1]) {
			groups = append(groups, []int{i, i + 1})
			i++
		}
	}
	return groups
}

// isSquareOfSum reports whether one of f and g is a sum and the other its transpose.
func isSquareOfSum(f, g *Node) bool {
	return untransposed(f).Op == expr.Sum && (isTransposeOf(f, g) || isTransposeOf(g, f))
}

// negatedSum returns -n as it is written, or nil if that is no sum.
func (a *Algebra) negatedSum(n *Node) *Node {
	sum := a.Normalize(n)
	if sum.Op != expr.Sum {
		return nil
	}
	if back := a.presentSum(a.divide(sum, minusOne)).node; back.Op == expr.Sum && back != n {
		return back
	}
	return nil
}

// isResidual reports whether n is written like A*x - b.
func isResidual(n *Node) bool { return n.Op == expr.Sum && isMatrixProduct(n.Args[0]) }
