package printer

import (
	"strconv"

	"matdiff/internal/expr"
)

// When parts of a result are named. Sizes are nodes of the printed text; a name costs its definition, one node more
// than the part, and one node wherever it stands.
const (
	readable   = 60      // a result no larger is printed whole
	worthwhile = 2. / 3. // names are given only if they leave no more than this of it
	smallGain  = 4       // a name that saves less is not given
)

// freshNames returns a source of the names t1, t2… that neither a variable nor a dimension in the nodes has.
func freshNames(nodes ...*expr.Node) func() string {
	taken := map[string]bool{}
	for _, n := range nodes {
		expr.Walk(n, func(n *expr.Node) {
			taken[n.Name] = true
			for _, d := range [4]expr.Dim{n.Shape.Rows, n.Shape.Cols, n.Dims[0], n.Dims[1]} {
				for _, name := range d.Names() {
					taken[name] = true
				}
			}
		})
	}
	next := 0
	return func() string {
		for {
			next++
			if name := "t" + strconv.Itoa(next); !taken[name] {
				return name
			}
		}
	}
}

// page is an expression ready to be written: a form with names in the place of its shared parts.
type page struct {
	body   *form
	defs   []definedForm
	names  []string        // all that occur, as far as they are variables or parts
	arrays map[string]bool // the names of vectors and matrices
}

type definedForm struct {
	name  string
	value *form
}

// purpose is what a page is for: to be read by parsers, or by people alone.
type purpose int

const (
	forReading purpose = iota
	forPeople
)

// layOut makes a page of n, whose parts get no name that is beside it.
func layOut(n *expr.Node, to purpose, beside ...*expr.Node) page {
	l := newLowering(to)
	whole := l.form(n, true)
	p := page{body: whole, names: l.names, arrays: l.arrays}
	shared := share(whole, to)
	if len(shared) == 0 {
		return p
	}
	name := freshNames(append(beside, n)...)
	made := map[*form]*form{}
	shapes := map[*form]expr.Shape{} // of the forms that are nodes, not the first factors of one
	for at, f := range l.done {
		shapes[f] = at.node.Shape
	}
	for _, f := range shared {
		value := l.replace(f, made)
		d := definedForm{name(), value}
		if shape, ok := shapes[f]; ok && !shape.IsScalar() {
			p.arrays[d.name] = true
		}
		p.names = append(p.names, d.name)
		p.defs = append(p.defs, d)
		made[f] = l.atom(nameAtom, d.name)
	}
	p.body = l.replace(whole, made)
	return p
}

// replace returns f with the forms that made has replaced, and enters in it what it makes.
func (fs *forms) replace(f *form, made map[*form]*form) *form {
	if g, ok := made[f]; ok {
		return g
	}
	g := f
	if len(f.operands()) > 0 {
		args := make([]*form, len(f.args))
		for i, a := range f.args {
			args[i] = fs.replace(a, made)
		}
		g = fs.make(f.kind, f.name, args...)
	}
	made[f] = g
	return g
}

// sharing is the state of the choice of what to name. Forms are in an order in which operands come first.
type sharing struct {
	order []*form
	place map[*form]int
	size  []float64 // where named operands count 1
	uses  []float64 // how often the form is printed
	named []bool
}

// share returns the parts of root that get names, those first that others use.
//
// In text an element of anything but a variable is written with a name, t1[i,j] where t1 = A*B, as the language has
// elements of names only.
func share(root *form, to purpose) (parts []*form) {
	s := &sharing{place: map[*form]int{}}
	must := s.visit(root)
	if to == forPeople {
		clear(must)
	}
	if len(must) == 0 && root.size <= readable {
		return nil
	}
	count := len(s.order)
	s.size, s.uses, s.named = make([]float64, count), make([]float64, count), make([]bool, count)
	s.nameShared(must)
	s.dropSmall(must)
	if root.size <= readable || s.total() > worthwhile*root.size {
		clear(s.named)
		for f := range must {
			s.named[s.place[f]] = true
		}
	}
	for i, f := range s.order {
		if s.named[i] {
			parts = append(parts, f)
		}
	}
	return parts
}

// visit enters root and its parts in order and returns those that have to be named.
func (s *sharing) visit(root *form) map[*form]bool {
	must := map[*form]bool{}
	var visit func(*form)
	visit = func(f *form) {
		if _, ok := s.place[f]; ok {
			return
		}
		if f.kind == indexed && f.args[0].kind != nameAtom {
			must[f.args[0]] = true
		}
		for _, o := range f.operands() {
			visit(o)
		}
		s.place[f] = len(s.order)
		s.order = append(s.order, f)
	}
	visit(root)
	return must
}

// nameShared names all that is printed more than once, from the root down, as what is inside a named part is printed
// once there.
func (s *sharing) nameShared(must map[*form]bool) {
	s.uses[len(s.order)-1] = 1
	for i := len(s.order) - 1; i >= 0; i-- {
		f, uses := s.order[i], s.uses[i]
		s.named[i] = must[f] || uses > 1 && mayName(f)
		if s.named[i] {
			uses = 1
		}
		for _, o := range f.operands() {
			s.uses[s.place[o]] = min(s.uses[s.place[o]]+uses, tooLarge)
		}
	}
}

// mayName reports whether a name for f can make the text clearer. It cannot for what is mostly notation at the place
// where it stands, a sign, a prime or a number in front; there the name is for what is inside.
func mayName(f *form) bool {
	switch f.kind {
	case sum, function, kronecker, inverse, power, elementPower, hadamard:
		return !f.loose
	case entryQuotient:
		return !f.args[0].isOne()
	case product, quotient:
		return f.letters > 1 && !f.loose
	}
	return false
}

// dropSmall takes away, from the leaves up, the names that save little.
func (s *sharing) dropSmall(must map[*form]bool) {
	for i, f := range s.order {
		size := f.ownSize()
		for _, o := range f.operands() {
			if at := s.place[o]; s.named[at] {
				size++
			} else {
				size += s.size[at]
			}
		}
		s.size[i] = min(size, tooLarge)
		if gain := s.uses[i]*(s.size[i]-1) - s.size[i] - 1; gain < smallGain {
			s.named[i] = must[f]
		}
	}
}

// total is the size of the body and its definitions.
func (s *sharing) total() float64 {
	total := s.size[len(s.order)-1]
	for i, named := range s.named {
		if named {
			total += 1 + s.size[i]
		}
	}
	return total
}
