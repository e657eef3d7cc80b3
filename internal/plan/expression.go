package plan

import (
	"fmt"

	"matdiff/internal/expr"
)

// Expressions returns what the results of a program are as expressions of its parameters: what the operations mean, by
// which a program is checked against the expressions that it was made for.
func (p *Program) Expressions(b *expr.Builder) []*expr.Node {
	r := &reader{b: b, done: map[*Value]*expr.Node{}}
	for _, x := range p.Params {
		n := b.Variable(x.Value.Name, x.Shape, x.Props)
		if x.Shape.IsRow() {
			n = b.New(expr.Transpose, n)
		}
		r.done[x.Value] = n
	}
	out := make([]*expr.Node, len(p.Results))
	for i, x := range p.Results {
		if out[i] = r.read(x.Value); x.Shape.IsRow() {
			out[i] = b.New(expr.Transpose, out[i])
		}
	}
	return out
}

// reader reads values back; every vector is a column.
type reader struct {
	b    *expr.Builder
	done map[*Value]*expr.Node
}

func (r *reader) read(v *Value) *expr.Node {
	if n, ok := r.done[v]; ok {
		return n
	}
	args := make([]*expr.Node, len(v.Args))
	for i, a := range v.Args {
		if args[i] = r.read(a); i < len(v.Trans) && v.Trans[i] && a.Kind == Matrix {
			args[i] = r.t(args[i])
		}
	}
	n := r.value(v, args)
	r.done[v] = n
	return n
}

func (r *reader) t(n *expr.Node) *expr.Node { return r.b.New(expr.Transpose, n) }

func (r *reader) ones(n expr.Dim) *expr.Node { return r.b.Sized(expr.Ones, expr.Vector(n)) }

func (r *reader) value(v *Value, args []*expr.Node) *expr.Node {
	b := r.b
	shape := expr.Shape{Rows: v.Rows, Cols: v.Cols}
	product := func(args ...*expr.Node) *expr.Node { return b.New(expr.Product, args...) }
	switch v.Op {
	case Number:
		return b.Number(v.Num)
	case Pi:
		return b.Sized(expr.Pi, expr.Scalar)
	case Size:
		return b.SizeOf(v.Dims[0])
	case Eye:
		return b.Sized(expr.Identity, shape)
	case Fill:
		return product(b.Number(v.Num), b.Sized(expr.Ones, shape))
	case Basis:
		return b.Sized(expr.Unit, shape, b.Int(int64(v.At[0])), b.Int(int64(v.At[1])))
	case Add:
		return b.New(expr.Sum, args...)
	case Sub:
		return b.New(expr.Sum, args[0], product(b.Int(-1), args[1]))
	case Neg:
		return product(b.Int(-1), args[0])
	case Mul:
		return b.New(expr.Hadamard, args...)
	case Div:
		return b.New(expr.Hadamard, args[0], b.New(expr.ElementPower, args[1], b.Int(-1)))
	case Pow:
		return b.New(expr.ElementPower, args...)
	case Map:
		return b.New(v.Func, args...)
	case SpreadColumn:
		return product(args[0], r.t(r.ones(v.Cols)))
	case SpreadRow:
		return product(r.ones(v.Rows), r.t(args[0]))
	case MatMul, MatVec:
		return product(args...)
	case Dot:
		return b.New(expr.Total, b.New(expr.Hadamard, args...))
	case Outer:
		return product(args[0], r.t(args[1]))
	case Total:
		return b.New(expr.Total, args...)
	case RowSums:
		return product(args[0], r.ones(v.Args[0].Cols))
	case ColSums:
		return product(r.t(args[0]), r.ones(v.Args[0].Rows))
	case Trace:
		return b.New(expr.Tr, args...)
	case Norm:
		return b.New(expr.Norm, args...)
	case Diagonal:
		return b.New(expr.DiagVector, args...)
	case Component:
		return b.New(expr.Element, args[0], b.Int(int64(v.At[0])), b.Int(int64(v.At[1])))
	case Transpose:
		return r.t(args[0])
	case DiagMatrix:
		return b.New(expr.DiagMatrix, args...)
	case Vec:
		return b.New(expr.Vec, args...)
	case Kron:
		return b.New(expr.Kronecker, args...)
	case LU, Cholesky:
		return args[0] // stands for its factorisation
	case Solve:
		if v.Trans[0] {
			return product(b.New(expr.Inv, r.t(args[0])), args[1])
		}
		return product(b.New(expr.Inv, args[0]), args[1])
	case Inverse:
		if v.Trans[0] {
			return b.New(expr.Inv, r.t(args[0]))
		}
		return b.New(expr.Inv, args[0])
	case Determinant:
		return b.New(expr.Det, args...)
	case LogDet:
		return b.New(expr.LogDet, args...)
	case LogAbsDet:
		return b.New(expr.Log, b.New(expr.Abs, b.New(expr.Det, args...)))
	case MatrixPower:
		return b.New(expr.Power, args[0], b.Number(v.Num))
	case PinvSqrt:
		return b.New(expr.Sqrtm, b.New(expr.Pinv, args...))
	case Lyapunov:
		root := b.New(expr.Sqrtm, args[0])
		return b.New(expr.Sylvester, root, root, args[1])
	case Unvec:
		return r.unvec(v, args[0])
	case Max, RowMax:
		return r.largest(v)
	case Call:
		if v.Func == expr.Commutation {
			return b.Commutation(v.Dims[0], v.Dims[1])
		}
		return b.New(v.Func, args...)
	}
	panic(fmt.Sprintf("plan: operation %d has no meaning", v.Op))
}

// unvec reads a vector as a matrix: of one row or one column it is the same.
func (r *reader) unvec(v *Value, x *expr.Node) *expr.Node {
	if v.Rows == expr.One && v.Cols != expr.One {
		return r.t(x)
	}
	return x
}

// largest stands for what a softmax or logarithm of a sum does not depend on, the constant taken off the exponents.
func (r *reader) largest(v *Value) *expr.Node {
	if v.Op == Max {
		return r.b.Int(0)
	}
	return r.b.Sized(expr.Zeros, expr.Vector(v.Rows))
}
