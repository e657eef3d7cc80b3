package printer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"matdiff/internal/expr"
)

// LaTeX returns n as LaTeX for math mode: one line of ASCII. In the plain style its commands are those that plain LaTeX,
// MathJax and KaTeX all know without packages (so \mathop{\mathrm{tr}} for \operatorname, \Vert for amsmath's \lVert,
// \textrm for \text), and none that Markdown changes, as it does \|. Sizes of I, 1 and 0 are indices where text has
// arguments.
func LaTeX(n *expr.Node) string { return PlainStyle().LaTeX(n) }

// LaTeX returns n as LaTeX in this style.
func (s Style) LaTeX(n *expr.Node) string { return s.Equation(Left{}, n).LaTeX() }

var latex = &dialect{
	signs: [signs]string{
		plusSign: " + ", minusSign: " - ", negativeSign: "-", hadamardSign: ` \odot `, divideEntriesSign: ` \oslash `,
		kroneckerSign: ` \otimes `, entrywiseSign: `\odot `, dotSign: ` \cdot `, besideSign: " ", commaSign: ", ",
		bySign: ` \times `, operandSign: " ", slashSign: "/", equalsSign: " = ", pseudoSign: "+", starSign: "*", nablaSign: `\nabla`,
		partialSign: `\partial `, partialSquareSign: `\partial`, thinSign: ` \, `, whereSign: ` \quad\textrm{where } `,
	},
	around: [boxKinds]pattern{
		rowBox:      {"", ""},
		fractionBox: {`\frac{`, "}{", "}"},
		rootBox:     {`\sqrt{`, "}"},
		groupBox:    {"{", "}"},
		subBox:      {"", "_", ""},
		superBox:    {"", "^", ""},
		bothBox:     {"", "_", "^", ""},
		primeBox:    {"", "'"},
		parenBox:    {`\left( `, ` \right)`},
		squareBox:   {`\left[ `, ` \right]`},
		normBox:     {`\left\Vert `, ` \right\Vert`},
		absBox:      {`\left\vert `, ` \right\vert`},
	},
	script:     [2]string{"{", "}"},
	transposes: map[string]string{"top": `\top`, "T": "T", "mathsf": `\mathsf{T}`},
	spell: [boxKinds]func(Style, *box) string{
		letterBox:   latexLetter,
		wordBox:     latexWord,
		uprightBox:  func(_ Style, b *box) string { return `\mathrm{` + b.text + "}" },
		digitsBox:   func(_ Style, b *box) string { return b.text },
		heavyBox:    func(_ Style, b *box) string { return `\mathbf{` + b.text + "}" },
		operatorBox: latexOperator,
	},
}

// latexLetter makes letters bold so that they are in plain LaTeX, where \mathbf leaves small Greek letters as they are.
func latexLetter(s Style, b *box) string {
	text := latexText(b.text)
	if first, _ := utf8.DecodeRuneInString(norm.NFD.String(b.text)); latexRune(first) == "" {
		return latexWord(s, b)
	}
	switch bold := s.bold(b); {
	case bold == Bolds[0]:
		return text
	case greekNames[b.text] != "" && strings.ToLower(b.text) == b.text:
		return `\boldsymbol{` + text + "}"
	default:
		return `\` + bold + "{" + text + "}"
	}
}

func latexWord(s Style, b *box) string {
	text := latexText(b.text)
	switch s.bold(b) {
	case "mathbf":
		return `\mathbf{` + text + "}"
	case "boldsymbol":
		return `\boldsymbol{\mathit{` + text + "}}"
	}
	return `\mathit{` + text + "}"
}

// latexOperators are the functions that are commands of LaTeX.
var latexOperators = []string{"arccos", "arcsin", "arctan", "cos", "cosh", "det", "exp", "log", "max", "sin", "sinh", "tan", "tanh"}

// latexMacros are the functions for which there can be macros, with their names; \vec and \sum are something else.
var latexMacros = func() map[string]string {
	macros := map[string]string{}
	for _, op := range expr.Functions {
		name := op.UserName()
		if fences[name].kind == 0 && usualNames[name] == nil && !slices.Contains(latexOperators, name) && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") == "" {
			macros[name] = name
		}
	}
	for _, name := range []string{"inv", "pinv", "sqrt"} { // which have a notation
		delete(macros, name)
	}
	macros["vec"], macros["sum"] = "vecop", "sumop"
	return macros
}()

func latexOperator(s Style, b *box) string {
	switch macro := latexMacros[b.text]; {
	case slices.Contains(latexOperators, b.text):
		return `\` + b.text
	case s.Operators == "macro" && macro != "":
		return `\` + macro
	case s.Operators == "operatorname":
		return `\operatorname{` + latexText(b.text) + "}"
	}
	return `\mathop{\mathrm{` + latexText(b.text) + "}}"
}

// latexAccents are the commands for the combining accents of Unicode.
var latexAccents = map[rune]string{
	'\u0300': `\grave`, '\u0301': `\acute`, '\u0302': `\hat`, '\u0303': `\tilde`, '\u0304': `\bar`, '\u0306': `\breve`,
	'\u0307': `\dot`, '\u0308': `\ddot`, '\u030A': `\mathring`, '\u030C': `\check`, '\u20D7': `\vec`,
}

// latexText spells a name: letters that LaTeX has no command for by their code, u436, as nothing else is sure to be in
// the fonts; and nothing in it can be a command.
func latexText(name string) string {
	var out []string // a letter with its accents each
	for _, r := range norm.NFD.String(lowered.Replace(name)) {
		last := len(out) - 1
		switch accent, text := latexAccents[r], latexRune(r); {
		case accent != "" && last >= 0:
			out[last] = accent + "{" + strings.TrimSpace(out[last]) + "}"
		case text != "":
			out = append(out, text)
		default:
			out = append(out, fmt.Sprintf("u%x", r))
		}
	}
	return strings.TrimSpace(strings.Join(out, ""))
}

// latexRune spells a character of a name, if it can be, so that a letter may follow.
func latexRune(r rune) string {
	switch {
	case r == '_':
		return `\_`
	case r < 128 && (isDigit(byte(r)) || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'):
		return string(r)
	case greekNames[string(r)] == "omicron":
		return "o"
	case greekNames[string(r)] != "":
		return `\` + greekNames[string(r)] + " "
	}
	return ""
}

// LaTeXName returns a name as it stands in a formula.
func LaTeXName(name string) string { return latex.text(PlainStyle(), symbol(name, false)) }

// latexEscapes are the characters that are commands in text.
var latexEscapes = map[rune]string{
	'\\': `\textbackslash `, '{': `\{`, '}': `\}`, '$': `\$`, '&': `\&`, '#': `\#`, '%': `\%`, '_': `\_`,
	'^': `\textasciicircum `, '~': `\textasciitilde `, '<': `\textless `, '>': `\textgreater `,
}

// LaTeXWords returns words for people, with names and formulas of the language among them, as a piece of a formula.
func LaTeXWords(text string) string {
	var w strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch escaped := latexEscapes[r]; {
		case escaped != "":
			w.WriteString(escaped)
		case ' ' <= r && r < 127:
			w.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			fmt.Fprintf(&w, "u%x", r)
		}
	}
	return `\text{` + w.String() + "}"
}
