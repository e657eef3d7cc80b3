package printer

import (
	"math/big"

	"matdiff/internal/expr"
)

// lowering makes forms of nodes, each once.
type lowering struct {
	forms
	purpose
	done    map[place]*form
	sizings map[*expr.Node]sizing
	names   []string        // of the variables
	arrays  map[string]bool // those of vectors and matrices
}

// place is a node and whether its neighbours give a size to the identity that it may be.
type place struct {
	node *expr.Node
	free bool
}

func newLowering(to purpose) *lowering {
	return &lowering{forms: forms{known: map[string]*form{}}, purpose: to, done: map[place]*form{},
		sizings: map[*expr.Node]sizing{}, arrays: map[string]bool{}}
}

func (l *lowering) form(n *expr.Node, free bool) *form {
	p := place{n, free}
	f, ok := l.done[p]
	if !ok {
		f = l.lower(n, free)
		l.done[p] = f
	}
	return f
}

func (l *lowering) lower(n *expr.Node, free bool) *form {
	switch n.Op {
	case expr.Number:
		return l.number(n.Num)
	case expr.Variable:
		l.names = append(l.names, n.Name)
		if !n.Shape.IsScalar() {
			l.arrays[n.Name] = true
		}
		return l.atom(nameAtom, n.Name)
	case expr.Pi:
		return l.atom(constantAtom, "pi")
	case expr.Size:
		return l.size(n)
	case expr.Commutation:
		return l.make(matrix, "K", l.dimension(n.Dims[0]), l.dimension(n.Dims[1]))
	case expr.Identity, expr.Ones, expr.Zeros:
		return l.constant(n, free)
	case expr.Unit:
		return l.make(matrix, "E", l.form(n.Args[0], false), l.form(n.Args[1], false), l.dimension(n.Shape.Rows), l.dimension(n.Shape.Cols))
	case expr.Element:
		return l.element(n)
	case expr.Sum:
		return l.sum(n, free)
	case expr.Product:
		return l.product(n, free)
	case expr.Hadamard:
		return l.hadamard(n)
	case expr.Kronecker:
		f := l.form(n.Args[0], false)
		for _, a := range n.Args[1:] {
			f = l.make(kronecker, "", f, l.form(a, false))
		}
		return f
	case expr.Transpose:
		return l.make(transposed, "", l.form(n.Args[0], free))
	case expr.Inv:
		if n.Shape.IsScalar() { // whose s⁻¹ would be read as a power
			return l.make(function, "inv", l.form(n.Args[0], false))
		}
		return l.make(inverse, "", l.form(n.Args[0], free))
	case expr.Power, expr.ElementPower:
		return l.power(n)
	case expr.Jacobian:
		if n.Args[0].Op == expr.Variable && n.Args[1].Shape.IsScalar() {
			return l.make(function, "diff", l.form(n.Args[0], false), l.form(n.Args[1], false))
		}
	case expr.Differential:
		return l.make(function, "d", l.form(n.Args[0], false))
	}
	args := make([]*form, len(n.Args))
	for i, a := range n.Args {
		args[i] = l.form(a, false)
	}
	return l.make(function, n.Op.UserName(), args...)
}

func (l *lowering) size(n *expr.Node) *form {
	if len(n.Args) == 0 {
		return l.dimension(n.Dims[0])
	}
	side := "rows"
	if n.Args[0].Shape.Rows != n.Dims[0] {
		side = "cols"
	}
	return l.make(function, side, l.form(n.Args[0], false))
}

func (l *lowering) constant(n *expr.Node, free bool) *form {
	rows, cols := l.dimension(n.Shape.Rows), l.dimension(n.Shape.Cols)
	switch {
	case n.Shape.IsScalar() && n.Op == expr.Zeros:
		return l.atom(numberAtom, "0")
	case n.Shape.IsScalar():
		return l.one()
	case n.Op == expr.Identity && free:
		return l.atom(constantAtom, "I")
	case n.Op == expr.Identity:
		return l.make(matrix, "eye", rows)
	case n.Op == expr.Zeros:
		return l.make(matrix, "zeros", rows, cols)
	case n.Shape.IsColumn():
		return l.make(matrix, "ones", rows)
	case n.Shape.IsRow():
		return l.make(transposed, "", l.make(matrix, "ones", cols))
	}
	return l.make(matrix, "ones", rows, cols)
}

func (l *lowering) element(n *expr.Node) *form {
	args := []*form{l.form(n.Args[0], false), l.form(n.Args[1], false)}
	if !n.Args[0].Shape.IsColumn() || !n.Args[2].IsNumber(1) {
		args = append(args, l.form(n.Args[2], false))
	}
	return l.make(indexed, "", args...)
}

func (l *lowering) sum(n *expr.Node, free bool) *form {
	terms := leading(n)
	anchored := false // by a matrix that is printed whole
	free = free && l.sizing(n) == floating
	for _, t := range terms {
		_, ones := spread(t)
		anchored = anchored || !ones && l.sizing(t) == sized
		free = free || l.sizing(t) == sized
	}
	args := make([]*form, len(terms))
	for i, t := range terms {
		if s, ones := spread(t); ones && anchored && l.purpose == forReading { // ones are what mathematicians expect
			args[i] = l.scaled(s, free)
		} else {
			args[i] = l.form(t, free)
		}
	}
	return l.from(sum, args)
}

// leading returns the operands of n, those of an operand that stands first and is of the same operation among them:
// brackets there say nothing.
func leading(n *expr.Node) []*expr.Node {
	var rest [][]*expr.Node
	fs := n.Args
	for fs[0].Op == n.Op {
		rest = append(rest, fs[1:])
		fs = fs[0].Args
	}
	return join(fs, rest)
}

// factors returns the leading operands of a product, for which one after a sign or divisors stands first too.
func factors(n *expr.Node) []*expr.Node {
	var front []*expr.Node
	var rest [][]*expr.Node
	fs := n.Args
	for {
		for len(fs) > 1 && !above(fs[0]) {
			front = append(front, fs[0])
			fs = fs[1:]
		}
		if fs[0].Op != expr.Product {
			return append(front, join(fs, rest)...)
		}
		rest = append(rest, fs[1:])
		fs = fs[0].Args
	}
}

// above reports whether a factor is printed where it stands: not as a sign or below a line.
func above(f *expr.Node) bool {
	if f.Op == expr.Number {
		p, _ := fraction(f.Num)
		return p != "1" || f.IsNumber(1)
	}
	base, _ := divisor(expr.Power, f)
	return base == nil
}

func join(fs []*expr.Node, rest [][]*expr.Node) []*expr.Node {
	fs = append([]*expr.Node{}, fs...)
	for i := len(rest) - 1; i >= 0; i-- {
		fs = append(fs, rest[i]...)
	}
	return fs
}

func (l *lowering) product(n *expr.Node, free bool) *form {
	return l.scaled(factors(n), l.sizing(n) != floating || free)
}

// scaled writes a product: signs to the front, where two cancel, divisions by scalars to the end, which changes no
// value since scalars commute, and c*(A .* B) as c*A .* B.
func (l *lowering) scaled(fs []*expr.Node, free bool) *form {
	var args, den []*form
	var below *expr.Node
	minus, scalars := false, 0 // scalars before the first matrix
	for _, f := range fs {
		if base, exponent := divisor(expr.Power, f); base != nil {
			below = f
			den = append(den, l.raise(power, l.form(base, false), exponent))
			continue
		}
		factor := l.form(f, free)
		if f.Op == expr.Number {
			p, q := fraction(f.Num)
			if q != "" {
				den = append(den, l.atom(numberAtom, q))
			}
			minus = minus != (f.Num.Sign() < 0)
			factor = l.atom(numberAtom, p)
			if !above(f) {
				continue
			}
		} else if factor.kind == negative && (len(args) == 0 || factor.args[0].kind == numberAtom) {
			minus = !minus
			factor = factor.args[0]
		}
		if f.Shape.IsScalar() && scalars == len(args) {
			scalars++
		}
		args = append(args, factor)
	}
	var f *form
	switch last := len(args) - 1; {
	case last < 0 && len(den) == 1 && below != nil:
		f = l.form(below, false)
	case last > 0 && scalars == last && isEntrywise(args[last]) && len(den) == 0:
		f = l.scaledHadamard(args[:last], args[last])
	default:
		f = l.ratio(args, den)
	}
	if minus {
		f = l.negate(f)
	}
	return f
}

// scaledHadamard returns c .* A .* B as c*A .* B.
func (l *lowering) scaledHadamard(c []*form, f *form) *form {
	args, den := f.chain(hadamard, entryQuotient)
	first, below := args[0].chain(product, quotient)
	if first[0].isOne() && len(first)+len(below) == 1 && c[0].kind != elementPower { // which would be read as a divisor there
		first = nil
	}
	args[0] = l.ratio(append(append([]*form{}, c...), first...), below)
	return l.entrywise(args, den)
}

func isEntrywise(f *form) bool { return f.kind == hadamard || f.kind == entryQuotient }

func (l *lowering) hadamard(n *expr.Node) *form {
	fs := leading(n)
	free := l.hadamardSizes(fs)
	var args, den []*form
	for _, f := range fs {
		if base, exponent := divisor(expr.ElementPower, f); base != nil {
			den = append(den, l.raise(elementPower, l.form(base, false), exponent))
		} else {
			args = append(args, l.form(f, free))
		}
	}
	return l.entrywise(args, den)
}

var half = big.NewRat(1, 2)

// divisor returns s and p where n is s^-p, or s.^-p if op is ElementPower, for a positive number p, else nil.
func divisor(op *expr.Op, n *expr.Node) (base *expr.Node, exponent *big.Rat) {
	if n.Op != op || n.Args[1].Op != expr.Number || n.Args[1].Num.Sign() >= 0 || op == expr.Power && !n.Shape.IsScalar() {
		return nil, nil
	}
	return n.Args[0], new(big.Rat).Neg(n.Args[1].Num)
}

// raise writes base^p or base.^p for a positive p.
func (l *lowering) raise(k kind, base *form, p *big.Rat) *form {
	switch {
	case p.IsInt() && p.Num().IsInt64() && p.Num().Int64() == 1:
		return base
	case p.Cmp(half) == 0:
		return l.make(function, "sqrt", base)
	}
	return l.make(k, "", base, l.number(p))
}

func (l *lowering) power(n *expr.Node) *form {
	k, base := power, l.form(n.Args[0], false)
	if n.Op == expr.ElementPower {
		k = elementPower
	}
	matrix := n.Op == expr.Power && !n.Shape.IsScalar()
	if n.Args[1].Op == expr.Number {
		p := n.Args[1].Num
		minus := new(big.Rat).Neg(p)
		switch {
		case matrix && p.Sign() < 0:
			return l.raise(k, l.make(inverse, "", base), minus)
		case matrix:
		case p.Cmp(half) == 0:
			return l.raise(k, base, p)
		case p.Sign() < 0:
			whole, root := l.raise(k, base, minus), l.make(k, "", base, l.number(p))
			over := l.ratio(nil, []*form{whole})
			if k == elementPower {
				over = l.entrywise(nil, []*form{whole})
			}
			if over.size < root.size {
				return over
			}
			return root
		}
	}
	return l.make(k, "", base, l.form(n.Args[1], false))
}
