package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["r"] = rLanguage{} }

// rLanguage writes base R; what that lacks is in the packages expm and MASS. Vectors have no dimensions, or are matrices of
// one column or row if columns were asked for.
type rLanguage struct{}

func (rLanguage) words() []string {
	return strings.Fields(`if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_
		NA_character_ in T F pi c t q
		abs acos apply as.vector asin atan backsolve chol chol2inv colSums cos cosh crossprod det determinant diag drop eigen
		exp expm is.matrix is.numeric kronecker length list log log1p lower.tri MASS matrix max ncol norm nrow outer plogis
		pmax prod qr rep rowSums sapply seq_len sign sin sinh solve sprintf sqrt stop sum svd t tan tanh tcrossprod upper.tri`)
}

func (rLanguage) functionName(o Options) string { return snakeName(o) }
func (rLanguage) identifier(name string) string { return ascii(name) }
func (rLanguage) inline(v *plan.Value) bool {
	return v.Op == plan.SpreadColumn || v.Op == plan.Transpose
}

func (rLanguage) holds(v *plan.Value, operand int) bool {
	switch v.Op {
	case plan.MatrixPower:
		return v.Num.IsInt() && v.Num.Num().Int64() <= rPower
	case plan.Call:
		switch v.Func {
		case expr.Tril, expr.Triu:
			return true
		}
	}
	return false
}

// rPower is the highest power that is written as a product.
const rPower = 3

func (rLanguage) statement(v *plan.Value) bool {
	switch v.Op {
	case plan.Basis, plan.PinvSqrt, plan.Lyapunov:
		return true
	case plan.LU, plan.Cholesky:
		return v.Uses > 1
	case plan.LogDet:
		return v.Args[0].Op == plan.LU
	case plan.Call:
		return v.Func == expr.Adj
	}
	return false
}

type rWriter struct{ *tree }

func (rLanguage) write(f *function) (string, error) {
	w := &rWriter{&tree{function: f, transpose: call("t($0)"), number: decimal}}
	w.template = w.rTemplate
	var body, out text
	for _, v := range f.Lines {
		s, _ := w.expression(v)
		if !strings.Contains(s, "\n") {
			s = f.names[v] + " <- " + s
		}
		for l := range strings.Lines(s) {
			body.line("  %s", strings.TrimSuffix(l, "\n"))
		}
	}
	if w.missing != "" {
		return "", &Unsupported{f.Target, w.missing}
	}
	var results []string
	for _, r := range f.Results {
		value := r.Name
		if f.Columns && isVector(r.Shape) {
			value = map[bool]string{false: "matrix(" + value + ")", true: "t(" + value + ")"}[isRow(r.Shape)]
		}
		results = append(results, ascii(r.Result.Name)+" = "+value)
	}
	for _, l := range f.Header {
		out.line("%s", strings.TrimRight("# "+comment(l), " "))
	}
	if packages := rPackages(body.String()); packages != "" {
		out.line("# Needs %s.", packages)
	}
	out.line("%s <- function(%s) {", f.Name, strings.Join(f.paramNames(), ", "))
	w.arguments(&out)
	result := "  list(" + strings.Join(results, ", ") + ")"
	return out.String() + body.String() + result + "\n}", nil
}

// rPackages names the packages that are not part of R.
func rPackages(body string) string {
	var names []string
	for _, name := range []string{"expm", "MASS"} {
		if strings.Contains(body, name+"::") {
			names = append(names, "the package "+name)
		}
	}
	return strings.Join(names, " and ")
}

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (w *rWriter) arguments(out *text) {
	if !w.NoChecks {
		for _, c := range w.Checks {
			w.dimension(c.Want)
		}
	}
	for _, x := range w.Params {
		if x.Value == nil {
			continue
		}
		matrix := x.Value.Kind == plan.Matrix || w.Columns && x.Value.Kind == plan.Vector
		if !w.NoChecks {
			switch {
			case matrix:
				out.line("  if (!is.matrix(%s)) stop(\"%s must be a matrix\")", x.Name, x.Name)
			case x.Value.Kind == plan.Vector:
				out.line("  if (!is.numeric(%s) || is.matrix(%s)) stop(\"%s must be a vector\")", x.Name, x.Name, x.Name)
			default:
				out.line("  if (!is.numeric(%s) || length(%s) != 1) stop(\"%s must be a number\")", x.Name, x.Name, x.Name)
			}
		}
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			if x.Value.Kind == plan.Scalar || d == expr.One && !matrix {
				continue
			}
			extent := [...]string{"nrow", "ncol"}[i] + "(" + x.Name + ")"
			if !matrix {
				extent = "length(" + x.Name + ")"
			}
			for _, s := range w.Sizes {
				if s.Of.Name == x.Name && s.Index == i && w.used[s.Name] {
					out.line("  %s <- %s", s.Name, extent)
				}
			}
			if w.NoChecks || d != expr.One && !w.isChecked(x, i) {
				continue
			}
			want := w.dimension(d)
			out.line("  if (%s != %s) {", extent, want)
			out.line("    stop(sprintf(\"%s must have %s, not %%d\", %s%s))", x.Name, extentOf(x, i, d, "%d"), given(d, want), extent)
			out.line("  }")
		}
		if x.Value.Kind == plan.Vector && w.Columns {
			out.line("  %s <- as.vector(%s)", x.Name, x.Name)
		}
	}
}

func (w *rWriter) rTemplate(v *plan.Value) (template, bool) {
	var a *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	matrix := v.Kind == plan.Matrix
	switch v.Op {
	case plan.Size:
		return sizeTemplate(v), true
	case plan.Fill:
		if matrix {
			return call("matrix($n, $d0, $d1)"), true
		}
		return call("rep($n, $d0)"), true
	case plan.Basis:
		if matrix {
			return call("$r <- matrix(0, $d0, $d1)\n$r[$I, $J] <- 1"), true
		}
		return call("$r <- rep(0, $d0)\n$r[$I] <- 1"), true
	case plan.Add, plan.Sub:
		return w.addition(v), true
	case plan.MatMul:
		return w.product(v), true
	case plan.MatVec:
		if v.Trans[0] {
			return call("drop(crossprod(" + w.part(a, 0) + ", $1))"), true
		}
		return call("drop(" + w.part(a, productStrength+1) + " %*% " + w.part(v.Args[1], productStrength+1) + ")"), true
	case plan.Dot:
		if a == v.Args[1] {
			return call("sum(" + w.part(a, atomStrength) + "^2)"), true
		}
		return call("sum(" + w.part(a, productStrength) + "*" + w.part(v.Args[1], productStrength+1) + ")"), true
	case plan.Norm:
		if a.Kind == plan.Matrix {
			return call("norm($0, \"F\")"), true
		}
		return call("sqrt(sum(" + w.part(a, atomStrength) + "^2))"), true
	case plan.Component:
		if a.Kind == plan.Matrix {
			return postfix("$0[$I, $J]"), true
		}
		return postfix("$0[$I]"), true
	case plan.Kron:
		if matrix {
			return call("kronecker($0, $1)"), true
		}
		return call("as.vector(kronecker($0, $1))"), true
	case plan.MatrixPower:
		if v.Num.Num().Int64() <= rPower {
			name := w.part(a, atomStrength)
			return template{name + strings.Repeat(" %*% "+name, int(v.Num.Num().Int64())-1), productStrength, 0, 0}, true
		}
		return call("Reduce(`%*%`, rep(list($0), $n))"), true
	case plan.PinvSqrt:
		e, k := w.fresh("e"), w.fresh("kept")
		return call(fmt.Sprintf("%[1]s <- eigen($0, symmetric = TRUE)\n%[2]s <- %[1]s$$values > $d0*.Machine$$double.eps*%[1]s$$values[1]\n"+
			"$r <- tcrossprod(%[1]s$$vectors[, %[2]s, drop = FALSE]*rep(%[1]s$$values[%[2]s]^-0.25, each = $d0))", e, k)), true
	case plan.Lyapunov:
		e, d := w.fresh("e"), w.fresh("d")
		return call(fmt.Sprintf("%[1]s <- eigen($0, symmetric = TRUE)\n"+
			"%[2]s <- sqrt(%[1]s$$values*(%[1]s$$values > $d0*.Machine$$double.eps*%[1]s$$values[1]))\n%[2]s <- outer(%[2]s, %[2]s, \"+\")\n%[2]s[%[2]s == 0] <- Inf\n"+
			"$r <- %[1]s$$vectors %%*%% ((crossprod(%[1]s$$vectors, $1) %%*%% %[1]s$$vectors)/%[2]s) %%*%% t(%[1]s$$vectors)", e, d)), true
	case plan.Solve, plan.Inverse, plan.Determinant, plan.LogDet, plan.LogAbsDet:
		return w.factored(v), true
	case plan.Map:
		switch {
		case v.Func == expr.Sigmoid || v.Func == expr.Softplus: // softplus(x) = -log(sigmoid(-x))
			return w.logistic(v), true
		case v.Func == expr.Relu && v.Kind == plan.Scalar:
			return call("max($0, 0)"), true
		}
		m, ok := rFunctions[v.Func]
		return m, ok
	case plan.Call:
		switch v.Func {
		case expr.Adj:
			return w.adjugate(v), true
		case expr.Sylvester:
			m, n := w.dimension(v.Rows), w.dimension(v.Cols)
			return call(fmt.Sprintf("matrix(solve(kronecker(diag(%s), $0) + kronecker(t($1), diag(%s)), as.vector($2)), %s, %s)", n, m, m, n)), true
		}
		m, ok := rFunctions[v.Func]
		return m, ok
	}
	m, ok := rTemplates[v.Op]
	return m, ok
}

var rTemplates = map[plan.Op]template{
	plan.Pi:  call("pi"),
	plan.Eye: call("diag($d0)"),

	plan.Neg: {"-$0", signStrength, signStrength, 0},
	plan.Mul: infix("$0*$1", productStrength),
	plan.Div: infix("$0/$1", productStrength),
	plan.Pow: {"$0^$1", powerStrength, atomStrength, 0},

	plan.SpreadColumn: {"$0", atomStrength, atomStrength, 0}, // R recycles a vector down the columns
	plan.SpreadRow:    call("rep($0, each = $d0)"),

	plan.Outer:    call("outer($0, $1)"),
	plan.Total:    call("sum($0)"),
	plan.Max:      call("max($0)"),
	plan.RowMax:   call("apply($0, 1, max)"),
	plan.RowSums:  call("rowSums($0)"),
	plan.ColSums:  call("colSums($0)"),
	plan.Trace:    call("sum(diag($0))"),
	plan.Diagonal: call("diag($0)"),

	plan.Transpose:  call("t($0)"),
	plan.DiagMatrix: call("diag($0, $d0)"), // of a vector of one entry, diag alone makes an identity matrix
	plan.Vec:        call("as.vector($0)"),
	plan.Unvec:      call("matrix($0, $d0, $d1)"),

	plan.LU:       call("qr($0, tol = 0)"), // base R has no other factorisation to solve with
	plan.Cholesky: call("chol($0)"),
}

var rFunctions = map[*expr.Op]template{
	expr.Exp: call("exp($0)"), expr.Log: call("log($0)"), expr.Sqrt: call("sqrt($0)"),
	expr.Sin: call("sin($0)"), expr.Cos: call("cos($0)"), expr.Tan: call("tan($0)"),
	expr.Asin: call("asin($0)"), expr.Acos: call("acos($0)"), expr.Atan: call("atan($0)"),
	expr.Sinh: call("sinh($0)"), expr.Cosh: call("cosh($0)"), expr.Tanh: call("tanh($0)"),
	expr.Abs: call("abs($0)"), expr.Sign: call("sign($0)"),
	expr.Relu: call("pmax($0, 0)"), expr.Step: {"1*($0 > 0)", productStrength, sumStrength, 0},

	expr.Nuclear: call("sum(svd($0, nu = 0, nv = 0)$$d)"), expr.Spectral: call("norm($0, \"2\")"),
	expr.LambdaMax: call("max(eigen($0, symmetric = TRUE, only.values = TRUE)$$values)"),
	expr.Pinv:      call("MASS::ginv($0)"),
	expr.Expm:      call("expm::expm($0)"), expr.Sqrtm: call("expm::sqrtm($0)"),
	expr.Logm:        call("expm::logm($0, method = \"Eigen\")"), // the other method is wrong near the identity
	expr.DExpm:       call("expm::expmFrechet($0, $1, expm = FALSE)$$L"),
	expr.Tril:        {"$0*lower.tri($0, diag = TRUE)", productStrength, atomStrength, 0},
	expr.Triu:        {"$0*upper.tri($0, diag = TRUE)", productStrength, atomStrength, 0},
	expr.Commutation: call("diag($D0*$D1)[as.vector(t(matrix(1:($D0*$D1), $D0, $D1))), ]"),
}

// part is an operand as a part of a template.
func (w *rWriter) part(v *plan.Value, least int) string {
	return strings.ReplaceAll(w.bracketed(v, least), "$", "$$")
}

// addition adds; sums need no brackets in sums.
func (w *rWriter) addition(v *plan.Value) template {
	if b := v.Args[1]; v.Op == plan.Add && (b.Op == plan.Add || b.Op == plan.Sub) {
		return infix("$0 + "+w.part(b, sumStrength), sumStrength)
	}
	return infix(map[plan.Op]string{plan.Add: "$0 + $1", plan.Sub: "$0 - $1"}[v.Op], sumStrength)
}

// product multiplies matrices: with functions of their own for transposed ones.
func (w *rWriter) product(v *plan.Value) template {
	a, b := w.part(v.Args[0], 0), w.part(v.Args[1], 0)
	pair := a + ", " + b
	if v.Args[0] == v.Args[1] {
		pair = a
	}
	switch v.Trans {
	case [2]bool{true, false}:
		return call("crossprod(" + pair + ")")
	case [2]bool{false, true}:
		return call("tcrossprod(" + pair + ")")
	case [2]bool{true, true}:
		return call("t(" + w.part(v.Args[1], productStrength+1) + " %*% " + w.part(v.Args[0], productStrength+1) + ")")
	}
	return infix("$0 %*% $1", productStrength)
}

func (w *rWriter) logistic(v *plan.Value) template {
	if v.Func == expr.Sigmoid {
		return call("plogis($0)")
	}
	x := v.Args[0]
	minus := "-" + w.part(x, powerStrength)
	if _, named := w.names[x]; x.Op == plan.Neg && !named {
		minus = w.part(x.Args[0], 0)
	}
	return template{"-plogis(" + minus + ", log.p = TRUE)", signStrength, 0, 0}
}

// factored writes what a factorisation is for. One that has no other use is left to solve and determinant.
func (w *rWriter) factored(v *plan.Value) template {
	factors := v.Args[0]
	name := w.names[factors]
	if name == "" {
		return w.factoredOnce(v)
	}
	right := "diag($d0)"
	if v.Op == plan.Solve {
		right = w.part(v.Args[1], 0)
	}
	if factors.Op == plan.Cholesky {
		switch v.Op {
		case plan.Solve:
			return call("backsolve(" + name + ", backsolve(" + name + ", " + right + ", transpose = TRUE))")
		case plan.Inverse:
			return call("chol2inv(" + name + ")")
		case plan.Determinant:
			return template{"prod(diag(" + name + "))^2", powerStrength, 0, 0}
		}
		return template{"2*sum(log(diag(" + name + ")))", productStrength, 0, 0}
	}
	diagonal := "diag(" + name + "$$qr)"
	odd := "(-1)^(length(" + name + "$$qraux) - 1)" // every reflection has the determinant -1
	switch {
	case (v.Op == plan.Solve || v.Op == plan.Inverse) && v.Trans[0]:
		return call("qr.qy(" + name + ", backsolve(" + name + "$$qr, " + right + ", transpose = TRUE))")
	case v.Op == plan.Solve || v.Op == plan.Inverse:
		return call("qr.coef(" + name + ", " + right + ")")
	case v.Op == plan.Determinant:
		return template{odd + "*prod(" + diagonal + ")", productStrength, 0, 0}
	case v.Op == plan.LogAbsDet:
		return call("sum(log(abs(" + diagonal + ")))")
	}
	return call("if (" + odd + "*prod(sign(" + diagonal + ")) <= 0) stop(\"logdet needs a matrix with a positive determinant\")\n" +
		"$r <- sum(log(abs(" + diagonal + ")))")
}

func (w *rWriter) factoredOnce(v *plan.Value) template {
	factors := v.Args[0]
	a := w.part(factors.Args[0], 0)
	if factors.Op == plan.Cholesky {
		switch v.Op {
		case plan.Inverse:
			return call("chol2inv(chol(" + a + "))")
		case plan.LogDet, plan.LogAbsDet:
			return template{"2*sum(log(diag(chol(" + a + "))))", productStrength, 0, 0}
		}
	}
	if v.Trans[0] && v.Op != plan.Determinant {
		a = "t(" + a + ")"
	}
	switch v.Op {
	case plan.Solve:
		return call("solve(" + a + ", $1)")
	case plan.Inverse:
		return call("solve(" + a + ")")
	case plan.Determinant:
		return call("det(" + a + ")")
	case plan.LogAbsDet:
		return call("as.vector(determinant(" + a + ")$$modulus)")
	}
	d := w.fresh("d")
	return call(d + " <- determinant(" + a + ")\nif (" + d + "$$sign <= 0) stop(\"logdet needs a matrix with a positive determinant\")\n" +
		"$r <- as.vector(" + d + "$$modulus)")
}

// adjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (w *rWriter) adjugate(v *plan.Value) template {
	s, d := w.fresh("s"), w.fresh("d")
	return call(fmt.Sprintf("%s <- svd($0)\n%s <- sapply(seq_len($d0), function(k) prod(%s$$d[-k]))\n"+
		"$r <- det(%s$$u)*det(%s$$v)*tcrossprod(%s$$v*rep(%s, each = $d0), %s$$u)", s, d, s, s, s, s, d, s))
}
