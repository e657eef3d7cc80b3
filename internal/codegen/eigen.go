package codegen

import (
	"fmt"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["eigen"] = eigen{} }

// eigen writes C++17 with Eigen 3.4.
type eigen struct{}

func (eigen) words() []string {
	return strings.Fields(`alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t
		class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
		default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
		mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
		reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this
		thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor
		xor_eq Eigen std i j pow I EIGEN_PI`)
}

func (eigen) functionName(o Options) string { return snakeName(o) }
func (eigen) identifier(name string) string { return ascii(name) }
func (eigen) inline(v *plan.Value) bool     { return isSpread(v) || v.Op == plan.Transpose }

// statement reports the factorisations, and what is solved with a transposed one, which Eigen does not do in expressions.
func (eigen) statement(v *plan.Value) bool {
	return v.Kind == plan.Factors || v.Op == plan.Solve && v.Trans[0]
}

var cppTypes = map[plan.Kind]string{plan.Scalar: "double", plan.Vector: "Eigen::VectorXd", plan.Matrix: "Eigen::MatrixXd"}

func (eigen) write(f *function) (string, error) {
	e := &cppWriter{function: f}
	for _, v := range f.values() {
		if v.Op == plan.Call && !slices.Contains(cppCalls, v.Func) {
			return "", &Unsupported{f.Target, operationName(v)}
		}
	}
	for _, v := range f.Lines {
		e.compute(v)
	}
	computed := e.text.String()
	e.text.Reset()
	e.arguments()
	checked := e.text.String()
	var kinds, results, params []string
	for _, r := range f.Results {
		kinds, results = append(kinds, cppTypes[r.Value.Kind]), append(results, r.Name)
	}
	for _, x := range f.Params {
		switch {
		case x.Value == nil:
			params = append(params, "Eigen::Index "+x.Name)
		case x.Value.Kind == plan.Scalar:
			params = append(params, "double "+x.Name)
		default:
			params = append(params, "const "+cppTypes[x.Value.Kind]+"& "+x.Name)
		}
	}
	kind, result := kinds[0], results[0]
	if len(kinds) > 1 {
		kind, result = "std::tuple<"+strings.Join(kinds, ", ")+">", "{"+strings.Join(results, ", ")+"}"
	}
	code := checked + computed
	var out text
	out.WriteString(cppIncludes(kind+code, f.values()))
	for _, l := range f.Header {
		out.line("%s", strings.TrimRight("// "+strings.TrimRight(comment(l), `\`), " "))
	}
	out.line("inline %s %s(%s) {", kind, f.Name, strings.Join(params, ", "))
	out.WriteString(code)
	out.line("  return %s;", result)
	return out.String() + "}", nil
}

// cppIncludes are the headers of what the text uses. The functions of matrices have the names that those of arrays have.
func cppIncludes(text string, values []*plan.Value) string {
	groups := [][][2]string{
		{{"Eigen/Dense", ""}, {"unsupported/Eigen/KroneckerProduct", "kroneckerProduct"}},
		{{"algorithm", "std::max"}, {"cmath", "std::" + strings.Join(cppMath, "(|std::") + "("}, {"stdexcept", "throw"}, {"string", "to_string"}, {"tuple", "std::tuple"}},
	}
	if slices.ContainsFunc(values, isMatrixFunction) {
		groups[0] = append(groups[0], [2]string{"unsupported/Eigen/MatrixFunctions", ""})
	}
	var out strings.Builder
	for _, group := range groups {
		for _, h := range group {
			for _, word := range strings.Split(h[1], "|") {
				if strings.Contains(text, word) {
					fmt.Fprintf(&out, "#include <%s>\n", h[0])
					break
				}
			}
		}
		out.WriteByte('\n')
	}
	return strings.TrimRight(out.String(), "\n") + "\n\n"
}

// cppMath are the functions of <cmath> that are used.
var cppMath = strings.Fields("abs acos asin atan cos cosh exp log log1p pow sin sinh sqrt tan tanh")

func isMatrixFunction(v *plan.Value) bool {
	switch v.Func {
	case expr.Expm, expr.Logm, expr.Sqrtm, expr.DExpm, expr.DLogm:
		return true
	}
	return v.Op == plan.MatrixPower && v.Num.Num().Int64() > cppPower
}

// cppPower is the highest power of a matrix that is written as a product.
const cppPower = 3

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (e *cppWriter) arguments() {
	if !e.NoChecks {
		for _, c := range e.Checks {
			e.dimension(c.Want)
		}
	}
	for _, x := range e.Params {
		if x.Value == nil || x.Value.Kind == plan.Scalar {
			continue
		}
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			extent := x.Name + "." + [...]string{"rows", "cols"}[i] + "()"
			if x.Value.Kind == plan.Vector {
				extent = x.Name + ".size()"
			}
			for _, s := range e.Sizes {
				if s.Of.Name == x.Name && s.Index == i && e.used[s.Name] {
					e.line("  const Eigen::Index %s = %s;", s.Name, extent)
				}
			}
			if e.NoChecks || !e.isChecked(x, i) {
				continue
			}
			want := e.dimension(d)
			message := fmt.Sprintf("%q", x.Name+" must have "+extentOf(x, i, d, "%d")+", not ")
			message = strings.Replace(message, "%d", `" + std::to_string(`+want+`) + "`, 1)
			e.line("  if (%s != %s) {", extent, want)
			e.line("    throw std::invalid_argument(%s + std::to_string(%s));", message, extent)
			e.line("  }")
		}
	}
}

// cppWriter writes expressions. Eigen's matrices and arrays do not mix: what is done entry by entry is an expression of
// arrays, all else one of matrices.
type cppWriter struct {
	*function
	text
}

// fresh names the variable that v is about to be computed into.
func (e *cppWriter) fresh(v *plan.Value) string {
	if e.names[v] == "" {
		e.names[v] = e.numbered(stem(v))
	}
	return e.names[v]
}

func (e *cppWriter) temporary() string { return e.numbered("T") }

// compute writes the statement that gives v its variable.
func (e *cppWriter) compute(v *plan.Value) {
	if v.Kind == plan.Factors {
		e.factorise(v)
		return
	}
	text := e.operation(v).text
	e.line("  const %s %s = %s;", cppTypes[v.Kind], e.fresh(v), text)
}

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
	case isSpread(b) && e.names[b] == "":
		return e.spread(v.Op, e.write(a), b)
	case isSpread(a) && e.names[a] == "" && (v.Op == plan.Add || v.Op == plan.Mul):
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

// factorise gives the factorisation of a matrix a variable.
func (e *cppWriter) factorise(v *plan.Value) {
	a := e.matrix(v.Args[0])
	if v.Op == plan.LU {
		e.line("  const Eigen::PartialPivLU<Eigen::MatrixXd> %s(%s);", e.fresh(v), a.text)
		return
	}
	name := e.fresh(v)
	e.line("  const Eigen::LLT<Eigen::MatrixXd> %s(%s);", name, a.text)
	e.line("  if (%s.info() != Eigen::Success) throw std::domain_error(%q);", name, describe(e.function, v.Args[0])+" is not positive definite")
}

func (e *cppWriter) logDeterminant(v *plan.Value) cppText {
	f := v.Args[0]
	name := e.name(f)
	if f.Op == plan.Cholesky {
		return cppText{"2.0 * " + name + ".matrixLLT().diagonal().array().log().sum()", cppProduct, false}
	}
	if v.Op == plan.LogDet {
		e.line("  if (!(%s.permutationP().determinant() * %s.matrixLU().diagonal().array().sign().prod() > 0.0)) {", name, name)
		e.line("    throw std::domain_error(%q);", "the determinant of "+describe(e.function, f.Args[0])+" is not positive")
		e.line("  }")
	}
	return primary(name + ".matrixLU().diagonal().array().abs().log().sum()")
}

// power multiplies a few times itself, or squares repeatedly.
func (e *cppWriter) power(v *plan.Value) cppText {
	name := e.name(v.Args[0])
	if k := v.Num.Num().Int64(); k <= cppPower {
		return cppText{strings.Repeat(name+" * ", int(k)-1) + name, cppProduct, false}
	}
	return primary(name + ".pow(" + v.Num.RatString() + ")")
}

var cppCalls = []*expr.Op{
	expr.Pinv, expr.Expm, expr.Logm, expr.Sqrtm, expr.Spectral, expr.Nuclear, expr.LambdaMax, expr.Tril, expr.Triu, expr.DExpm,
	expr.DLogm, expr.Sylvester, expr.Adj, expr.Commutation,
}

func (e *cppWriter) call(v *plan.Value) cppText {
	functions := func(method string) cppText {
		return primary(e.name(v.Args[0])).method(method)
	}
	switch v.Func {
	case expr.Pinv:
		return e.matrix(v.Args[0]).method("completeOrthogonalDecomposition().pseudoInverse()")
	case expr.Expm:
		return functions("exp()")
	case expr.Logm:
		return functions("log()")
	case expr.Sqrtm:
		return functions("sqrt()")
	case expr.Spectral:
		return e.matrix(v.Args[0]).method("bdcSvd().singularValues()(0)")
	case expr.Nuclear:
		return e.matrix(v.Args[0]).method("bdcSvd().singularValues().sum()")
	case expr.LambdaMax:
		return e.matrix(v.Args[0]).method("selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff()")
	case expr.Tril:
		return e.matrix(v.Args[0]).method("triangularView<Eigen::Lower>().toDenseMatrix()")
	case expr.Triu:
		return e.matrix(v.Args[0]).method("triangularView<Eigen::Upper>().toDenseMatrix()")
	case expr.DExpm:
		return e.frechet(v, "exp()")
	case expr.DLogm:
		return e.frechet(v, "log()")
	case expr.Sylvester:
		a, b, c := e.name(v.Args[0]), e.name(v.Args[1]), e.name(v.Args[2])
		m, n := e.dimension(v.Rows), e.dimension(v.Cols)
		system := e.temporary()
		e.line("  // A*X + X*B = C as a linear system for the columns of X")
		e.line("  const Eigen::MatrixXd %s = Eigen::kroneckerProduct(Eigen::MatrixXd::Identity(%s, %s), %s).eval() +", system, n, n, a)
		e.line("    Eigen::kroneckerProduct(%s.transpose(), Eigen::MatrixXd::Identity(%s, %s)).eval();", b, m, m)
		return primary(fmt.Sprintf("%s.partialPivLu().solve(%s.reshaped()).reshaped(%s, %s)", system, c, m, n))
	case expr.Adj:
		return e.adjugate(v)
	}
	name := e.temporary() // K(m, n)
	m, n := e.dimension(v.Dims[0]), e.dimension(v.Dims[1])
	e.line("  Eigen::MatrixXd %s = Eigen::MatrixXd::Zero(%s, %s);", name, e.dimension(v.Rows), e.dimension(v.Cols))
	e.line("  for (Eigen::Index i = 0; i < %s; i++) {", m)
	e.line("    for (Eigen::Index j = 0; j < %s; j++) %s(i * %s + j, j * %s + i) = 1.0;", n, name, n, m)
	e.line("  }")
	return primary(name)
}

// frechet is the differential of a function of A along E: a block of its value at [A E; 0 A].
func (e *cppWriter) frechet(v *plan.Value, method string) cppText {
	a, d, n := e.name(v.Args[0]), e.name(v.Args[1]), e.dimension(v.Rows)
	blocks, result := e.temporary(), e.temporary()
	e.line("  Eigen::MatrixXd %s(2 * %s, 2 * %s);", blocks, n, n)
	e.line("  %s << %s, %s, Eigen::MatrixXd::Zero(%s, %s), %s;", blocks, a, d, n, n, a)
	e.line("  const Eigen::MatrixXd %s = %s.%s;", result, blocks, method)
	return primary(result + ".topRightCorner(" + n + ", " + n + ")")
}

// pinvSqrt is V*D*V', where D has the roots of the inverses of the eigenvalues that are not zero.
func (e *cppWriter) pinvSqrt(v *plan.Value) cppText {
	a := e.matrix(v.Args[0])
	eig, d := e.temporary(), e.temporary()
	e.line("  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> %s(%s);", eig, a.text)
	e.line("  const Eigen::VectorXd %s = (%s.eigenvalues().array() > 1e-15 * %s * %s.eigenvalues().maxCoeff())", d, eig, e.dimension(v.Rows), eig)
	e.line("      .select(%s.eigenvalues().array().rsqrt(), 0.0);", eig)
	return cppText{eig + ".eigenvectors() * " + d + ".asDiagonal() * " + eig + ".eigenvectors().transpose()", cppProduct, false}
}

// adjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (e *cppWriter) adjugate(v *plan.Value) cppText {
	a := e.matrix(v.Args[0])
	svd, d, n := e.temporary(), e.temporary(), e.dimension(v.Rows)
	e.line("  const Eigen::JacobiSVD<Eigen::MatrixXd> %s(%s, Eigen::ComputeFullU | Eigen::ComputeFullV);", svd, a.text)
	e.line("  Eigen::VectorXd %s(%s);", d, n)
	e.line("  for (Eigen::Index i = 0; i < %s; i++) {", n)
	e.line("    %s(i) = %s.singularValues().head(i).prod() * %s.singularValues().tail(%s - i - 1).prod();", d, svd, svd, n)
	e.line("  }")
	e.line("  %s *= %s.matrixU().determinant() * %s.matrixV().determinant();", d, svd, svd)
	return cppText{svd + ".matrixV() * " + d + ".asDiagonal() * " + svd + ".matrixU().transpose()", cppProduct, false}
}
