package codegen

import (
	"fmt"
	"maps"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["torch"] = torch{} }

// torch writes Python with PyTorch. Arguments are tensors, and keep their type and device.
type torch struct{ numpy }

func (torch) words() []string {
	return append(strings.Fields("torch like kept w V range len abs sum min max float int list dict set tuple type print"), pythonKeywords...)
}

func (torch) statement(v *plan.Value) bool {
	switch v.Op {
	case plan.Basis, plan.PinvSqrt, plan.Lyapunov:
		return true
	case plan.LU, plan.Cholesky:
		return v.Uses > 1
	case plan.LogDet, plan.LogAbsDet:
		return v.Args[0].Op == plan.LU
	}
	return v.Op == plan.Call && (v.Func == expr.DExpm || v.Func == expr.Adj)
}

func (torch) holds(v *plan.Value, operand int) bool { return holdsTwice(v) && v.Op == plan.Call }

func (torch) write(f *function) (string, error) {
	w := &torchWriter{tree: &tree{function: f, transpose: postfix("$0.T"), number: decimal}}
	w.template = w.torchTemplate
	w.like = "torch.get_default_dtype()"
	var body, out text
	for _, x := range f.Params {
		if x.Value != nil && x.Value.Kind != plan.Scalar {
			w.like = x.Name
			break
		}
	}
	for _, v := range f.Lines {
		pythonLine(&body, w.tree, v)
	}
	if w.missing != "" {
		return "", &Unsupported{f.Target, w.missing}
	}
	out.line("import torch\n\n")
	out.line("def %s(%s):", f.Name, strings.Join(f.paramNames(), ", "))
	pythonHeader(&out, f)
	for _, x := range f.Params {
		switch {
		case x.Value == nil || x.Value.Kind != plan.Scalar:
		case w.hasTensor():
			out.line("    %s = torch.as_tensor(%s, dtype=%s.dtype, device=%s.device)", x.Name, x.Name, w.like, w.like)
		default:
			out.line("    %s = torch.as_tensor(%s, dtype=torch.float64)", x.Name, x.Name)
		}
	}
	w.pythonArguments(&out)
	out.WriteString(body.String())
	out.line("    return %s", w.pythonResults(".clone()"))
	return strings.TrimSuffix(out.String(), "\n"), nil
}

type torchWriter struct {
	*tree
	like string // the parameter whose type and device constants have
}

func (w *torchWriter) hasTensor() bool { return w.like != "torch.get_default_dtype()" }

// options are the arguments that give a constant the type and device of the parameters.
func (w *torchWriter) options() string {
	if w.hasTensor() {
		return ", dtype=" + w.like + ".dtype, device=" + w.like + ".device)"
	}
	return ", dtype=torch.float64)"
}

// pythonLine writes the statement that computes v.
func pythonLine(out *text, t *tree, v *plan.Value) {
	s, _ := t.expression(v)
	if !strings.Contains(s, "\n") {
		s = t.names[v] + " = " + s
	}
	for l := range strings.Lines(s) {
		out.line("    %s", strings.TrimSuffix(l, "\n"))
	}
}

// pythonArguments checks the shapes of arrays and takes the sizes that are needed from them.
func (t *tree) pythonArguments(out *text) {
	line := func(format string, args ...any) { out.line("    "+format, args...) }
	used := maps.Clone(t.used) // by the statements, which are written already
	for _, x := range t.inOrder() {
		if x.Value == nil {
			continue
		}
		axes := t.axes(x)
		switch {
		case x.Value.Kind == plan.Scalar:
			if !t.NoChecks {
				line(`assert %s.ndim == 0, f"%s must be a number, not of shape {tuple(%s.shape)}"`, x.Name, x.Name, x.Name)
			}
			continue
		case !t.NoChecks:
			t.numpyCheck(line, x, axes)
		}
		for _, s := range t.Sizes {
			if s.Of.Name == x.Name && (used[s.Name] || t.usesSizeBeside(s.Name, x.Name)) {
				axis := 0
				for k, i := range axes {
					if i == s.Index {
						axis = k
					}
				}
				line("%s = %s.shape[%d]", s.Name, x.Name, axis)
			}
		}
		if t.Columns && x.Value.Kind == plan.Vector {
			line("%s = %s", x.Name, map[bool]string{false: x.Name + "[:, 0]", true: x.Name + "[0]"}[isRow(x.Shape)])
		}
	}
}

// pythonResults lists what is returned: memory of its own.
func (t *tree) pythonResults(copied string) string {
	var results []string
	for _, r := range t.Results {
		s := r.Name
		if r.Value.Kind != plan.Scalar && (r.Copy || t.isView(r.Value)) {
			s += copied
		}
		if t.Columns && isVector(r.Shape) {
			s += map[bool]string{false: "[:, None]", true: "[None, :]"}[isRow(r.Shape)]
		}
		results = append(results, s)
	}
	return strings.Join(results, ", ")
}

// isConstant reports whether a scalar follows from numbers and sizes alone: it is a number of Python, no tensor.
func isConstant(v *plan.Value) bool {
	if v.Kind != plan.Scalar || v.Op == plan.Input {
		return false
	}
	for _, a := range v.Args {
		if !isConstant(a) {
			return false
		}
	}
	return true
}

func (w *torchWriter) torchTemplate(v *plan.Value) (template, bool) {
	shape := "$d0"
	if v.Kind == plan.Matrix {
		shape = "($d0, $d1)"
	}
	switch v.Op {
	case plan.Size:
		return template{"$D0", strengthOf(v.Dims[0]), 0, 0}, true
	case plan.Fill:
		return call("torch.full((" + strings.Trim(shape, "()") + ",), float($n)" + w.options()), true
	case plan.Eye:
		return call("torch.eye($d0" + w.options()), true
	case plan.Basis:
		at := "[$i]"
		if v.Kind == plan.Matrix {
			at = "[$i, $j]"
		}
		return call("$r = torch.zeros(" + shape + w.options() + "\n$r" + at + " = 1"), true
	case plan.Component:
		if v.Args[0].Kind == plan.Matrix {
			return postfix("$0[$i, $j]"), true
		}
		return postfix("$0[$i]"), true
	case plan.Dot:
		if v.Args[0].Kind == plan.Matrix {
			return call("torch.sum(" + w.bracketed(v.Args[0], productStrength) + "*" + w.bracketed(v.Args[1], productStrength+1) + ")"), true
		}
	case plan.Kron:
		return call("torch.kron(" + w.contiguous(v.Args[0]) + ", " + w.contiguous(v.Args[1]) + ")"), true
	case plan.Unvec:
		switch {
		case isConstant(v.Args[0]):
			return call("torch.full((1, 1), float($0)" + w.options()), true
		case v.Args[0].Kind == plan.Scalar:
			return postfix("$0.reshape(1, 1)"), true
		case v.Cols == expr.One:
			return postfix("$0[:, None]"), true
		}
		return postfix("$0[None, :]"), true
	case plan.Solve, plan.Inverse, plan.Determinant, plan.LogDet, plan.LogAbsDet:
		return w.factored(v), true
	case plan.Map:
		if isConstant(v) {
			x := w.bracketed(v.Args[0], 0)
			return call(torchFunctions[v.Func].with("torch.as_tensor(" + x + ", dtype=torch.float64)")), true
		}
		m, ok := torchFunctions[v.Func]
		return m, ok
	case plan.Call:
		m, ok := torchFunctions[v.Func]
		switch v.Func {
		case expr.Adj:
			u, s, vh := w.fresh("U"), w.fresh("s"), w.fresh("Vh")
			return call(fmt.Sprintf("%[1]s, %[2]s, %[3]s = torch.linalg.svd($0)\n"+
				"%[2]s = torch.stack([torch.prod(%[2]s[torch.arange(len(%[2]s)) != k]) for k in range(len(%[2]s))])\n"+
				"$r = torch.linalg.det(%[1]s)*torch.linalg.det(%[3]s)*((%[3]s.T*%[2]s) @ %[1]s.T)", u, s, vh)), true
		case expr.Sylvester:
			eye := func(d string) string { return "torch.eye(" + d + w.options() }
			return call("torch.linalg.solve(torch.kron(" + eye("$d1") + ", " + w.contiguous(v.Args[0]) + ") + torch.kron(" + w.bracketed(v.Args[1], atomStrength) + ".T.contiguous(), " + eye("$d0") + "), " +
				w.bracketed(v.Args[2], atomStrength) + ".T.reshape(-1)).reshape($d1, $d0).T"), true
		case expr.Commutation:
			return call("torch.eye($D0*$D1" + w.options() + ".reshape($D0, $D1, $D0, $D1).swapaxes(2, 3).reshape($D0*$D1, $D0*$D1)"), true
		}
		return m, ok
	}
	return pythonTemplate(torchTemplates, v.Op)
}

// contiguous is an operand of kron, which PyTorch does not compute of views, such as transposes and solutions are.
func (w *torchWriter) contiguous(v *plan.Value) string {
	if v.Op == plan.Eye {
		return w.bracketed(v, 0)
	}
	return w.bracketed(v, atomStrength) + ".contiguous()"
}

// with is the text of a template of one operand for that operand.
func (m template) with(operand string) string { return strings.ReplaceAll(m.text, "$0", operand) }

var torchTemplates = map[plan.Op]template{
	plan.Pi: call("torch.pi"),

	plan.Outer: call("torch.outer($0, $1)"),

	plan.Total:    call("torch.sum($0)"),
	plan.Max:      call("torch.max($0)"),
	plan.RowMax:   call("torch.amax($0, dim=1)"),
	plan.RowSums:  call("torch.sum($0, dim=1)"),
	plan.ColSums:  call("torch.sum($0, dim=0)"),
	plan.Trace:    call("torch.trace($0)"),
	plan.Norm:     call("torch.linalg.norm($0)"),
	plan.Diagonal: call("torch.diagonal($0)"),

	plan.Transpose:  postfix("$0.T"),
	plan.DiagMatrix: call("torch.diag($0)"),
	plan.Vec:        postfix("$0.T.reshape(-1)"),

	plan.LU:       call("torch.linalg.lu_factor($0)"),
	plan.Cholesky: call("torch.linalg.cholesky($0)"),
	plan.PinvSqrt: call("w, V = torch.linalg.eigh($0)\nkept = w > len(w)*torch.finfo(w.dtype).eps*w[-1]\n" +
		"$r = (V[:, kept]/torch.sqrt(w[kept])) @ V[:, kept].T"),
	plan.Lyapunov: postfix("w, V = torch.linalg.eigh($0)\nd = torch.sqrt(w*(w > len(w)*torch.finfo(w.dtype).eps*w[-1]))\n" +
		"d = d[:, None] + d\n$r = V @ ((V.T @ $1 @ V)/torch.where(d > 0, d, torch.inf)) @ V.T"),
	plan.MatrixPower: call("torch.linalg.matrix_power($0, $n)"),
}

var torchFunctions = map[*expr.Op]template{
	expr.Exp: call("torch.exp($0)"), expr.Log: call("torch.log($0)"), expr.Sqrt: call("torch.sqrt($0)"),
	expr.Sin: call("torch.sin($0)"), expr.Cos: call("torch.cos($0)"), expr.Tan: call("torch.tan($0)"),
	expr.Asin: call("torch.asin($0)"), expr.Acos: call("torch.acos($0)"), expr.Atan: call("torch.atan($0)"),
	expr.Sinh: call("torch.sinh($0)"), expr.Cosh: call("torch.cosh($0)"), expr.Tanh: call("torch.tanh($0)"),
	expr.Abs: call("torch.abs($0)"), expr.Sign: call("torch.sign($0)"),
	expr.Relu: call("torch.relu($0)"), expr.Step: call("torch.sign(torch.relu($0))"),
	expr.Sigmoid:  call("torch.sigmoid($0)"),
	expr.Softplus: call("torch.nn.functional.softplus($0, threshold=50)"),

	expr.Nuclear:   call(`torch.linalg.norm($0, "nuc")`),
	expr.Spectral:  call("torch.linalg.norm($0, 2)"),
	expr.LambdaMax: postfix("torch.linalg.eigvalsh($0)[-1]"),
	expr.Pinv:      call("torch.linalg.pinv($0)"), expr.Expm: call("torch.linalg.matrix_exp($0)"),
	expr.Tril: call("torch.tril($0)"), expr.Triu: call("torch.triu($0)"),
	// The differential of expm at A along E is a block of expm([A E; 0 A]).
	expr.DExpm: call("$r = torch.cat([torch.cat([$0, $1], 1), torch.cat([torch.zeros_like($0), $0], 1)])\n" +
		"$r = torch.linalg.matrix_exp($r)[:$d0, $d0:]"),
}

// factored writes what a factorisation is for. One that has no other use is left to PyTorch.
func (w *torchWriter) factored(v *plan.Value) template {
	factors := v.Args[0]
	name, named := w.names[factors]
	if !named {
		return w.factoredOnce(v)
	}
	right, after := "torch.eye($d0"+w.options(), ""
	if v.Op == plan.Solve {
		right = w.bracketed(v.Args[1], 0)
		if v.Kind == plan.Vector { // PyTorch solves for matrices
			right, after = w.bracketed(v.Args[1], atomStrength)+"[:, None]", "[:, 0]"
		}
	}
	if factors.Op == plan.Cholesky {
		switch v.Op {
		case plan.Solve:
			return call("torch.cholesky_solve(" + right + ", " + name + ")" + after)
		case plan.Inverse:
			return call("torch.cholesky_inverse(" + name + ")")
		case plan.Determinant:
			return template{"torch.prod(torch.diagonal(" + name + "))**2", powerStrength, 0, 0}
		}
		return template{"2*torch.sum(torch.log(torch.diagonal(" + name + ")))", productStrength, 0, 0}
	}
	diagonal := "torch.diagonal(" + name + "[0])"
	parity := "(-1)**torch.sum(" + name + "[1] != torch.arange(1, len(" + name + "[1]) + 1, device=" + name + "[1].device))"
	adjoint := ""
	if v.Trans[0] {
		adjoint = ", adjoint=True"
	}
	switch v.Op {
	case plan.Solve, plan.Inverse:
		return call("torch.linalg.lu_solve(*" + name + ", " + right + adjoint + ")" + after)
	case plan.Determinant:
		return template{"torch.prod(" + diagonal + ")*" + parity, productStrength, 0, 0}
	case plan.LogAbsDet:
		return call("torch.sum(torch.log(torch.abs(" + diagonal + ")))")
	}
	return call(fmt.Sprintf(torchPositive, "torch.prod(torch.sign("+diagonal+"))*"+parity) + "$r = torch.sum(torch.log(torch.abs(" + diagonal + ")))")
}

const torchPositive = "if %s <= 0:\n    raise ValueError(\"logdet needs a matrix with a positive determinant\")\n"

func (w *torchWriter) factoredOnce(v *plan.Value) template {
	factors := v.Args[0]
	a := w.bracketed(factors.Args[0], 0)
	if v.Trans[0] && v.Op != plan.Determinant {
		a = w.bracketed(factors.Args[0], atomStrength) + ".T"
	}
	if factors.Op == plan.Cholesky {
		l := "torch.linalg.cholesky(" + a + ")"
		switch {
		case v.Op == plan.Solve && v.Kind == plan.Vector:
			return call("torch.cholesky_solve(" + w.bracketed(v.Args[1], atomStrength) + "[:, None], " + l + ")[:, 0]")
		case v.Op == plan.Solve:
			return call("torch.cholesky_solve($1, " + l + ")")
		case v.Op == plan.Inverse:
			return call("torch.cholesky_inverse(" + l + ")")
		case v.Op == plan.LogDet || v.Op == plan.LogAbsDet:
			return template{"2*torch.sum(torch.log(torch.diagonal(" + l + ")))", productStrength, 0, 0}
		}
	}
	switch v.Op {
	case plan.Solve:
		return call("torch.linalg.solve(" + a + ", $1)")
	case plan.Inverse:
		return call("torch.linalg.inv(" + a + ")")
	case plan.Determinant:
		return call("torch.linalg.det(" + a + ")")
	case plan.LogAbsDet:
		return call("torch.linalg.slogdet(" + a + ")[1]")
	}
	sign := w.fresh("sign")
	return call(sign + ", $r = torch.linalg.slogdet(" + a + ")\n" + strings.TrimSuffix(fmt.Sprintf(torchPositive, sign), "\n"))
}
