package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// How tightly Go's operators bind.
const (
	goSum     = 4
	goProduct = 5
	goUnary   = 6
	goPrimary = 7
)

// goMaps are the elementwise functions: of package math, or closures.
var goMaps = map[*expr.Op]string{
	expr.Exp: "math.Exp", expr.Log: "math.Log", expr.Sqrt: "math.Sqrt", expr.Sin: "math.Sin", expr.Cos: "math.Cos",
	expr.Tan: "math.Tan", expr.Asin: "math.Asin", expr.Acos: "math.Acos", expr.Atan: "math.Atan", expr.Sinh: "math.Sinh",
	expr.Cosh: "math.Cosh", expr.Tanh: "math.Tanh", expr.Abs: "math.Abs",
	expr.Sign: "sign", expr.Step: "step", expr.Relu: "relu", expr.Sigmoid: "sigmoid", expr.Softplus: "softplus",
}

// goHelpers are the bodies of the closures, in the order in which they are written.
var goHelpers = []struct{ name, body string }{
	{"square", "return x * x"},
	{"relu", "return max(x, 0)"},
	{"sigmoid", "return 1 / (1 + math.Exp(-x))"},
	{"softplus", "return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))"},
	{"sign", "switch {\n\tcase x > 0:\n\t\treturn 1\n\tcase x < 0:\n\t\treturn -1\n\t}\n\treturn 0"},
	{"step", "if x > 0 {\n\t\treturn 1\n\t}\n\treturn 0"},
}

func (g *goWriter) uses(name string) string {
	if !strings.Contains(name, ".") {
		g.helpers[name] = true
	}
	return name
}

// isEntrywise reports whether v is computed entry by entry from its operands.
func isEntrywise(v *plan.Value) bool {
	switch v.Op {
	case plan.Add, plan.Sub, plan.Neg, plan.Mul, plan.Div, plan.Pow, plan.Map:
		return true
	}
	return false
}

// entry writes the entry of v at the index: "" for a scalar, "i" for a vector, "i, j" for a matrix.
func (g *goWriter) entry(v *plan.Value, index string) (text string, binding int) {
	if v.Kind == plan.Scalar {
		return g.scalar(v, index != "")
	}
	switch {
	case v.Op == plan.Fill:
		return g.number(v)
	case v.Op == plan.SpreadColumn || v.Op == plan.SpreadRow:
		i, j, _ := strings.Cut(index, ", ")
		if v.Op == plan.SpreadRow {
			i = j
		}
		return g.entry(v.Args[0], i)
	case isEntrywise(v) && g.names[v] == "":
		return g.operation(v, index)
	case v.Op == plan.Transpose && g.names[v] == "":
		i, j, _ := strings.Cut(index, ", ")
		return g.name(v.Args[0]) + ".At(" + j + ", " + i + ")", goPrimary
	case v.Kind == plan.Vector:
		return g.name(v) + ".AtVec(" + index + ")", goPrimary
	}
	return g.name(v) + ".At(" + index + ")", goPrimary
}

// scalar writes a scalar. In a loop, what is worth computing once is computed before it.
func (g *goWriter) scalar(v *plan.Value, inLoop bool) (text string, binding int) {
	switch {
	case g.names[v] == "" && len(v.Args) == 0:
		return g.leaf(v)
	case g.names[v] != "" || inLoop || !isEntrywise(v) && !isDotOfVectors(v) && v.Op != plan.Component && v.Op != plan.Norm:
		return g.name(v), goPrimary
	}
	return g.operation(v, "")
}

func isDotOfVectors(v *plan.Value) bool { return v.Op == plan.Dot && v.Args[0].Kind == plan.Vector }

// leaf writes a scalar without operands.
func (g *goWriter) leaf(v *plan.Value) (text string, binding int) {
	switch v.Op {
	case plan.Pi:
		return g.uses("math.Pi"), goPrimary
	case plan.Size:
		return "float64(" + g.dimension(v.Dims[0]) + ")", goPrimary
	}
	return g.number(v)
}

func (g *goWriter) operand(v *plan.Value, index string, binding int) string {
	text, b := g.entry(v, index)
	if b < binding {
		return "(" + text + ")"
	}
	return text
}

// operation writes what v is at the index in terms of its operands there.
func (g *goWriter) operation(v *plan.Value, index string) (text string, binding int) {
	infix := func(op string, binding int) (string, int) {
		return g.operand(v.Args[0], index, binding) + " " + op + " " + g.operand(v.Args[1], index, binding+1), binding
	}
	switch v.Op {
	case plan.Add:
		return g.operand(v.Args[0], index, goSum) + " + " + g.operand(v.Args[1], index, goSum), goSum
	case plan.Sub:
		return infix("-", goSum)
	case plan.Mul:
		return g.operand(v.Args[0], index, goProduct) + "*" + g.operand(v.Args[1], index, goProduct+1), goProduct
	case plan.Div:
		return g.operand(v.Args[0], index, goProduct) + "/" + g.operand(v.Args[1], index, goProduct+1), goProduct
	case plan.Neg:
		return "-" + g.operand(v.Args[0], index, goPrimary), goUnary
	case plan.Pow:
		base, _ := g.entry(v.Args[0], index)
		if p := v.Args[1]; p.Op == plan.Number && p.Num.IsInt() && p.Num.Num().Int64() == 2 {
			return g.uses("square") + "(" + base + ")", goPrimary
		}
		exponent, _ := g.entry(v.Args[1], index)
		return g.uses("math.Pow") + "(" + base + ", " + exponent + ")", goPrimary
	case plan.Map:
		x, _ := g.entry(v.Args[0], index)
		return g.uses(goMaps[v.Func]) + "(" + x + ")", goPrimary
	case plan.Dot:
		return "mat.Dot(" + g.name(v.Args[0]) + ", " + g.name(v.Args[1]) + ")", goPrimary
	case plan.Norm:
		return "mat.Norm(" + g.matrix(v.Args[0]) + ", 2)", goPrimary
	case plan.Component:
		if v.Args[0].Kind == plan.Vector {
			return fmt.Sprintf("%s.AtVec(%d)", g.name(v.Args[0]), v.At[0]-1), goPrimary
		}
		return fmt.Sprintf("%s.At(%d, %d)", g.name(v.Args[0]), v.At[0]-1, v.At[1]-1), goPrimary
	}
	panic("codegen: not an operation on entries")
}

// number writes a rational number as an untyped constant of Go, of floating point if it is a fraction.
func (g *goWriter) number(v *plan.Value) (text string, binding int) {
	p, q := literal(v.Num)
	if q != "" {
		p, binding = p+".0/"+q, goProduct
	} else {
		binding = goPrimary
	}
	if v.Num.Sign() < 0 {
		return "-" + p, min(binding, goUnary)
	}
	return p, binding
}
