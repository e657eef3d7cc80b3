package index

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"matdiff/internal/expr"
	"matdiff/internal/printer"
)

// Notation writes expressions in entries.
type Notation struct {
	node      func(*Node) string
	letter    func(string) string // the name of an index
	times     string              // between factors
	sum       func(index, body string) string
	entry     func(w *Notation, e *Expr) string
	delta     func(row, col string) string
	power     func(base, exponent string) string
	quotient  func(w *Notation, above, below []*Expr) string
	brackets  [2]string
	sumIsCall bool // a sum has brackets of its own
	braced    bool // an exponent has braces
}

// Text is the notation sum(j, A[i,j]*B[j,k]), and Unicode Σ_j A_ij B_jk.
var (
	Text = &Notation{
		node:   printer.Text,
		letter: func(name string) string { return name },
		times:  "*",
		sum:    func(i, body string) string { return "sum(" + i + ", " + body + ")" },
		entry: func(w *Notation, e *Expr) string {
			return w.base(e.Base) + "[" + strings.Join(w.indices(e.Row, e.Col), ",") + "]"
		},
		delta:     func(row, col string) string { return "I[" + row + "," + col + "]" },
		power:     func(base, exponent string) string { return base + "^" + exponent },
		quotient:  (*Notation).slash,
		brackets:  [2]string{"(", ")"},
		sumIsCall: true,
	}
	Unicode = &Notation{
		node:   printer.Unicode,
		letter: func(name string) string { return name },
		times:  " ",
		sum:    func(i, body string) string { return "Σ_" + i + " " + body },
		entry: func(w *Notation, e *Expr) string {
			is := w.indices(e.Row, e.Col)
			joined := strings.Join(is, "")
			if len(joined) > len(is) {
				joined = "{" + strings.Join(is, ",") + "}"
			}
			return w.subscripted(e.Base, "[", "]") + "_" + joined
		},
		delta:    func(row, col string) string { return "δ_" + row + col },
		power:    func(base, exponent string) string { return base + "^" + exponent },
		quotient: (*Notation).slash,
		brackets: [2]string{"(", ")"},
	}
)

// LaTeX is the notation \sum_{j} A_{ij}B_{jk}, in a style.
func LaTeX(style printer.Style) *Notation {
	return &Notation{
		node:   style.LaTeX,
		letter: printer.LaTeXName,
		sum: func(i, body string) string {
			if strings.HasPrefix(body, `\sum`) {
				return `\sum_{` + i + "}" + body
			}
			return `\sum_{` + i + "} " + body
		},
		entry: func(w *Notation, e *Expr) string {
			is := w.indices(e.Row, e.Col)
			joined := strings.Join(is, "")
			if len(joined) > len(is) {
				joined = strings.Join(is, ",")
			}
			return w.subscripted(e.Base, `\left[ `, ` \right]`) + "_{" + joined + "}"
		},
		delta: func(row, col string) string { return `\delta_{` + row + col + "}" },
		power: func(base, exponent string) string { return base + "^{" + exponent + "}" },
		quotient: func(w *Notation, above, below []*Expr) string {
			if rest := above; len(below) == 1 && below[0].Kind == Number { // a number stands in front
				top := whole(1)
				if above[0].Kind == Number {
					top, rest = above[0], above[1:]
				}
				if len(rest) > 0 && !(rest[0].Kind == Symbol || len(rest) == 1 && rest[0].Kind == Entry) {
					return `\frac{` + w.factors([]*Expr{top}) + "}{" + w.factors(below) + "} " + w.factors(rest)
				}
			}
			return `\frac{` + w.factors(above) + "}{" + w.factors(below) + "}"
		},
		brackets: [2]string{`\left( `, ` \right)`},
		braced:   true,
	}
}

// Write returns e in this notation.
func (w *Notation) Write(e *Expr) string { return w.write(e, bindsPlus) }

// How tightly expressions bind, loosest first.
const (
	bindsPlus = iota
	bindsSum  // Σ reaches to the end of the product
	bindsTimes
	bindsAtom
)

func (w *Notation) write(e *Expr, must int) string {
	text, binds := w.form(e)
	if binds < must {
		return w.brackets[0] + text + w.brackets[1]
	}
	return text
}

func (w *Notation) form(e *Expr) (text string, binds int) {
	switch e.Kind {
	case Number:
		return w.number(e)
	case Symbol:
		text := w.node(e.Base)
		if e.Base.Op == expr.Variable || len(e.Base.Op.In) > 0 {
			return text, bindsAtom
		}
		return text, bindsPlus
	case Entry:
		return w.entry(w, e), bindsAtom
	case Delta:
		is := w.indices(e.Row, e.Col)
		return w.delta(is[0], is[len(is)-1]), bindsAtom
	case Sum:
		if w.sumIsCall {
			return w.sum(w.letter(e.Row.Name), w.write(e.Args[0], bindsPlus)), bindsAtom
		}
		return w.sum(w.letter(e.Row.Name), w.write(e.Args[0], bindsSum)), bindsSum
	case Plus:
		return w.plus(e.Args), bindsPlus
	case Times:
		text := w.factors(e.Args)
		if e.Args[0].Kind == Number && e.Args[0].Number.Sign() < 0 {
			return text, bindsPlus
		}
		if last := e.Args[len(e.Args)-1]; last.Kind == Sum && !w.sumIsCall {
			return text, bindsSum
		}
		return text, bindsTimes
	case Power:
		return w.raised(e)
	}
	name, closing, _ := strings.Cut(w.node(printableFunction(e.Base.Op)), w.node(placeholder))
	return name + w.write(e.Args[0], bindsPlus) + closing, bindsAtom
}

// placeholder stands for the argument of a function whose notation is asked for. No other text has its name.
var placeholder = expr.NewBuilder().Variable("argument", expr.Scalar, 0)

func printableFunction(op *expr.Op) *Node { return expr.NewBuilder().New(op, placeholder) }

func (w *Notation) number(e *Expr) (string, int) {
	b := expr.NewBuilder()
	text := w.node(b.Number(e.Number))
	if e.Number.Sign() < 0 {
		return text, bindsPlus
	}
	if !e.Number.IsInt() {
		return text, bindsTimes
	}
	return text, bindsAtom
}

func (w *Notation) plus(terms []*Expr) string {
	var s strings.Builder
	for i, t := range terms {
		text := w.write(t, bindsPlus)
		rest, negative := strings.CutPrefix(text, "-")
		switch {
		case i == 0:
			s.WriteString(text)
		case negative:
			s.WriteString(" - " + rest)
		default:
			s.WriteString(" + " + text)
		}
	}
	return s.String()
}

// factors writes a product: its sign, what has a negative power or divides the number below a line, and one sum last.
func (w *Notation) factors(fs []*Expr) string {
	sign := ""
	var above, below []*Expr
	for i, f := range fs {
		switch {
		case f.Kind == Power && f.Args[1].Kind == Number && f.Args[1].Number.Sign() < 0:
			below = append(below, power(f.Args[0], negated(f.Args[1])))
		case i == 0 && f.Kind == Number:
			if f.Number.Sign() < 0 {
				sign = "-"
			}
			if top := number(new(big.Rat).SetInt(new(big.Int).Abs(f.Number.Num()))); !top.isNumber(1) || len(fs) == 1 {
				above = append(above, top)
			}
			if !f.Number.IsInt() {
				below = append(below, number(new(big.Rat).SetInt(f.Number.Denom())))
			}
		default:
			above = append(above, f)
		}
	}
	if len(above) == 0 {
		above = []*Expr{whole(1)}
	}
	if len(below) > 0 {
		return sign + w.quotient(w, above, below)
	}
	parts := make([]string, len(above))
	for i, f := range above {
		must := bindsTimes
		if i == len(above)-1 && f.Kind == Sum && sums(above) == 1 {
			must = bindsSum
		}
		parts[i] = w.write(f, must)
	}
	return sign + w.join(parts)
}

// join puts factors side by side; where nothing stands between them, a digit must not follow a letter's command.
func (w *Notation) join(parts []string) string {
	var s strings.Builder
	for i, p := range parts {
		if i > 0 {
			s.WriteString(w.times)
			if w.times == "" && (strings.HasPrefix(p, `\sum`) || endsInCommand(parts[i-1])) {
				s.WriteByte(' ')
			}
		}
		s.WriteString(p)
	}
	return s.String()
}

// endsInCommand reports whether LaTeX would read a letter that follows as part of a command.
func endsInCommand(latex string) bool {
	i := strings.LastIndexByte(latex, '\\')
	return i >= 0 && strings.Trim(latex[i+1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func sums(fs []*Expr) int {
	n := 0
	for _, f := range fs {
		if f.Kind == Sum {
			n++
		}
	}
	return n
}

func negated(e *Expr) *Expr { return times([]*Expr{whole(-1), e}, nil) }

// slash writes a quotient on the line.
func (w *Notation) slash(above, below []*Expr) string {
	top := w.factors(above)
	if above[len(above)-1].Kind == Sum && !w.sumIsCall {
		top = w.brackets[0] + top + w.brackets[1]
	}
	if len(below) == 1 {
		return top + "/" + w.write(below[0], bindsAtom)
	}
	return top + "/" + w.brackets[0] + w.factors(below) + w.brackets[1]
}

func (w *Notation) raised(e *Expr) (string, int) {
	base, exponent := e.Args[0], e.Args[1]
	if exponent.Kind == Number {
		if exponent.Number.Sign() < 0 {
			return w.factors([]*Expr{e}), bindsTimes
		}
		if exponent.Number.RatString() == "1/2" {
			root := expr.NewBuilder().New(expr.Sqrt, placeholder)
			name, closing, _ := strings.Cut(w.node(root), w.node(placeholder))
			return name + w.write(base, bindsPlus) + closing, bindsAtom
		}
	}
	must := bindsAtom
	if w.braced {
		must = bindsPlus
	}
	return w.power(w.powerBase(base), w.write(exponent, must)), bindsAtom
}

// powerBase writes a base; one that ends in a subscript takes a power without brackets, one that is a power does not.
func (w *Notation) powerBase(base *Expr) string {
	if base.Kind == Power || base.Kind == Function && w.braced {
		return w.brackets[0] + w.write(base, bindsPlus) + w.brackets[1]
	}
	return w.write(base, bindsAtom)
}

// indices writes the indices of an entry; the column of a vector has none.
func (w *Notation) indices(row, col Index) []string {
	var is []string
	for _, i := range []Index{row, col} {
		switch {
		case i.isLetter():
			is = append(is, w.letter(i.Name))
		case i != None:
			is = append(is, strconv.Itoa(i.Number))
		}
	}
	if len(is) == 0 {
		is = []string{"1"}
	}
	return is
}

// base writes a matrix in front of [i,j].
func (w *Notation) base(n *Node) string {
	text := w.node(n)
	if n.Op.Traits.Has(expr.Leaf) || n.Op == expr.Transpose || len(n.Op.In) > 0 || n.Op == expr.Kronecker {
		return text
	}
	return "(" + text + ")"
}

// subscripted writes a matrix in front of its subscripts: in square brackets if it is more than a letter.
func (w *Notation) subscripted(n *Node, open, closing string) string {
	text := w.node(n)
	if n.Op == expr.Variable && (utf8.RuneCountInString(n.Name) == 1 || !strings.ContainsAny(text, "_{")) {
		return text
	}
	return open + text + closing
}
