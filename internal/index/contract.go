package index

import (
	"slices"

	"matdiff/internal/expr"
)

// A sum over indices of a product of entries is a graph: an index is a vertex, a matrix joins the two that it has, and a
// vector joins its one to None. The sum is brought to matrix form by taking summed vertices away:
//
//	two edges A[u,s], B[s,w]       become the chain (A*B)[u,w]
//	two edges A[u,w], B[u,w]       become (A .* B)[u,w]
//	an edge A[u,s] alone at s      becomes (A*ones)[u]
//	a loop A[s,s]                  becomes the vector diag(A)[s], or tr(A) if nothing else is at s
//	a vector at s between A and B  becomes a diagonal matrix
//
// until only the free indices are left. A vertex where three matrices meet stays: such a sum has no matrix form here.

// edge is a chain of entries of which neighbours share a summed index.
type edge struct{ chain []placed }

func (e edge) from() Index { return e.chain[0].row }
func (e edge) to() Index   { return e.chain[len(e.chain)-1].col }

// contraction is the matrix form of a sum: scalars times the chain.
type contraction struct {
	scalars []placed
	chain   []placed
	free    [2]Index // row and column of the sum
	swapped bool     // the chain goes from the column to the row
}

// inner lists the indices that are summed in the chain.
func (c *contraction) inner() []Index {
	var is []Index
	for _, f := range c.chain[:len(c.chain)-1] {
		if f.col != c.free[0] && f.col != c.free[1] && !slices.Contains(is, f.col) { // as at a diagonal matrix
			is = append(is, f.col)
		}
	}
	return summed(is...)
}

// node returns the matrix of which the sum is an entry.
func (c *contraction) node(w *walker) *Node {
	factors := []*Node{}
	for _, f := range append(slices.Clone(c.scalars), c.chain...) {
		factors = append(factors, f.n)
	}
	return w.joined(factors)
}

// joined returns a product, numbers first, without ones and identities.
func (w *walker) joined(factors []*Node) *Node {
	scalars, chain := w.b.Factors(factors)
	var numbers, rest []*Node
	for _, f := range append(scalars, chain...) {
		switch {
		case f.IsNumber(1) || f.Op == expr.Identity && len(chain) > 1:
		case f.Op == expr.Number:
			numbers = append(numbers, f)
		default:
			rest = append(rest, f)
		}
	}
	if rest = append(numbers, rest...); len(rest) > 1 {
		return w.b.New(expr.Product, rest...)
	}
	return append(rest, factors...)[0]
}

func (w *walker) transpose(n *Node) *Node {
	switch {
	case n.Shape.IsScalar():
		return n
	case n.Op == expr.Transpose:
		return n.Args[0]
	case n.Op == expr.Identity:
		return n
	case n.Op == expr.Ones:
		return w.b.Sized(expr.Ones, n.Shape.T())
	}
	if n.Op == expr.Variable && n.Props&expr.OwnTranspose != 0 {
		return n
	}
	return w.b.New(expr.Transpose, n)
}

// turned returns the chain from its end to its beginning.
func (w *walker) turned(e edge) edge {
	out := make([]placed, len(e.chain))
	for i, f := range e.chain {
		out[len(e.chain)-1-i] = placed{w.transpose(f.n), f.col, f.row, ""}
	}
	return edge{out}
}

// matrix returns the product of a chain as one entry.
func (w *walker) matrix(e edge) placed {
	nodes := make([]*Node, len(e.chain))
	for i, f := range e.chain {
		nodes[i] = f.n
	}
	return placed{w.joined(nodes), e.from(), e.to(), ""}
}

// contract brings t, summed over sums, to matrix form with the row and column of t, or the other way round if that takes
// fewer transposes.
func (w *walker) contract(t term, sums []Index) (*contraction, error) {
	c := &contraction{free: [2]Index{t.row, t.col}}
	var edges []edge
	for _, f := range t.factors {
		if f.n.Shape.Rows == expr.One {
			f.row = None
		}
		if f.n.Shape.Cols == expr.One {
			f.col = None
		}
		if f.n.Op == expr.Transpose { // as C'[m,i]
			f = placed{f.n, f.row, f.col, ""}
		}
		if f.row == None && f.col == None {
			c.scalars = append(c.scalars, f)
		} else {
			edges = append(edges, edge{[]placed{f}})
		}
	}
	left := slices.Clone(sums)
	for len(left) > 0 {
		k := -1
		for i, s := range left {
			var done bool
			if edges, done = w.eliminate(c, edges, s); done {
				k = i
				break
			}
		}
		if k < 0 {
			if merged := w.mergeParallel(edges, None); len(merged) < len(edges) {
				edges = merged
				continue
			}
			return nil, unknown(nil, "the sum over %s has no form in matrix products", left[0].Name)
		}
		left = slices.Delete(left, k, k+1)
	}
	final := w.between(edges, t.row, t.col)
	c.chain = final.chain
	if other := w.turned(final); transposes(other) < transposes(final) {
		c.chain, c.swapped = other.chain, true
	}
	return c, nil
}

func transposes(e edge) int {
	n := 0
	for _, f := range e.chain {
		if f.n.Op == expr.Transpose {
			n++
		}
	}
	return n
}

// towards returns e so that it ends in s, which is one of its ends.
func (w *walker) towards(e edge, s Index) edge {
	if e.to() == s {
		return e
	}
	return w.turned(e)
}

// eliminate takes the summed index s away, if it can.
func (w *walker) eliminate(c *contraction, edges []edge, s Index) ([]edge, bool) {
	var here, rest []edge
	for _, e := range edges {
		if e.from() == s || e.to() == s {
			here = append(here, e)
		} else {
			rest = append(rest, e)
		}
	}
	// Loops are vectors, unless they stand alone.
	for i, e := range here {
		if e.from() == s && e.to() == s {
			m := w.matrix(e)
			if len(here) == 1 {
				c.scalars = append(c.scalars, placed{w.b.New(expr.Tr, m.n), None, None, ""})
				return rest, true
			}
			here[i] = w.diagonal(m)
		}
	}
	if len(here) > 2 {
		here = w.mergeParallel(here, s)
	}
	if len(here) == 3 {
		here = w.weighted(here, s)
	}
	switch len(here) {
	case 0:
		c.scalars = append(c.scalars, placed{w.b.SizeOf(s.Dim), None, None, ""})
		return rest, true
	case 1:
		ones := placed{w.b.Sized(expr.Ones, expr.Vector(s.Dim)), s, None, ""}
		here = append(here, edge{[]placed{ones}})
	case 2:
	default:
		return edges, false
	}
	first, second := w.towards(here[0], s), w.turned(w.towards(here[1], s))
	if first.from() == None && second.to() != None {
		first, second = w.turned(second), w.turned(first)
	}
	joined := edge{append(slices.Clone(first.chain), second.chain...)}
	if joined.from() == None && joined.to() == None {
		c.scalars = append(c.scalars, w.matrix(joined))
		return rest, true
	}
	return append(rest, joined), true
}

// mergeParallel multiplies edges between the same two indices entry by entry: those at s, or all if s is None.
func (w *walker) mergeParallel(edges []edge, s Index) []edge {
	var out []edge
	for _, e := range edges {
		merged := false
		for i, o := range out {
			same := o.from() == e.from() && o.to() == e.to()
			crossed := o.from() == e.to() && o.to() == e.from()
			if !same && !crossed || e.from() == e.to() {
				continue
			}
			if !same {
				e = w.turned(e)
			}
			if turned := [2]edge{w.turned(o), w.turned(e)}; o.to() != None &&
				(o.from() == None || transposes(turned[0])+transposes(turned[1]) < transposes(o)+transposes(e)) {
				o, e = turned[0], turned[1]
			}
			p, q := w.matrix(o), w.matrix(e)
			out[i] = edge{[]placed{{w.hadamard(p.n, q.n), p.row, p.col, ""}}}
			merged = true
			break
		}
		if !merged {
			out = append(out, e)
		}
	}
	return out
}

func (w *walker) hadamard(p, q *Node) *Node {
	var factors []*Node
	for _, n := range []*Node{p, q} {
		if n.Op == expr.Hadamard {
			factors = append(factors, n.Args...)
		} else {
			factors = append(factors, n)
		}
	}
	return w.b.New(expr.Hadamard, factors...)
}

// diagonal returns the diagonal of A[s,s] as a vector at s.
func (w *walker) diagonal(m placed) edge {
	n := m.n
	if n.Op == expr.Transpose {
		n = n.Args[0]
	}
	return edge{[]placed{{w.b.New(expr.DiagVector, n), m.row, None, ""}}}
}

// weighted multiplies one of two matrices that meet at s by the vector that is there too.
func (w *walker) weighted(here []edge, s Index) []edge {
	for i, e := range here {
		v := w.turned(w.towards(e, s))
		if v.to() != None {
			continue
		}
		others := slices.Delete(slices.Clone(here), i, i+1)
		first := w.towards(others[0], s)
		diagonal := placed{w.b.New(expr.DiagMatrix, w.matrix(v).n), s, s, ""}
		return []edge{{append(slices.Clone(first.chain), diagonal)}, others[1]}
	}
	return here
}

// between returns the chain from row to col that the edges left make.
func (w *walker) between(edges []edge, row, col Index) edge {
	edges = w.mergeParallel(edges, None)
	var across *edge
	isMatrix := row != None && col != None
	ends := map[Index]*edge{}
	for _, e := range edges {
		switch {
		case e.from() == e.to():
			v := w.diagonal(w.matrix(e))
			if old := ends[e.from()]; old != nil {
				v = w.mergeParallel([]edge{*old, v}, None)[0]
			}
			ends[e.from()] = &v
		case isMatrix && e.from() == row && e.to() == col:
			across = &e
		case isMatrix && e.from() == col && e.to() == row:
			turned := w.turned(e)
			across = &turned
		default:
			at := e.from()
			if at == None {
				at = e.to()
			}
			v := w.turned(w.towards(e, at))
			if old := ends[at]; old != nil {
				v = w.mergeParallel([]edge{*old, v}, None)[0]
			}
			ends[at] = &v
		}
	}
	vector := func(i Index) edge {
		if v := ends[i]; v != nil {
			return *v
		}
		return edge{[]placed{{w.b.Sized(expr.Ones, expr.Vector(i.Dim)), i, None, ""}}}
	}
	switch {
	case row == None && col == None:
		one := edge{[]placed{{w.b.Int(1), None, None, ""}}}
		return one
	case col == None:
		return vector(row)
	case row == None:
		return w.turned(vector(col))
	case across == nil && len(ends) == 0:
		ones := w.b.Sized(expr.Ones, expr.Shape{Rows: row.Dim, Cols: col.Dim})
		return edge{[]placed{{ones, row, col, ""}}}
	case across == nil:
		return edge{append(slices.Clone(vector(row).chain), w.turned(vector(col)).chain...)}
	}
	chain := slices.Clone(across.chain)
	if v := ends[row]; v != nil {
		diagonal := placed{w.b.New(expr.DiagMatrix, w.matrix(*v).n), row, row, ""}
		chain = append([]placed{diagonal}, chain...)
	}
	if v := ends[col]; v != nil {
		chain = append(chain, placed{w.b.New(expr.DiagMatrix, w.matrix(*v).n), col, col, ""})
	}
	return edge{chain}
}
