package printer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"matdiff/internal/expr"
)

// Typst returns n as Typst for math mode.
func (s Style) Typst(n *expr.Node) string { return s.Equation(Left{}, n).Typst() }

var typst = &dialect{
	signs: [signs]string{
		plusSign: " + ", minusSign: " - ", negativeSign: "-", hadamardSign: " ⊙ ", divideEntriesSign: " ⊘ ",
		kroneckerSign: " ⊗ ", entrywiseSign: "⊙ ", dotSign: " dot ", besideSign: " ", applySign: " ", commaSign: ", ",
		bySign: " times ", operandSign: " ", slashSign: `\/`, equalsSign: " = ", pseudoSign: "+", starSign: "*", nablaSign: "nabla",
		partialSign: "partial ", partialSquareSign: "partial", thinSign: " thin ", whereSign: ` quad "where " `,
	},
	around: [boxKinds]pattern{
		rowBox:      {"", ""},
		fractionBox: {"frac(", ", ", ")"},
		rootBox:     {"sqrt(", ")"},
		groupBox:    {"scripts(", ")"},
		subBox:      {"", "_", ""},
		superBox:    {"", "^", ""},
		bothBox:     {"", "_", "^", ""},
		primeBox:    {"", "^prime"},
		parenBox:    {"(", ")"},
		squareBox:   {"[", "]"},
		normBox:     {"norm(", ")"},
		absBox:      {"abs(", ")"},
	},
	script:     [2]string{"(", ")"},
	bareScript: true,
	transposes: map[string]string{"top": "top", "T": "T", "mathsf": "sans(T)"},
	spell: [boxKinds]func(Style, *box) string{
		letterBox:   func(s Style, b *box) string { return typstBold(s.bold(b), typstLetter(b.text)) },
		wordBox:     typstWord,
		uprightBox:  func(_ Style, b *box) string { return "upright(" + b.text + ")" },
		digitsBox:   func(_ Style, b *box) string { return b.text },
		heavyBox:    func(_ Style, b *box) string { return "bold(" + b.text + ")" },
		operatorBox: typstOperator,
	},
}

// typstLetter spells Greek letters out where the name has the same shape in LaTeX. Several characters would be the name of
// a variable.
func typstLetter(text string) string {
	text = norm.NFC.String(text)
	switch name := greekNames[text]; {
	case utf8.RuneCountInString(text) > 1:
		return "italic(" + typstString(text) + ")"
	case name == "", strings.HasPrefix(name, "var"), name == "epsilon", name == "phi", name == "omicron":
		return text
	default:
		return name
	}
}

func typstWord(s Style, b *box) string {
	text := typstString(b.text)
	if s.bold(b) == "mathbf" {
		return typstBold("mathbf", text)
	}
	return typstBold(s.bold(b), "italic("+text+")")
}

func typstBold(how, text string) string {
	switch how {
	case "mathbf":
		return "upright(bold(" + text + "))"
	case "boldsymbol":
		return "bold(" + text + ")"
	}
	return text
}

func typstString(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// typstOperators are the functions that are operators of Typst.
var typstOperators = []string{"arccos", "arcsin", "arctan", "cos", "cosh", "det", "exp", "log", "max", "sin", "sinh", "tan", "tanh", "tr"}

func typstOperator(_ Style, b *box) string {
	if slices.Contains(typstOperators, b.text) {
		return b.text
	}
	return "op(" + typstString(b.text) + ")"
}
