package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["julia"] = julia{} }

// julia writes Julia with its standard library LinearAlgebra.
type julia struct{}

func (julia) words() []string {
	return strings.Fields(`abstract baremodule begin break catch const continue do else elseif end export false finally for
		function global if import in isa let local macro module mutable outer primitive public quote return struct true try
		type using where while I E w pi π ℯ NaN Inf im
		abs acos asin atan cholesky cos cosh cumsum det diag diagm dot eigen eigmax exp float inv kron log log1p logabsdet
		logdet lu max maximum norm ones opnorm pinv prod reshape sign sin sinh size sqrt sum svdvals sylvester tan tanh tr
		tril triu vec zeros`)
}

func (julia) functionName(o Options) string { return snakeName(o) }
func (julia) identifier(name string) string { return name }
func (julia) inline(v *plan.Value) bool     { return v.IsSpread() || v.Op == plan.Transpose }
func (julia) holds(v *plan.Value, _ int) bool {
	return holdsTwice(v)
}

func (julia) statement(v *plan.Value) bool {
	switch v.Op {
	case plan.Basis, plan.PinvSqrt, plan.Lyapunov:
		return true
	case plan.LU, plan.Cholesky:
		return v.Uses > 1
	}
	return v.Op == plan.Call && (v.Func == expr.Adj || v.Func == expr.Commutation)
}

type juliaWriter struct{ *tree }

func (julia) write(f *function) (string, error) {
	w := &juliaWriter{&tree{function: f, transpose: juliaTranspose, number: decimal}}
	w.template = w.juliaTemplate
	var body, out text
	for _, v := range f.Lines {
		s, _ := w.expression(v)
		if !strings.Contains(s, "\n") {
			s = f.names[v] + " = " + s
		}
		for l := range strings.Lines(s) {
			body.line("    %s", strings.TrimSuffix(l, "\n"))
		}
	}
	if w.missing != "" {
		return "", &Unsupported{f.Target, w.missing}
	}
	var params, results []string
	for _, x := range f.Params {
		kind := "Integer"
		if x.Value != nil {
			kind = map[plan.Kind]string{plan.Scalar: "Real", plan.Vector: "AbstractVector", plan.Matrix: "AbstractMatrix"}[x.Value.Kind]
			if f.Columns && x.Value.Kind == plan.Vector {
				kind = "AbstractMatrix"
			}
		}
		params = append(params, x.Name+"::"+kind)
	}
	for _, r := range f.Results {
		value := r.Name
		switch {
		case f.Columns && isVector(r.Shape):
			value = map[bool]string{false: "reshape(" + value + ", :, 1)", true: "reshape(" + value + ", 1, :)"}[isRow(r.Shape)]
		case r.Copy && r.Value.Kind != plan.Scalar:
			value = "copy(" + value + ")"
		}
		results = append(results, value)
	}
	out.line("using LinearAlgebra\n")
	for _, l := range f.Header {
		out.line("%s", strings.TrimRight("# "+comment(l), " "))
	}
	out.line("function %s(%s)", f.Name, strings.Join(params, ", "))
	w.arguments(&out)
	out.WriteString(body.String())
	out.line("    return %s", strings.Join(results, ", "))
	return out.String() + "end", nil
}

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (w *juliaWriter) arguments(out *text) {
	if !w.NoChecks {
		for _, c := range w.Checks {
			w.dimension(c.Want)
		}
	}
	for _, x := range w.Params {
		if x.Value == nil || x.Value.Kind == plan.Scalar {
			continue
		}
		matrix := x.Value.Kind == plan.Matrix || w.Columns
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			if d == expr.One && !matrix {
				continue
			}
			extent := fmt.Sprintf("size(%s, %d)", x.Name, i+1)
			if !matrix {
				extent = "length(" + x.Name + ")"
			}
			for _, s := range w.Sizes {
				if s.Of.Name == x.Name && s.Index == i && w.used[s.Name] {
					out.line("    %s = %s", s.Name, extent)
				}
			}
			if w.NoChecks || d != expr.One && !w.isChecked(x, i) {
				continue
			}
			want := w.dimension(d)
			out.line("    %s == %s || throw(DimensionMismatch(\"%s must have %s, not $(%s)\"))", extent, want, x.Name,
				extentOf(x, i, d, "$("+want+")"), extent)
		}
		if x.Value.Kind == plan.Vector && w.Columns {
			out.line("    %s = vec(%s)", x.Name, x.Name)
		}
	}
}

// juliaTranspose binds more than anything else.
var juliaTranspose = postfix("$0'")

func (w *juliaWriter) juliaTemplate(v *plan.Value) (template, bool) {
	var a, b *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	if len(v.Args) > 1 {
		b = v.Args[1]
	}
	entries := v.Kind != plan.Scalar
	scaled := entries && len(v.Args) == 2 && (a.Kind == plan.Scalar || b.Kind == plan.Scalar)
	switch v.Op {
	case plan.Size:
		return sizeTemplate(v), true
	case plan.Fill:
		shape := map[bool]string{false: "$d0)", true: "$d0, $d1)"}[v.Kind == plan.Matrix]
		if name := fill(v); name != "" {
			return call(name + "(" + shape), true
		}
		return call("fill(float($n), " + shape), true
	case plan.Basis:
		if v.Kind == plan.Matrix {
			return call("$r = zeros($d0, $d1)\n$r[$I, $J] = 1"), true
		}
		return call("$r = zeros($d0)\n$r[$I] = 1"), true
	case plan.Add, plan.Sub:
		op := map[plan.Op]string{plan.Add: "+", plan.Sub: "-"}[v.Op]
		if scaled || entries && (a.IsSpread() || b.IsSpread()) {
			op = "." + op
		}
		right := "$1"
		if v.Op == plan.Add && (b.Op == plan.Add || b.Op == plan.Sub) {
			right = w.part(b, sumStrength)
		}
		return infix("$0 "+op+" "+right, sumStrength), true
	case plan.Mul:
		if entries && !scaled {
			return infix("$0 .* $1", productStrength), true
		}
		return infix("$0 * $1", productStrength), true
	case plan.Div:
		if entries && b.Kind != plan.Scalar {
			return infix("$0 ./ $1", productStrength), true
		}
		return infix("$0 / $1", productStrength), true
	case plan.Pow:
		if entries {
			return template{"$0 .^ $1", powerStrength, atomStrength, 0}, true
		}
		return template{"$0^$1", powerStrength, atomStrength, 0}, true
	case plan.Dot:
		if a == b {
			return call("sum(abs2, $0)"), true
		}
	case plan.Unvec:
		if a.Kind == plan.Scalar {
			return call("fill($0, 1, 1)"), true
		}
	case plan.Component:
		if a.Kind == plan.Matrix {
			return postfix("$0[$I, $J]"), true
		}
		return postfix("$0[$I]"), true
	case plan.Solve, plan.Inverse, plan.Determinant, plan.LogDet, plan.LogAbsDet:
		return w.factored(v), true
	case plan.Map:
		return w.mapped(v), true
	case plan.Call:
		m, ok := juliaFunctions[v.Func]
		return m, ok
	}
	m, ok := juliaTemplates[v.Op]
	return m, ok
}

// part is an operand as a part of a template.
func (w *juliaWriter) part(v *plan.Value, least int) string {
	return strings.ReplaceAll(w.bracketed(v, least), "$", "$$")
}

var juliaTemplates = map[plan.Op]template{
	plan.Pi:  call("pi"),
	plan.Eye: call("Matrix(1.0I, $d0, $d0)"),
	plan.Neg: {"-$0", signStrength, signStrength, 0},

	plan.SpreadColumn: {"$0", atomStrength, atomStrength, 0},
	plan.SpreadRow:    juliaTranspose,

	plan.MatMul: infix("$0 * $1", productStrength),
	plan.MatVec: infix("$0 * $1", productStrength),
	plan.Dot:    call("dot($0, $1)"),
	plan.Outer:  {"$0 * $1'", productStrength, atomStrength, 0},

	plan.Total:    call("sum($0)"),
	plan.Max:      call("maximum($0)"),
	plan.RowMax:   call("vec(maximum($0, dims = 2))"),
	plan.RowSums:  call("vec(sum($0, dims = 2))"),
	plan.ColSums:  call("vec(sum($0, dims = 1))"),
	plan.Trace:    call("tr($0)"),
	plan.Norm:     call("norm($0)"),
	plan.Diagonal: call("diag($0)"),

	plan.Transpose:  juliaTranspose,
	plan.DiagMatrix: call("diagm($0)"),
	plan.Vec:        call("vec($0)"),
	plan.Unvec:      call("reshape($0, $d0, $d1)"),
	plan.Kron:       call("kron($0, $1)"),

	plan.LU:       call("lu($0)"),
	plan.Cholesky: call("cholesky(Symmetric($0))"),
	plan.PinvSqrt: call("E = eigen(Symmetric($0))\n" +
		"w = [x > $d0 * eps() * maximum(E.values) ? 1 / sqrt(x) : 0.0 for x in E.values]\n$r = E.vectors * Diagonal(w) * E.vectors'"),
	plan.Lyapunov: postfix("E = eigen(Symmetric($0))\nw = [x > $d0 * eps() * maximum(E.values) ? sqrt(x) : 0.0 for x in E.values]\n" +
		"w = [x + y > 0 ? x + y : Inf for x in w, y in w]\n$r = E.vectors * ((E.vectors' * $1 * E.vectors) ./ w) * E.vectors'"),
	plan.MatrixPower: {"$0^$n", powerStrength, atomStrength, 0},
}

var juliaFunctions = map[*expr.Op]template{
	expr.Nuclear: call("sum(svdvals($0))"), expr.Spectral: call("opnorm($0)"), expr.LambdaMax: call("eigmax(Symmetric($0))"),
	expr.Pinv: call("pinv($0)"), expr.Expm: call("exp($0)"), expr.Logm: call("log($0)"), expr.Sqrtm: call("sqrt($0)"),
	expr.Sylvester: {"sylvester($0, $1, -$2)", atomStrength, atomStrength, 0}, // Julia solves A*X + X*B + C = 0
	expr.Tril:      call("tril($0)"), expr.Triu: call("triu($0)"),
	// The differential of a function of A along E is a block of its value at [A E; 0 A].
	expr.DExpm:       postfix("exp([$0 $1; zeros($d0, $d0) $0])[1:$d0, $d0+1:end]"),
	expr.DLogm:       postfix("log([$0 $1; zeros($d0, $d0) $0])[1:$d0, $d0+1:end]"),
	expr.Commutation: call("$r = Matrix(1.0I, $D0 * $D1, $D0 * $D1)\n$r = $r[vec(reshape(1:$D0*$D1, $D0, $D1)'), :]"),
	expr.Adj: call("w = svd($0)\n$r = det(w.U) * det(w.V) * w.V *\n" +
		"    Diagonal([prod(w.S[[1:k-1; k+1:end]]) for k in 1:$d0]) * w.U'"),
}

// mapped applies a function to a number, or with a dot to every entry.
func (w *juliaWriter) mapped(v *plan.Value) template {
	dot, space := ".", " "
	if v.Kind == plan.Scalar {
		dot = ""
	}
	switch v.Func {
	case expr.Relu:
		return call("max" + dot + "($0, 0)")
	case expr.Step:
		return call("float" + dot + "($0" + space + dot + "> 0)")
	case expr.Sigmoid:
		t := w.sigmoid(v, "1 "+dot+"/ (1 "+dot+"+ exp"+dot+"(%s))")
		t.text = strings.ReplaceAll(t.text, "$", "$$")
		return t
	case expr.Softplus:
		return template{"max" + dot + "($0, 0) " + dot + "+ log1p" + dot + "(exp" + dot + "(-abs" + dot + "($0)))", sumStrength, 0, 0}
	}
	return call(v.Func.Name + dot + "($0)")
}

// factored writes what a factorisation is for. One that has no other use is left to the function for it.
func (w *juliaWriter) factored(v *plan.Value) template {
	factors := v.Args[0]
	name, named := w.names[factors]
	if !named {
		name = w.part(factors.Args[0], 0)
		if factors.Op == plan.Cholesky {
			name = "cholesky(Symmetric(" + name + "))"
		}
	}
	at := func(least int) string { // as an operand
		if named || factors.Op == plan.Cholesky {
			return name
		}
		return w.part(factors.Args[0], least)
	}
	transposed := v.Trans[0] && factors.Op == plan.LU
	switch v.Op {
	case plan.Solve:
		left := at(productStrength + 1)
		if transposed {
			left = at(atomStrength) + "'"
		}
		return template{left + " \\ " + w.part(v.Args[1], productStrength+1), productStrength, 0, 0}
	case plan.Inverse:
		if transposed {
			return postfix("inv(" + name + ")'")
		}
		return call("inv(" + name + ")")
	case plan.Determinant:
		return call("det(" + name + ")")
	case plan.LogAbsDet:
		return call("first(logabsdet(" + name + "))")
	}
	return call("logdet(" + name + ")") // an error where the determinant is negative
}
