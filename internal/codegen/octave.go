package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() {
	targets["octave"] = octave{}
	targets["matlab"] = octave{}
}

// octave writes what GNU Octave and MATLAB have in common. Vectors are columns; what is a row in the expression is a row.
type octave struct{}

func (octave) words() []string {
	return strings.Fields(`break case catch classdef continue do else elseif end end_try_catch end_unwind_protect endfor
		endfunction endif endparfor endswitch endwhile enumeration events for function global if methods otherwise parfor
		persistent properties return spmd switch try until unwind_protect unwind_protect_cleanup while
		i j e pi eps inf Inf nan NaN ans
		abs acos asin atan chol cos cosh det diag double eig error exp expm eye inv isequal iscolumn isrow isscalar kron log
		log1p logm lu max norm ones pinv prod repmat reshape sign sin sinh size sqrt sqrtm sum svd sylvester tan tanh trace
		tril triu zeros`)
}

// functionName is none of Octave's own, as gradient is.
func (octave) functionName(o Options) string {
	if o.NoValue && o.Purpose != Hessian {
		return "f_" + snakeName(o)
	}
	return snakeName(o)
}

func (octave) identifier(name string) string         { return ascii(name) }
func (octave) inline(v *plan.Value) bool             { return v.IsSpread() || v.Op == plan.Transpose }
func (octave) holds(v *plan.Value, operand int) bool { return holdsTwice(v) || v.Op == plan.Component }

func (octave) statement(v *plan.Value) bool {
	switch v.Op {
	case plan.Basis, plan.PinvSqrt, plan.Lyapunov:
		return true
	case plan.LU, plan.Cholesky: // one that is used once is part of what the backslash, inv and det do
		return v.Uses > 1
	case plan.LogDet, plan.LogAbsDet:
		return v.Args[0].Op == plan.LU
	case plan.Call:
		return v.Func == expr.DExpm || v.Func == expr.DLogm || v.Func == expr.Commutation || v.Func == expr.Adj
	}
	return false
}

// holdsTwice reports whether the text of v has its operands twice.
func holdsTwice(v *plan.Value) bool {
	switch v.Op {
	case plan.Map:
		return v.Func == expr.Softplus
	case plan.Call:
		return v.Func == expr.DExpm || v.Func == expr.DLogm
	}
	return false
}

// octaveWriter holds what the templates need beside the tree.
type octaveWriter struct {
	*tree
	factors map[*plan.Value][3]string // the names L, U and P with P*A = L*U
}

func (octave) write(f *function) (string, error) {
	w := &octaveWriter{
		tree:    &tree{function: f, transpose: octaveTranspose, number: decimal},
		factors: map[*plan.Value][3]string{},
	}
	w.template = w.octaveTemplate
	var body, out text
	for _, v := range f.Lines {
		w.line(&body, v)
	}
	if w.missing != "" {
		return "", &Unsupported{f.Target, w.missing}
	}
	var results []string
	for _, r := range f.Results {
		name := r.Name
		if isRow(r.Shape) || r.Copy {
			given := f.fresh(identifierOf(r.Result))
			body.line("  %s = %s%s;", given, name, map[bool]string{true: "'"}[isRow(r.Shape)])
			name = given
		}
		results = append(results, name)
	}
	left := results[0]
	if len(results) > 1 {
		left = "[" + strings.Join(results, ", ") + "]"
	}
	out.line("function %s = %s(%s)", left, f.Name, strings.Join(f.paramNames(), ", "))
	for _, l := range f.Header {
		out.line("  %s", strings.TrimRight("% "+comment(l), " "))
	}
	w.arguments(&out)
	return out.String() + body.String() + "end", nil
}

// identifierOf is what a result that is also something else is called.
func identifierOf(r plan.Result) string { return ascii(r.Name) }

// line writes the statement that computes v.
func (w *octaveWriter) line(out *text, v *plan.Value) {
	name := w.names[v]
	if v.Op == plan.LU {
		n := [3]string{w.fresh("L"), w.fresh("U"), w.fresh("P")}
		w.factors[v] = n
		a, _ := w.operandText(v, 0)
		out.line("  [%s, %s, %s] = lu(%s);", n[0], n[1], n[2], a)
		return
	}
	text, _ := w.expression(v)
	if !strings.Contains(text, "\n") {
		out.line("  %s = %s;", name, text)
		return
	}
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if !strings.HasSuffix(l, ";") && !strings.HasPrefix(l, "if ") && l != "end" {
			l += ";"
		}
		out.line("  %s", l)
	}
}

func (w *octaveWriter) operandText(v *plan.Value, i int) (string, int) {
	return w.bracketed(v.Args[i], 0), 0
}

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (w *octaveWriter) arguments(out *text) {
	if !w.NoChecks {
		for _, c := range w.Checks {
			w.dimension(c.Want)
		}
	}
	for _, x := range w.Params {
		switch {
		case x.Value == nil || x.Value.Kind == plan.Scalar:
			if x.Value != nil && !w.NoChecks {
				w.demand(out, "isscalar("+x.Name+")", x.Name+" must be a number")
			}
			continue
		case x.Value.Kind == plan.Vector && !w.NoChecks:
			word := map[bool]string{false: "column", true: "row"}[isRow(x.Shape)]
			w.demand(out, "is"+word+"("+x.Name+")", x.Name+" must be a "+word+" vector")
		}
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			if d == expr.One {
				continue
			}
			for _, s := range w.Sizes {
				if s.Of.Name == x.Name && s.Index == i && w.used[s.Name] {
					out.line("  %s = size(%s, %d);", s.Name, x.Name, i+1)
				}
			}
			if w.NoChecks || !w.isChecked(x, i) {
				continue
			}
			want := w.dimension(d)
			out.line("  assert(size(%s, %d) == %s, '%s must have %s, not %%d', %ssize(%s, %d));", x.Name, i+1, want, x.Name,
				extentOf(x, i, d, "%d"), given(d, want), x.Name, i+1)
		}
		if x.Value.Kind == plan.Vector && isRow(x.Shape) {
			out.line("  %s = %s';", x.Name, x.Name)
		}
	}
}

func (w *octaveWriter) demand(out *text, condition, message string) {
	out.line("  assert(%s, '%s');", condition, message)
}

func (w *octaveWriter) octaveTemplate(v *plan.Value) (template, bool) {
	var a, b *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	if len(v.Args) > 1 {
		b = v.Args[1]
	}
	matrix := v.Kind == plan.Matrix
	switch v.Op {
	case plan.Size:
		return sizeTemplate(v), true
	case plan.Fill:
		shape := map[bool]string{false: "($d0, 1)", true: "($d0, $d1)"}[matrix]
		if name := fill(v); name != "" {
			return call(name + shape), true
		}
		return template{"$n*ones" + shape, productStrength, 0, 0}, true
	case plan.Basis:
		if matrix {
			return call("$r = zeros($d0, $d1)\n$r($I, $J) = 1"), true
		}
		return call("$r = zeros($d0, 1)\n$r($I) = 1"), true
	case plan.Add, plan.Sub:
		return w.addition(v), true
	case plan.Mul:
		if a.Kind == plan.Scalar || b.Kind == plan.Scalar {
			return infix("$0*$1", productStrength), true
		}
		return infix("$0 .* $1", productStrength), true
	case plan.Div:
		if b.Kind == plan.Scalar {
			return infix("$0/$1", productStrength), true
		}
		return infix("$0 ./ $1", productStrength), true
	case plan.Pow:
		op := "^"
		if v.Kind != plan.Scalar {
			op = ".^"
		}
		return template{"$0" + op + "$1", powerStrength, atomStrength, 0}, true
	case plan.Dot:
		switch {
		case a.Kind == plan.Vector:
			return template{"$0'*$1", productStrength, atomStrength, 0}, true
		case a == b:
			return template{"norm($0, 'fro')^2", powerStrength, 0, 0}, true
		}
		return call("sum(sum(" + w.operand(v, 0, infix("", productStrength)) + " .* " + w.operand(v, 1, infix("", productStrength)) + "))"), true
	case plan.Total:
		if a.Kind == plan.Matrix {
			return call("sum(sum($0))"), true
		}
		return call("sum($0)"), true
	case plan.Max:
		if a.Kind == plan.Matrix {
			return call("max(max($0))"), true
		}
		return call("max($0)"), true
	case plan.Norm:
		if a.Kind == plan.Matrix {
			return call("norm($0, 'fro')"), true
		}
		return call("norm($0)"), true
	case plan.Component:
		if a.Kind == plan.Matrix {
			return postfix("$0($I, $J)"), true
		}
		return postfix("$0($I)"), true
	case plan.PinvSqrt:
		e, d := w.fresh("V"), w.fresh("d")
		return call(fmt.Sprintf("[%[1]s, %[2]s] = eig($0)\n%[2]s = diag(%[2]s)\n%[1]s = %[1]s(:, %[2]s > $d0*eps*max(%[2]s))\n"+
			"%[2]s = %[2]s(%[2]s > $d0*eps*max(%[2]s))\n$r = (%[1]s ./ sqrt(%[2]s'))*%[1]s'", e, d)), true
	case plan.Lyapunov:
		e, d := w.fresh("V"), w.fresh("d")
		return postfix(fmt.Sprintf("[%[1]s, %[2]s] = eig($0)\n%[2]s = diag(%[2]s)\n%[2]s = sqrt(%[2]s .* (%[2]s > $d0*eps*max(%[2]s)))\n"+
			"%[2]s = %[2]s + %[2]s'\n%[2]s(%[2]s == 0) = Inf\n$r = %[1]s*((%[1]s'*$1*%[1]s) ./ %[2]s)*%[1]s'", e, d)), true
	case plan.Solve, plan.Inverse, plan.Determinant, plan.LogDet, plan.LogAbsDet:
		return w.factored(v), true
	case plan.Map:
		if v.Func == expr.Sigmoid {
			return w.sigmoid(v, map[bool]string{false: "1 ./ (1 + exp(%s))", true: "1/(1 + exp(%s))"}[v.Kind == plan.Scalar]), true
		}
		m, ok := octaveFunctions[v.Func]
		return m, ok
	case plan.Call:
		if v.Func == expr.Adj {
			return w.adjugate(v), true
		}
		m, ok := octaveFunctions[v.Func]
		return m, ok
	}
	m, ok := octaveTemplates[v.Op]
	return m, ok
}

// sizeTemplate is a dimension as a number: a name, or a product of names.
func sizeTemplate(v *plan.Value) template {
	if d := v.Dims[0]; d.Factor() == 1 && len(d.Names()) == 1 {
		return call("$D0")
	}
	return template{"$D0", productStrength, 0, 0}
}

// octaveTranspose binds as powers do: a.^b' is (a.^b)'.
var octaveTranspose = template{"$0'", powerStrength, atomStrength, 0}

var octaveTemplates = map[plan.Op]template{
	plan.Pi:  call("pi"),
	plan.Eye: call("eye($d0)"),

	plan.Neg: {"-$0", signStrength, signStrength, 0},

	plan.SpreadColumn: {"$0", atomStrength, atomStrength, 0},
	plan.SpreadRow:    octaveTranspose,

	plan.MatMul: infix("$0*$1", productStrength),
	plan.MatVec: infix("$0*$1", productStrength),
	plan.Outer:  {"$0*$1'", productStrength, atomStrength, 0},

	plan.RowMax:   call("max($0, [], 2)"),
	plan.RowSums:  call("sum($0, 2)"),
	plan.ColSums:  {"sum($0, 1)'", powerStrength, 0, 0},
	plan.Trace:    call("trace($0)"),
	plan.Diagonal: call("diag($0)"),

	plan.Transpose:  octaveTranspose,
	plan.DiagMatrix: call("diag($0)"),
	plan.Vec:        call("reshape($0, [], 1)"),
	plan.Unvec:      call("reshape($0, $d0, $d1)"),
	plan.Kron:       call("kron($0, $1)"),

	plan.Cholesky:    call("chol($0)"),
	plan.MatrixPower: {"$0^$n", powerStrength, atomStrength, 0},
}

var octaveFunctions = map[*expr.Op]template{
	expr.Exp: call("exp($0)"), expr.Log: call("log($0)"), expr.Sqrt: call("sqrt($0)"),
	expr.Sin: call("sin($0)"), expr.Cos: call("cos($0)"), expr.Tan: call("tan($0)"),
	expr.Asin: call("asin($0)"), expr.Acos: call("acos($0)"), expr.Atan: call("atan($0)"),
	expr.Sinh: call("sinh($0)"), expr.Cosh: call("cosh($0)"), expr.Tanh: call("tanh($0)"),
	expr.Abs: call("abs($0)"), expr.Sign: call("sign($0)"),
	expr.Relu: call("max($0, 0)"), expr.Step: call("double($0 > 0)"),
	expr.Softplus: {"max($0, 0) + log1p(exp(-abs($0)))", sumStrength, 0, 0},

	expr.Nuclear: call("sum(svd($0))"), expr.Spectral: call("norm($0)"), expr.LambdaMax: call("max(eig($0))"),
	expr.Pinv: call("pinv($0)"), expr.Expm: call("expm($0)"), expr.Logm: call("logm($0)"), expr.Sqrtm: call("sqrtm($0)"),
	expr.Sylvester: call("sylvester($0, $1, $2)"),
	expr.Tril:      call("tril($0)"), expr.Triu: call("triu($0)"),
	// The differential of a function of A along E is a block of its value at [A E; 0 A].
	expr.DExpm:       call("$r = expm([$0, $1; zeros($d0), $0])\n$r = $r(1:$d0, $d0+1:end)"),
	expr.DLogm:       call("$r = logm([$0, $1; zeros($d0), $0])\n$r = $r(1:$d0, $d0+1:end)"),
	expr.Commutation: call("$r = eye($D0*$D1)\n$r = $r(reshape(1:$D0*$D1, $D0, $D1)', :)"),
}

// addition adds. Octave's diagonal matrices, such as eye(n), do not broadcast.
func (w *octaveWriter) addition(v *plan.Value) template {
	text := [2]string{"$0", "$1"}
	for i := range text {
		if v.Args[1-i].IsSpread() && isDiagonal(v.Args[i]) {
			text[i] = "full(" + w.bracketed(v.Args[i], 0) + ")"
		}
	}
	op := map[plan.Op]string{plan.Add: " + ", plan.Sub: " - "}[v.Op]
	if b := v.Args[1]; v.Op == plan.Add && (b.Op == plan.Add || b.Op == plan.Sub) {
		text[1] = w.bracketed(b, sumStrength)
	}
	return infix(text[0]+op+text[1], sumStrength)
}

// isDiagonal reports whether a matrix is computed as a diagonal one.
func isDiagonal(v *plan.Value) bool {
	switch v.Op {
	case plan.Eye, plan.DiagMatrix:
		return true
	case plan.Neg, plan.Mul, plan.Div, plan.Add, plan.Sub, plan.Transpose:
		for _, a := range v.Args {
			if a.Kind == plan.Matrix && !isDiagonal(a) {
				return false
			}
		}
		return v.Kind == plan.Matrix && !v.Args[0].IsSpread() && !v.Args[len(v.Args)-1].IsSpread()
	}
	return false
}

// sigmoid writes 1/(1 + exp(-x)), of which the text is given: two minus signs would be a decrement.
func (t *tree) sigmoid(v *plan.Value, text string) template {
	x := v.Args[0]
	minus := "-" + t.bracketed(x, powerStrength)
	if _, named := t.names[x]; x.Op == plan.Neg && !named {
		minus = t.bracketed(x.Args[0], 0)
	}
	return template{fmt.Sprintf(text, minus), productStrength, 0, 0}
}

// adjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (w *octaveWriter) adjugate(v *plan.Value) template {
	u, s, r := w.fresh("U"), w.fresh("S"), w.fresh("V")
	return call(fmt.Sprintf("[%s, %s, %s] = svd($0)\n%s = diag(%s)\n%s = arrayfun(@(k) prod(%s([1:k-1, k+1:end])), 1:$d0)\n"+
		"$r = det(%s)*det(%s)*%s*diag(%s)*%s'", u, s, r, s, s, s, s, u, r, r, s, u))
}

// factored writes what a factorisation is for. One that has no other use is left to the backslash, inv and det.
func (w *octaveWriter) factored(v *plan.Value) template {
	factors := v.Args[0]
	transposed := v.Trans[0] && v.Op != plan.Determinant
	if factors.Op == plan.Cholesky {
		if factors.Uses == 1 {
			return w.factoredOnce(v, false)
		}
		r := w.names[factors]
		switch v.Op {
		case plan.Solve:
			return template{r + " \\ (" + r + "' \\ " + w.operand(v, 1, infix("", productStrength)) + ")", productStrength, 0, 0}
		case plan.Inverse:
			return template{r + " \\ (" + r + "' \\ eye($d0))", productStrength, 0, 0}
		case plan.Determinant:
			return template{"prod(diag(" + r + "))^2", powerStrength, 0, 0}
		}
		return template{"2*sum(log(diag(" + r + ")))", productStrength, 0, 0}
	}
	if factors.Uses == 1 {
		return w.factoredOnce(v, transposed)
	}
	n := w.factors[factors]
	l, u, p := n[0], n[1], n[2]
	right := "eye($d0)"
	if v.Op == plan.Solve {
		right = w.operand(v, 1, infix("", productStrength))
	}
	switch {
	case v.Op == plan.Inverse && !transposed:
		return template{u + " \\ (" + l + " \\ " + p + ")", productStrength, 0, 0}
	case v.Op == plan.Solve && !transposed:
		return template{u + " \\ (" + l + " \\ (" + p + "*" + right + "))", productStrength, 0, 0}
	case v.Op == plan.Solve || v.Op == plan.Inverse:
		return template{p + "'*(" + l + "' \\ (" + u + "' \\ " + right + "))", productStrength, 0, 0}
	case v.Op == plan.Determinant:
		return template{"det(" + p + ")*prod(diag(" + u + "))", productStrength, 0, 0}
	case v.Op == plan.LogAbsDet:
		return call("sum(log(abs(diag(" + u + "))))")
	}
	return call(octavePositive("det("+p+")*prod(sign(diag("+u+")))") + "$r = sum(log(abs(diag(" + u + "))))")
}

func octavePositive(sign string) string {
	return "if " + sign + " <= 0\n  error('logdet needs a matrix with a positive determinant')\nend\n"
}

func (w *octaveWriter) factoredOnce(v *plan.Value, transposed bool) template {
	factors := v.Args[0]
	whole := w.bracketed(factors.Args[0], 0)
	a := w.bracketed(factors.Args[0], productStrength+1)
	if transposed {
		a = w.bracketed(factors.Args[0], atomStrength) + "'"
		whole = a
	}
	switch v.Op {
	case plan.Solve:
		return template{a + " \\ " + w.operand(v, 1, infix("", productStrength)), productStrength, 0, 0}
	case plan.Inverse:
		return call("inv(" + whole + ")")
	case plan.Determinant:
		return call("det(" + whole + ")")
	}
	if factors.Op == plan.Cholesky {
		return template{"2*sum(log(diag(chol(" + whole + "))))", productStrength, 0, 0}
	}
	n := [3]string{w.fresh("L"), w.fresh("U"), w.fresh("P")}
	out := "[" + strings.Join(n[:], ", ") + "] = lu(" + whole + ")\n"
	if v.Op == plan.LogDet {
		out += octavePositive("det(" + n[2] + ")*prod(sign(diag(" + n[1] + ")))")
	}
	return call(out + "$r = sum(log(abs(diag(" + n[1] + "))))")
}
