package codegen

import (
	"regexp"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["jax"] = jax{} }

// jax writes Python with JAX, fit for jax.jit: what depends on values is no branch.
type jax struct{ numpy }

func (jax) words() []string {
	return append(strings.Fields("jax jnp np scipy w V range len abs sum min max float int list dict set tuple type print"), pythonKeywords...)
}

func (jax) statement(v *plan.Value) bool {
	switch v.Op {
	case plan.PinvSqrt, plan.Lyapunov:
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

func (jax) write(f *function) (string, error) {
	t := &tree{function: f, transpose: postfix("$0.T"), number: decimal}
	t.template = t.jaxTemplate
	var body, out text
	for _, v := range f.Lines {
		pythonLine(&body, t, v)
	}
	if t.missing != "" {
		return "", &Unsupported{f.Target, t.missing}
	}
	out.line("import jax\nimport jax.numpy as jnp\n\n")
	out.line("def %s(%s):", f.Name, strings.Join(f.paramNames(), ", "))
	f.Header = append(f.Header, `In double precision after jax.config.update("jax_enable_x64", True)`)
	pythonHeader(&out, f)
	for _, x := range f.Params {
		if x.Value != nil {
			out.line("    %s = jnp.asarray(%s)", x.Name, x.Name)
		}
	}
	t.pythonArguments(&out)
	out.WriteString(body.String())
	out.line("    return %s", t.pythonResults("")) // arrays of JAX do not change
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// jaxFunctions are those that are not NumPy's by another name.
var jaxFunctions = map[*expr.Op]template{
	expr.Relu: call("jax.nn.relu($0)"), expr.Sigmoid: call("jax.nn.sigmoid($0)"), expr.Softplus: call("jax.nn.softplus($0)"),
	expr.Expm: call("jax.scipy.linalg.expm($0)"), expr.Sqrtm: call("jnp.real(jax.scipy.linalg.sqrtm($0))"),
	expr.DExpm: call("jax.scipy.linalg.expm_frechet($0, $1, compute_expm=False)"),
}

// numpyModules finds the modules that JAX has under other names.
var numpyModules = regexp.MustCompile(`(^|[^.\w])(np|scipy)\.`)

func (t *tree) jaxTemplate(v *plan.Value) (template, bool) {
	switch v.Op {
	case plan.Basis:
		if v.Kind == plan.Matrix {
			return postfix("jnp.zeros(($d0, $d1)).at[$i, $j].set(1)"), true
		}
		return postfix("jnp.zeros($d0).at[$i].set(1)"), true
	case plan.Outer:
		return call("jnp.outer($0, $1)"), true
	case plan.PinvSqrt:
		return call("w, V = jnp.linalg.eigh($0)\nkept = w > len(w)*jnp.finfo(w.dtype).eps*w[-1]\n" +
			"$r = (V*jnp.where(kept, 1/jnp.sqrt(jnp.where(kept, w, 1)), 0)) @ V.T"), true
	case plan.Lyapunov:
		return postfix("w, V = jnp.linalg.eigh($0)\nd = jnp.sqrt(jnp.where(w > len(w)*jnp.finfo(w.dtype).eps*w[-1], w, 0))\n" +
			"d = d[:, None] + d\n$r = V @ ((V.T @ $1 @ V)/jnp.where(d > 0, d, jnp.inf)) @ V.T"), true
	case plan.LogDet:
		if v.Args[0].Op == plan.LU {
			return t.jaxLogDet(v), true
		}
	case plan.Inverse:
		if n, named := t.names[v.Args[0]]; named && v.Args[0].Op == plan.Cholesky {
			return call("jax.scipy.linalg.cho_solve(" + n + ", jnp.eye($d0))"), true
		}
	case plan.Call, plan.Map:
		if m, ok := jaxFunctions[v.Func]; ok {
			return m, true
		}
		switch v.Func {
		case expr.Logm, expr.DLogm:
			return template{}, false
		case expr.Sylvester:
			b, c := t.bracketed(v.Args[1], atomStrength), t.bracketed(v.Args[2], atomStrength)
			return call("jnp.linalg.solve(jnp.kron(jnp.eye($d1), $0) + jnp.kron(" + b + ".T, jnp.eye($d0)), " + c + ".T.reshape(-1)).reshape($d1, $d0).T"), true
		}
	}
	m, ok := t.numpyTemplate(v)
	m.text = numpyModules.ReplaceAllStringFunc(m.text, func(s string) string {
		return strings.NewReplacer("np.", "jnp.", "scipy.", "jax.scipy.").Replace(s)
	})
	return m, ok
}

// jaxLogDet is NaN where the determinant is not positive.
func (t *tree) jaxLogDet(v *plan.Value) template {
	factors := v.Args[0]
	sign, n := t.fresh("sign"), t.names[factors]
	if n == "" {
		return call(sign + ", $r = jnp.linalg.slogdet(" + t.bracketed(factors.Args[0], 0) + ")\n$r = jnp.where(" + sign + " > 0, $r, jnp.nan)")
	}
	return call(sign + " = jnp.prod(jnp.sign(jnp.diag(" + n + "[0])))*(-1)**jnp.count_nonzero(" + n + "[1] != jnp.arange(len(" + n + "[1])))\n" +
		"$r = jnp.where(" + sign + " > 0, jnp.sum(jnp.log(jnp.abs(jnp.diag(" + n + "[0])))), jnp.nan)")
}
