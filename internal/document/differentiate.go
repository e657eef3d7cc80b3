package document

import (
	"maps"
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// variable is what a derivative is taken by.
type variable struct {
	name       string
	subs       []string
	transposed bool // by x^T
	bold       bool
}

func (c *translator) variable(t *term) variable {
	v := variable{}
	if t.op == opTranspose {
		v.transposed, t = true, t.args[0]
	}
	if t.op == opIndexed && t.args[0].op == opName {
		n := *t.args[0]
		n.subs, t = t.subs, &n
	}
	if t.op != opName {
		panic(unread("a derivative by something other than a variable is not understood"))
	}
	v.name, v.bold = t.text, t.bold
	if len(t.subs) > 0 {
		if c.indices(t) {
			v.subs = t.subs
			if len(v.subs) == 2 && !upper(v.name) && len(v.name) == 1 {
				v.name = strings.ToUpper(v.name)
			}
		} else {
			v.name += "_" + strings.Join(t.subs, "")
		}
	}
	return v
}

// occurs reports whether name is in t.
func occurs(t *term, name string) bool {
	return t.contains(func(p *term) bool {
		return p.op == opName && (fullName(p) == name || p.text == name || len(p.subs) == 2 && strings.ToUpper(p.text) == name)
	})
}

func fullName(t *term) string {
	if len(t.subs) == 0 {
		return t.text
	}
	return t.text + "_" + strings.Join(t.subs, "")
}

// derivative reads ∂f/∂X and ∇f.
func (c *translator) derivative(t *term) tensor {
	f := t.args[0]
	second := t.op == opNabla && t.text == "2" || len(t.args) == 3
	var by variable
	switch {
	case len(t.args) > 1:
		by = c.variable(t.args[1])
	default:
		by = c.only(f)
	}
	transpose := t.ops == "'" != by.transposed
	if t.ops == "'" && f.op == opTranspose {
		f = f.args[0]
	}
	if f.op == opApply && c.opaque[f.text] != nil {
		f = &term{op: opName, text: f.text}
	}
	if f.op == opName && c.opaque[f.text] != nil {
		of := c.opaque[f.text]
		if second {
			panic(unread("%s is not defined", f.text))
		}
		if of.op == opName && of.text == by.name {
			v := c.slope(f.text, of)
			if transpose {
				v = v.transposed()
			}
			return c.entry(v, by.subs)
		}
	}
	switch of := c.opaque[f.text]; {
	case f.op == opName && of != nil:
		if !occurs(c.known.inline(of, c.at, nil), by.name) {
			panic(unread("it is not said how %s depends on %s", f.text, by.name))
		}
	case !occurs(f, by.name):
		by = c.other(f, by)
	}
	name := c.use(by.name, by.bold, len(by.subs) == 1)
	if second {
		return c.second(t, f, by, name)
	}
	if len(by.subs) == 2 {
		// The indices of a derivative of a matrix by an entry stay as they are.
		if v := c.trial(f); len(v.idx) == 0 && c.kind(v.text) != kindScalar {
			c.literal[by.subs[0]], c.literal[by.subs[1]] = true, true
			c.unitOf = name
		}
	}
	v := c.value(f)
	if len(by.subs) > 0 && c.literal[by.subs[0]] {
		return call("jacobian", v.text, name+"["+strings.Join(by.subs, ",")+"]")
	}
	if len(v.idx) > 0 {
		if c.kind(name) == kindScalar && len(by.subs) == 0 {
			out := call("diff", v.text, name)
			out.idx = v.idx
			return out
		}
		if len(v.idx) == 1 && len(by.subs) == 1 {
			out := call("jacobian", v.text, name)
			out.idx = []string{v.idx[0], by.subs[0]}
			return out
		}
		panic(unread("the derivative of an entry by more than an entry of a vector is not understood"))
	}
	of, wrt := c.kind(v.text), c.kind(name)
	var out tensor
	switch {
	case wrt == kindScalar:
		out = call("diff", v.text, name)
		if of == kindScalar {
			out = call("grad", v.text, name)
		}
	case of == kindScalar:
		out = call("grad", v.text, name)
		if c.known.numerator(c.at) {
			out = out.transposed()
		}
	case of == kindVector && wrt == kindVector:
		switch row := c.row(v.text); {
		case len(by.subs) > 0:
			panic(unread("the derivative of a vector by an entry is not understood"))
		case row:
			out = call("jacobian", v.bracketed(atomic)+"'", name).transposed()
		default:
			out = call("jacobian", v.text, name)
			if c.transpose {
				out = out.transposed()
			}
		}
		return out
	default:
		panic(unread("a derivative of a matrix by a vector or a matrix has no agreed layout"))
	}
	if transpose {
		out = out.transposed()
	}
	return c.entry(out, by.subs)
}

// entry gives a gradient the indices of the entry that it is taken by.
func (c *translator) entry(v tensor, subs []string) tensor {
	if len(subs) == 0 {
		return v
	}
	return c.indexed(v, subs)
}

// trial reads f to find its shape, and leaves no traces.
func (c *translator) trial(f *term) tensor { return c.value(f) }

// value reads what is differentiated.
func (c *translator) value(f *term) tensor {
	if f.op == opName && c.opaque[f.text] != nil {
		return c.generic(f.text, c.opaque[f.text])
	}
	return c.one(f)
}

// row reports whether an expression is a row vector.
func (c *translator) row(text string) bool {
	s := c.shape(text)
	return s.Rows == expr.One && s.Cols != expr.One
}

// second reads second derivatives.
func (c *translator) second(t, f *term, by variable, name string) tensor {
	if len(t.args) == 3 {
		other := c.variable(t.args[2])
		if other.name != by.name {
			panic(unread("a mixed second derivative is not understood"))
		}
		if len(by.subs) == 1 && len(other.subs) == 1 {
			out := call("hessian", c.matrix(f).text, name)
			out.idx = []string{by.subs[0], other.subs[0]}
			return out
		}
		if len(by.subs) > 0 || len(other.subs) > 0 {
			panic(unread("a second derivative by entries of a matrix is not understood"))
		}
	}
	v := c.matrix(f)
	switch c.kind(name) {
	case kindScalar:
		return call("diff", call("diff", v.text, name).text, name)
	case kindVector:
		return call("hessian", v.text, name)
	}
	panic(unread("the second derivative by a matrix has no agreed layout"))
}

// only finds the variable of a gradient that does not name it.
func (c *translator) only(f *term) variable {
	if f.op == opName || f.op == opApply {
		if of := c.opaque[f.text]; of != nil {
			return c.variable(of)
		}
	}
	var found []variable
	f.walk(func(t *term) bool {
		if t.op == opName && t.text != "I" && t.text != "pi" {
			if v := (variable{name: t.text, bold: t.bold}); !slices.ContainsFunc(found, func(o variable) bool { return o.name == v.name }) {
				found = append(found, v)
			}
		}
		return true
	})
	for _, usual := range append([]string{c.known.variable(c.at)}, "x", "X", "w", "theta", "W") {
		for _, v := range found {
			if v.name == usual && (len(found) == 1 || usual == c.known.variable(c.at)) {
				return v
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	panic(unread("it is not said by what variable \\nabla differentiates"))
}

// other looks for what a derivative by a name that does not occur can mean.
func (c *translator) other(f *term, by variable) variable {
	// The matrices in f are functions of the scalar.
	said := c.known.declaration(by.name, c.at)
	if !upper(by.name) && !by.bold && len(by.subs) == 0 && (said == "" || said == "scalar") {
		swapped := strings.ToUpper(by.name)
		matrices := false
		f.walk(func(t *term) bool {
			if t.op == opName && t.text != "I" {
				switch {
				case upper(t.text) && (t.text != swapped || said == "scalar"):
					c.depend(t, "matrix", by.name)
					matrices = true
				case t.bold && t.text != by.name:
					c.depend(t, "vector", by.name)
					matrices = true
				case upper(t.text) && f.op == opName || upper(t.text) && c.known.functionOf(t.text, by.name):
					c.depend(t, "matrix", by.name)
					matrices = true
				}
			}
			return true
		})
		if occurs(f, swapped) && !strings.Contains(c.declared[swapped], " of ") {
			maps.DeleteFunc(c.declared, func(_, what string) bool { return strings.HasSuffix(what, " of "+by.name) })
			c.warn("%s is read as %s, which occurs in what is differentiated", by.name, swapped)
			by.name = swapped
			return by
		}
		if matrices {
			c.names[by.name] = true
			c.declared[by.name] = "scalar"
			return by
		}
	}
	panic(unread("%s does not occur in what is differentiated by it", by.name))
}

func (c *translator) depend(t *term, what, on string) {
	c.names[t.text] = true
	if d := c.declared[t.text]; d != "" && !strings.Contains(d, " of ") {
		what = d
	}
	c.declared[t.text] = what + " of " + on
	c.note("%s is read as a function of %s", t.text, on)
}

// differential reads d F.
func (c *translator) differential(t *term) tensor {
	f := t.args[0]
	if f.op == opTranspose && f.args[0].op == opName && c.opaque[f.args[0].text] != nil {
		f = f.args[0]
	}
	v := c.value(f)
	if f.op == opName && f.text == "I" || f.op == opNumber || c.moving != nil && !f.contains(func(p *term) bool {
		return p.op == opName && (c.moving[fullName(p)] || len(p.subs) > 0 && (c.moving[p.text] || c.moving[strings.ToUpper(p.text)]) || c.opaque[p.text] != nil) || p.op == opApply
	}) {
		return tensor{"0*" + v.bracketed(loosePower), looseProduct, v.idx} // of a constant
	}
	out := call("d", v.text)
	out.idx = v.idx
	return out
}
