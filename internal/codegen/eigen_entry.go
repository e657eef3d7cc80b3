package codegen

import (
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// entrywise is an operation on the entries of vectors or matrices. Sums and multiples are of matrices while their operands
// are; the rest is of arrays.
func (e *cppWriter) entrywise(v *plan.Value) cppText {
	if v.Op == plan.Map {
		return e.mapped(v)
	}
	if v.Op == plan.Neg {
		x := e.write(v.Args[0])
		return cppText{"-" + x.within(cppUnary), cppUnary, x.array}
	}
	a, b := v.Args[0], v.Args[1]
	switch {
	case v.Op == plan.Pow:
		return e.powers(v)
	case b.IsSpread() && e.names[b] == "":
		return e.spread(v.Op, e.write(a), b)
	case a.IsSpread() && e.names[a] == "" && (v.Op == plan.Add || v.Op == plan.Mul):
		return e.spread(v.Op, e.write(b), a)
	}
	x, y := e.write(a), e.write(b)
	scaling := v.Op == plan.Mul && (a.Kind == plan.Scalar || b.Kind == plan.Scalar) || v.Op == plan.Div && b.Kind == plan.Scalar
	shifting := (v.Op == plan.Add || v.Op == plan.Sub) && (a.Kind == plan.Scalar || b.Kind == plan.Scalar)
	switch {
	case scaling:
	case shifting || v.Op == plan.Mul || v.Op == plan.Div || x.array || y.array:
		if a.Kind != plan.Scalar {
			x = x.asArray()
		}
		if b.Kind != plan.Scalar {
			y = y.asArray()
		}
	}
	switch v.Op {
	case plan.Add:
		return cppInfix(x, "+", y, cppSum)
	case plan.Sub:
		return cppInfix(x, "-", y, cppSum)
	case plan.Mul:
		return cppInfix(x, "*", y, cppProduct)
	}
	return cppInfix(x, "/", y, cppProduct)
}

// spread applies an operation between a matrix and a vector over its rows or columns.
func (e *cppWriter) spread(op plan.Op, x cppText, s *plan.Value) cppText {
	v, side := e.matrix(s.Args[0]), "colwise()"
	if s.Op == plan.SpreadRow {
		side = "rowwise()"
	}
	switch {
	case op == plan.Mul && s.Op == plan.SpreadColumn:
		return cppInfix(v.method("asDiagonal()"), "*", x.asMatrix(), cppProduct)
	case op == plan.Mul:
		return cppInfix(x.asMatrix(), "*", v.method("asDiagonal()"), cppProduct)
	case op == plan.Div:
		x, v = x.asArray(), v.asArray()
	}
	if x.array {
		v = v.asArray()
	}
	if s.Op == plan.SpreadRow {
		v = v.method("transpose()")
	}
	return cppInfix(x.method(side), map[plan.Op]string{plan.Add: "+", plan.Sub: "-", plan.Div: "/"}[op], v, cppSum)
}

func (e *cppWriter) powers(v *plan.Value) cppText {
	base, exponent := v.Args[0], v.Args[1]
	if base.Kind == plan.Scalar {
		return cppText{"pow(" + e.write(base).text + ", " + e.write(exponent).asArray().text + ")", cppPrimary, true}
	}
	x := e.write(base).asArray()
	switch {
	case isTwo(exponent):
		return x.method("square()")
	case exponent.Kind == plan.Scalar:
		return x.method("pow(" + e.write(exponent).text + ")")
	}
	return x.method("pow(" + e.write(exponent).asArray().text + ")")
}

func isTwo(v *plan.Value) bool {
	return v.Op == plan.Number && v.Num.IsInt() && v.Num.Num().IsInt64() && v.Num.Num().Int64() == 2
}

func (e *cppWriter) mapped(v *plan.Value) cppText {
	if name := cppMethods[v.Func]; name != "" {
		return e.write(v.Args[0]).asArray().method(name + "()")
	}
	array := func(text string, binding int) cppText { return cppText{text, binding, true} }
	switch v.Func {
	case expr.Sign:
		return e.write(v.Args[0]).asArray().method("sign()")
	case expr.Relu:
		return e.write(v.Args[0]).asArray().method("max(0.0)")
	case expr.Step:
		return array("("+e.write(v.Args[0]).asArray().within(cppSum)+" > 0.0)", cppPrimary).method("cast<double>()")
	case expr.Sigmoid:
		x := e.write(v.Args[0]).asArray()
		minus := array("(-"+x.within(cppUnary)+")", cppPrimary)
		if inner, ok := strings.CutPrefix(x.text, "-"); ok && x.binding == cppUnary {
			minus = array(inner, cppPrimary)
		}
		return array("1.0 / (1.0 + "+minus.text+".exp())", cppProduct)
	}
	x := primary(e.name(v.Args[0])).asArray().text // softplus
	return array(x+".max(0.0) + (-"+x+".abs()).exp().log1p()", cppSum)
}

func (e *cppWriter) scalar(v *plan.Value) cppText {
	if v.Op == plan.Map {
		return e.scalarMap(v)
	}
	x := e.write(v.Args[0])
	if v.Op == plan.Neg {
		return cppText{"-" + x.within(cppUnary), cppUnary, false}
	}
	if v.Op == plan.Pow && isTwo(v.Args[1]) {
		x := primary(e.name(v.Args[0]))
		return cppInfix(x, "*", x, cppProduct)
	}
	y := e.write(v.Args[1])
	switch v.Op {
	case plan.Add:
		return cppInfix(x, "+", y, cppSum)
	case plan.Sub:
		return cppInfix(x, "-", y, cppSum)
	case plan.Mul:
		return cppInfix(x, "*", y, cppProduct)
	case plan.Div:
		return cppInfix(x, "/", y, cppProduct)
	}
	return primary("std::pow(" + x.text + ", " + y.text + ")")
}

func (e *cppWriter) scalarMap(v *plan.Value) cppText {
	if name := cppMethods[v.Func]; name != "" {
		return primary("std::" + name + "(" + e.write(v.Args[0]).text + ")")
	}
	x := e.write(v.Args[0])
	switch v.Func {
	case expr.Relu:
		return primary("std::max(" + x.text + ", 0.0)")
	case expr.Sigmoid:
		return cppText{"1.0 / (1.0 + std::exp(-" + x.within(cppUnary) + "))", cppProduct, false}
	case expr.Step:
		return primary("(" + x.within(cppSum) + " > 0.0 ? 1.0 : 0.0)")
	}
	name := e.name(v.Args[0])
	if v.Func == expr.Sign {
		return primary("static_cast<double>((" + name + " > 0.0) - (" + name + " < 0.0))")
	}
	return cppText{"std::max(" + name + ", 0.0) + std::log1p(std::exp(-std::abs(" + name + ")))", cppSum, false}
}
