package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/plan"
)

// name computes v, if it is not yet, and returns the variable that holds it.
func (g *goWriter) name(v *plan.Value) string {
	if name := g.names[v]; name != "" {
		return name
	}
	g.compute(v)
	return g.names[v]
}

// matrix is v where any matrix will do: transposes are views.
func (g *goWriter) matrix(v *plan.Value) string {
	if v.Op == plan.Transpose && g.names[v] == "" {
		return g.name(v.Args[0]) + ".T()"
	}
	return g.name(v)
}

func (g *goWriter) turned(v *plan.Value, trans bool) string {
	if trans {
		return g.name(v) + ".T()"
	}
	return g.matrix(v)
}

// declare begins a new variable for v of a type of package mat.
func (g *goWriter) declare(v *plan.Value, kind string) string {
	name := g.fresh(v)
	g.line("%s := new(mat.%s)", name, kind)
	if v.Kind == plan.Matrix && kind != "Dense" {
		g.types[v] = kind
	}
	return name
}

// check returns from the function if the condition says that an error has been met.
func (g *goWriter) check(condition, err string) {
	g.fails = true
	g.line("if %s {", condition)
	g.line("\treturn %s, %s", g.failure, err)
	g.line("}")
}

func (g *goWriter) try(call string, args ...any) {
	g.check("err := "+fmt.Sprintf(call, args...)+"; err != nil", "err")
}

// loop computes v entry by entry.
func (g *goWriter) loop(v *plan.Value) {
	if v.Kind == plan.Vector {
		text, _ := g.operation(v, "i")
		name := g.fresh(v)
		n := g.dimension(v.Rows)
		g.line("%s := mat.NewVecDense(%s, nil)", name, n)
		g.line("for i := range %s {", n)
		g.line("\t%s.SetVec(i, %s)", name, text)
		g.line("}")
		return
	}
	text, _ := g.operation(v, "i, j")
	name := g.fresh(v)
	m, n := g.dimension(v.Rows), g.dimension(v.Cols)
	g.line("%s := mat.NewDense(%s, %s, nil)", name, m, n)
	g.line("for i := range %s {", m)
	g.line("\tfor j := range %s {", n)
	g.line("\t\t%s.Set(i, j, %s)", name, text)
	g.line("\t}")
	g.line("}")
}

// compute writes the statements that give v a variable.
func (g *goWriter) compute(v *plan.Value) {
	switch {
	case v.Kind == plan.Scalar:
		g.computeScalar(v)
	case isEntrywise(v):
		if !g.whole(v) {
			g.loop(v)
		}
	case v.Kind == plan.Vector:
		g.computeVector(v)
	default:
		g.computeMatrix(v)
	}
}

// isHeld reports whether v is in a variable or worth one of its own, and no part of a loop.
func (g *goWriter) isHeld(v *plan.Value) bool {
	return g.names[v] != "" || !isEntrywise(v) && v.Op != plan.Fill && v.Op != plan.SpreadColumn && v.Op != plan.SpreadRow
}

// whole computes by a method of gonum what is one operation on whole vectors or matrices.
func (g *goWriter) whole(v *plan.Value) bool {
	a := v.Args[0]
	scale := func(c string, x *plan.Value) {
		if v.Kind == plan.Vector {
			x := g.name(x)
			g.line("%s.ScaleVec(%s, %s)", g.declare(v, "VecDense"), c, x)
		} else {
			x := g.matrix(x)
			g.line("%s.Scale(%s, %s)", g.declare(v, "Dense"), c, x)
		}
	}
	switch {
	case v.Op == plan.Neg && g.isHeld(a):
		scale("-1", a)
		return true
	case v.Op == plan.Mul && a.Kind == plan.Scalar && g.isHeld(v.Args[1]):
		c, _ := g.entry(a, "")
		scale(c, v.Args[1])
		return true
	case v.Op == plan.Div && v.Args[1].Kind == plan.Scalar && g.isHeld(a):
		scale("1.0/"+g.operand(v.Args[1], "", goUnary), a)
		return true
	}
	if len(v.Args) < 2 {
		return false
	}
	b := v.Args[1]
	method := map[plan.Op]string{plan.Add: "Add", plan.Sub: "Sub", plan.Mul: "MulElem", plan.Div: "DivElem"}[v.Op]
	if method == "" || a.Kind != v.Kind || b.Kind != v.Kind || !g.isHeld(a) {
		return false
	}
	if v.Kind == plan.Vector && (v.Op == plan.Add || v.Op == plan.Sub) && b.Op == plan.Mul && g.names[b] == "" &&
		b.Args[0].Kind == plan.Scalar && g.isHeld(b.Args[1]) {
		x, y := g.name(a), g.name(b.Args[1])
		c, _ := g.entry(b.Args[0], "")
		if v.Op == plan.Sub {
			c = "-" + g.operand(b.Args[0], "", goPrimary)
		}
		g.line("%s.AddScaledVec(%s, %s, %s)", g.declare(v, "VecDense"), x, c, y)
		return true
	}
	if !g.isHeld(b) {
		return false
	}
	if v.Kind == plan.Vector {
		x, y := g.name(a), g.name(b)
		method = strings.Replace(method, "Elem", "ElemVec", 1)
		if !strings.HasSuffix(method, "Vec") {
			method += "Vec"
		}
		g.line("%s.%s(%s, %s)", g.declare(v, "VecDense"), method, x, y)
	} else {
		x, y := g.matrix(a), g.matrix(b)
		g.line("%s.%s(%s, %s)", g.declare(v, "Dense"), method, x, y)
	}
	return true
}

func (g *goWriter) computeScalar(v *plan.Value) {
	var a *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	switch v.Op {
	case plan.Number, plan.Pi, plan.Size:
		text, _ := g.leaf(v)
		g.assign(v, "float64(%s)", text)
	case plan.Total:
		if isEntrywise(a) && g.names[a] == "" {
			g.sum(v, a)
			return
		}
		g.assign(v, "mat.Sum(%s)", g.name(a))
	case plan.Max:
		g.assign(v, "mat.Max(%s)", g.name(a))
	case plan.Trace:
		g.assign(v, "mat.Trace(%s)", g.name(a))
	case plan.Dot:
		if a.Kind == plan.Vector {
			text, _ := g.operation(v, "")
			g.assign(v, "%s", text)
			return
		}
		x, y := g.matrix(a), g.matrix(v.Args[1])
		product := g.temporary()
		g.line("%s := new(mat.Dense)", product)
		g.line("%s.MulElem(%s, %s)", product, x, y)
		g.assign(v, "mat.Sum(%s)", product)
	case plan.Determinant:
		g.assign(v, "%s.Det()", g.name(a))
	case plan.LogAbsDet, plan.LogDet:
		factors := g.name(a)
		if a.Op == plan.Cholesky {
			g.assign(v, "%s.LogDet()", factors)
			return
		}
		if v.Op == plan.LogAbsDet {
			g.line("%s, _ := %s.LogDet()", g.fresh(v), factors)
			return
		}
		sign := g.temporary()
		g.line("%s, %s := %s.LogDet()", g.fresh(v), sign, factors)
		g.check(sign+" <= 0", fmt.Sprintf("errors.New(%q)", "the determinant of "+describe(g.function, a.Args[0])+" is not positive"))
	case plan.Call:
		g.scalarCall(v)
	default:
		text, _ := g.operation(v, "")
		g.assign(v, "%s", text)
	}
}

func (g *goWriter) assign(v *plan.Value, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	g.line("%s := %s", g.fresh(v), text)
}

// sum adds the entries of a, which are computed one by one.
func (g *goWriter) sum(v, a *plan.Value) {
	index := "i, j"
	if a.Kind == plan.Vector {
		index = "i"
	}
	text, _ := g.operation(a, index)
	name := g.fresh(v)
	g.line("%s := 0.0", name)
	g.line("%s {", over("i", g.dimension(a.Rows), text))
	if a.Kind == plan.Vector {
		g.line("\t%s += %s", name, text)
	} else {
		g.line("\t%s {", over("j", g.dimension(a.Cols), text))
		g.line("\t\t%s += %s", name, text)
		g.line("\t}")
	}
	g.line("}")
}

// over is the head of a loop over an index, which has a name if the text has entries at it.
func over(index, n, text string) string {
	if strings.Contains(text, "("+index+")") || strings.Contains(text, "("+index+", ") || strings.Contains(text, ", "+index+")") {
		return "for " + index + " := range " + n
	}
	return "for range " + n
}

// each computes a vector by the entry that is given for index i.
func (g *goWriter) each(v *plan.Value, entry string) {
	name := g.fresh(v)
	n := g.dimension(v.Rows)
	g.line("%s := mat.NewVecDense(%s, nil)", name, n)
	g.line("for i := range %s {", n)
	g.line("\t%s.SetVec(i, %s)", name, entry)
	g.line("}")
}
