package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// How tightly operators of C++ bind.
const (
	cppSum     = 4
	cppProduct = 5
	cppUnary   = 6
	cppPrimary = 7
)

// cppText is an expression of C++.
type cppText struct {
	text    string
	binding int
	array   bool // of arrays, not of matrices
}

func primary(text string) cppText { return cppText{text, cppPrimary, false} }

func (t cppText) within(binding int) string {
	if t.binding < binding {
		return "(" + t.text + ")"
	}
	return t.text
}

// method is t followed by a call.
func (t cppText) method(call string) cppText {
	return cppText{t.within(cppPrimary) + "." + call, cppPrimary, t.array}
}

// asArray and asMatrix are t in either of the two worlds.
func (t cppText) asArray() cppText {
	if t.array {
		return t
	}
	return cppText{t.within(cppPrimary) + ".array()", cppPrimary, true}
}

func (t cppText) asMatrix() cppText {
	if !t.array {
		return t
	}
	return cppText{t.within(cppPrimary) + ".matrix()", cppPrimary, false}
}

func cppInfix(a cppText, op string, b cppText, binding int) cppText {
	return cppText{a.within(binding) + " " + op + " " + b.within(binding+1), binding, a.array || b.array}
}

// cppMethods are the elementwise functions that are methods of arrays, and of package std.
var cppMethods = map[*expr.Op]string{
	expr.Exp: "exp", expr.Log: "log", expr.Sqrt: "sqrt", expr.Sin: "sin", expr.Cos: "cos", expr.Tan: "tan", expr.Asin: "asin",
	expr.Acos: "acos", expr.Atan: "atan", expr.Sinh: "sinh", expr.Cosh: "cosh", expr.Tanh: "tanh", expr.Abs: "abs",
}

// write writes v as a part of an expression: by its name, if it has one.
func (e *cppWriter) write(v *plan.Value) cppText {
	if name := e.names[v]; name != "" {
		return primary(name)
	}
	return e.operation(v)
}

// name computes v, if it is not yet, and returns the variable that holds it.
func (e *cppWriter) name(v *plan.Value) string {
	if e.names[v] == "" {
		e.compute(v)
	}
	return e.names[v]
}

// matrix is v as an expression of matrices.
func (e *cppWriter) matrix(v *plan.Value) cppText { return e.write(v).asMatrix() }

func (e *cppWriter) turned(v *plan.Value, trans bool) cppText {
	m := e.matrix(v)
	if trans {
		return m.method("transpose()")
	}
	return m
}

// number is a rational number as a constant of floating point.
func (e *cppWriter) number(v *plan.Value) cppText {
	p, q := literal(v.Num)
	point := func(s string) string {
		if strings.ContainsAny(s, ".e") {
			return s
		}
		return s + ".0"
	}
	t := primary(point(p))
	if q != "" {
		t = cppText{point(p) + " / " + point(q), cppProduct, false}
	}
	if v.Num.Sign() < 0 {
		return cppText{"-" + t.text, min(t.binding, cppUnary), false}
	}
	return t
}

func (e *cppWriter) operation(v *plan.Value) cppText {
	var a, b *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	if len(v.Args) > 1 {
		b = v.Args[1]
	}
	switch v.Op {
	case plan.Number:
		return e.number(v)
	case plan.Pi:
		return primary("EIGEN_PI")
	case plan.Size:
		return primary("static_cast<double>(" + e.dimension(v.Dims[0]) + ")")
	case plan.Eye:
		n := e.dimension(v.Rows)
		return primary("Eigen::MatrixXd::Identity(" + n + ", " + n + ")")
	case plan.Fill:
		return primary(e.constant(v))
	case plan.Basis:
		if v.Kind == plan.Vector {
			return primary(fmt.Sprintf("Eigen::VectorXd::Unit(%s, %d)", e.dimension(v.Rows), v.At[0]-1))
		}
		return primary(fmt.Sprintf("(Eigen::VectorXd::Unit(%s, %d) * Eigen::RowVectorXd::Unit(%s, %d))",
			e.dimension(v.Rows), v.At[0]-1, e.dimension(v.Cols), v.At[1]-1))
	case plan.Add, plan.Sub, plan.Neg, plan.Mul, plan.Div, plan.Pow, plan.Map:
		if v.Kind == plan.Scalar {
			return e.scalar(v)
		}
		return e.entrywise(v)
	case plan.SpreadColumn:
		return e.write(a).method("replicate(1, " + e.dimension(v.Cols) + ")")
	case plan.SpreadRow:
		return e.write(a).method("transpose()").method("replicate(" + e.dimension(v.Rows) + ", 1)")
	case plan.MatMul:
		return cppInfix(e.turned(a, v.Trans[0]), "*", e.turned(b, v.Trans[1]), cppProduct)
	case plan.MatVec:
		return cppInfix(e.turned(a, v.Trans[0]), "*", e.matrix(b), cppProduct)
	case plan.Dot:
		switch {
		case a == b:
			return e.matrix(a).method("squaredNorm()")
		case a.Kind == plan.Vector:
			return e.matrix(a).method("dot(" + e.matrix(b).text + ")")
		}
		return e.matrix(a).method("cwiseProduct(" + e.matrix(b).text + ")").method("sum()")
	case plan.Outer:
		return cppInfix(e.matrix(a), "*", e.matrix(b).method("transpose()"), cppProduct)
	case plan.Total:
		return e.reduced(a, "sum()")
	case plan.Max:
		return e.reduced(a, "maxCoeff()")
	case plan.RowMax:
		return e.matrix(a).method("rowwise().maxCoeff()")
	case plan.RowSums:
		return e.matrix(a).method("rowwise().sum()")
	case plan.ColSums:
		return e.matrix(a).method("colwise().sum().transpose()")
	case plan.Trace:
		return e.matrix(a).method("trace()")
	case plan.Norm:
		return e.matrix(a).method("norm()")
	case plan.Diagonal:
		return e.matrix(a).method("diagonal()")
	case plan.Component:
		if a.Kind == plan.Vector {
			return primary(fmt.Sprintf("%s(%d)", e.name(a), v.At[0]-1))
		}
		return primary(fmt.Sprintf("%s(%d, %d)", e.name(a), v.At[0]-1, v.At[1]-1))
	case plan.Transpose:
		return e.matrix(a).method("transpose()")
	case plan.DiagMatrix:
		return e.matrix(a).method("asDiagonal().toDenseMatrix()")
	case plan.Vec:
		return e.matrix(a).method("reshaped()")
	case plan.Unvec:
		if a.Kind == plan.Scalar {
			return primary("Eigen::MatrixXd::Constant(1, 1, " + e.write(a).text + ")")
		}
		return e.matrix(a).method("reshaped(" + e.dimension(v.Rows) + ", " + e.dimension(v.Cols) + ")")
	case plan.Kron:
		return primary("Eigen::kroneckerProduct(" + e.name(a) + ", " + e.name(b) + ").eval()")
	case plan.Solve:
		f := e.name(a)
		if v.Trans[0] && a.Op == plan.LU {
			f += ".transpose()"
		}
		return primary(f + ".solve(" + e.matrix(b).text + ")")
	case plan.Inverse:
		f := primary(e.name(a))
		if a.Op == plan.Cholesky {
			n := e.dimension(v.Rows)
			return f.method("solve(Eigen::MatrixXd::Identity(" + n + ", " + n + "))")
		}
		if v.Trans[0] {
			return f.method("inverse().transpose()")
		}
		return f.method("inverse()")
	case plan.Determinant:
		if a.Op == plan.Cholesky {
			return primary("std::pow(" + e.name(a) + ".matrixLLT().diagonal().prod(), 2)")
		}
		return primary(e.name(a)).method("determinant()")
	case plan.LogAbsDet, plan.LogDet:
		return e.logDeterminant(v)
	case plan.MatrixPower:
		return e.power(v)
	case plan.PinvSqrt:
		return e.pinvSqrt(v)
	case plan.Lyapunov:
		return e.lyapunov(v)
	case plan.Call:
		return e.call(v)
	}
	panic(fmt.Sprintf("codegen: unknown operation %d", v.Op))
}

// reduced is a number from all entries.
func (e *cppWriter) reduced(v *plan.Value, call string) cppText {
	t := e.write(v).method(call)
	t.array = false
	return t
}

func (e *cppWriter) constant(v *plan.Value) string {
	kind, dims := "VectorXd", e.dimension(v.Rows)
	if v.Kind == plan.Matrix {
		kind, dims = "MatrixXd", dims+", "+e.dimension(v.Cols)
	}
	switch {
	case v.Num.Sign() == 0:
		return "Eigen::" + kind + "::Zero(" + dims + ")"
	case v.Num.IsInt() && v.Num.Num().Int64() == 1:
		return "Eigen::" + kind + "::Ones(" + dims + ")"
	}
	return "Eigen::" + kind + "::Constant(" + dims + ", " + e.number(v).text + ")"
}
