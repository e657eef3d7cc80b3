// Package printer writes expressions for people and for matdiff itself: as text, which package parser reads back, as
// text with Unicode operators, which it reads back too, and as LaTeX, MathML and Typst. It takes any node, raw or in
// normal form, and prints it as it is: what is shorter is for package simplify to know.
//
// A node becomes a form (lower.go), in which divisions and differences are decided for all notations at once. Large
// parts that are used more than once are named (share.go). A form becomes text (text.go), or it is laid out in boxes
// (layout.go), which are spelled by the table of a dialect (latex.go, mathml.go, typst.go).
package printer

import (
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// Text returns n in the language that package parser reads, such as 2*A'*(A*x - b). Large shared parts are named:
// … where t1 = …, t2 = ….
func Text(n *expr.Node) string { return plain.write(n) }

// Unicode returns n as Text does, with Aᵀ, X⁻¹, · and ⊙ for operators. Package parser reads it too.
func Unicode(n *expr.Node) string { return unicodeOperators.write(n) }

// notation is how operators are spelled. Kronecker products and inverses without a spelling are functions.
type notation struct {
	times, hadamard, divideEntries, kronecker string
	transposed, inverse, inverseTransposed    string
	superscripts                              bool // X² for X^2
}

var (
	plain            = &notation{times: "*", hadamard: " .* ", divideEntries: " ./ ", transposed: "'"}
	unicodeOperators = &notation{times: "·", hadamard: " ⊙ ", divideEntries: " ⊘ ", kronecker: " ⊗ ",
		transposed: "ᵀ", inverse: "⁻¹", inverseTransposed: "⁻ᵀ", superscripts: true}
)

func (nt *notation) write(n *expr.Node) string {
	w := &textWriter{notation: nt}
	p := layOut(n, forReading)
	w.form(p.body, bindsSum)
	for i, d := range p.defs {
		w.WriteString([]string{" where ", ", "}[min(i, 1)] + d.name + " = ")
		w.form(d.value, bindsSum)
	}
	return w.String()
}

// How tightly the operators bind, loosest first. Products, Hadamard products and Kronecker products bind alike and to
// the left.
const (
	bindsSum = iota
	bindsProduct
	bindsPostfix
	bindsAtom
)

type textWriter struct {
	strings.Builder
	*notation
}

func (w *textWriter) binds(f *form) int {
	switch f.kind {
	case sum, negative:
		return bindsSum
	case product, quotient, hadamard, entryQuotient:
		return bindsProduct
	case kronecker:
		if w.kronecker != "" {
			return bindsProduct
		}
	case inverse:
		if w.inverse != "" {
			return bindsPostfix
		}
	case transposed, power, elementPower:
		return bindsPostfix
	}
	return bindsAtom
}

// form writes f, in brackets if it binds less tightly than it must.
func (w *textWriter) form(f *form, must int) {
	if w.binds(f) < must {
		w.WriteByte('(')
		defer w.WriteByte(')')
	}
	switch f.kind {
	case nameAtom, numberAtom, constantAtom:
		w.WriteString(f.name)
	case function, matrix:
		w.call(f.name, f.args)
	case indexed:
		w.form(f.args[0], bindsAtom)
		w.WriteByte('[')
		w.list(f.args[1:], ",")
		w.WriteByte(']')
	case negative:
		w.WriteByte('-')
		if f.args[0].kind == kronecker { // -A ⊗ B is (-A) ⊗ B
			w.form(f.args[0], bindsPostfix)
			return
		}
		w.form(f.args[0], bindsProduct)
	case sum:
		w.form(f.args[0], bindsSum)
		sign, b := " + ", f.args[1]
		if b.kind == negative {
			sign, b = " - ", b.args[0]
		}
		w.WriteString(sign)
		w.form(b, bindsProduct)
	case product:
		w.operator(f, w.times, product, quotient)
	case quotient:
		w.operator(f, "/", product, quotient)
	case hadamard:
		w.operator(f, w.hadamard, hadamard, entryQuotient, product, quotient)
	case entryQuotient:
		w.operator(f, w.divideEntries, hadamard, entryQuotient, product, quotient)
	case kronecker:
		if w.kronecker == "" {
			w.call("kron", f.args)
			return
		}
		w.operator(f, w.kronecker, kronecker)
	case transposed:
		if a := f.args[0]; a.kind == inverse && w.inverse != "" {
			w.form(a.args[0], bindsAtom)
			w.WriteString(w.inverseTransposed)
			return
		}
		w.form(f.args[0], bindsAtom)
		w.WriteString(w.transposed)
	case inverse:
		if w.inverse == "" {
			w.call("inv", f.args)
			return
		}
		w.form(f.args[0], bindsAtom)
		w.WriteString(w.inverse)
	case power, elementPower:
		w.form(f.args[0], bindsAtom)
		w.exponent(f.kind, f.args[1])
	}
}

func (w *textWriter) call(name string, args []*form) {
	w.WriteString(name + "(")
	w.list(args, ", ")
	w.WriteByte(')')
}

func (w *textWriter) list(fs []*form, separator string) {
	for i, f := range fs {
		if i > 0 {
			w.WriteString(separator)
		}
		w.form(f, bindsSum)
	}
}

// operator writes a product of any sort. It is read from the left, so an operand that stands first would never need
// brackets; but (a .* b)*c' has them, for people.
func (w *textWriter) operator(f *form, sign string, open ...kind) {
	must := bindsPostfix
	if slices.Contains(open, f.args[0].kind) {
		must = bindsProduct
	}
	w.form(f.args[0], must)
	w.WriteString(sign)
	w.form(f.args[1], bindsPostfix)
}

// exponent writes ^ and a number or a name, with its sign, or brackets. A T after ^ would be read as a transpose.
func (w *textWriter) exponent(k kind, f *form) {
	inner, sign := f, ""
	if f.kind == negative {
		inner, sign = f.args[0], "-"
	}
	if k == power && w.superscripts && inner.kind == numberAtom && strings.Trim(inner.name, "0123456789") == "" {
		w.WriteString(raisedDigits.Replace(sign + inner.name))
		return
	}
	w.WriteString(map[kind]string{power: "^", elementPower: ".^"}[k])
	if w.binds(inner) == bindsAtom && (k == elementPower || inner.name != "T") {
		w.WriteString(sign)
		w.form(inner, bindsAtom)
		return
	}
	w.WriteByte('(')
	w.form(f, bindsSum)
	w.WriteByte(')')
}

var raisedDigits = strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵",
	"6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
