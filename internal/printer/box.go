package printer

// A box is a piece of a displayed formula: what stands beside, above or below what, before a mark-up language is
// chosen. Forms become boxes in one place (layout.go), where it is decided what needs brackets and what stands above a
// bar; a dialect is a table of how boxes are spelled.
type box struct {
	kind  boxKind
	sign  sign
	text  string
	array bool // a name that stands for a vector or matrix
	parts []*box
}

type boxKind byte

const (
	rowBox       boxKind = iota // parts side by side
	letterBox                   // one letter of a name, perhaps with accents
	wordBox                     // several letters in one piece
	uprightBox                  // the d of differentials
	digitsBox                   // a number
	heavyBox                    // the 1 and 0 of constant matrices
	operatorBox                 // the name of a function
	transposeBox                // the sign of a transpose
	signBox
	fractionBox // above, below
	rootBox
	groupBox // one piece for what stands around it
	subBox   // base, index
	superBox // base, exponent
	bothBox  // base, index, exponent
	primeBox // base
	parenBox
	squareBox
	normBox
	absBox
	boxKinds
)

// A sign is an operator or a relation, with the space around it, or a space.
type sign byte

const (
	plusSign sign = iota
	minusSign
	negativeSign // before its operand
	hadamardSign
	divideEntriesSign
	kroneckerSign
	entrywiseSign // in front of the exponent of an entrywise power
	dotSign       // between numbers
	besideSign    // between factors
	applySign     // between a function and its arguments
	operandSign   // between the sign of a derivative and what is differentiated
	commaSign
	bySign // between rows and columns
	slashSign
	equalsSign
	pseudoSign // of a pseudo-inverse
	starSign   // of the nuclear norm
	nablaSign
	partialSign
	partialSquareSign // with an exponent
	thinSign          // between the variables of a second derivative
	whereSign         // before the names of parts
	signs
)

func row(parts ...*box) *box {
	if len(parts) == 1 {
		return parts[0]
	}
	return &box{kind: rowBox, parts: parts}
}

func of(k boxKind, parts ...*box) *box        { return &box{kind: k, parts: parts} }
func leaf(k boxKind, text string) *box        { return &box{kind: k, text: text} }
func mark(s sign) *box                        { return &box{kind: signBox, sign: s} }
func letter(text string, array bool) *box     { return &box{kind: letterBox, text: text, array: array} }
func digits(text string) *box                 { return leaf(digitsBox, text) }
func subscript(base *box, index ...*box) *box { return of(subBox, base, row(index...)) }

// superscript gives base an exponent, beside the index that it may have.
func superscript(base *box, exponent ...*box) *box {
	if base.kind == subBox {
		return of(bothBox, base.parts[0], base.parts[1], row(exponent...))
	}
	return of(superBox, base, row(exponent...))
}

// width estimates how wide a box is printed, in letters.
func (b *box) width() float64 {
	const small = 0.7
	sum := 0.0
	for i, p := range b.parts {
		w := p.width()
		switch {
		case b.kind == fractionBox:
			sum = max(sum, w)
			continue
		case i > 0 && (b.kind == subBox || b.kind == superBox || b.kind == bothBox):
			w *= small
		}
		sum += w
	}
	switch b.kind {
	case letterBox, transposeBox, primeBox, rootBox, parenBox, squareBox, normBox, absBox:
		return sum + 1
	case uprightBox, digitsBox, heavyBox, wordBox, operatorBox:
		return sum + float64(len(b.text))
	case signBox:
		return sum + signWidths[b.sign]
	}
	return sum
}

var signWidths = [signs]float64{
	plusSign: 2, minusSign: 2, negativeSign: 1, hadamardSign: 2, divideEntriesSign: 2, kroneckerSign: 2, entrywiseSign: 1,
	dotSign: 1, commaSign: 0.5, bySign: 2, slashSign: 0.5, equalsSign: 2, pseudoSign: 1, starSign: 0.5, nablaSign: 1,
	partialSign: 0.5, whereSign: 6,
}
