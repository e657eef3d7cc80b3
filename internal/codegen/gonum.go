package codegen

import (
	"fmt"
	"go/format"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["gonum"] = gonum{} }

// gonum writes Go with gonum's matrices.
type gonum struct{}

func (gonum) words() []string {
	return strings.Fields(`break case chan const continue default defer else fallthrough for func go goto if import interface
		map package range return select struct switch type var
		any append bool byte cap close complex copy delete error false float64 int len make max min new nil panic print
		println real string true
		errors floats fmt mat math cofactor cols err i j ok rows square relu sigmoid softplus sign step`)
}

func (gonum) functionName(o Options) string { return camel(snakeName(o)) }
func (gonum) identifier(name string) string { return camel(name) }
func (gonum) inline(v *plan.Value) bool     { return isSpread(v) || v.Op == plan.Transpose }
func (gonum) statement(v *plan.Value) bool  { return v.Kind == plan.Factors }

// camel joins words as Go does.
func camel(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' })
	if len(words) == 0 {
		return "x"
	}
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func (gonum) write(f *function) (string, error) {
	g := &goWriter{function: f, types: map[*plan.Value]string{}, helpers: map[string]bool{}, identities: map[expr.Dim]string{}}
	for _, v := range f.values() {
		if v.Op == plan.Call && !slices.Contains(goCalls, v.Func) {
			return "", &Unsupported{f.Target, operationName(v)}
		}
	}
	var kinds, zeros, results []string
	for _, r := range f.Results {
		kinds = append(kinds, goTypes[r.Value.Kind])
		zeros = append(zeros, map[bool]string{true: "0", false: "nil"}[r.Value.Kind == plan.Scalar])
	}
	g.failure = strings.Join(zeros, ", ")
	for _, v := range f.Lines {
		g.compute(v)
	}
	for _, r := range f.Results {
		results = append(results, g.result(r))
	}
	computed := g.text.String()
	g.text.Reset()
	g.arguments()
	checked := g.text.String()
	if g.fails {
		kinds, results = append(kinds, "error"), append(results, "nil")
	}
	signature := "(" + strings.Join(kinds, ", ") + ")"
	if len(kinds) == 1 {
		signature = kinds[0]
	}
	var header, out text
	for i, l := range f.Header {
		if i == 0 {
			l = f.Name + " returns the " + strings.ToLower(l[:1]) + l[1:]
		}
		header.line("// %s", comment(l))
	}
	var params []string
	for _, x := range f.Params {
		kind := "int"
		if x.Value != nil {
			kind = goTypes[x.Value.Kind]
		}
		params = append(params, x.Name+" "+kind)
	}
	out.line("func %s(%s) %s {", f.Name, strings.Join(params, ", "), signature)
	out.WriteString(checked)
	for _, h := range goHelpers {
		if g.helpers[h.name] {
			out.line("%s := func(x float64) float64 {\n%s\n}", h.name, h.body)
		}
	}
	out.WriteString(computed)
	out.line("return %s\n}", strings.Join(results, ", "))
	source, err := format.Source([]byte("package gradient\n\n" + goImports(out.String()) + header.String() + out.String()))
	if err != nil {
		return "", fmt.Errorf("the Go code does not parse: %w", err)
	}
	return strings.TrimSuffix(string(source), "\n"), nil
}

// goImports are the imports of the packages that the text uses.
func goImports(text string) string {
	var out strings.Builder
	for _, path := range []string{"errors", "fmt", "math", "gonum.org/v1/gonum/floats", "gonum.org/v1/gonum/mat"} {
		if strings.Contains(text, path[strings.LastIndexByte(path, '/')+1:]+".") {
			if strings.Contains(path, ".") && !strings.Contains(out.String(), "gonum") {
				out.WriteByte('\n')
			}
			fmt.Fprintf(&out, "%q\n", path)
		}
	}
	if out.Len() == 0 {
		return ""
	}
	return "import (\n" + out.String() + ")\n\n"
}

var goTypes = map[plan.Kind]string{plan.Scalar: "float64", plan.Vector: "*mat.VecDense", plan.Matrix: "*mat.Dense"}

// result is what the function returns: memory of its own.
func (g *goWriter) result(r result) string {
	switch {
	case r.Value.Kind == plan.Vector && r.Copy:
		return "mat.VecDenseCopyOf(" + r.Name + ")"
	case r.Value.Kind == plan.Matrix && (r.Copy || g.types[r.Value] != ""):
		return "mat.DenseCopyOf(" + r.Name + ")"
	}
	return r.Name
}

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (g *goWriter) arguments() {
	if !g.NoChecks {
		for _, c := range g.Checks {
			g.dimension(c.Want)
		}
	}
	for _, x := range g.Params {
		if x.Value == nil || x.Value.Kind == plan.Scalar {
			continue
		}
		dims := [2]string{"_", "_"}
		for _, s := range g.Sizes {
			if s.Of.Name == x.Name && g.used[s.Name] {
				dims[s.Index] = s.Name
			}
		}
		switch n := strings.Trim(dims[0]+dims[1], "_"); {
		case n == "":
		case x.Value.Kind == plan.Vector:
			g.line("%s := %s.Len()", n, x.Name)
		default:
			g.line("%s, %s := %s.Dims()", dims[0], dims[1], x.Name)
		}
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			if g.NoChecks || !g.isChecked(x, i) {
				continue
			}
			want := g.dimension(d)
			extent, condition := "rows", fmt.Sprintf("rows, _ := %s.Dims(); rows != %s", x.Name, want)
			switch {
			case x.Value.Kind == plan.Vector:
				extent, condition = x.Name+".Len()", fmt.Sprintf("%s.Len() != %s", x.Name, want)
			case i == 1:
				extent, condition = "cols", fmt.Sprintf("_, cols := %s.Dims(); cols != %s", x.Name, want)
			}
			g.check(condition, fmt.Sprintf("fmt.Errorf(%q, %s%s)", x.Name+" must have "+extentOf(x, i, d, "%d")+", not %d", given(d, want), extent))
		}
	}
}

// goWriter writes statements. Vectors and matrices are computed into variables, one statement an operation; scalars, and
// what is done entry by entry, are expressions of Go, the latter in a loop.
type goWriter struct {
	*function
	text
	types   map[*plan.Value]string // of a matrix that is held in another type than *mat.Dense
	helpers map[string]bool        // closures that the function begins with
	failure string                 // what is returned before an error
	fails   bool                   // the function can return one

	identities map[expr.Dim]string
}

// fresh names the variable that v is about to be computed into.
func (g *goWriter) fresh(v *plan.Value) string {
	if g.names[v] == "" {
		g.names[v] = g.numbered(stem(v))
	}
	return g.names[v]
}

func (g *goWriter) temporary() string { return g.numbered("t") }

// describe names a matrix for people.
func describe(f *function, v *plan.Value) string {
	if v.Op == plan.Input {
		return f.names[v]
	}
	return "the matrix"
}

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

// dense is v where a *mat.Dense is needed.
func (g *goWriter) dense(v *plan.Value) string {
	name := g.name(v)
	if g.types[v] == "" {
		return name
	}
	return "mat.DenseCopyOf(" + name + ")"
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

func (g *goWriter) computeVector(v *plan.Value) {
	var a *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	switch v.Op {
	case plan.Fill:
		n, _ := g.number(v)
		g.each(v, n)
	case plan.Basis:
		name := g.fresh(v)
		g.line("%s := mat.NewVecDense(%s, nil)", name, g.dimension(v.Rows))
		g.line("%s.SetVec(%d, 1)", name, v.At[0]-1)
	case plan.MatVec:
		x, y := g.turned(a, v.Trans[0]), g.name(v.Args[1])
		g.line("%s.MulVec(%s, %s)", g.declare(v, "VecDense"), x, y)
	case plan.Solve:
		f, b := g.name(a), g.name(v.Args[1])
		name := g.declare(v, "VecDense")
		if a.Op == plan.Cholesky {
			g.try("%s.SolveVecTo(%s, %s)", f, name, b)
		} else {
			g.try("%s.SolveVecTo(%s, %t, %s)", f, name, v.Trans[0], b)
		}
	case plan.RowSums, plan.RowMax, plan.ColSums:
		f, view := "mat.Sum", "RowView"
		if v.Op == plan.RowMax {
			f = "mat.Max"
		}
		if v.Op == plan.ColSums {
			view = "ColView"
		}
		g.each(v, f+"("+g.asDense(a)+"."+view+"(i))")
	case plan.Diagonal:
		g.each(v, g.name(a)+".At(i, i)")
	case plan.Vec:
		data := "mat.DenseCopyOf(" + g.name(a) + ".T()).RawMatrix().Data"
		if a.Op == plan.Transpose && g.names[a] == "" {
			data = "mat.DenseCopyOf(" + g.name(a.Args[0]) + ").RawMatrix().Data"
		}
		g.assign(v, "mat.NewVecDense(%s, %s)", g.dimension(v.Rows), data)
	case plan.Kron:
		x, y := g.name(a), g.name(v.Args[1])
		product := g.temporary()
		g.line("%s := new(mat.Dense)", product)
		g.line("%s.Outer(1, %s, %s)", product, x, y)
		g.assign(v, "mat.NewVecDense(%s, %s.RawMatrix().Data)", g.dimension(v.Rows), product)
	default:
		panic(fmt.Sprintf("codegen: operation %d gives no vector", v.Op))
	}
}

// asDense is the variable of a *mat.Dense with the value of v.
func (g *goWriter) asDense(v *plan.Value) string {
	name := g.name(v)
	if g.types[v] == "" {
		return name
	}
	copied := g.temporary()
	g.line("%s := mat.DenseCopyOf(%s)", copied, name)
	return copied
}

func (g *goWriter) computeMatrix(v *plan.Value) {
	var a *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	switch v.Op {
	case plan.Eye:
		g.types[v] = "DiagDense"
		if g.names[v] == "" {
			g.names[v] = g.identity(v.Rows)
			return
		}
		g.assign(v, "%s", g.identity(v.Rows))
	case plan.Fill:
		name := g.fresh(v)
		g.line("%s := mat.NewDense(%s, %s, nil)", name, g.dimension(v.Rows), g.dimension(v.Cols))
		if v.Num.Sign() != 0 {
			c, _ := g.number(v)
			g.line("%s.Apply(func(int, int, float64) float64 { return %s }, %s)", name, c, name)
		}
	case plan.Basis:
		name := g.fresh(v)
		g.line("%s := mat.NewDense(%s, %s, nil)", name, g.dimension(v.Rows), g.dimension(v.Cols))
		g.line("%s.Set(%d, %d, 1)", name, v.At[0]-1, v.At[1]-1)
	case plan.MatMul:
		x, y := g.turned(a, v.Trans[0]), g.turned(v.Args[1], v.Trans[1])
		g.line("%s.Mul(%s, %s)", g.declare(v, "Dense"), x, y)
	case plan.Outer:
		x, y := g.name(a), g.name(v.Args[1])
		g.line("%s.Outer(1, %s, %s)", g.declare(v, "Dense"), x, y)
	case plan.Transpose:
		g.assign(v, "mat.DenseCopyOf(%s.T())", g.name(a))
	case plan.DiagMatrix:
		x := g.name(a)
		name := g.fresh(v)
		g.types[v] = "DiagDense"
		g.line("%s := mat.NewDiagDense(%s, nil)", name, g.dimension(v.Rows))
		g.line("for i := range %s {", g.dimension(v.Rows))
		g.line("\t%s.SetDiag(i, %s.AtVec(i))", name, x)
		g.line("}")
	case plan.Unvec:
		if a.Kind == plan.Scalar {
			x, _ := g.entry(a, "")
			g.assign(v, "mat.NewDense(1, 1, []float64{%s})", x)
			return
		}
		g.assign(v, "mat.DenseCopyOf(mat.NewDense(%s, %s, mat.VecDenseCopyOf(%s).RawVector().Data).T())",
			g.dimension(v.Cols), g.dimension(v.Rows), g.name(a))
	case plan.Kron:
		x, y := g.matrix(a), g.matrix(v.Args[1])
		g.line("%s.Kronecker(%s, %s)", g.declare(v, "Dense"), x, y)
	case plan.LU:
		x := g.matrix(a)
		g.line("%s.Factorize(%s)", g.declare(v, "LU"), x)
	case plan.Cholesky:
		x := g.symmetric(a)
		name := g.declare(v, "Cholesky")
		g.check(fmt.Sprintf("ok := %s.Factorize(%s); !ok", name, x), fmt.Sprintf("errors.New(%q)", describe(g.function, a)+" is not positive definite"))
	case plan.Solve:
		f, b := g.name(a), g.matrix(v.Args[1])
		name := g.declare(v, "Dense")
		if a.Op == plan.Cholesky {
			g.try("%s.SolveTo(%s, %s)", f, name, b)
		} else {
			g.try("%s.SolveTo(%s, %t, %s)", f, name, v.Trans[0], b)
		}
	case plan.Inverse:
		f := g.name(a)
		if a.Op == plan.Cholesky {
			g.try("%s.InverseTo(%s)", f, g.declare(v, "SymDense"))
			return
		}
		one := g.identity(v.Rows)
		name := g.declare(v, "Dense")
		g.try("%s.SolveTo(%s, %t, %s)", f, name, v.Trans[0], one)
	case plan.MatrixPower:
		x := g.matrix(a)
		g.line("%s.Pow(%s, %s)", g.declare(v, "Dense"), x, v.Num.RatString())
	case plan.PinvSqrt:
		g.pinvSqrt(v)
	case plan.Call:
		g.matrixCall(v)
	default:
		panic(fmt.Sprintf("codegen: operation %d gives no matrix", v.Op))
	}
}

// symmetric is v, which is symmetric up to rounding, as gonum wants it.
func (g *goWriter) symmetric(v *plan.Value) string {
	if g.types[v] == "SymDense" {
		return g.name(v)
	}
	return fmt.Sprintf("mat.NewSymDense(%s, mat.DenseCopyOf(%s).RawMatrix().Data)", g.dimension(v.Rows), g.name(v))
}

// identity is a variable with the identity matrix.
func (g *goWriter) identity(n expr.Dim) string {
	if name := g.identities[n]; name != "" {
		return name
	}
	name := g.temporary()
	g.identities[n] = name
	g.line("%s := mat.NewDiagDense(%s, nil)", name, g.dimension(n))
	g.line("for i := range %s {", g.dimension(n))
	g.line("\t%s.SetDiag(i, 1)", name)
	g.line("}")
	return name
}

var goCalls = []*expr.Op{expr.Pinv, expr.Expm, expr.DExpm, expr.Spectral, expr.Nuclear, expr.LambdaMax, expr.Tril, expr.Triu, expr.Commutation, expr.Sylvester, expr.Adj}

// decomposed declares a singular value decomposition of the argument of v.
func (g *goWriter) decomposed(v *plan.Value, kind string) string {
	a := g.matrix(v.Args[0])
	svd := g.temporary()
	g.line("%s := new(mat.SVD)", svd)
	g.check(fmt.Sprintf("ok := %s.Factorize(%s, mat.%s); !ok", svd, a, kind), `errors.New("a singular value decomposition does not converge")`)
	return svd
}

func (g *goWriter) scalarCall(v *plan.Value) {
	switch v.Func {
	case expr.Spectral:
		svd := g.decomposed(v, "SVDNone")
		g.assign(v, "%s.Values(nil)[0]", svd)
	case expr.Nuclear:
		svd := g.decomposed(v, "SVDNone")
		g.assign(v, "floats.Sum(%s.Values(nil))", svd)
	case expr.LambdaMax:
		a := g.symmetric(v.Args[0])
		eigen := g.temporary()
		g.line("%s := new(mat.EigenSym)", eigen)
		g.check(fmt.Sprintf("ok := %s.Factorize(%s, false); !ok", eigen, a), `errors.New("an eigenvalue decomposition does not converge")`)
		g.assign(v, "floats.Max(%s.Values(nil))", eigen)
	default:
		panic("codegen: no such function")
	}
}

func (g *goWriter) matrixCall(v *plan.Value) {
	n := g.dimension(v.Rows)
	switch v.Func {
	case expr.Expm:
		a := g.matrix(v.Args[0])
		g.line("%s.Exp(%s)", g.declare(v, "Dense"), a)
	case expr.Pinv:
		svd := g.decomposed(v, "SVDThin")
		one := g.identity(v.Cols)
		g.line("%s.SolveTo(%s, %s, %s.Rank(1e-15))", svd, g.declare(v, "Dense"), one, svd)
	case expr.Tril, expr.Triu:
		a := g.matrix(v.Args[0])
		outside := "j > i"
		if v.Func == expr.Triu {
			outside = "j < i"
		}
		name := g.declare(v, "Dense")
		g.line("%s.Apply(func(i, j int, x float64) float64 {", name)
		g.line("\tif %s {", outside)
		g.line("\t\treturn 0")
		g.line("\t}")
		g.line("\treturn x")
		g.line("}, %s)", a)
	case expr.DExpm:
		a, e := g.name(v.Args[0]), g.name(v.Args[1])
		blocks, name := g.temporary(), ""
		g.line("// The differential of expm at A along E is a block of expm([A E; 0 A]).")
		g.line("%s := mat.NewDense(2*%s, 2*%s, nil)", blocks, n, n)
		g.line("for i := range %s {", n)
		g.line("\tfor j := range %s {", n)
		g.line("\t\t%s.Set(i, j, %s.At(i, j))", blocks, a)
		g.line("\t\t%s.Set(%s+i, %s+j, %s.At(i, j))", blocks, n, n, a)
		g.line("\t\t%s.Set(i, %s+j, %s.At(i, j))", blocks, n, e)
		g.line("\t}")
		g.line("}")
		g.line("%s.Exp(%s)", blocks, blocks)
		name = g.fresh(v)
		g.line("%s := mat.DenseCopyOf(%s.Slice(0, %s, %s, 2*%s))", name, blocks, n, n, n)
	case expr.Sylvester:
		g.sylvester(v)
	case expr.Adj:
		g.adjugate(v)
	case expr.Commutation:
		m, n := g.dimension(v.Dims[0]), g.dimension(v.Dims[1])
		name := g.fresh(v)
		g.line("%s := mat.NewDense(%s, %s, nil)", name, g.dimension(v.Rows), g.dimension(v.Cols))
		g.line("for i := range %s {", m)
		g.line("\tfor j := range %s {", n)
		g.line("\t\t%s.Set(i*%s+j, j*%s+i, 1)", name, n, m)
		g.line("\t}")
		g.line("}")
	default:
		panic("codegen: no such function")
	}
}

// sylvester solves A*X + X*B = C as a linear system for the columns of X.
func (g *goWriter) sylvester(v *plan.Value) {
	a, b, c := g.matrix(v.Args[0]), g.name(v.Args[1]), g.name(v.Args[2])
	left, right := g.identity(v.Cols), g.identity(v.Rows)
	system, second, x := g.temporary(), g.temporary(), g.temporary()
	m, n := g.dimension(v.Rows), g.dimension(v.Cols)
	g.line("// A*X + X*B = C as a linear system for the columns of X.")
	g.line("%s := new(mat.Dense)", system)
	g.line("%s.Kronecker(%s, %s)", system, left, a)
	g.line("%s := new(mat.Dense)", second)
	g.line("%s.Kronecker(%s.T(), %s)", second, b, right)
	g.line("%s.Add(%s, %s)", system, system, second)
	g.line("%s := new(mat.VecDense)", x)
	g.try("%s.SolveVec(%s, mat.NewVecDense(%s*%s, mat.DenseCopyOf(%s.T()).RawMatrix().Data))", x, system, m, n, c)
	g.assign(v, "mat.DenseCopyOf(mat.NewDense(%s, %s, %s.RawVector().Data).T())", n, m, x)
}

// pinvSqrt is W*W', where the columns of W are the eigenvectors of eigenvalues that are not zero, over their fourth roots.
func (g *goWriter) pinvSqrt(v *plan.Value) {
	a := g.symmetric(v.Args[0])
	eigen, values, vectors, n := g.temporary(), g.temporary(), g.temporary(), g.dimension(v.Rows)
	g.line("%s := new(mat.EigenSym)", eigen)
	g.check(fmt.Sprintf("ok := %s.Factorize(%s, true); !ok", eigen, a), `errors.New("an eigenvalue decomposition does not converge")`)
	g.line("%s, %s := %s.Values(nil), new(mat.Dense)", values, vectors, eigen)
	g.line("%s.VectorsTo(%s)", eigen, vectors)
	g.line("%s.Apply(func(_, j int, x float64) float64 {", vectors)
	g.line("\tif %s[j] <= 1e-15*float64(%s)*%s[%s-1] {", values, n, values, n)
	g.line("\t\treturn 0")
	g.line("\t}")
	g.line("\treturn x / math.Sqrt(math.Sqrt(%s[j]))", values)
	g.line("}, %s)", vectors)
	g.line("%s.Mul(%s, %s.T())", g.declare(v, "Dense"), vectors, vectors)
}

// adjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (g *goWriter) adjugate(v *plan.Value) {
	svd := g.decomposed(v, "SVDFull")
	left, right, sign, name := g.temporary(), g.temporary(), g.temporary(), ""
	n := g.dimension(v.Rows)
	g.line("%s, %s := new(mat.Dense), new(mat.Dense)", left, right)
	g.line("%s.UTo(%s)", svd, left)
	g.line("%s.VTo(%s)", svd, right)
	g.line("%s := mat.Det(%s) * mat.Det(%s)", sign, left, right)
	g.line("for j := range %s {", n)
	g.line("\tcofactor := %s", sign)
	g.line("\tfor i, s := range %s.Values(nil) {", svd)
	g.line("\t\tif i != j {")
	g.line("\t\t\tcofactor *= s")
	g.line("\t\t}")
	g.line("\t}")
	g.line("\tfor i := range %s {", n)
	g.line("\t\t%s.Set(i, j, cofactor*%s.At(i, j))", right, right)
	g.line("\t}")
	g.line("}")
	name = g.declare(v, "Dense")
	g.line("%s.Mul(%s, %s.T())", name, right, left)
}
