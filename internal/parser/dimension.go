package parser

import (
	"slices"

	"matdiff/internal/expr"
)

// dim is a dimension in a unifier: free, a number, a name that the user declared, or a product of these.
type dim int32

// one is the dimension 1 in every unifier.
const one dim = 0

type shape struct{ rows, cols dim }

func (s shape) t() shape { return shape{s.cols, s.rows} }

var scalarShape = shape{one, one}

// unifier solves equations between dimensions. Names are rigid: two different ones, or a name and a number, are
// never equal. Products are solved where one unknown is left; others wait until more is known.
type unifier struct {
	cells   []cell
	details []detail
	reasons []nameSet // by cell: the candidates that made a dimLink or dimFree so; nil if they are not asked for
	numbers map[int]dim
	names   map[string]dim
	pending [][2]dim
	why     nameSet // candidates on account of which the next equation is there
	failed  nameSet // those that made the last equation fail
	tooLong bool    // a product of dimensions had too many factors
}

// maxFactors and maxNumber bound a product of dimensions: definitions that square each other could double it without end.
const (
	maxFactors = 64
	maxNumber  = 1 << 40
)

type cell struct {
	kind  dimKind
	solid bool // dimFree: may not become 1
	link  dim  // dimLink: what it is; of a detail its place
}

// detail is the rest of a cell that is not free.
type detail struct {
	value   int // dimNumber; dimProduct: the whole number in it
	name    string
	factors []dim
}

type dimKind uint8

const (
	dimFree dimKind = iota
	dimLink
	dimNumber
	dimName
	dimProduct
)

// reset makes u a unifier without equations, in the workspace that it has; size is the number of cells expected.
func (u *unifier) reset(size int, reasons bool) {
	clear(u.numbers)
	clear(u.names)
	*u = unifier{
		cells: slices.Grow(u.cells[:0], size+1), details: u.details[:0], reasons: u.reasons[:0],
		numbers: u.numbers, names: u.names, pending: u.pending[:0],
	}
	switch {
	case !reasons:
		u.reasons = nil
	case u.reasons == nil:
		u.reasons = []nameSet{}
	}
	u.detailed(dimNumber, detail{value: 1})
}

func (u *unifier) add(c cell) dim {
	u.cells = append(u.cells, c)
	if u.reasons != nil {
		u.reasons = append(u.reasons, nameSet{})
	}
	return dim(len(u.cells) - 1)
}

func (u *unifier) detailed(kind dimKind, d detail) dim {
	u.details = append(u.details, d)
	return u.add(cell{kind: kind, link: dim(len(u.details) - 1)})
}

func (u *unifier) detail(d dim) *detail { return &u.details[u.cells[d].link] }

// explain adds to the reasons of d.
func (u *unifier) explain(d dim, why nameSet) {
	if u.reasons != nil {
		u.reasons[d].include(why)
	}
}

func (u *unifier) free() dim  { return u.add(cell{}) }
func (u *unifier) solid() dim { return u.add(cell{solid: true}) }

// solidify says that d may not become 1, unless it is 1 already.
func (u *unifier) solidify(d dim) {
	if c := &u.cells[u.find(d)]; c.kind == dimFree {
		c.solid = true
	}
}

func (u *unifier) fixed(n int) dim {
	if n == 1 {
		return one
	}
	d, ok := u.numbers[n]
	if !ok {
		if u.numbers == nil {
			u.numbers = map[int]dim{}
		}
		d = u.detailed(dimNumber, detail{value: n})
		u.numbers[n] = d
	}
	return d
}

func (u *unifier) named(name string) dim {
	d, ok := u.names[name]
	if !ok {
		if u.names == nil {
			u.names = map[string]dim{}
		}
		d = u.detailed(dimName, detail{name: name})
		u.names[name] = d
	}
	return d
}

// of returns the dimension d, whose names are rigid.
func (u *unifier) of(d expr.Dim) dim {
	out := u.fixed(d.Factor())
	for _, name := range d.Names() {
		out = u.times(out, u.named(name))
	}
	return out
}

func (u *unifier) times(a, b dim) dim {
	switch {
	case u.isOne(a):
		return b
	case u.isOne(b):
		return a
	}
	return u.product(u.parts(u.detailed(dimProduct, detail{value: 1, factors: []dim{a, b}})))
}

func (u *unifier) find(d dim) dim {
	for u.cells[d].kind == dimLink {
		next := u.cells[d].link
		if u.cells[next].kind == dimLink {
			u.cells[d].link = u.cells[next].link
			if u.reasons != nil {
				u.reasons[d].include(u.reasons[next])
			}
		}
		d = next
	}
	return d
}

// parts returns d as a whole number times a sorted list of names and unknowns.
func (u *unifier) parts(d dim) (number int, atoms []dim) {
	number = 1
	var collect func(dim)
	collect = func(d dim) {
		d = u.find(d)
		if len(atoms) > maxFactors || number > maxNumber {
			u.tooLong = true
			return
		}
		switch u.cells[d].kind {
		case dimNumber:
			number *= min(u.detail(d).value, maxNumber/number+1)
		case dimProduct:
			c := u.detail(d)
			number *= min(c.value, maxNumber/number+1)
			for _, f := range c.factors {
				collect(f)
			}
		default:
			atoms = append(atoms, d)
		}
	}
	collect(d)
	u.tooLong = u.tooLong || number > maxNumber
	slices.Sort(atoms)
	return number, atoms
}

func (u *unifier) product(number int, atoms []dim) dim {
	switch {
	case len(atoms) == 0:
		return u.fixed(number)
	case len(atoms) == 1 && number == 1:
		return atoms[0]
	}
	return u.detailed(dimProduct, detail{value: number, factors: atoms})
}

func (u *unifier) isOne(d dim) bool {
	d = u.find(d)
	if u.cells[d].kind == dimProduct {
		number, atoms := u.parts(d)
		return number == 1 && len(atoms) == 0
	}
	return d == one
}

func (u *unifier) isScalar(s shape) bool { return u.isOne(s.rows) && u.isOne(s.cols) }

func (u *unifier) isFree(d dim) bool { return u.cells[u.find(d)].kind == dimFree }

// equal makes a and b equal, and reports whether they can be.
func (u *unifier) equal(a, b dim) bool {
	if u.find(a) == u.find(b) {
		return true
	}
	before := u.why
	u.why.include(u.reason(a))
	u.why.include(u.reason(b))
	ok := u.unify(u.find(a), u.find(b))
	if !ok {
		u.failed = u.why
	}
	u.why = before
	return ok
}

func (u *unifier) unify(a, b dim) bool {
	ka, kb := u.cells[a].kind, u.cells[b].kind
	switch {
	case ka == dimFree:
		return u.bind(a, b)
	case kb == dimFree:
		return u.bind(b, a)
	case ka != dimProduct && kb != dimProduct:
		return false
	}
	return u.equalProducts(a, b)
}

// identify makes two declared dimensions equal, even if that means that two names are one: X: 4×n symmetric says that n
// is 4.
func (u *unifier) identify(a, b dim) bool {
	a, b = u.find(a), u.find(b)
	if u.cells[a].kind != dimName {
		a, b = b, a
	}
	if a != b && u.cells[a].kind == dimName {
		u.cells[a] = cell{kind: dimLink, link: b}
	}
	return u.equal(a, b)
}

func (u *unifier) same(a, b shape) bool { return u.equal(a.rows, b.rows) && u.equal(a.cols, b.cols) }

func (u *unifier) bind(free, to dim) bool {
	c := &u.cells[free]
	switch t := &u.cells[to]; t.kind {
	case dimNumber:
		if c.solid && u.detail(to).value == 1 {
			return false
		}
	case dimFree:
		t.solid = t.solid || c.solid
		u.explain(to, u.why)
	case dimProduct:
		number, atoms := u.parts(to)
		if i := slices.Index(atoms, free); i >= 0 {
			return number == 1 && u.allOne(slices.Delete(atoms, i, i+1))
		}
	}
	c.kind, c.link = dimLink, to
	u.explain(free, u.why)
	return true
}

func (u *unifier) allOne(atoms []dim) bool {
	for _, d := range atoms {
		if !u.equal(d, one) {
			return false
		}
	}
	return true
}

// equalProducts cancels what both sides have and solves for an unknown that stands alone on its side.
func (u *unifier) equalProducts(a, b dim) bool {
	na, as := u.parts(a)
	nb, bs := u.parts(b)
	as, bs = cancel(as, bs)
	g := gcd(na, nb)
	na, nb = na/g, nb/g
	freeA, freeB := u.anyFree(as), u.anyFree(bs)
	switch {
	case len(as) == 0 && len(bs) == 0:
		return na == nb
	case len(as) == 1 && freeA && na == 1:
		return u.bind(as[0], u.product(nb, bs))
	case len(bs) == 1 && freeB && nb == 1:
		return u.bind(bs[0], u.product(na, as))
	case !freeA && !freeB:
		return false
	case len(as) == 0 && na == 1:
		return nb == 1 && u.allOne(bs)
	case len(bs) == 0 && nb == 1:
		return na == 1 && u.allOne(as)
	case !freeB && !freeA, !freeA && na%nb != 0 && u.allFree(bs), !freeB && nb%na != 0 && u.allFree(as):
		return false
	}
	u.pending = append(u.pending, [2]dim{a, b})
	return true
}

func (u *unifier) anyFree(atoms []dim) bool { return slices.ContainsFunc(atoms, u.isFree) }

func (u *unifier) allFree(atoms []dim) bool {
	return !slices.ContainsFunc(atoms, func(d dim) bool { return !u.isFree(d) })
}

// cancel removes from two sorted lists what they share.
func cancel(as, bs []dim) (a, b []dim) {
	for len(as) > 0 && len(bs) > 0 {
		switch {
		case as[0] == bs[0]:
			as, bs = as[1:], bs[1:]
		case as[0] < bs[0]:
			a, as = append(a, as[0]), as[1:]
		default:
			b, bs = append(b, bs[0]), bs[1:]
		}
	}
	return append(a, as...), append(b, bs...)
}

// settle solves the equations that had to wait. Where more than one solution is left it pairs the factors in order,
// which is what users mean by kron(A, B) + kron(C, D).
func (u *unifier) settle() bool {
	for guess := false; len(u.pending) > 0; {
		waiting := u.pending
		u.pending = nil
		for i, p := range waiting {
			if guess {
				u.pending = append(u.pending, waiting[i:]...)
				if !u.pair(p[0], p[1]) {
					return false
				}
				break
			}
			if !u.equal(p[0], p[1]) {
				return false
			}
		}
		guess = !guess && len(u.pending) == len(waiting)
	}
	return true
}

// pair makes the first unknown of one side equal to a factor of the other.
func (u *unifier) pair(a, b dim) bool {
	_, as := u.parts(a)
	nb, bs := u.parts(b)
	as, bs = cancel(as, bs)
	if !u.anyFree(as) {
		as, bs, nb = bs, as, 1
	}
	i := slices.IndexFunc(as, u.isFree)
	switch {
	case i < 0:
		return u.equal(a, b)
	case len(bs) > 0:
		return u.equal(as[i], bs[min(i, len(bs)-1)])
	case nb > 1:
		return u.equal(as[i], u.fixed(nb))
	}
	return u.equal(as[i], one)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// resolve returns d with names for what is still free.
func (u *unifier) resolve(d dim, name func(free dim) string) expr.Dim {
	d = u.find(d)
	switch u.cells[d].kind {
	case dimNumber:
		return expr.Fixed(u.detail(d).value)
	case dimName:
		return expr.Named(u.detail(d).name)
	case dimFree:
		return expr.Named(name(d))
	}
	number, atoms := u.parts(d)
	out := expr.Fixed(number)
	for _, a := range atoms {
		out = out.Times(u.resolve(a, name))
	}
	return out
}

// shape returns the shape s, whose names are rigid.
func (u *unifier) shape(s expr.Shape) shape { return shape{u.of(s.Rows), u.of(s.Cols)} }
