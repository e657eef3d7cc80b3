package document

import (
	"maps"
	"slices"
	"strings"
)

// applied reads a function that the document names but does not define.
func (c *translator) applied(t *term) tensor {
	if t.text == "sigma" || t.text == "varsigma" {
		v := c.one(t.args[0])
		s := "sigmoid(" + v.text + ")"
		switch t.ops {
		case "":
			return tensor{s, atomic, v.idx}
		case "'":
			return tensor{s + " .* (1 - " + s + ")", looseProduct, v.idx}
		}
	}
	if of := c.opaque[t.text]; of != nil && t.ops == "" {
		return c.generic(t.text, of)
	} else if of != nil && t.ops == "'" {
		return c.slope(t.text, of)
	}
	panic(unread("%s is not defined", t.text))
}

// A function f of V that nothing defines stands for every function. It is read as sum(G.*sin(V)) with a random G, whose
// gradient by V can be anything: for equations in which only first derivatives of f occur that is no restriction.

func (c *translator) generic(f string, of *term) tensor {
	v, g := c.argument(f, of)
	return call("sum", g+".*sin("+v.text+")")
}

// slope is the gradient of a generic function.
func (c *translator) slope(f string, of *term) tensor {
	v, g := c.argument(f, of)
	return tensor{text: g + ".*cos(" + v.text + ")", binds: looseProduct}
}

func (c *translator) argument(f string, of *term) (tensor, string) {
	if other := c.alias[f]; other != "" {
		f = other
	}
	v := c.matrix(c.known.inline(of, c.at, nil))
	g := "g_" + f
	if k := c.kind(v.text); k == kindMatrix {
		g = "G_" + f
	} else if k == kindScalar {
		c.declared[g] = "scalar"
	}
	c.names[g] = true
	c.note("%s is any function of %s", f, of.text)
	return v, g
}

// findOpaque finds the functions that nothing defines and what they are functions of.
func (c *translator) findOpaque(terms ...*term) {
	undefined := func(t *term) bool {
		if t.op != opName && t.op != opApply || len(t.subs) > 0 || c.known.definition(t.text, c.at) != nil {
			return false
		}
		return !t.bold && (!upper(t.text) || strings.Contains("LJEF", t.text)) && c.known.declaration(t.text, c.at) != "vector"
	}
	set := func(f string, of *term) {
		if of.op == opTranspose || of.op == opIndexed {
			of = of.args[0]
		}
		if len(of.subs) == 1 && isDigit(of.subs[0][0]) {
			panic(unread("a function of several numbered variables is not understood"))
		}
		if of.op != opName || of.text == f || !of.bold && !upper(of.text) && len(of.subs) == 0 && !strings.Contains("fghyLJEuls", f) {
			return
		}
		v := *of
		v.subs = nil
		if len(of.subs) == 2 && !upper(of.text) {
			v.text = strings.ToUpper(of.text)
		}
		if before := c.opaque[f]; before != nil && c.known.definition(before.text, c.at) != nil {
			return
		}
		c.opaque[f] = &v
	}
	for _, t := range terms {
		t.walk(func(t *term) bool {
			switch t.op {
			case opPartial, opNabla:
				f := t.args[0]
				if f.op == opTranspose {
					f = f.args[0]
				}
				if !undefined(f) {
					break
				}
				switch {
				case len(t.args) > 1:
					set(f.text, t.args[1])
				case f.op == opApply && len(f.args) == 1:
					set(f.text, f.args[0])
				default:
					for _, d := range differentiated(terms) {
						set(f.text, d)
					}
				}
			case opApply:
				if undefined(t) && t.text != "sigma" && len(t.args) == 1 {
					set(t.text, t.args[0])
				}
			}
			return true
		})
	}
	for y, f := range c.known.aliases {
		if c.opaque[y] != nil && c.opaque[f] != nil && c.known.definition(y, c.at) == nil {
			c.alias[y] = f
		}
	}
	// d y next to the gradient of f is the differential of f.
	for _, t := range terms {
		t.walk(func(t *term) bool {
			if t.op == opD && undefined(t.args[0]) && c.opaque[t.args[0].text] == nil {
				if functions := slices.Sorted(maps.Keys(c.opaque)); len(functions) > 0 {
					y, f := t.args[0].text, functions[0]
					c.opaque[y], c.alias[y] = c.opaque[f], f
					c.note("%s is read as %s", y, f)
				}
			}
			return true
		})
	}
}

// differentiated returns the names X for which d X is written.
func differentiated(terms []*term) (out []*term) {
	for _, t := range terms {
		t.walk(func(t *term) bool {
			if t.op == opD && t.args[0].op == opName && (t.args[0].bold || upper(t.args[0].text) || t.args[0].text == "x") {
				out = append(out, t.args[0])
			}
			return true
		})
	}
	return out
}
