package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

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

// presentChain writes a chain in the shortest way found: runs of neighbours share a transpose, an inverse or both, as in
// (B*A)' for A'*B', and repeated factors are a power, here or in the transpose of the whole.
func (a *Algebra) presentChain(chain []*Node) []*Node {
	if len(chain) == 0 || len(chain) == 2 && isTransposedVariable(chain[0]) && isTransposedVariable(chain[1]) {
		return chain // A'*B' is how people write it
	}
	best := a.grouped(chain)
	if r := a.repeated(chain); r != nil {
		best = a.shorterChain(best, a.grouped(r))
		if back := a.repeated(a.reversed(chain)); back != nil {
			best = a.shorterChain(best, a.group(a.grouped(back), underTranspose))
		}
	}
	return best
}

func (a *Algebra) shorterChain(x, y []*Node) []*Node {
	if a.chainCost(y) < a.chainCost(x) {
		return y
	}
	return x
}

func (a *Algebra) chainCost(chain []*Node) int {
	c := len(chain) - 1
	for _, f := range chain {
		c = min(c+a.Cost(f), expr.MaxSize)
	}
	return c
}

// grouped finds the cheapest runs of neighbours that share a transpose, an inverse or both, in one pass from left to
// right.
func (a *Algebra) grouped(chain []*Node) []*Node {
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
			group = append(group, a.present(columns[k].forms[way[i]]).node)
		}
		if way[i] == underTranspose || way[i] == underInverse {
			slices.Reverse(group)
		}
		out = append(out, a.group(group, way[i])...)
		i = j
	}
	return out
}

// forms gives a factor as it is written in each way: itself, its transpose, its inverse, the transpose of its inverse.
// Only factors that are inverses are written under an inverse, and a lone orthogonal matrix under neither.
func (a *Algebra) forms(f *Node) [ways]*Node {
	out := [ways]*Node{alone: f}
	if t := a.Transpose(f); t.Op != expr.Product { // a skew R' is -R
		out[underTranspose] = t
	}
	if _, k := a.base(f); k < 0 && f.Op != expr.Variable && !isTransposedVariable(f) {
		inv := a.MatrixPower(f, -1)
		out[underInverse] = inv
		if t := a.Transpose(inv); t.Op != expr.Product || inv.Op == expr.Product {
			out[underBoth] = t
		}
	}
	return out
}

func isTransposedVariable(f *Node) bool {
	return f.Op == expr.Transpose && f.Args[0].Op == expr.Variable
}

// group puts a transpose, an inverse or both on a product.
func (a *Algebra) group(factors []*Node, way int) []*Node {
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

// repeated writes a run of the same factors in a chain as a power: A*X*A*X*A as (A*X)^2*A. The longest run is
// taken; without one the result is nil.
func (a *Algebra) repeated(chain []*Node) []*Node {
	if len(chain) > maxRepeated {
		return nil
	}
	start, period, times := 0, 0, 1
	for p := 2; p <= len(chain)/2; p++ {
		for i := 0; i+2*p <= len(chain); i++ {
			if chain[i].Shape.Rows != chain[i+p-1].Shape.Cols {
				continue
			}
			k := 1
			for i+(k+1)*p <= len(chain) && slices.Equal(chain[i:i+p], chain[i+k*p:i+(k+1)*p]) {
				k++
			}
			if k > 1 && (k-1)*p > (times-1)*period {
				start, period, times = i, p, k
			}
		}
	}
	if times == 1 {
		return nil
	}
	power := a.b.New(expr.Power, a.b.New(expr.Product, chain[start:start+period]...), a.b.Int(int64(times)))
	return slices.Concat(chain[:start], []*Node{power}, chain[start+period*times:])
}

// maxRepeated is the length of chains up to which repetitions are looked for.
const maxRepeated = 32
