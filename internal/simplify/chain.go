package simplify

import "matdiff/internal/expr"

// The ways in which neighbours in a chain are written together.
const (
	alone = iota
	underTranspose
	underInverse
	underBoth
	ways
)

// opening is what it costs to open a group.
var opening = [ways]int{0, 1, 1, 2}

// presentChain writes a chain: runs of neighbours may share a transpose, an inverse or both, as in (B*A)' for A'*B'. One
// pass from left to right finds the cheapest runs.
func (a *Algebra) presentChain(chain []*Node) []*Node {
	if len(chain) == 0 || len(chain) == 2 && isTransposedVariable(chain[0]) && isTransposedVariable(chain[1]) {
		return chain // A'*B' is how people write it
	}
	type column struct {
		forms [ways]*Node
		best  [ways]int // cost up to here if this factor is written in that way
		from  [ways]int // the way of the factor before
	}
	columns := make([]column, len(chain))
	for i, f := range chain {
		col := &columns[i]
		col.forms = a.forms(f)
		for w := range ways {
			col.best[w] = expr.MaxSize
			if col.forms[w] == nil {
				continue
			}
			own := a.present(col.forms[w]).cost + 1
			for v := range ways {
				before := 0
				if i > 0 {
					before = columns[i-1].best[v]
				}
				c := before + own
				if w != alone && (i == 0 || v != w) {
					c += opening[w]
				}
				if c < col.best[w] {
					col.best[w], col.from[w] = c, v
				}
				if i == 0 {
					break
				}
			}
		}
	}
	last := len(chain) - 1
	way := make([]int, len(chain))
	for w := range ways {
		if columns[last].best[w] < columns[last].best[way[last]] {
			way[last] = w
		}
	}
	for i := last; i > 0; i-- {
		way[i-1] = columns[i].from[way[i]]
	}
	var out []*Node
	for i := 0; i < len(chain); {
		j := i + 1
		for way[i] != alone && j < len(chain) && way[j] == way[i] {
			j++
		}
		var group []*Node
		for k := i; k < j; k++ {
			f := a.present(columns[k].forms[way[i]]).node
			if way[i] == underTranspose || way[i] == underInverse {
				group = append([]*Node{f}, group...)
			} else {
				group = append(group, f)
			}
		}
		out = append(out, a.grouped(group, way[i])...)
		i = j
	}
	return out
}

// forms gives a factor as it is written in each way: itself, its transpose, its inverse, the transpose of its inverse.
// Only factors that are inverses are written under an inverse, and a lone orthogonal matrix under neither.
func (a *Algebra) forms(f *Node) [ways]*Node {
	out := [ways]*Node{alone: f, underTranspose: a.Transpose(f)}
	if _, k := a.base(f); k < 0 && f.Op != expr.Variable && !isTransposedVariable(f) {
		inv := a.MatrixPower(f, -1)
		out[underInverse] = inv
		out[underBoth] = a.Transpose(inv)
	}
	return out
}

func isTransposedVariable(f *Node) bool {
	return f.Op == expr.Transpose && f.Args[0].Op == expr.Variable
}

// grouped puts a transpose, an inverse or both on a product.
func (a *Algebra) grouped(factors []*Node, way int) []*Node {
	if way == alone {
		return factors
	}
	n := factors[0]
	if len(factors) > 1 {
		n = a.b.New(expr.Product, factors...)
	}
	if way == underInverse || way == underBoth {
		n = a.b.New(expr.Inv, n)
	}
	if way == underTranspose || way == underBoth {
		n = a.b.New(expr.Transpose, n)
	}
	return []*Node{n}
}
