package parser

import "math/bits"

// Why dimensions are equal: for every equation, the candidates without which it would not be there. A conflict is
// blamed on the names in it and on those that made its dimensions what they are. In A + a and A^2, a vector a
// makes A a column, and only a can be the scalar that helps.

// nameSet is a set of candidates, by their place in the alphabet. Programs with more candidates than fit do without
// reasons: then a conflict is blamed on the names in it alone.
type nameSet [4]uint64

const maxReasons = 256

func (s *nameSet) add(bit int) { s[bit/64] |= 1 << (bit % 64) }

func (s *nameSet) include(t nameSet) {
	for i := range s {
		s[i] |= t[i]
	}
}

// list returns the places in s, in order.
func (s nameSet) list() (out []int) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			out = append(out, 64*i+bits.TrailingZeros64(word))
		}
	}
	return out
}

// gatherNames finds, for every node and every prefix of a chain, the candidates that occur in it.
func (p *program) gatherNames() {
	p.alphabet = nil
	for i, s := range p.symbols {
		if s.candidate {
			p.alphabet = append(p.alphabet, int32(i))
		}
	}
	p.sortByName(p.alphabet)
	for i, s := range p.alphabet {
		p.symbols[s].place = i
	}
	p.nameSets = nil
	if len(p.alphabet) == 0 || len(p.alphabet) > maxReasons {
		return
	}
	p.nameSets = make([]nameSet, len(p.meanings))
	bit := map[int32]int{}
	for i, s := range p.alphabet {
		bit[s] = i
	}
	gathered := make([]bool, len(p.decls.defs))
	var gather func(n *node) nameSet
	gather = func(n *node) (all nameSet) {
		if n.kind == kindName {
			switch m := p.meanings[n.id]; m.kind {
			case meansVariable:
				if i, ok := bit[p.root(m.target)]; ok {
					all.add(i)
				}
			case meansDefinition:
				root := p.decls.defs[m.target].root
				if !gathered[m.target] {
					gathered[m.target] = true
					gather(root)
				}
				all = p.nameSets[root.id]
			}
		}
		for i, a := range n.args {
			all.include(gather(a))
			if n.kind == kindChain && i > 0 {
				p.nameSets[n.id+int32(i)] = all
			}
		}
		p.nameSets[n.id] = all
		return all
	}
	for _, n := range p.everything() {
		gather(n)
	}
}

// because says that the equations to come are there because of the given nodes and prefixes.
func (r *run) because(ids ...int32) {
	if r.p.nameSets == nil {
		return
	}
	r.u.why = nameSet{}
	for _, id := range ids {
		r.u.why.include(r.p.nameSets[id])
	}
}

// reason returns the candidates that made d what it is.
func (u *unifier) reason(d dim) (out nameSet) {
	if u.reasons == nil {
		return out
	}
	for range maxFactors {
		c := &u.cells[d]
		if c.kind == dimLink || c.kind == dimFree {
			out.include(u.reasons[d])
		}
		if c.kind != dimLink {
			break
		}
		d = c.link
	}
	if u.cells[d].kind == dimProduct {
		for _, f := range u.detail(d).factors {
			out.include(u.reason(f))
		}
	}
	return out
}
