package codegen

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["numpy"] = numpy{} }

// numpy writes Python with NumPy; what NumPy lacks is SciPy's.
type numpy struct{}

func (numpy) words() []string {
	return append(strings.Fields("np scipy sqrtm pinv_sqrt lyapunov sign print range len abs sum min max float int list dict set tuple type"), pythonKeywords...)
}

var pythonKeywords = strings.Fields(`False None True and as assert async await break class continue def del elif else
	except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case`)

func (numpy) functionName(o Options) string { return snakeName(o) }

// snakeName is what the function is called where words are joined by _.
func snakeName(o Options) string {
	switch {
	case o.Purpose == Value:
		return "f"
	case o.Purpose == Hessian && o.NoValue:
		return "gradient_and_hessian"
	case o.Purpose == Hessian:
		return "f_gradient_and_hessian"
	case o.NoValue:
		return string(o.Purpose)
	}
	return "f_and_" + string(o.Purpose)
}

func (numpy) identifier(name string) string { return name }

func (numpy) inline(v *plan.Value) bool {
	return v.Op == plan.SpreadColumn || v.Op == plan.SpreadRow || v.Op == plan.Transpose || v.Op == plan.Unvec
}

func (numpy) statement(v *plan.Value) bool {
	switch v.Op {
	case plan.Basis:
		return true
	case plan.LU, plan.Cholesky: // one that is used once is part of what solve, inv and det do
		return v.Uses > 1
	case plan.LogDet, plan.LogAbsDet:
		return v.Args[0].Op == plan.LU
	case plan.Inverse:
		return v.Args[0].Op == plan.Cholesky && v.Args[0].Uses > 1
	case plan.Call:
		return v.Func == expr.Adj
	}
	return false
}

func (numpy) holds(v *plan.Value, _ int) bool { return v.Op == plan.Call && v.Func == expr.DLogm }

func (numpy) write(f *function) (string, error) {
	t := &tree{function: f, transpose: postfix("$0.T"), number: decimal}
	t.template = t.numpyTemplate
	var body text
	line := func(format string, args ...any) { body.line("    "+format, args...) }
	pythonHeader(&body, f)
	t.numpyArguments(line)
	for _, v := range f.Lines {
		if a, b := f.updated(v); a != nil {
			text := t.bracketed(b, sumStrength)
			f.names[v] = f.names[a]
			line("%s %s= %s", f.names[a], map[plan.Op]string{plan.Add: "+", plan.Sub: "-", plan.Mul: "*", plan.Div: "/"}[v.Op], text)
			continue
		}
		text, strength := t.expression(v)
		if strings.Contains(text, "\n") {
			for l := range strings.Lines(text) {
				line("%s", strings.TrimSuffix(l, "\n"))
			}
			continue
		}
		if f.isResult(v) && f.isView(v) {
			text = bracket(text, strength, atomStrength) + ".copy()"
		}
		line("%s = %s", f.names[v], text)
	}
	var results []string
	for _, r := range f.Results {
		text := r.Name
		if r.Copy && r.Value.Kind != plan.Scalar {
			text += ".copy()"
		}
		if f.Columns && isVector(r.Shape) {
			text += map[bool]string{false: "[:, None]", true: "[None, :]"}[isRow(r.Shape)]
		}
		results = append(results, text)
	}
	line("return %s", strings.Join(results, ", "))
	if t.missing != "" {
		return "", &Unsupported{f.Target, t.missing}
	}
	return t.numpyImports(body.String()) + "def " + f.Name + "(" + strings.Join(f.paramNames(), ", ") + "):\n" + strings.TrimSuffix(body.String(), "\n"), nil
}

// isView reports whether NumPy computes v as a view of a parameter or of another result.
func (f *function) isView(v *plan.Value) bool {
	if v.Op != plan.Transpose && v.Op != plan.Diagonal {
		return false
	}
	a := v.Args[0]
	return a.Op == plan.Input || f.isResult(a) || f.isView(a) || v.Op == plan.Diagonal // which is read-only
}

func (f *function) paramNames() []string {
	var names []string
	for _, x := range f.Params {
		names = append(names, x.Name)
	}
	return names
}

// numpyImports returns the imports, and the functions, that the body needs.
func (t *tree) numpyImports(body string) string {
	functions := ""
	values := t.values()
	if slices.ContainsFunc(values, func(v *plan.Value) bool { return v.Func == expr.Sqrtm }) {
		functions += sqrtm
	}
	if slices.ContainsFunc(values, func(v *plan.Value) bool { return v.Op == plan.PinvSqrt }) {
		functions += pinvSqrt
	}
	if slices.ContainsFunc(values, func(v *plan.Value) bool { return v.Op == plan.Lyapunov }) {
		functions += lyapunov
	}
	out := "import numpy as np\n"
	for _, module := range []string{"scipy.linalg", "scipy.special"} {
		if strings.Contains(functions+body, module+".") {
			out += "import " + module + "\n"
		}
	}
	return out + functions + "\n\n"
}

// sqrtm, pinvSqrt and lyapunov are what NumPy and SciPy do not have for a singular matrix: SciPy's square root of X'*X can be complex.
const sqrtm = `

def sqrtm(S):
    """Square root of a matrix, which may be singular if it is symmetric."""
    if not np.allclose(S, S.T, rtol=0, atol=1e-12*np.max(np.abs(S))):
        return scipy.linalg.sqrtm(S)
    w, V = np.linalg.eigh(S)
    w[np.abs(w) <= len(w)*np.finfo(float).eps*w[-1]] = 0
    return (V*np.sqrt(w)) @ V.T
`

const pinvSqrt = `

def pinv_sqrt(S):
    """Square root of the pseudo-inverse of a positive semidefinite matrix."""
    w, V = np.linalg.eigh(S)
    kept = w > len(w)*np.finfo(float).eps*w[-1]
    return (V[:, kept]/np.sqrt(w[kept])) @ V[:, kept].T
`

const lyapunov = `

def lyapunov(P, C):
    """T with S T + T S = C for the square root S of a positive semidefinite matrix P, 0 where that leaves it open."""
    w, V = np.linalg.eigh(P)
    s = np.sqrt(np.where(w > len(w)*np.finfo(float).eps*w[-1], w, 0))
    d = s[:, None] + s
    return V @ ((V.T @ C @ V)/np.where(d > 0, d, np.inf)) @ V.T
`

// numpyArguments makes arrays of the arguments, checks their shapes and takes the sizes that are needed from them.
func (t *tree) numpyArguments(line func(format string, args ...any)) {
	for _, x := range t.Params {
		if x.Value != nil && x.Value.Kind != plan.Scalar {
			line("%s = np.asarray(%s, dtype=float)", x.Name, x.Name)
		}
	}
	for _, x := range t.inOrder() {
		switch {
		case x.Value == nil:
			continue
		case x.Value.Kind == plan.Scalar:
			if !t.NoChecks {
				line(`assert np.ndim(%s) == 0, f"%s must be a number, not of shape {np.shape(%s)}"`, x.Name, x.Name, x.Name)
			}
			continue
		}
		axes := t.axes(x)
		if !t.NoChecks {
			t.numpyCheck(line, x, axes)
		}
		for _, s := range t.Sizes {
			if s.Of.Name == x.Name && t.usesSizeBeside(s.Name, x.Name) {
				line("%s = %s.shape[%d]", s.Name, x.Name, slices.Index(axes, s.Index))
			}
		}
		if t.Columns && x.Value.Kind == plan.Vector {
			line("%s = %s", x.Name, map[bool]string{false: x.Name + "[:, 0]", true: x.Name + "[0]"}[isRow(x.Shape)])
		}
	}
}

// axes lists the dimensions of a parameter that are dimensions of the array: 0 for rows, 1 for columns.
func (t *tree) axes(x param) []int {
	switch {
	case x.Value.Kind == plan.Matrix || t.Columns:
		return []int{0, 1}
	case isRow(x.Shape):
		return []int{1}
	}
	return []int{0}
}

// numpyCheck asserts that a parameter has its shape. The message shows the sizes that follow from other parameters.
func (t *tree) numpyCheck(line func(format string, args ...any), x param, axes []int) {
	var conditions, wants, shown []string
	for axis, i := range axes {
		d := [2]expr.Dim{x.Shape.Rows, x.Shape.Cols}[i]
		want := t.dimension(d)
		switch {
		case t.givesSize(x, i):
			shown = append(shown, want)
			continue
		case i == 1 && axis == 1 && d == x.Shape.Rows && t.givesSize(x, 0):
			conditions = append(conditions, fmt.Sprintf("%s.shape[1] == %s.shape[0]", x.Name, x.Name))
			shown = append(shown, want)
			continue
		}
		conditions = append(conditions, fmt.Sprintf("%s.shape[%d] == %s", x.Name, axis, want))
		wants = append(wants, want)
		if len(d.Names()) > 0 {
			want = "{" + want + "}"
		}
		shown = append(shown, want)
	}
	tuple := func(entries []string) string {
		if len(entries) == 1 {
			return "(" + entries[0] + ",)"
		}
		return "(" + strings.Join(entries, ", ") + ")"
	}
	condition := strings.Join(append([]string{fmt.Sprintf("%s.ndim == %d", x.Name, len(axes))}, conditions...), " and ")
	if len(wants) == len(axes) {
		condition = x.Name + ".shape == " + tuple(wants)
	}
	line(`assert %s, f"%s must have shape %s, not {%s.shape}"`, condition, x.Name, tuple(shown), x.Name)
}

// givesSize reports whether dimension i of a parameter is where a name of a dimension gets its value.
func (t *tree) givesSize(x param, i int) bool {
	return slices.ContainsFunc(t.Sizes, func(s size) bool { return s.Of.Name == x.Name && s.Index == i })
}

// strengthOf is that of a dimension: a product has the one of products.
func strengthOf(d expr.Dim) int {
	if len(d.Names()) > 1 || len(d.Names()) == 1 && d.Factor() != 1 {
		return productStrength
	}
	return atomStrength
}

func fill(v *plan.Value) string {
	switch {
	case v.Num.Sign() == 0:
		return "zeros"
	case v.Num.Cmp(big.NewRat(1, 1)) == 0:
		return "ones"
	}
	return ""
}

// numpyTemplate returns how v is written.
func (t *tree) numpyTemplate(v *plan.Value) (template, bool) {
	shape := "$d0"
	if v.Kind == plan.Matrix {
		shape = "($d0, $d1)"
	}
	switch v.Op {
	case plan.Size:
		return template{"$D0", strengthOf(v.Dims[0]), 0, 0}, true
	case plan.Fill:
		if name := fill(v); name != "" {
			return call("np." + name + "(" + shape + ")"), true
		}
		return call("np.full(" + shape + ", float($n))"), true
	case plan.Basis:
		if v.Kind == plan.Matrix {
			return call("$r = np.zeros(($d0, $d1))\n$r[$i, $j] = 1"), true
		}
		return call("$r = np.zeros($d0)\n$r[$i] = 1"), true
	case plan.Component:
		if v.Args[0].Kind == plan.Matrix {
			return postfix("$0[$i, $j]"), true
		}
		return postfix("$0[$i]"), true
	case plan.Dot:
		if v.Args[0].Kind == plan.Matrix {
			return call("np.vdot($0, $1)"), true
		}
	case plan.Unvec:
		switch {
		case v.Args[0].Kind == plan.Scalar:
			return call("np.array([[$0]])"), true
		case v.Cols == expr.One:
			return postfix("$0[:, None]"), true
		}
		return postfix("$0[None, :]"), true
	case plan.Solve, plan.Inverse, plan.Determinant, plan.LogDet, plan.LogAbsDet:
		return t.numpyFactored(v), true
	case plan.Map, plan.Call:
		if v.Func == expr.Adj {
			return t.numpyAdjugate(), true
		}
		m, ok := numpyFunctions[v.Func]
		return m, ok
	}
	return pythonTemplate(numpyTemplates, v.Op)
}

var numpyTemplates = map[plan.Op]template{
	plan.Pi:  call("np.pi"),
	plan.Eye: call("np.eye($d0)"),

	plan.Outer: {"np.dot($0[:, None], $1[None, :])", atomStrength, atomStrength, 0}, // by BLAS: np.outer takes half as long again

	plan.Total:    call("np.sum($0)"),
	plan.Max:      call("np.max($0)"),
	plan.RowMax:   call("np.max($0, axis=1)"),
	plan.RowSums:  call("np.sum($0, axis=1)"),
	plan.ColSums:  call("np.sum($0, axis=0)"),
	plan.Trace:    call("np.trace($0)"),
	plan.Norm:     call("np.linalg.norm($0)"),
	plan.Diagonal: call("np.diag($0)"),

	plan.Transpose:  postfix("$0.T"),
	plan.DiagMatrix: call("np.diag($0)"),
	plan.Vec:        postfix(`$0.flatten(order="F")`),
	plan.Kron:       call("np.kron($0, $1)"),

	plan.LU:          call("scipy.linalg.lu_factor($0)"),
	plan.Cholesky:    call("scipy.linalg.cho_factor($0)"),
	plan.PinvSqrt:    call("pinv_sqrt($0)"),
	plan.Lyapunov:    call("lyapunov($0, $1)"),
	plan.MatrixPower: call("np.linalg.matrix_power($0, $n)"),
}

var numpyFunctions = map[*expr.Op]template{
	expr.Exp: call("np.exp($0)"), expr.Log: call("np.log($0)"), expr.Sqrt: call("np.sqrt($0)"),
	expr.Sin: call("np.sin($0)"), expr.Cos: call("np.cos($0)"), expr.Tan: call("np.tan($0)"),
	expr.Asin: call("np.arcsin($0)"), expr.Acos: call("np.arccos($0)"), expr.Atan: call("np.arctan($0)"),
	expr.Sinh: call("np.sinh($0)"), expr.Cosh: call("np.cosh($0)"), expr.Tanh: call("np.tanh($0)"),
	expr.Abs: call("np.abs($0)"), expr.Sign: call("np.sign($0)"),
	expr.Relu: call("np.maximum($0, 0)"), expr.Step: call("np.heaviside($0, 0)"),
	expr.Sigmoid: call("scipy.special.expit($0)"), expr.Softplus: call("np.logaddexp(0, $0)"),

	expr.Nuclear: call(`np.linalg.norm($0, "nuc")`), expr.Spectral: call("np.linalg.norm($0, 2)"),
	expr.LambdaMax: postfix("np.linalg.eigvalsh($0)[-1]"),
	expr.Pinv:      call("np.linalg.pinv($0)"), expr.Expm: call("scipy.linalg.expm($0)"),
	expr.Logm: call("scipy.linalg.logm($0)"), expr.Sqrtm: call("sqrtm($0)"),
	expr.Sylvester: call("scipy.linalg.solve_sylvester($0, $1, $2)"),
	expr.DExpm:     call("scipy.linalg.expm_frechet($0, $1, compute_expm=False)"),
	// The differential of logm at A along E is a block of logm([A E; 0 A]).
	expr.DLogm: call("scipy.linalg.logm(np.block([[$0, $1], [np.zeros_like($0), $0]]))[:len($0), len($0):]"),
	expr.Tril:  call("np.tril($0)"), expr.Triu: call("np.triu($0)"),
	expr.Commutation: call("np.eye($D0*$D1).reshape($D0, $D1, $D0, $D1).swapaxes(2, 3).reshape($D0*$D1, $D0*$D1)"),
}

// numpyAdjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (t *tree) numpyAdjugate() template {
	u, s, vt := t.fresh("U"), t.fresh("s"), t.fresh("Vt")
	return call(fmt.Sprintf("%[1]s, %[2]s, %[3]s = np.linalg.svd($0)\n%[2]s = np.prod(np.where(np.eye(len(%[2]s)) == 1, 1, %[2]s), axis=1)\n"+
		"$r = np.linalg.det(%[1]s)*np.linalg.det(%[3]s)*((%[3]s.T*%[2]s) @ %[1]s.T)", u, s, vt))
}

// numpyFactored writes what a factorisation is for. One that has no other use is left to NumPy.
func (t *tree) numpyFactored(v *plan.Value) template {
	factors := v.Args[0]
	a := t.bracketed(factors.Args[0], 0)
	transposed := v.Trans[0] && v.Op != plan.Determinant
	if factors.Uses == 1 {
		if transposed {
			a = t.bracketed(factors.Args[0], atomStrength) + ".T"
		}
		switch {
		case v.Op == plan.Solve && factors.Op == plan.Cholesky:
			return call("scipy.linalg.solve(" + a + `, $1, assume_a="pos")`)
		case v.Op == plan.Solve:
			return call("np.linalg.solve(" + a + ", $1)")
		case v.Op == plan.Inverse:
			return call("np.linalg.inv(" + a + ")")
		case v.Op == plan.Determinant:
			return call("np.linalg.det(" + a + ")")
		case factors.Op == plan.Cholesky:
			return template{"2*np.sum(np.log(np.diag(np.linalg.cholesky(" + a + "))))", productStrength, 0, 0}
		case v.Op == plan.LogAbsDet:
			return call("np.linalg.slogdet(" + a + ")[1]")
		}
		return call("sign, $r = np.linalg.slogdet(" + a + ")\n" + needsPositive)
	}
	flag := ""
	if transposed {
		flag = ", trans=1"
	}
	cholesky := factors.Op == plan.Cholesky
	n := t.bracketed(factors, atomStrength)
	parity := "(-1)**np.count_nonzero(" + n + "[1] != np.arange(len(" + n + "[1])))"
	switch {
	case v.Op == plan.Solve && cholesky:
		return call("scipy.linalg.cho_solve(" + n + ", $1)")
	case v.Op == plan.Solve:
		return call("scipy.linalg.lu_solve(" + n + ", $1" + flag + ")")
	case v.Op == plan.Inverse && cholesky:
		return call("$r = scipy.linalg.lapack.dpotri(" + n + "[0])[0]  # its upper triangle\n$r = np.triu($r) + np.triu($r, 1).T")
	case v.Op == plan.Inverse:
		return call("scipy.linalg.lu_solve(" + n + ", np.eye(len(" + n + "[0]))" + flag + ")")
	case v.Op == plan.Determinant && cholesky:
		return template{"np.prod(np.diag(" + n + "[0]))**2", powerStrength, 0, 0}
	case v.Op == plan.Determinant:
		return template{"np.prod(np.diag(" + n + "[0]))*" + parity, productStrength, 0, 0}
	case cholesky:
		return template{"2*np.sum(np.log(np.diag(" + n + "[0])))", productStrength, 0, 0}
	case v.Op == plan.LogAbsDet:
		return call("np.sum(np.log(np.abs(np.diag(" + n + "[0]))))")
	}
	return call("sign = np.prod(np.sign(np.diag(" + n + "[0])))*" + parity + "\n" + needsPositive + "\n$r = np.sum(np.log(np.abs(np.diag(" + n + "[0]))))")
}

const needsPositive = "if sign <= 0:\n    raise ValueError(\"logdet needs a matrix with a positive determinant\")"
