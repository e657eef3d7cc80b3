package document

import (
	"maps"
	"slices"
	"strings"
)

// equation returns left = right as text of the language.
func (c *translator) equation(left, right *term) string {
	left, right = c.oneCase(left, right)
	c.findOpaque(left, right)
	left, right = c.meant(left, right)
	left, right = c.occurrences(left), c.occurrences(right)
	keep := map[string]bool{}
	both := &term{op: opRow, args: []*term{left, right}}
	both.walk(func(t *term) bool {
		if t.op == opPartial || t.op == opNabla && len(t.args) > 1 {
			attempt(func() {
				v := c.variable(t.args[1])
				if d := c.known.definition(v.name, c.at); d != nil && d.body.op != opName && len(d.body.subs) == 0 {
					keep[v.name] = true
				}
			})
		}
		return true
	})
	for f, of := range c.opaque {
		delete(keep, of.text)
		keep[f] = true
	}
	left, right = c.known.inline(left, c.at, keep), c.known.inline(right, c.at, keep)
	c.findVectors(left, right)
	l, r := c.one(left), c.one(right)
	if len(c.literal) > 0 { // found on the way: once more, now that these indices stay
		l, r = c.one(left), c.one(right)
	}
	switch {
	case r.text == "0" || l.text == "0":
		l.idx, r.idx = nil, nil
	default:
		r = r.arranged(l.idx)
	}
	return l.text + " = " + r.text
}

// meant reads f in ∇f = … as it is defined behind it or, if nothing defines f, as what was defined last: find ∇f of y = …
func (c *translator) meant(left, right *term) (*term, *term) {
	uses := func(t *term, f string) bool {
		return t.contains(func(p *term) bool { return (p.op == opName || p.op == opApply) && p.text == f })
	}
	for _, f := range slices.Sorted(maps.Keys(c.opaque)) {
		if uses(left, f) && uses(right, f) {
			continue
		}
		if other := c.alias[f]; other != "" || slices.Contains(slices.Collect(maps.Values(c.alias)), f) {
			continue
		}
		if d := c.known.later(f, c.at); d != nil {
			c.known.explained = append(c.known.explained, *d)
			delete(c.opaque, f)
			continue
		}
		if c.known.defines(f) {
			panic(unread("%s is not defined here", f))
		}
		d := c.known.latest(c.at, c.opaque[f].text)
		if d == nil {
			panic(unread("%s is not defined", f))
		}
		delete(c.opaque, f)
		c.note("%s is read as %s, which was defined last", f, d.name)
		rename := func(t *term) *term {
			return t.replace(func(p *term) *term {
				if (p.op == opName || p.op == opApply && p.ops == "") && p.text == f {
					return &term{op: opName, text: d.name, start: p.start, end: p.end}
				}
				return nil
			})
		}
		left, right = rename(left), rename(right)
	}
	return left, right
}

// occurrences reads the derivative of a sum by X_{jk}, where X occurs in the sum with other indices as well, as the derivative
// by that factor only: the author applies the product rule.
func (c *translator) occurrences(t *term) *term {
	if c.byFactor && t.op == opSum {
		g := *t
		g.args = nil
		for _, a := range t.args {
			g.args = append(g.args, c.factorOnly(a))
		}
		return &g
	}
	return t.replace(func(t *term) *term {
		if t.op != opPartial || len(t.args) != 2 || t.args[0].op != opName || t.args[1].op != opName || len(t.args[1].subs) != 2 {
			return nil
		}
		body, x := c.known.expansion(t.args[0].text, c.at), t.args[1]
		if body == nil {
			return nil
		}
		same, other := 0, 0
		alone := body.replace(func(p *term) *term {
			if p.op != opName || p.text != x.text {
				return nil
			}
			if !slices.Equal(p.subs, x.subs) {
				other++
				return nil
			}
			same++
			return c.factor(p)
		})
		if same != 1 || other == 0 {
			return nil
		}
		c.note("the derivative by %s_{%s} is by that factor only", x.text, strings.Join(x.subs, ""))
		g := *t
		g.args = []*term{alone, c.factor(x)}
		return &g
	})
}

// factor returns the name of one occurrence of a variable.
func (c *translator) factor(x *term) *term {
	f := *x
	f.text += "_0"
	return &f
}

// factorOnly reads the derivative of tr[(A)X(BXC)] by X as the derivative by the factor that stands alone.
func (c *translator) factorOnly(t *term) *term {
	if t.op != opPartial || len(t.args) != 2 || t.args[0].op != opCall || t.args[0].args[0].op != opProduct {
		return t
	}
	x, p := t.args[1], t.args[0].args[0]
	alone := -1
	grouped := false
	for i, a := range p.args {
		switch {
		case a.op == opName && a.text == x.text:
			if alone >= 0 {
				return t
			}
			alone = i
		case a.op != opName && occurs(a, x.text):
			grouped = true
		}
	}
	if alone < 0 || !grouped {
		return t
	}
	c.note("the derivative by %s is by the factor outside of the brackets only", x.text)
	q, f, d := *p, *t.args[0], *t
	q.args = slices.Clone(p.args)
	q.args[alone] = c.factor(x)
	f.args = []*term{&q}
	d.args = []*term{&f, c.factor(x)}
	return &d
}

// oneCase reads a name in the wrong case: σ'(x) next to dX, and the gradient by x next to dX, are by X.
func (c *translator) oneCase(left, right *term) (*term, *term) {
	varies, occurring := map[string]bool{}, map[string]int{}
	count := func(t *term) {
		t.walk(func(t *term) bool {
			if t.op == opD && t.args[0].op == opName {
				varies[t.args[0].text] = true
			}
			if t.op == opName {
				occurring[t.text]++
			}
			return true
		})
	}
	count(left)
	count(right)
	fix := func(p *term, i int) *term {
		if len(p.args) <= i || p.args[i].op != opName || upper(p.args[i].text) || len(p.args[i].subs) > 0 {
			return nil
		}
		x := p.args[i].text
		if big := strings.ToUpper(x); !varies[big] || varies[x] || occurring[x] > 1 {
			return nil
		}
		c.warn("%s is read as %s", x, strings.ToUpper(x))
		n, q := *p.args[i], *p
		n.text = strings.ToUpper(x)
		q.args = slices.Clone(p.args)
		q.args[i] = &n
		return &q
	}
	replace := func(t *term) *term {
		return t.replace(func(p *term) *term {
			switch p.op {
			case opApply:
				return fix(p, 0)
			case opNabla, opPartial:
				return fix(p, 1)
			}
			return nil
		})
	}
	return replace(left), replace(right)
}

// findVectors finds the lower-case names that are written as vectors are.
func (c *translator) findVectors(terms ...*term) {
	for _, t := range terms {
		t.walk(func(t *term) bool {
			if t.op == opTranspose && t.args[0].op == opName {
				c.vectors[t.args[0].text] = true
			} else if t.op == opName && (t.bold || len(t.subs) == 1 && c.indices(t)) {
				c.vectors[t.text] = true
			}
			return true
		})
	}
}
