package parser

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"matdiff/internal/expr"
)

// What inference says about shapes that do not agree, in the names that the user knows.

// disagree reports two operands that need one shape.
func (r *run) disagree(code, message string, a, b *node, sa, sb shape) func() *Diagnostic {
	return func() *Diagnostic {
		ta, tb := r.text(a), r.text(b)
		d := wrong(code, a.span, "%s", message).also(b.span).fact("%s is %s, %s is %s", ta, r.show(sa), tb, r.show(sb))
		if r.show(sa) == r.show(sb.t()) {
			return d.hint("did you mean %s? A transpose is written X'", transposed(b, tb))
		}
		return r.hintDeclare(d, a, b)
	}
}

func transposed(n *node, text string) string {
	if n.kind == kindSum || n.kind == kindChain || n.kind == kindNegation {
		if !n.parens {
			return "(" + text + ")'"
		}
	}
	return strings.ReplaceAll(text+"'", "''", "")
}

// hintDeclare points to a variable in the given nodes whose shape is not declared.
func (r *run) hintDeclare(d *Diagnostic, nodes ...*node) *Diagnostic {
	name := ""
	for _, n := range nodes {
		n.walk(func(n *node) bool {
			if n.kind == kindName && r.p.meanings[n.id].kind == meansVariable {
				if s := r.p.symbols[r.p.meanings[n.id].target]; s.node == nil && (s.decl == nil || !s.decl.shaped) {
					name = n.text
				}
			}
			return true
		})
	}
	if name == "" {
		return d
	}
	return d.hint(`declare shapes with --var "%s: m×n"; matdiff shapes shows what is inferred`, name)
}

func (r *run) nonconforming(a, b *node, sa, sb shape) func() *Diagnostic {
	return func() *Diagnostic {
		ta, tb := r.text(a), r.text(b)
		d := wrong("product-shapes", a.span.to(b.span), "shapes do not conform in %s", excerpt(r.tree.text(a.span.to(b.span)))).
			fact("%s is %s and %s is %s; the product needs %s = %s", ta, r.show(sa), tb, r.show(sb), r.showDim(sa.cols), r.showDim(sb.rows))
		switch {
		case r.show(shape{sa.rows, sa.cols}) == r.show(sb):
			return d.hint("did you mean %s'*%s, or the entrywise product %s .* %s?", ta, tb, ta, tb)
		case r.showDim(sa.cols) == r.showDim(sb.cols):
			return d.hint("did you mean %s*%s?", ta, transposed(b, tb))
		case r.showDim(sa.rows) == r.showDim(sb.rows):
			return d.hint("did you mean %s*%s?", transposed(a, ta), tb)
		}
		return r.hintDeclare(d, a, b)
	}
}

func (r *run) notSquare(n *node, s shape, what string) func() *Diagnostic {
	return func() *Diagnostic {
		return wrong("square", n.span, "%s has to be square, but %s is %s", what, r.text(n), r.show(s))
	}
}

func (r *run) text(n *node) string { return excerpt(r.tree.text(n.span)) }

// excerpt makes a part of the input short enough for one line.
func excerpt(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > 40 {
		runes := []rune(text)
		return string(runes[:25]) + "…" + string(runes[len(runes)-12:])
	}
	return text
}

// names returns the names of dimensions in this run: the user's, and new ones in the order of the symbols.
func (r *run) names() *dimensionNames {
	if r.naming == nil {
		taken := map[string]bool{}
		for name := range r.p.decls.dims {
			taken[name] = true
		}
		for name := range r.p.decls.defined {
			taken[name] = true
		}
		for _, s := range r.p.symbols {
			taken[s.name] = true
			if s.node != nil {
				for _, d := range []expr.Dim{s.node.Shape.Rows, s.node.Shape.Cols} {
					for _, name := range d.Names() {
						taken[name] = true
					}
				}
			}
		}
		r.naming = &dimensionNames{taken: taken, given: map[dim]string{}}
		for _, s := range r.symbols {
			r.resolve(s)
		}
	}
	return r.naming
}

func (r *run) resolve(s shape) expr.Shape {
	n := r.names()
	return expr.Shape{Rows: r.u.resolve(s.rows, n.name), Cols: r.u.resolve(s.cols, n.name)}
}

func (r *run) show(s shape) string { return r.resolve(s).String() }

func (r *run) showDim(d dim) string { return r.u.resolve(d, r.names().name).String() }

// facts adds the shapes of the variables in nodes to d.
func (r *run) facts(d *Diagnostic, nodes ...*node) *Diagnostic {
	seen := map[int32]bool{}
	var list []string
	for _, n := range nodes {
		n.walk(func(n *node) bool {
			if n.kind == kindName && r.p.meanings[n.id].kind == meansVariable {
				if s := r.p.meanings[n.id].target; !seen[s] {
					seen[s] = true
					list = append(list, fmt.Sprintf("%s is %s", n.text, r.show(r.symbols[s])))
				}
			}
			return len(list) < 5
		})
	}
	if len(list) > 0 {
		d.Facts = append(d.Facts, strings.Join(list, ", "))
	}
	return d
}
