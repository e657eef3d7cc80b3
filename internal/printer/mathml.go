package printer

import (
	"html"
	"strings"

	"golang.org/x/text/unicode/norm"

	"matdiff/internal/expr"
)

// MathML returns n as a math element of MathML Core.
func (s Style) MathML(n *expr.Node) string { return s.Equation(Left{}, n).MathML() }

var mathML = &dialect{
	signs: [signs]string{
		plusSign: mo("+"), minusSign: mo("−"), negativeSign: mo("−"), hadamardSign: mo("⊙"), divideEntriesSign: mo("⊘"),
		kroneckerSign: mo("⊗"), entrywiseSign: mo("⊙"), dotSign: mo("⋅"), besideSign: mo("&#x2062;"),
		applySign: mo("&#x2061;"), commaSign: mo(","), bySign: mo("×"), operandSign: "", slashSign: mo("/"), equalsSign: mo("="),
		pseudoSign: mo("+"), starSign: mo("∗"), nablaSign: mo("∇"), partialSign: mo("∂"), partialSquareSign: mo("∂"), thinSign: mo("&#x2062;"),
		whereSign: `<mspace width="1em"></mspace><mtext>where&#xA0;</mtext>`,
	},
	around: [boxKinds]pattern{
		rowBox:      {"<mrow>", "</mrow>"},
		fractionBox: {"<mfrac>", "", "</mfrac>"},
		rootBox:     {"<msqrt>", "</msqrt>"},
		groupBox:    {"<mrow>", "</mrow>"},
		subBox:      {"<msub>", "", "</msub>"},
		superBox:    {"<msup>", "", "</msup>"},
		bothBox:     {"<msubsup>", "", "", "</msubsup>"},
		primeBox:    {"<msup>", mo("′") + "</msup>"},
		parenBox:    {"<mrow>" + mo("("), mo(")") + "</mrow>"},
		squareBox:   {"<mrow>" + mo("["), mo("]") + "</mrow>"},
		normBox:     {"<mrow>" + mathMLBar("‖", "prefix"), mathMLBar("‖", "postfix") + "</mrow>"},
		absBox:      {"<mrow>" + mathMLBar("|", "prefix"), mathMLBar("|", "postfix") + "</mrow>"},
	},
	transposes: map[string]string{"top": mo("⊤"), "T": mi("T"), "mathsf": mi("𝖳")},
	spell: [boxKinds]func(Style, *box) string{
		letterBox:   mathMLName,
		wordBox:     mathMLName,
		uprightBox:  func(_ Style, b *box) string { return `<mi mathvariant="normal">` + b.text + "</mi>" },
		digitsBox:   func(_ Style, b *box) string { return "<mn>" + b.text + "</mn>" },
		heavyBox:    func(_ Style, b *box) string { return "<mn>" + embolden("mathbf", b.text) + "</mn>" },
		operatorBox: func(_ Style, b *box) string { return mi(html.EscapeString(b.text)) },
	},
}

func mo(text string) string { return "<mo>" + text + "</mo>" }
func mi(text string) string { return "<mi>" + text + "</mi>" }

// mathMLBar is a delimiter that is the same on both sides, for which the place says which it is.
func mathMLBar(text, form string) string {
	return `<mo form="` + form + `" fence="true" stretchy="true">` + text + "</mo>"
}

func mathMLName(s Style, b *box) string {
	text := b.text
	if bold := s.bold(b); bold != Bolds[0] {
		text = embolden(bold, text)
	}
	return mi(html.EscapeString(text))
}

// boldAlphabets are the first letters of the bold mathematical alphabets of Unicode, in which letters and digits follow
// each other as they do in the ranges that begin with the plain ones.
var boldAlphabets = map[string][]struct{ from, to, first rune }{
	"mathbf":     {{'A', 'Z', '𝐀'}, {'a', 'z', '𝐚'}, {'Α', 'Ω', '𝚨'}, {'α', 'ω', '𝛂'}, {'0', '9', '𝟎'}},
	"boldsymbol": {{'A', 'Z', '𝑨'}, {'a', 'z', '𝒂'}, {'Α', 'Ω', '𝜜'}, {'α', 'ω', '𝜶'}, {'0', '9', '𝟎'}},
}

func embolden(how, text string) string {
	return strings.Map(func(r rune) rune {
		for _, a := range boldAlphabets[how] {
			if a.from <= r && r <= a.to {
				return a.first + r - a.from
			}
		}
		return r
	}, norm.NFD.String(text))
}
