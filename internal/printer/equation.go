package printer

import (
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// Left is the left side of an equation that says what a result is. The zero Left is none.
type Left struct {
	Symbol Symbol
	Of     *expr.Node   // what is differentiated; of Itself, what is on the left
	By     []*expr.Node // the variables, of a second derivative two
	Along  *expr.Node   // the direction of a Hessian, or nil
}

// Symbol is the sign of a derivative.
type Symbol byte

const (
	Nothing      Symbol = iota
	Nabla               // \nabla_{x} f
	Partial             // \frac{\partial f}{\partial x}
	Differential        // \mathrm{d} f
	Itself              // f
)

// Equation is a result, laid out with what it is, in a style.
type Equation struct {
	style Style
	left  *box         // nil if there is none
	terms [][]*box     // each with the sign before it, if there is one
	names []definedBox // the parts that have names
}

type definedBox struct{ name, value *box }

// Equation lays n out, with its left side.
func (s Style) Equation(left Left, n *expr.Node) Equation {
	l, p := s.layout(left, n)
	e := Equation{style: s, left: l.left(left)}
	for i, t := range terms(p.body) {
		var parts []*box
		if i > 0 {
			parts = []*box{mark(t.sign)}
		}
		e.terms = append(e.terms, append(parts, l.box(t.value, t.must)))
	}
	for _, d := range p.defs {
		e.names = append(e.names, definedBox{l.name(d.name), l.box(d.value, bindsTerm)})
	}
	return e
}

// layout returns what lays out n beside its left side, and n divided into its parts.
func (s Style) layout(left Left, n *expr.Node) (*layout, page) {
	beside := slices.DeleteFunc(append([]*expr.Node{left.Of, left.Along}, left.By...), func(m *expr.Node) bool { return m == nil })
	p := layOut(n, forPeople, beside...)
	names, arrays := slices.Clone(p.names), p.arrays
	for _, m := range beside {
		expr.Walk(m, func(m *expr.Node) {
			if m.Op == expr.Variable {
				names = append(names, m.Name)
				arrays[m.Name] = !m.Shape.IsScalar()
			}
		})
	}
	return &layout{newSymbols(names, arrays), s}, p
}

func (l *layout) node(n *expr.Node, must int) *box {
	return l.box(newLowering(forPeople).form(n, true), must)
}

func (l *layout) left(left Left) *box {
	switch left.Symbol {
	case Nabla:
		return l.nabla(left)
	case Partial:
		return l.partial(left)
	case Differential:
		return row(leaf(uprightBox, "d"), mark(operandSign), l.node(left.Of, bindsSymbol))
	case Itself:
		return l.node(left.Of, bindsTerm)
	}
	return nil
}

func (l *layout) nabla(left Left) *box {
	var by []*box
	for i, x := range left.By {
		if i > 0 && x == left.By[0] {
			continue
		}
		if i > 0 {
			by = append(by, mark(commaSign))
		}
		by = append(by, l.node(x, bindsTerm))
	}
	sign := nabla(row(by...))
	if len(left.By) > 1 {
		sign = superscript(sign, digits("2"))
	}
	parts := []*box{sign, mark(operandSign), l.node(left.Of, bindsSymbol)}
	if left.Along != nil {
		parts = append(parts, mark(operandSign), of(squareBox, l.node(left.Along, bindsTerm)))
	}
	return row(parts...)
}

func (l *layout) partial(left Left) *box {
	d, f, x := mark(partialSign), l.node(left.Of, bindsScript), left.By
	if len(x) == 1 {
		return of(fractionBox, row(d, f), row(d, l.node(x[0], bindsScript)))
	}
	above := row(superscript(mark(partialSquareSign), digits("2")), mark(operandSign), f)
	if x[0] == x[1] {
		return of(fractionBox, above, row(d, superscript(l.node(x[0], bindsSymbol), digits("2"))))
	}
	return of(fractionBox, above, row(d, l.node(x[0], bindsScript), mark(thinSign), d, l.node(x[1], bindsScript)))
}

// whole is the equation on one line.
func (e Equation) whole() *box {
	var parts []*box
	if e.left != nil {
		parts = append(parts, e.left, mark(equalsSign))
	}
	parts = append(parts, slices.Concat(e.terms...)...)
	for i, d := range e.names {
		parts = append(parts, mark([]sign{whereSign, commaSign}[min(i, 1)]), d.name, mark(equalsSign), d.value)
	}
	return row(parts...)
}

// LaTeX returns the equation as one line for math mode.
func (e Equation) LaTeX() string { return latex.text(e.style, e.whole()) }

// Typst returns the equation for math mode.
func (e Equation) Typst() string { return typst.text(e.style, e.whole()) }

// MathML returns the equation as a math element.
func (e Equation) MathML() string {
	return `<math xmlns="http://www.w3.org/1998/Math/MathML">` + mathML.text(e.style, e.whole()) + "</math>"
}

// Row is a line of LaTeX that is aligned with others before its right side, which begins with the sign of equality if
// there is one.
type Row struct{ Left, Right, Reason string }

func (r Row) aligned() string {
	line := strings.TrimSpace(r.Left + " &" + strings.TrimPrefix(r.Right, " "))
	if r.Reason != "" {
		line += " && " + r.Reason
	}
	return line
}

// lineWidth is how many letters fit on a line of an article.
const lineWidth = 50

// Rows returns the equation in lines: a long sum is divided, and each name has its own line.
func (e Equation) Rows() []Row {
	if e.whole().width() <= lineWidth {
		return []Row{e.row("", e.left, slices.Concat(e.terms...))}
	}
	var rows []Row
	room := lineWidth - 1.0
	if e.left != nil {
		room -= e.left.width()
	}
	room = max(room, lineWidth/2)
	left, line := e.left, []*box(nil)
	width := 0.0
	for _, t := range e.terms {
		w := row(t...).width()
		if len(line) > 0 && width+w > room {
			rows = append(rows, e.row("", left, line))
			left, line, width = nil, nil, 0
		}
		line = append(line, t...)
		width += w
	}
	rows = append(rows, e.row("", left, line))
	for i := range rows[1:] {
		rows[i+1].Right = `\quad ` + strings.TrimPrefix(rows[i+1].Right, " ")
	}
	for i, d := range e.names {
		rows[len(rows)-1].Right += ","
		r := e.row([]string{`\textrm{where } `, ""}[min(i, 1)], d.name, []*box{d.value})
		if e.left == nil { // nothing to align with
			r = Row{Right: r.Left + " " + r.Right}
		}
		rows = append(rows, r)
	}
	return rows
}

func (e Equation) row(before string, left *box, right []*box) Row {
	r := Row{Right: latex.text(e.style, row(right...))}
	if left != nil {
		r.Left = before + latex.text(e.style, left)
		r.Right = "= " + r.Right
	}
	return r
}
