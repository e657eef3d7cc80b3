package printer

import (
	"slices"
	"strings"
)

// How tightly the operators of displayed formulas bind, loosest first. Unlike in text, a product written by putting its
// factors side by side binds more tightly than the other products.
const (
	bindsTerm = iota
	bindsOperator
	bindsFactor
	bindsScript // takes no further exponent
	bindsSymbol
)

// layout makes boxes of forms.
type layout struct {
	*symbols
	Style
}

func displayBinds(f *form) int {
	switch f.kind {
	case sum, negative:
		return bindsTerm
	case hadamard, entryQuotient, kronecker:
		return bindsOperator
	case product:
		return bindsFactor
	case quotient:
		if _, after := split(f); len(after) == 0 {
			return bindsScript // a fraction is a bracket
		}
		return bindsFactor
	case transposed, inverse, power, elementPower:
		return bindsScript
	case numberAtom:
		if strings.Contains(f.name, "e") {
			return bindsFactor
		}
	case function:
		if f.name == "pinv" || f.name == "inv" {
			return bindsScript
		}
	}
	return bindsSymbol
}

// box lays f out, in brackets if it binds less tightly than it must.
func (l *layout) box(f *form, must int) *box {
	if displayBinds(f) < must {
		return of(parenBox, l.box(f, bindsTerm))
	}
	switch f.kind {
	case nameAtom:
		return l.name(f.name)
	case numberAtom:
		return number(f.name)
	case constantAtom:
		if f.name == "pi" {
			return letter("π", false)
		}
		return letter(f.name, true)
	case matrix:
		return l.matrix(f)
	case function:
		return l.function(f)
	case indexed:
		return subscript(l.indexable(f.args[0]), l.list(f.args[1:], mark(commaSign)))
	case negative:
		return row(mark(negativeSign), l.box(f.args[0], bindsOperator))
	case sum:
		var parts []*box
		for i, t := range terms(f) {
			if i > 0 {
				parts = append(parts, mark(t.sign))
			}
			parts = append(parts, l.box(t.value, t.must))
		}
		return row(parts...)
	case product:
		args, _ := f.chain(product, quotient)
		return row(l.factors(args, false)...)
	case quotient:
		return l.quotient(f)
	case hadamard:
		return l.operator(f, hadamardSign, hadamard, entryQuotient)
	case entryQuotient:
		return l.operator(f, divideEntriesSign, hadamard, entryQuotient)
	case kronecker:
		return l.operator(f, kroneckerSign, kronecker)
	case transposed:
		return l.transposed(f.args[0])
	case inverse:
		return l.inverse(f.args[0])
	}
	return superscript(l.base(f.args[0]), l.exponent(f)...) // power, elementPower
}

// base lays out what is raised to a power; that of \log\det X could be taken for one of the determinant.
func (l *layout) base(f *form) *box {
	b := l.box(f, bindsSymbol)
	if f.kind == function && len(usualNames[f.name]) > 1 {
		return of(parenBox, b)
	}
	return b
}

// term is what is added, or subtracted if its sign is minusSign.
type term struct {
	sign  sign
	value *form
	must  int // how tightly it must bind
}

// terms are those of a sum, in order.
func terms(f *form) []term {
	var ts []term
	for ; f.kind == sum; f = f.args[0] {
		t := term{plusSign, f.args[1], bindsOperator}
		if t.value.kind == negative {
			t.sign, t.value = minusSign, t.value.args[0]
		}
		ts = append(ts, t)
	}
	ts = append(ts, term{plusSign, f, bindsTerm})
	slices.Reverse(ts)
	return ts
}

// transposed joins the sign to that of an inverse: never are there two exponents. A prime stands alone.
func (l *layout) transposed(a *form) *box {
	switch {
	case l.Transpose == primed && displayBinds(a) < bindsSymbol:
		return of(primeBox, of(parenBox, l.box(a, bindsTerm)))
	case l.Transpose == primed:
		return of(primeBox, l.box(a, bindsSymbol))
	case a.kind == inverse:
		return superscript(l.box(a.args[0], bindsSymbol), mark(negativeSign), leaf(transposeBox, ""))
	}
	return superscript(l.box(a, bindsSymbol), leaf(transposeBox, ""))
}

func (l *layout) inverse(a *form) *box {
	return superscript(l.box(a, bindsSymbol), mark(negativeSign), digits("1"))
}

// indexable lays out a matrix that gets an index, in brackets if it may have one already.
func (l *layout) indexable(f *form) *box {
	b := l.box(f, bindsSymbol)
	if displayBinds(f) < bindsSymbol || f.kind == nameAtom && !hasIndex(b) {
		return b
	}
	return of(parenBox, b)
}

func hasIndex(b *box) bool {
	return b.kind == subBox || slices.ContainsFunc(b.parts, hasIndex)
}

// exponent lays out entrywise powers so that the sign of the entries stands before a closed expression.
func (l *layout) exponent(f *form) []*box {
	p := f.args[1]
	if f.kind == power {
		return l.inline(p)
	}
	parts := []*box{mark(entrywiseSign)}
	if p.kind == negative {
		parts = append(parts, of(groupBox, mark(negativeSign)))
		p = p.args[0]
	}
	return append(parts, l.box(p, bindsFactor))
}

// inline writes quotients of numbers on the line: 3/2 in an exponent.
func (l *layout) inline(f *form) []*box {
	var parts []*box
	if f.kind == negative {
		parts = append(parts, mark(negativeSign))
		f = f.args[0]
	}
	if f.kind == quotient && f.args[0].kind != product {
		return append(parts, l.box(f.args[0], bindsScript), mark(slashSign), l.box(f.args[1], bindsScript))
	}
	must := bindsTerm
	if len(parts) > 0 {
		must = bindsOperator
	}
	return append(parts, l.box(f, must))
}

func (l *layout) list(fs []*form, between *box) *box {
	var parts []*box
	for i, f := range fs {
		if i > 0 {
			parts = append(parts, between)
		}
		parts = append(parts, l.box(f, bindsTerm))
	}
	return row(parts...)
}

// operator puts products in brackets, those of a number and one factor in front apart: A B \odot C is read in two ways.
func (l *layout) operator(f *form, s sign, open ...kind) *box {
	first := f.args[0]
	must := bindsScript
	if slices.Contains(open, first.kind) {
		must = bindsOperator
	} else if first.letters == 1 {
		must = bindsFactor
	}
	return row(l.box(first, must), mark(s), l.box(f.args[1], bindsScript))
}

// quotient writes numbers and divisors as one fraction in front of matrices: \frac{3}{4} X, but \frac{a}{b}.
func (l *layout) quotient(f *form) *box {
	above, after := split(f)
	top := []*box{digits("1")}
	if len(above) > 0 {
		top = l.factors(above, true)
	}
	fraction := of(fractionBox, row(top...), l.box(f.args[1], bindsTerm))
	if len(after) == 0 {
		return fraction
	}
	between := mark(besideSign)
	if startsWithDigit(after[0]) {
		between = mark(dotSign)
	}
	return row(append([]*box{fraction, between}, l.factors(after, false)...)...)
}

// split chooses what of a quotient stands above the bar: numbers only, before what is long or divided by numbers.
func split(f *form) (above, after []*form) {
	const long = 12
	args, _ := f.args[0].chain(product, quotient)
	if f.args[1].kind != numberAtom && f.args[0].size <= long {
		return args, nil
	}
	n := 0
	for n < len(args) && args[n].kind == numberAtom {
		n++
	}
	return args[:n], args[n:]
}

func (l *layout) factors(fs []*form, alone bool) []*box {
	var parts []*box
	for i, f := range fs {
		if i > 0 && startsWithDigit(f) {
			parts = append(parts, mark(dotSign))
		} else if i > 0 {
			parts = append(parts, mark(besideSign))
		}
		must := bindsScript
		switch {
		case alone && len(fs) == 1:
			must = bindsTerm
		case len(fs) == 1, f.kind == numberAtom:
			must = bindsFactor
		}
		parts = append(parts, l.box(f, must))
	}
	return parts
}

func startsWithDigit(f *form) bool {
	for f.kind == power || f.kind == elementPower {
		f = f.args[0]
	}
	return f.kind == numberAtom
}

func number(s string) *box {
	mantissa, exponent, scientific := strings.Cut(s, "e")
	if !scientific {
		return digits(s)
	}
	raised := digits(exponent)
	if below, ok := strings.CutPrefix(exponent, "-"); ok {
		raised = row(mark(negativeSign), digits(below))
	}
	b := superscript(digits("10"), raised)
	if mantissa == "1" {
		return b
	}
	return row(digits(mantissa), mark(dotSign), b)
}

// usualNames are what functions are called in formulas, where that is not their own name.
var usualNames = map[string][]string{
	"logdet": {"log", "det"}, "asin": {"arcsin"}, "acos": {"arccos"}, "atan": {"arctan"},
}

// fences are the functions that are delimiters round the argument, with their index.
var fences = map[string]struct {
	kind  boxKind
	index *box
}{
	"norm":     {kind: normBox},
	"norm1":    {normBox, digits("1")},
	"nuclear":  {normBox, mark(starSign)},
	"spectral": {normBox, digits("2")},
	"abs":      {kind: absBox},
}

func (l *layout) function(f *form) *box {
	switch f.name {
	case "sqrt":
		return of(rootBox, l.box(f.args[0], bindsTerm))
	case "inv":
		return l.inverse(f.args[0])
	case "pinv":
		return superscript(l.box(f.args[0], bindsSymbol), mark(pseudoSign))
	case "grad", "jacobian", "hessian", "diff":
		return l.derivative(f)
	}
	if how, ok := fences[f.name]; ok {
		b := of(how.kind, l.box(f.args[0], bindsTerm))
		if how.index != nil {
			return subscript(b, how.index)
		}
		return b
	}
	var parts []*box
	unknown, gradient := strings.CutPrefix(f.name, "grad(")
	switch {
	case gradient: // of a function without a value
		parts = []*box{mark(nablaSign), mark(operandSign), operator(strings.TrimSuffix(unknown, ")"))}
	case f.name == "d":
		parts = []*box{leaf(uprightBox, "d")}
	case f.name == "lambda_max":
		parts = []*box{subscript(letter("λ", false), operator("max"))}
	case usualNames[f.name] != nil:
		for i, name := range usualNames[f.name] {
			if i > 0 {
				parts = append(parts, mark(applySign))
			}
			parts = append(parts, operator(name))
		}
	default:
		parts = []*box{operator(f.name)}
	}
	return row(append(parts, mark(applySign), of(parenBox, l.list(f.args, mark(commaSign))))...)
}

// operator writes the name of a function, which is a letter if it looks like one.
func operator(name string) *box {
	if b := symbol(name, false); b.kind != wordBox {
		return b
	}
	return leaf(operatorBox, name)
}

// matrix writes a constant matrix with its indices or its size m×n.
func (l *layout) matrix(f *form) *box {
	base, between, args := letter(f.name, true), mark(commaSign), f.args
	switch f.name {
	case "eye":
		base = letter("I", true)
	case "ones":
		base, between = leaf(heavyBox, "1"), mark(bySign)
	case "zeros":
		base, between = leaf(heavyBox, "0"), mark(bySign)
		if args[1].isOne() {
			args = args[:1]
		}
	case "E":
		args = args[:2]
	}
	return subscript(base, l.list(args, between))
}

// derivative writes the operators of equations.
func (l *layout) derivative(f *form) *box {
	argument := l.box(f.args[0], bindsSymbol)
	switch f.name {
	case "grad":
		return row(nabla(l.box(f.args[1], bindsTerm)), mark(operandSign), argument)
	case "hessian":
		return row(superscript(nabla(l.box(f.args[1], bindsTerm)), digits("2")), mark(operandSign), argument)
	case "diff":
		d, space := leaf(uprightBox, "d"), mark(operandSign)
		return of(fractionBox, row(d, space, argument), row(d, space, l.box(f.args[1], bindsSymbol)))
	}
	return of(fractionBox, row(mark(partialSign), argument), row(mark(partialSign), l.box(f.args[1], bindsSymbol)))
}

func nabla(by *box) *box { return subscript(mark(nablaSign), by) }
