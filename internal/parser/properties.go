package parser

import (
	"strings"

	"matdiff/internal/expr"
)

// properties are the words of declarations that say what a matrix is like.
var properties = func() map[string]expr.Props {
	m := map[string]expr.Props{}
	for i, word := range expr.PropNames {
		m[word] = 1 << i
	}
	return m
}()

// needSquare are the properties that only square matrices have.
const needSquare = expr.Structure

func firstProperty(p expr.Props) string {
	word, _, _ := strings.Cut(p.String(), " ")
	return word
}

// exclusive are properties that a matrix cannot be declared to have together: no matrix that matters has both, or none can
// be drawn and moved within both.
var exclusive = []struct {
	one, others expr.Props
	hint        string
}{
	{expr.Skew, expr.Symmetric | expr.PosDef | expr.Diagonal | expr.Lower | expr.Upper, "only the zero matrix is both: declare one of them"},
	{expr.Skew, expr.Positive, "the diagonal of a skew matrix is zero: declare one of them"},
	{expr.Orthogonal, needSquare&^expr.Orthogonal | expr.Positive, "matdiff does not know the matrices that are both: declare one of them"},
}

// combine adds what the declared properties imply together, and refuses those that exclude each other.
func (w *words) combine() {
	first := map[expr.Props]*word{}
	for _, t := range w.all {
		if p := properties[t.Text]; first[p] == nil {
			first[p] = t
		}
	}
	for _, x := range exclusive {
		for p := expr.Props(1); p <= x.others; p <<= 1 {
			if a, b := first[x.one], first[p]; x.others.Has(p) && a != nil && b != nil {
				panic(w.fault(a, "declaration", "%s cannot be both %s and %s", w.it.Name, a.Text, b.Text).
					also(w.fault(b, "", "").Spans...).hint("%s", x.hint))
			}
		}
	}
	p := &w.out.props
	if p.Has(expr.PosDef) {
		*p |= expr.Symmetric
	}
	if triangular := *p & (expr.Lower | expr.Upper); triangular == expr.Lower|expr.Upper || triangular != 0 && p.Has(expr.Symmetric) {
		*p |= expr.Diagonal
	}
	if p.Has(expr.Diagonal) {
		*p &^= expr.Lower | expr.Upper
	}
}
