package document

import "strings"

// series reads a_1 b_1 + ⋯ + a_n b_n as the sum over an index.
func (c *translator) series(t *term) tensor {
	first, last := t.args[0], t.args[len(t.args)-1]
	c.bound++
	index := "i#" + string(rune('0'+c.bound%10)) + strings.Repeat("'", c.bound/10)
	general, n := generalise(first, last, index)
	if n == 0 || strings.Trim(t.ops, "+") != "" {
		panic(unread("the terms around the dots follow no pattern"))
	}
	return single(contract(c.product(general), index))
}

// generalise returns the term of which first and last are instances: where their subscripts differ it has index. The
// number counts these places.
func generalise(first, last *term, index string) (*term, int) {
	if first.op != last.op || first.text != last.text || len(first.args) != len(last.args) || first.ops != last.ops || len(first.subs) != len(last.subs) {
		panic(unread("the terms around the dots follow no pattern"))
	}
	g := *first
	n := 0
	g.subs = nil
	for i, s := range first.subs {
		if s != last.subs[i] {
			if s != "1" {
				panic(unread("the terms around the dots follow no pattern"))
			}
			s = index
			n++
		}
		g.subs = append(g.subs, s)
	}
	g.args = nil
	for i := range first.args {
		a, k := generalise(first.args[i], last.args[i], index)
		g.args = append(g.args, a)
		n += k
	}
	return &g, n
}

// pattern reads a matrix whose entries are written out with dots between the first and the last.
func (c *translator) pattern(t *term) tensor {
	rows := t.args
	if len(rows) == 0 {
		panic(unread("a matrix without entries"))
	}
	hasDots := t.contains(func(p *term) bool { return p.op == opDots })
	last := rows[len(rows)-1]
	if !hasDots || len(rows[0].args) == 0 || len(last.args) == 0 {
		panic(unread("a matrix of single entries is not understood"))
	}
	corner := rows[0].args[0]
	general := corner
	var idx []string
	down, across := 0, 0
	c.bound++
	if len(rows) > 1 {
		general, down = generalise(general, last.args[0], "i#p")
	}
	if wide := rows[0].args; len(wide) > 1 {
		if len(rows) == 1 && wide[0].op == opProduct {
			panic(unread("a row of entries is not understood"))
		}
		_, across = generalise(corner, wide[len(wide)-1], "j#p")
		if across > 0 {
			general = combine(corner, last.args[0], wide[len(wide)-1])
		}
	}
	if down > 0 {
		idx = append(idx, "i#p")
	}
	if across > 0 {
		idx = append(idx, "j#p")
	}
	if len(idx) == 0 {
		panic(unread("a matrix of single entries is not understood"))
	}
	v := c.one(general)
	switch {
	case len(idx) == 2:
		v = v.arranged(idx)
	case down == 0:
		v = v.arranged(idx)
		v.idx = nil
		return v.transposed()
	default:
		v = v.arranged(idx)
	}
	v.idx = nil
	return v
}

// combine generalises the corner of a matrix downwards and to the right.
func combine(corner, below, right *term) *term {
	g := *corner
	g.subs, g.args = nil, nil
	for i, s := range corner.subs {
		switch {
		case s != below.subs[i]:
			s = "i#p"
		case s != right.subs[i]:
			s = "j#p"
		}
		g.subs = append(g.subs, s)
	}
	for i := range corner.args {
		g.args = append(g.args, combine(corner.args[i], below.args[i], right.args[i]))
	}
	return &g
}
