package plan

import (
	"math/big"
	"strconv"

	"matdiff/internal/expr"
)

// values makes the values of a program, each once.
type values struct {
	table map[key]*Value
	ids   map[*Value]int
}

// key is what equal values have in common.
type key struct {
	op         Op
	kind       Kind
	rows, cols expr.Dim
	trans      [2]bool
	dims       [2]expr.Dim
	at         [2]int
	name       string // of an Input
	num, fn    string
	args       string // their ids
}

func newValues() values { return values{table: map[key]*Value{}, ids: map[*Value]int{}} }

// intern returns the value that is equal to v, which it keeps if there is none.
func (t values) intern(v Value) *Value {
	k := key{op: v.Op, kind: v.Kind, rows: v.Rows, cols: v.Cols, trans: v.Trans, dims: v.Dims, at: v.At, name: v.Name}
	if v.Num != nil {
		k.num = v.Num.RatString()
	}
	if v.Func != nil {
		k.fn = v.Func.Name
	}
	var args []byte
	for _, a := range v.Args {
		args = append(strconv.AppendInt(args, int64(t.ids[a]), 10), ' ')
	}
	k.args = string(args)
	if old, ok := t.table[k]; ok {
		return old
	}
	t.table[k] = &v
	t.ids[&v] = len(t.ids)
	return &v
}

var (
	zero     = big.NewRat(0, 1)
	one      = big.NewRat(1, 1)
	two      = big.NewRat(2, 1)
	minusOne = big.NewRat(-1, 1)
	half     = big.NewRat(1, 2)
)

func isOne(r *big.Rat) bool { return r.Cmp(one) == 0 }

// isFill reports whether every entry of v is the number c.
func isFill(v *Value, c *big.Rat) bool {
	return (v.Op == Fill || v.Op == Number) && v.Num.Cmp(c) == 0
}

// kindOf is the kind of a value of that shape.
func kindOf(s expr.Shape) Kind {
	switch {
	case s.IsScalar():
		return Scalar
	case s.Rows == expr.One || s.Cols == expr.One:
		return Vector
	}
	return Matrix
}

// like gives v the kind and the dimensions of m.
func like(v Value, m *Value) Value {
	v.Kind, v.Rows, v.Cols = m.Kind, m.Rows, m.Cols
	return v
}

func scalarValue(v Value) Value {
	v.Kind, v.Rows, v.Cols = Scalar, expr.One, expr.One
	return v
}

func vectorValue(v Value, n expr.Dim) Value {
	if n == expr.One {
		return scalarValue(v)
	}
	v.Kind, v.Rows, v.Cols = Vector, n, expr.One
	return v
}

func matrixValue(v Value, rows, cols expr.Dim) Value {
	v.Kind, v.Rows, v.Cols = Matrix, rows, cols
	return v
}

func (t values) number(c *big.Rat) *Value { return t.intern(scalarValue(Value{Op: Number, Num: c})) }

// fill is the vector or matrix of that shape with every entry c.
func (t values) fill(s expr.Shape, c *big.Rat) *Value {
	switch kindOf(s) {
	case Scalar:
		return t.number(c)
	case Vector:
		return t.intern(vectorValue(Value{Op: Fill, Num: c}, s.Rows.Times(s.Cols)))
	}
	return t.intern(matrixValue(Value{Op: Fill, Num: c}, s.Rows, s.Cols))
}

// fits reports whether a is no larger than b, so that an operation entry by entry on both has the shape of b.
func fits(a, b *Value) bool {
	return a.Kind == Scalar || a.Rows == b.Rows && a.Cols == b.Cols && !b.IsSpread()
}

// wider returns that of two operands of an operation entry by entry which has the shape of the result.
func wider(a, b *Value) *Value {
	if a.Kind == Scalar || a.Op == SpreadColumn || a.Op == SpreadRow {
		return b
	}
	return a
}

func (t values) entrywise(op Op, a, b *Value) *Value {
	return t.intern(like(Value{Op: op, Args: []*Value{a, b}}, wider(a, b)))
}

func (t values) add(a, b *Value) *Value {
	switch {
	case isFill(a, zero) && fits(a, b):
		return b
	case isFill(b, zero) && fits(b, a):
		return a
	case b.Op == Neg:
		return t.sub(a, b.Args[0])
	case a.Op == Number && b.Op == Number:
		return t.number(new(big.Rat).Add(a.Num, b.Num))
	}
	return t.entrywise(Add, a, b)
}

func (t values) sub(a, b *Value) *Value {
	switch {
	case isFill(a, zero) && fits(a, b):
		return t.neg(b)
	case isFill(b, zero) && fits(b, a):
		return a
	case b.Op == Neg:
		return t.add(a, b.Args[0])
	case a.Op == Number && b.Op == Number:
		return t.number(new(big.Rat).Sub(a.Num, b.Num))
	case isFill(a, one) && b.Op == Map && b.Func == expr.Sigmoid: // 1 - sigmoid(x) = sigmoid(-x), which keeps its digits
		return t.apply(expr.Sigmoid, t.neg(b.Args[0]))
	}
	return t.entrywise(Sub, a, b)
}

func (t values) neg(a *Value) *Value {
	switch {
	case a.Op == Neg:
		return a.Args[0]
	case a.Op == Sub:
		return t.sub(a.Args[1], a.Args[0])
	case a.Op == Number || a.Op == Fill:
		v := *a
		v.Num, v.Uses = new(big.Rat).Neg(a.Num), 0
		return t.intern(v)
	}
	return t.intern(like(Value{Op: Neg, Args: []*Value{a}}, a))
}

func (t values) mul(a, b *Value) *Value {
	switch {
	case isFill(a, one) && fits(a, b):
		return b
	case isFill(b, one) && fits(b, a):
		return a
	case isFill(a, minusOne) && fits(a, b):
		return t.neg(b)
	case a.Op == Number && b.Op == Number:
		return t.number(new(big.Rat).Mul(a.Num, b.Num))
	case b.Op == Div && isFill(b.Args[0], one): // a*(1/b) = a/b
		return t.div(a, b.Args[1])
	case a.Op == Div && isFill(a.Args[0], one):
		return t.div(b, a.Args[1])
	case b.IsSpread() && b.Args[0].Op == Div && isFill(b.Args[0].Args[0], one) && b.Args[0].Args[1].Kind == Vector:
		return t.div(a, t.spread(b.Op, b.Args[0].Args[1], b.Rows, b.Cols))
	case a == b:
		return t.pow(a, t.number(two))
	case a.Op == Number && b.Op == Mul && b.Args[0].Op == Number:
		return t.mul(t.number(new(big.Rat).Mul(a.Num, b.Args[0].Num)), b.Args[1])
	}
	return t.entrywise(Mul, a, b)
}

// IsSpread reports whether v repeats a vector in every column or row of a matrix.
func (v *Value) IsSpread() bool { return v.Op == SpreadColumn || v.Op == SpreadRow }

func (t values) div(a, b *Value) *Value {
	switch {
	case isFill(b, one) && fits(b, a):
		return a
	case a.Op == Number && b.Op == Number && b.Num.Sign() != 0:
		return t.number(new(big.Rat).Quo(a.Num, b.Num))
	case b.Op == Div && isFill(b.Args[0], one): // a/(1/b) = a*b
		return t.mul(a, b.Args[1])
	}
	if v := t.softmax(a, b); v != nil {
		return v
	}
	if v := t.sigmoid(a, b); v != nil {
		return v
	}
	return t.entrywise(Div, a, b)
}

// softmax returns exp(x)/sum(exp(x)), of all entries or row by row, with the largest entry taken off the exponents.
func (t values) softmax(a, b *Value) *Value {
	if a.Op != Map || a.Func != expr.Exp {
		return nil
	}
	switch {
	case b.Op == Total && b.Args[0] == a:
		e := t.relativeExp(a.Args[0], t.intern(scalarValue(Value{Op: Max, Args: a.Args})))
		return t.entrywise(Div, e, t.total(e))
	case b.Op == SpreadColumn && b.Args[0].Op == RowSums && b.Args[0].Args[0] == a:
		e := t.relativeExp(a.Args[0], t.rowMax(a.Args[0]))
		return t.entrywise(Div, e, t.spread(SpreadColumn, t.rowSums(e), e.Rows, e.Cols))
	}
	return nil
}

// sigmoid returns 1/(1 + exp(-x)) and exp(x)/(1 + exp(x)) by name, which does not overflow.
func (t values) sigmoid(a, b *Value) *Value {
	switch x := onePlusExp(b); {
	case x == nil:
		return nil
	case isFill(a, one):
		return t.apply(expr.Sigmoid, t.neg(x))
	case a.Op == Map && a.Func == expr.Exp && a.Args[0] == x:
		return t.apply(expr.Sigmoid, x)
	}
	return nil
}

// onePlusExp returns x if v is 1 + exp(x).
func onePlusExp(v *Value) *Value {
	if v.Op != Add {
		return nil
	}
	c, e := v.Args[0], v.Args[1]
	if isFill(e, one) {
		c, e = e, c
	}
	if isFill(c, one) && e.Op == Map && e.Func == expr.Exp {
		return e.Args[0]
	}
	return nil
}

func (t values) relativeExp(x, largest *Value) *Value {
	if largest.Kind == Vector {
		largest = t.spread(SpreadColumn, largest, x.Rows, x.Cols)
	}
	return t.apply(expr.Exp, t.entrywise(Sub, x, largest))
}

func (t values) rowMax(x *Value) *Value {
	return t.intern(vectorValue(Value{Op: RowMax, Args: []*Value{x}}, x.Rows))
}

func (t values) pow(a, b *Value) *Value {
	if b.Op == Number {
		switch {
		case isOne(b.Num):
			return a
		case b.Num.Sign() < 0:
			return t.div(t.number(one), t.pow(a, t.number(new(big.Rat).Neg(b.Num))))
		case b.Num.Cmp(half) == 0:
			return t.apply(expr.Sqrt, a)
		case b.Num.Cmp(big.NewRat(3, 1)) == 0: // a call of pow costs as much as thirty products
			return t.entrywise(Mul, t.pow(a, t.number(two)), a)
		case b.Num.Cmp(big.NewRat(4, 1)) == 0:
			return t.pow(t.pow(a, t.number(two)), t.number(two))
		case a.Op == Norm && b.Num.Cmp(two) == 0:
			return t.dot(a.Args[0], a.Args[0])
		case a.Op == Map && a.Func == expr.Sqrt && b.Num.Cmp(two) == 0:
			return a.Args[0]
		}
	}
	return t.entrywise(Pow, a, b)
}

// apply returns the elementwise function f of a.
func (t values) apply(f *expr.Op, a *Value) *Value {
	switch f {
	case expr.Log:
		if v := t.logarithm(a); v != nil {
			return v
		}
	case expr.Sqrt:
		if a.Op == Dot && a.Args[0] == a.Args[1] {
			return t.intern(scalarValue(Value{Op: Norm, Args: a.Args[:1]}))
		}
	case expr.Relu, expr.Abs:
		if a.Op == Map && a.Func == f {
			return a
		}
	}
	return t.mapped(f, a)
}

func (t values) mapped(f *expr.Op, a *Value) *Value {
	return t.intern(like(Value{Op: Map, Func: f, Args: []*Value{a}}, a))
}

// logarithm returns the logarithms that are computed otherwise than by the logarithm of a value that may overflow.
func (t values) logarithm(a *Value) *Value {
	switch {
	case a.Op == Determinant:
		return t.intern(scalarValue(Value{Op: LogDet, Args: a.Args}))
	case a.Op == Map && a.Func == expr.Abs && a.Args[0].Op == Determinant:
		return t.intern(scalarValue(Value{Op: LogAbsDet, Args: a.Args[0].Args}))
	case a.Op == Total && a.Args[0].Op == Map && a.Args[0].Func == expr.Exp:
		return t.logSumExp(a.Args[0].Args[0])
	case a.Op == RowSums && a.Args[0].Op == Map && a.Args[0].Func == expr.Exp:
		x := a.Args[0].Args[0]
		largest := t.rowMax(x)
		return t.add(t.mapped(expr.Log, t.rowSums(t.relativeExp(x, largest))), largest)
	case onePlusExp(a) != nil:
		return t.apply(expr.Softplus, onePlusExp(a))
	case a.Op == Map && a.Func == expr.Exp:
		return a.Args[0]
	}
	return nil
}

func (t values) logSumExp(x *Value) *Value {
	largest := t.intern(scalarValue(Value{Op: Max, Args: []*Value{x}}))
	return t.add(t.mapped(expr.Log, t.total(t.relativeExp(x, largest))), largest)
}

func (t values) spread(op Op, v *Value, rows, cols expr.Dim) *Value {
	return t.intern(matrixValue(Value{Op: op, Args: []*Value{v}}, rows, cols))
}

func (t values) total(a *Value) *Value {
	switch a.Op {
	case Mul:
		if a.Args[0].Kind == Scalar {
			return t.mul(a.Args[0], t.total(a.Args[1]))
		}
		if !a.Args[0].IsSpread() && !a.Args[1].IsSpread() && a.Args[1].Kind == a.Kind {
			return t.dot(a.Args[0], a.Args[1])
		}
	case Pow:
		if a.Args[1].Op == Number && a.Args[1].Num.Cmp(two) == 0 {
			return t.dot(a.Args[0], a.Args[0])
		}
	case Neg:
		return t.neg(t.total(a.Args[0]))
	case Transpose, Vec, Unvec, DiagMatrix:
		return t.total(a.Args[0])
	case RowSums, ColSums:
		return t.total(a.Args[0])
	}
	return t.intern(scalarValue(Value{Op: Total, Args: []*Value{a}}))
}

func (t values) rowSums(a *Value) *Value {
	if a.Op == Transpose {
		return t.colSums(a.Args[0])
	}
	return t.intern(vectorValue(Value{Op: RowSums, Args: []*Value{a}}, a.Rows))
}

func (t values) colSums(a *Value) *Value {
	if a.Op == Transpose {
		return t.rowSums(a.Args[0])
	}
	return t.intern(vectorValue(Value{Op: ColSums, Args: []*Value{a}}, a.Cols))
}

// dot is the sum of the products of the entries of two vectors or two matrices.
func (t values) dot(a, b *Value) *Value {
	switch {
	case a.Kind == Scalar:
		return t.mul(a, b)
	case isFill(a, one):
		return t.total(b)
	case isFill(b, one):
		return t.total(a)
	case a.Op == Neg && b.Op == Neg:
		return t.dot(a.Args[0], b.Args[0])
	case a.Op == Neg:
		return t.neg(t.dot(a.Args[0], b))
	case b.Op == Neg:
		return t.neg(t.dot(a, b.Args[0]))
	case a.Op == Transpose && b.Op == Transpose:
		a, b = a.Args[0], b.Args[0]
	}
	if t.ids[b] < t.ids[a] {
		a, b = b, a
	}
	return t.intern(scalarValue(Value{Op: Dot, Args: []*Value{a, b}}))
}

func (t values) transpose(a *Value) *Value {
	switch {
	case a.Kind != Matrix || isSymmetric(a):
		return a
	case a.Op == Transpose:
		return a.Args[0]
	}
	return t.intern(matrixValue(Value{Op: Transpose, Args: []*Value{a}}, a.Cols, a.Rows))
}

func (t values) outer(u, v *Value) *Value {
	return t.intern(matrixValue(Value{Op: Outer, Args: []*Value{u, v}}, u.Rows, v.Rows))
}

// isSymmetric reports whether a matrix is known to be its own transpose.
func isSymmetric(v *Value) bool {
	switch v.Op {
	case Eye, DiagMatrix:
		return true
	case Input:
		return v.props.Has(expr.Symmetric) || v.props.Has(expr.Diagonal)
	case Add, Sub, Neg, Mul, Div, Pow, Map:
		for _, a := range v.Args {
			if a.Kind != Scalar && !isSymmetric(a) {
				return false
			}
		}
		return v.Kind == Matrix
	case MatMul:
		return v.Args[0] == v.Args[1] && (v.Trans[0] != v.Trans[1] || isSymmetric(v.Args[0]))
	case Outer:
		return v.Args[0] == v.Args[1]
	case PinvSqrt:
		return true
	case Lyapunov:
		return isSymmetric(v.Args[1])
	case Inverse:
		return isSymmetric(v.Args[0].Args[0])
	case MatrixPower:
		return isSymmetric(v.Args[0])
	}
	return false
}
