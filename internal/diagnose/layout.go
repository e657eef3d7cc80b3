package diagnose

import (
	"math"

	"matdiff/internal/expr"
)

// vectorised: the entries of the claim are those of D read column by column or row by row, times a constant.
func (q *inquiry) vectorised() *Diagnosis {
	s, c := q.reference.Shape, q.claim.Shape
	entries := s.Rows.Times(s.Cols)
	if s.Rows == expr.One || s.Cols == expr.One || c != expr.Vector(entries) && c != expr.Vector(entries).T() {
		return nil
	}
	for _, order := range []struct {
		words string
		place func(row, col, rows, cols int) int
	}{
		{"vec of the right value, its columns stacked; it has to keep the shape", func(row, col, rows, _ int) int { return col*rows + row }},
		{"the rows of the right value one after the other; it has to keep the shape", func(row, col, _, cols int) int { return row*cols + col }},
	} {
		if q.matchesReordered(order.place) {
			return diagnosis(LayoutVec, q.unstacked(), "%s", order.words)
		}
	}
	return nil
}

// matchesReordered reports whether entry row,col of the reference is a constant times the entry of the claim at place.
func (q *inquiry) matchesReordered(place func(row, col, rows, cols int) int) bool {
	var ratios []float64
	for i := range q.trial.Points() {
		v := q.trial.Value(i, q.claim)
		rows, cols := q.trial.Dims(i)
		if v == nil || len(v) != rows*cols {
			return false
		}
		w := make([]float64, len(v))
		for r := range rows {
			for c := range cols {
				w[r*cols+c] = v[place(r, c, rows, cols)]
			}
		}
		a := project(q.trial.Reference(i), w)
		if math.IsNaN(a) || !q.trial.Matches(i, scaled(a, w)) {
			return false
		}
		ratios = append(ratios, a)
	}
	_, ok := constant(ratios)
	return ok
}

// unstacked returns a part of the claim that is the reference, or a constant times that; else the derived gradient.
func (q *inquiry) unstacked() *Node {
	fix := q.derived
	expr.Walk(q.claim, func(n *Node) {
		if fix != q.derived || n.Shape != q.reference.Shape && n.Shape != q.reference.Shape.T() {
			return
		}
		for _, m := range []*Node{n, q.transpose(n)} {
			if c, ok := q.multiple(m); ok && fix == q.derived && q.accepts(q.scale(c, m)) {
				fix = q.scale(c, m)
			}
		}
	})
	return fix
}
