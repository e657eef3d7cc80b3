package diagnose

import (
	"fmt"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// Hypotheses about a claim that is right under a condition.

// symmetricOnly: the equation holds once constants are symmetric that are not declared so.
func (q *inquiry) symmetricOnly() *Diagnosis {
	var moving []*Node
	if q.operator != nil {
		moving = q.operator.Args[1:]
	}
	var square []*Node
	for _, v := range expr.Variables(q.reference, q.claim) {
		if v.Shape.IsSquare() && !v.Shape.IsScalar() && v.Props == 0 && !slices.Contains(moving, v) {
			square = append(square, v)
		}
	}
	for _, v := range square {
		if q.holdsWith(v) {
			return diagnosis(SymmetricOnly, q.derived, "right only if %s is symmetric", v.Name)
		}
	}
	if len(square) > 1 && q.holdsWith(square...) {
		return diagnosis(SymmetricOnly, q.derived, "right only if the square matrices in it are symmetric")
	}
	return nil
}

// holdsWith reports whether the equation holds if the given variables are symmetric.
func (q *inquiry) holdsWith(vars ...*Node) bool {
	to := map[*Node]*Node{}
	for _, v := range vars {
		to[v] = q.b.Variable(v.Name, v.Shape, v.Props|expr.Symmetric)
	}
	r, err := numcheck.Equal(q.b.Substitute(q.reference, to), q.b.Substitute(q.claim, to), q.options())
	return err == nil && r.Verdict == numcheck.Holds
}

// region: the claim is wrong only in entries of one kind: on or off the diagonal, or where a variable or the argument of a
// piecewise function has one sign.
func (q *inquiry) region() *Diagnosis {
	if q.claim.Shape != q.reference.Shape || q.reference.Shape.IsScalar() {
		return nil
	}
	type kind struct {
		where string
		in    func(i, row, col, at int) bool
	}
	var kinds []kind
	if q.reference.Shape.IsSquare() {
		kinds = append(kinds,
			kind{"on the diagonal", func(_, row, col, _ int) bool { return row == col }},
			kind{"off the diagonal", func(_, row, col, _ int) bool { return row != col }})
	}
	for _, u := range q.branches() {
		kinds = append(kinds,
			kind{fmt.Sprintf("where %s is negative", text(u)), func(i, _, _, at int) bool { return q.trial.Value(i, u)[at] < 0 }},
			kind{fmt.Sprintf("where %s is positive", text(u)), func(i, _, _, at int) bool { return q.trial.Value(i, u)[at] > 0 }})
	}
	for _, k := range kinds {
		wrong, right, mixed := 0, 0, false
		for i := range q.trial.Points() {
			v := q.trial.Value(i, q.claim)
			_, cols := q.trial.Dims(i)
			for at := range q.trial.Reference(i) {
				near := v != nil && q.trial.Near(i, at, v[at])
				switch inside := k.in(i, at/cols, at%cols, at); {
				case near && inside, !near && !inside:
					mixed = true
				case near:
					right++
				default:
					wrong++
				}
			}
		}
		if !mixed && wrong > 0 && right > 0 {
			return diagnosis(Region, q.derived, "wrong only %s", k.where)
		}
	}
	return nil
}

// branches lists what may decide where the claim is wrong: variables and arguments of piecewise functions in its shape.
func (q *inquiry) branches() (list []*Node) {
	add := func(n *Node) {
		if n.Shape == q.claim.Shape && !slices.Contains(list, n) && q.trial.Value(0, n) != nil {
			list = append(list, n)
		}
	}
	for _, r := range []*Node{q.reference, q.claim} {
		expr.Walk(r, func(n *Node) {
			if n.Op.Traits.Has(expr.Piecewise) {
				add(n.Args[0])
			}
		})
	}
	for _, v := range expr.Variables(q.reference) {
		add(v)
	}
	return list
}
