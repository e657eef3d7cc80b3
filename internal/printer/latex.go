package printer

import (
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// LaTeX returns n as LaTeX for math mode, with commands that plain LaTeX, MathJax and KaTeX all know without packages
// (so \mathop{\mathrm{tr}} for \operatorname, \Vert for amsmath's \lVert, \textrm for \text), and none that Markdown
// changes, as it does \|. Sizes of I, 1 and 0 are indices where text has arguments.
func LaTeX(n *expr.Node) string {
	w := &latexWriter{}
	p := layOut(n, forPeople)
	w.form(p.body, latexSum)
	for i, d := range p.defs {
		w.WriteString([]string{` \quad\textrm{where } `, ", "}[min(i, 1)] + latexName(d.name) + " = ")
		w.form(d.value, latexSum)
	}
	return w.String()
}

// How tightly the operators of LaTeX bind, loosest first. Unlike in text, a product written by putting its factors side
// by side binds more tightly than the other products.
const (
	latexSum = iota
	latexOperator
	latexProduct
	latexPostfix // takes no further superscript
	latexAtom
)

type latexWriter struct{ strings.Builder }

func latexBinds(f *form) int {
	switch f.kind {
	case sum, negative:
		return latexSum
	case hadamard, entryQuotient, kronecker:
		return latexOperator
	case product:
		return latexProduct
	case quotient:
		if _, after := split(f); len(after) == 0 {
			return latexPostfix // a fraction is a bracket
		}
		return latexProduct
	case transposed, inverse, power, elementPower:
		return latexPostfix
	case numberAtom:
		if strings.Contains(f.name, "e") {
			return latexProduct
		}
	case function:
		if f.name == "pinv" || f.name == "inv" {
			return latexPostfix
		}
	}
	return latexAtom
}

func (w *latexWriter) form(f *form, must int) {
	if latexBinds(f) < must {
		w.bracketed(`(`, f, `)`)
		return
	}
	switch f.kind {
	case nameAtom:
		w.WriteString(latexName(f.name))
	case numberAtom:
		w.number(f.name)
	case constantAtom:
		w.WriteString(map[string]string{"I": "I", "pi": `\pi`}[f.name])
	case matrix:
		w.matrix(f)
	case function:
		w.function(f)
	case indexed:
		w.indexable(f.args[0])
		w.WriteString("_{")
		w.list(f.args[1:], ", ")
		w.WriteByte('}')
	case negative:
		w.WriteByte('-')
		w.form(f.args[0], latexOperator)
	case sum:
		w.form(f.args[0], latexSum)
		sign, b := " + ", f.args[1]
		if b.kind == negative {
			sign, b = " - ", b.args[0]
		}
		w.WriteString(sign)
		w.form(b, latexOperator)
	case product:
		args, _ := f.chain(product, quotient)
		w.factors(args, false)
	case quotient:
		w.quotient(f)
	case hadamard:
		w.operator(f, ` \odot `, hadamard, entryQuotient)
	case entryQuotient:
		w.operator(f, ` \oslash `, hadamard, entryQuotient)
	case kronecker:
		w.operator(f, ` \otimes `, kronecker)
	case transposed:
		if a := f.args[0]; a.kind == inverse {
			w.raised(a.args[0], `-\top`)
		} else {
			w.raised(a, `\top`)
		}
	case inverse:
		w.raised(f.args[0], "-1")
	case power, elementPower:
		w.form(f.args[0], latexAtom)
		w.WriteString("^{")
		if f.kind == elementPower {
			w.WriteString(`\odot `)
		}
		w.exponent(f)
		w.WriteByte('}')
	}
}

// indexable writes a matrix that gets an index, in braces if it may have one already.
func (w *latexWriter) indexable(f *form) {
	if latexBinds(f) < latexAtom || f.kind == nameAtom && !strings.Contains(latexName(f.name), "_{") {
		w.form(f, latexAtom)
		return
	}
	w.WriteByte('{')
	w.form(f, latexSum)
	w.WriteByte('}')
}

// exponent writes entrywise powers so that the sign \odot stands before a closed expression.
func (w *latexWriter) exponent(f *form) {
	p := f.args[1]
	if f.kind == power {
		w.inline(p)
		return
	}
	if p.kind == negative {
		w.WriteString("{-}")
		p = p.args[0]
	}
	w.form(p, latexProduct)
}

// inline writes quotients of numbers on the line: 3/2 in an exponent.
func (w *latexWriter) inline(f *form) {
	if f.kind == negative {
		w.WriteByte('-')
		f = f.args[0]
	}
	if f.kind == quotient && f.args[0].kind != product {
		w.form(f.args[0], latexPostfix)
		w.WriteByte('/')
		w.form(f.args[1], latexPostfix)
		return
	}
	w.form(f, latexSum)
}

func (w *latexWriter) bracketed(open string, f *form, closing string) {
	w.WriteString(`\left` + open + " ")
	w.form(f, latexSum)
	w.WriteString(` \right` + closing)
}

func (w *latexWriter) raised(f *form, exponent string) {
	w.form(f, latexAtom)
	w.WriteString("^{" + exponent + "}")
}

func (w *latexWriter) list(fs []*form, between string) {
	for i, f := range fs {
		if i > 0 {
			w.WriteString(between)
		}
		w.form(f, latexSum)
	}
}

// operator puts products in brackets, those of a number and one factor in front apart: A B \odot C is read in two ways.
func (w *latexWriter) operator(f *form, sign string, open ...kind) {
	first := f.args[0]
	must := latexPostfix
	if slices.Contains(open, first.kind) {
		must = latexOperator
	} else if first.letters == 1 {
		must = latexProduct
	}
	w.form(first, must)
	w.WriteString(sign)
	w.form(f.args[1], latexPostfix)
}

// quotient writes numbers and divisors as one fraction in front of matrices: \frac{3}{4} X, but \frac{a}{b}.
func (w *latexWriter) quotient(f *form) {
	above, after := split(f)
	w.WriteString(`\frac{`)
	if len(above) == 0 {
		w.WriteByte('1')
	}
	w.factors(above, true)
	w.WriteString("}{")
	w.form(f.args[1], latexSum)
	w.WriteByte('}')
	if len(after) == 0 {
		return
	}
	if startsWithDigit(after[0]) {
		w.WriteString(` \cdot`)
	}
	w.WriteByte(' ')
	w.factors(after, false)
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

func (w *latexWriter) factors(fs []*form, alone bool) {
	for i, f := range fs {
		if i > 0 && startsWithDigit(f) {
			w.WriteString(` \cdot `)
		} else if i > 0 {
			w.WriteByte(' ')
		}
		switch {
		case alone && len(fs) == 1:
			w.form(f, latexSum)
		case len(fs) == 1, f.kind == numberAtom:
			w.form(f, latexProduct)
		default:
			w.form(f, latexPostfix)
		}
	}
}

func startsWithDigit(f *form) bool {
	for f.kind == power || f.kind == elementPower {
		f = f.args[0]
	}
	return f.kind == numberAtom
}

func (w *latexWriter) number(s string) {
	mantissa, exponent, scientific := strings.Cut(s, "e")
	switch {
	case !scientific:
		w.WriteString(s)
	case mantissa == "1":
		w.WriteString("10^{" + exponent + "}")
	default:
		w.WriteString(mantissa + ` \cdot 10^{` + exponent + "}")
	}
}

// latexFunctions are the functions that are not \mathop{\mathrm{name}}: a command, or delimiters round the argument.
var latexFunctions = map[string]struct{ command, open, closing string }{
	"det": {command: `\det`}, "logdet": {command: `\log\det`},
	"exp": {command: `\exp`}, "log": {command: `\log`},
	"sin": {command: `\sin`}, "cos": {command: `\cos`}, "tan": {command: `\tan`},
	"asin": {command: `\arcsin`}, "acos": {command: `\arccos`}, "atan": {command: `\arctan`},
	"sinh": {command: `\sinh`}, "cosh": {command: `\cosh`}, "tanh": {command: `\tanh`},
	"lambda_max": {command: `\lambda_{\max}`},
	"d":          {command: `\mathrm{d}`},
	"norm":       {open: `\Vert`, closing: `\Vert`},
	"norm1":      {open: `\Vert`, closing: `\Vert_{1}`},
	"nuclear":    {open: `\Vert`, closing: `\Vert_{*}`},
	"spectral":   {open: `\Vert`, closing: `\Vert_{2}`},
	"abs":        {open: `\vert`, closing: `\vert`},
}

func (w *latexWriter) function(f *form) {
	switch f.name {
	case "sqrt":
		w.WriteString(`\sqrt{`)
		w.form(f.args[0], latexSum)
		w.WriteByte('}')
		return
	case "inv":
		w.raised(f.args[0], "-1")
		return
	case "pinv":
		w.raised(f.args[0], "+")
		return
	case "grad", "jacobian", "hessian", "diff":
		w.derivative(f)
		return
	}
	how, ok := latexFunctions[f.name]
	of, gradient := strings.CutPrefix(f.name, "grad(")
	switch {
	case gradient: // of an unknown function
		w.WriteString(`\nabla ` + strings.TrimSuffix(of, ")"))
	case how.open != "":
		w.bracketed(how.open, f.args[0], how.closing)
		return
	case ok:
		w.WriteString(how.command)
	default:
		w.WriteString(`\mathop{\mathrm{` + strings.ReplaceAll(f.name, "_", `\_`) + "}}")
	}
	w.WriteString(`\left( `)
	w.list(f.args, ", ")
	w.WriteString(` \right)`)
}

// matrix writes a constant matrix with its indices or its size m×n.
func (w *latexWriter) matrix(f *form) {
	symbol, between, args := f.name, ", ", f.args
	switch f.name {
	case "eye":
		symbol = "I"
	case "ones":
		symbol, between = `\mathbf{1}`, ` \times `
	case "zeros":
		symbol, between = `\mathbf{0}`, ` \times `
	case "E":
		args = args[:2]
	}
	w.WriteString(symbol + "_{")
	w.list(args, between)
	w.WriteByte('}')
}

// derivative writes the operators of equations.
func (w *latexWriter) derivative(f *form) {
	switch f.name {
	case "grad":
		w.WriteString(`\nabla_{`)
		w.form(f.args[1], latexSum)
		w.WriteString(`} `)
		w.form(f.args[0], latexAtom)
	case "hessian":
		w.WriteString(`\nabla_{`)
		w.form(f.args[1], latexSum)
		w.WriteString(`}^{2} `)
		w.form(f.args[0], latexAtom)
	case "diff":
		w.WriteString(`\frac{\mathrm{d} `)
		w.form(f.args[0], latexAtom)
		w.WriteString(`}{\mathrm{d} `)
		w.form(f.args[1], latexAtom)
		w.WriteByte('}')
	case "jacobian":
		w.WriteString(`\frac{\partial `)
		w.form(f.args[0], latexAtom)
		w.WriteString(`}{\partial `)
		w.form(f.args[1], latexAtom)
		w.WriteByte('}')
	}
}
