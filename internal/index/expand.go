package index

import (
	"math/big"
	"strconv"

	"matdiff/internal/expr"
)

// Expand writes entry row, col of f as sums over indices. What is no sum, product, trace or function of entries stands as
// it is: inv(X)[i,j]. The error is an *Unknown.
func Expand(b *expr.Builder, f *Node, row, col Index) (*Expr, error) {
	if length(f) > maxLength {
		return nil, tooLong
	}
	n := newNames(f)
	n.take(row, col)
	x := &expansion{b: b, names: n, inner: map[string][]Index{}}
	return x.entry(f, row, col, ""), nil
}

// Bounds beyond which sums are no help to a reader.
const (
	maxLength = 1000 // nodes of the expression, a power of a matrix written out
	maxPlaces = 50   // where the variable stands
)

// length returns how many nodes f has as a tree with the powers of matrices written out.
func length(f *Node) float64 {
	known := map[*Node]float64{}
	expr.Walk(f, func(n *Node) {
		sum := 1.
		for _, a := range n.Args {
			sum += known[a]
		}
		if n.Op == expr.Power && isChain(n) {
			exponent, _ := n.Args[1].Num.Float64()
			sum *= exponent
		}
		known[n] = sum
	})
	return known[f]
}

var tooLong = &Unknown{Reason: "the sums are too long to be written out: name parts of the expression and write them one by one"}

// expansion is the state of one expansion.
type expansion struct {
	b     *expr.Builder
	names *names
	// The indices that are summed at a place of the expression, a path of argument positions: whoever comes there again
	// gives them the same names.
	inner map[string][]Index
	// A transposed variable stays one: C'[m,i], not C[i,m].
	keepTransposes bool
}

// indices returns the indices through dims that are summed at a place.
func (x *expansion) indices(path string, dims ...expr.Dim) []Index {
	if is, ok := x.inner[path]; ok {
		return is
	}
	is := make([]Index, len(dims))
	for i, d := range dims {
		is[i] = x.names.fresh(d)
	}
	x.inner[path] = is
	return is
}

// summed leaves out the indices that take one value only.
func summed(is ...Index) []Index {
	var letters []Index
	for _, i := range is {
		if i.isLetter() {
			letters = append(letters, i)
		}
	}
	return letters
}

func at(path string, i int) string { return path + "/" + strconv.Itoa(i) }

// chain is a product taken apart: scalars, and factors with their indices, of which the inner ones are summed.
type chain struct {
	scalars, factors []placed
	inner            []Index
}

// placed is an entry of a matrix, and the path to the matrix.
type placed struct {
	n        *Node
	row, col Index
	path     string
}

// chainOf takes the product n, or the power of a matrix, apart.
func (x *expansion) chainOf(n *Node, row, col Index, path string) chain {
	var scalars, factors []*Node
	if n.Op == expr.Power {
		for range n.Args[1].Num.Num().Int64() {
			factors = append(factors, n.Args[0])
		}
	} else {
		scalars, factors = x.b.Factors(n.Args)
	}
	kept := factors[:0:0]
	for _, f := range factors {
		if f.Op != expr.Identity {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 && len(factors) > 0 {
		kept = factors[:1]
	}
	// A product that is 1×1 as a whole is a chain and not one scalar factor.
	if last := len(scalars) - 1; len(kept) == 0 && last >= 0 && scalars[last].Op == expr.Product {
		kept = scalars[last].Args
		scalars = scalars[:last]
	}
	var c chain
	for i, s := range scalars {
		c.scalars = append(c.scalars, placed{s, None, None, at(path, i)})
	}
	var dims []expr.Dim
	for i := 1; i < len(kept); i++ {
		dims = append(dims, kept[i].Shape.Rows)
	}
	is := append(append([]Index{row}, x.indices(path, dims...)...), col)
	c.inner = summed(is[1:max(len(kept), 1)]...)
	for i, f := range kept {
		c.factors = append(c.factors, placed{f, is[i], is[i+1], at(path, len(scalars)+i)})
	}
	return c
}

// maxFactors is the largest matrix power that is written as a product.
const maxFactors = 8

// isChain reports whether n is written as a product of entries.
func isChain(n *Node) bool {
	if n.Op == expr.Product {
		return true
	}
	if n.Op != expr.Power || n.Shape.IsScalar() || !n.Args[1].Num.IsInt() {
		return false
	}
	k := n.Args[1].Num.Num()
	return k.Sign() > 0 && k.Cmp(big.NewInt(maxFactors)) <= 0
}

// entry returns entry row, col of n, which stands at path.
func (x *expansion) entry(n *Node, row, col Index, path string) *Expr {
	if n.Shape.IsScalar() {
		row, col = None, None
	}
	if n.Shape.Cols == expr.One {
		col = None
	}
	if n.Shape.Rows == expr.One {
		row = None
	}
	arg := func(i int) *Expr { return x.entry(n.Args[i], row, col, at(path, i)) }
	switch n.Op {
	case expr.Number:
		return number(n.Num)
	case expr.Zeros:
		return whole(0)
	case expr.Ones:
		return whole(1)
	case expr.Identity:
		if n.Shape.IsScalar() || row == col {
			return whole(1)
		}
		return &Expr{Kind: Delta, Row: row, Col: col}
	case expr.Transpose:
		if x.keepTransposes && n.Args[0].Op == expr.Variable && n.Args[0].Shape.Cols != expr.One {
			return entry(n, row, col)
		}
		return x.entry(n.Args[0], col, row, at(path, 0))
	case expr.Sum:
		terms := make([]*Expr, len(n.Args))
		for i := range n.Args {
			terms[i] = arg(i)
		}
		return plus(terms)
	case expr.Hadamard:
		var scalars, entries []*Expr
		for i, f := range n.Args {
			if f.Shape.IsScalar() {
				scalars = append(scalars, arg(i))
			} else {
				entries = append(entries, arg(i))
			}
		}
		return times(scalars, entries)
	case expr.Tr:
		is := x.indices(path, n.Args[0].Shape.Rows)
		return x.sum(summed(is...), x.entry(n.Args[0], is[0], is[0], at(path, 0)))
	case expr.Total:
		is := x.indices(path, n.Args[0].Shape.Rows, n.Args[0].Shape.Cols)
		return x.sum(summed(is...), x.entry(n.Args[0], is[0], is[1], at(path, 0)))
	case expr.Norm:
		return power(x.squares(n, path), number(big.NewRat(1, 2)))
	case expr.ElementPower:
		return power(arg(0), arg(1))
	case expr.DiagVector:
		return x.entry(n.Args[0], row, row, at(path, 0))
	case expr.DiagMatrix:
		v := x.entry(n.Args[0], row, None, at(path, 0))
		if row == col {
			return v
		}
		return times(nil, []*Expr{v, {Kind: Delta, Row: row, Col: col}})
	case expr.Element:
		i, j := element(n)
		return x.entry(n.Args[0], i, j, at(path, 0))
	case expr.Power:
		if n.Shape.IsScalar() {
			if base := n.Args[0]; base.Op == expr.Norm && n.Args[1].IsNumber(2) {
				return x.squares(base, at(path, 0))
			}
			return power(arg(0), arg(1))
		}
	}
	if isChain(n) {
		c := x.chainOf(n, row, col, path)
		return times(x.entries(c.scalars), []*Expr{x.sum(c.inner, times(nil, x.entries(c.factors)))})
	}
	if n.Op.Traits.Has(expr.Elementwise) && len(n.Args) == 1 {
		return &Expr{Kind: Function, Base: n, Args: []*Expr{arg(0)}}
	}
	return entry(n, row, col)
}

// element returns the indices of X[i,j].
func element(n *Node) (row, col Index) {
	index := func(i *Node, d expr.Dim) Index {
		switch {
		case d == expr.One:
			return None
		case i.Op == expr.Number:
			return Index{Number: int(i.Num.Num().Int64()), Dim: d}
		}
		return Index{Name: i.Name, Dim: d}
	}
	s := n.Args[0].Shape
	return index(n.Args[1], s.Rows), index(n.Args[2], s.Cols)
}

func (x *expansion) entries(ps []placed) []*Expr {
	es := make([]*Expr, len(ps))
	for i, p := range ps {
		es[i] = x.entry(p.n, p.row, p.col, p.path)
	}
	return es
}

// squares returns the sum of the squares of the entries of z in norm(z).
func (x *expansion) squares(n *Node, path string) *Expr {
	z := n.Args[0]
	is := x.indices(path, z.Shape.Rows, z.Shape.Cols)
	return sumOver(summed(is...), power(x.entry(z, is[0], is[1], at(path, 0)), whole(2)))
}

// sum adds e up over indices; a factor of e that is a number stands before the sum, and sums in e are drawn together.
func (x *expansion) sum(is []Index, e *Expr) *Expr {
	is, e = withoutDeltas(is, e)
	if len(is) > 0 && e.Kind == Times {
		var numbers, rest []*Expr
		for _, f := range e.Args {
			if f.Kind == Number {
				numbers = append(numbers, f)
			} else {
				rest = append(rest, f)
			}
		}
		if len(numbers) > 0 {
			return times(numbers, []*Expr{sumOver(is, product(rest))})
		}
	}
	return sumOver(is, e)
}
