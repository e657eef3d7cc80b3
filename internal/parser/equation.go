package parser

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
)

// Equation is a claim that two expressions are equal. Their shapes may differ: then it does not hold.
type Equation struct {
	Typed
	Left, Right *expr.Node
	Text        string
}

// ParseEquation reads LEFT = RIGHT, which may use grad, jacobian, hessian, d and diff, and what where says about it.
//
// The sides get one shape if they can; if not, each is taken as it is. The second is the better reading where the first
// would need more scalars, or matrices with one row or column: grad(x'*x, x) = 2*x' is a mistake about vectors, not a
// truth about scalars, and grad(det(X), X) = 1 one about matrices.
func ParseEquation(b *expr.Builder, text string, o Options) (eq *Equation, err error) {
	defer catch(&err)
	s := readStatement(text)
	if s.Right == nil {
		at := s.Left.root.span.End
		return nil, wrong("equation", Span{at, at}, "an equation needs a =").in(text).
			hint("write LEFT = RIGHT, for example grad(tr(A*X), X) = A'")
	}
	p := prepare(b, text, s, o)
	p.equation = true
	left, right := tree{s.Left.root, text}, tree{s.Right.root, text}
	newProgram(p, left, right)
	p.findMoving(o.Moving, left.root, right.root)
	wrt := p.asked(o.Wrt)
	zeroLeft, zeroRight := isZero(left.root), isZero(right.root)
	apart := func(r *run) { r.wrt(wrt) }
	together := func(r *run) {
		r.keepMatrices()
		a, b := r.shapes[left.root.id], r.shapes[right.root.id]
		if a != bad && b != bad && !zeroLeft && !zeroRight && !r.u.same(a, b) {
			r.tree = left
			r.fail(left.root, r.disagree("sides", "the sides of an equation need the same shape", left.root, right.root, a, b), left.root, right.root)
		}
		r.wrt(wrt)
	}
	r, fault := p.reading(apart, -1)
	if fault != nil {
		return nil, fault
	}
	before := squares(r)
	var notes []string
	if same, _ := p.reading(together, r.scalars.size()); same != nil {
		r = same
		for i, square := range squares(r) {
			if square && !before[i] {
				notes = append(notes, fmt.Sprintf("%s is read as %s, so that the sides have the same shape", p.symbols[i].name, r.show(r.symbols[i])))
			}
		}
	}
	l := newLowerer(b, r)
	eq = &Equation{Left: l.whole(left), Right: l.whole(right), Text: text}
	b.HoldSizes(eq.Left, eq.Right)
	switch {
	case zeroRight && !zeroLeft:
		eq.Right = zeros(b, eq.Left.Shape)
	case zeroLeft && !zeroRight:
		eq.Left = zeros(b, eq.Right.Shape)
	}
	l.finish(&eq.Typed, wrt)
	eq.Notes = append(eq.Notes, notes...)
	return eq, nil
}

// keepMatrices makes sure that no dimension of a matrix becomes 1 from here on.
func (r *run) keepMatrices() {
	for i, s := range r.symbols {
		if !r.p.symbols[r.p.root(int32(i))].candidate {
			r.u.solidify(s.rows)
			r.u.solidify(s.cols)
		}
	}
}

// squares reports which symbols are square matrices.
func squares(r *run) []bool {
	out := make([]bool, len(r.symbols))
	for i, s := range r.symbols {
		out[i] = r.u.find(s.rows) == r.u.find(s.cols)
	}
	return out
}

// isZero reports whether n is the number 0, which as a side of an equation stands for zeros of any shape.
func isZero(n *node) bool {
	return n.kind == kindNumber && strings.Trim(n.text, "0.") == ""
}

func zeros(b *expr.Builder, s expr.Shape) *expr.Node {
	if s.IsScalar() {
		return b.Int(0)
	}
	return b.Sized(expr.Zeros, s)
}

// findMoving finds the variables that d(F) differentiates by: those demanded, else those X for which dX or d(X) is written,
// and all variables of the F's if there are none.
func (p *program) findMoving(demanded []string, roots ...*node) {
	var inside []int32
	named := map[int32]bool{}
	within := 0
	var visit func(n *node)
	visit = func(n *node) {
		if n.kind == kindName && p.meanings[n.id].kind == meansVariable {
			s := p.meanings[n.id].target
			if within > 0 {
				inside = append(inside, s)
			} else if like := p.symbols[s].like; like >= 0 {
				named[like] = true
			}
		}
		if n.kind == kindName && p.meanings[n.id].kind == meansDefinition {
			visit(p.decls.defs[p.meanings[n.id].target].root)
		}
		d := n.kind == kindCall && n.text == "d"
		if d {
			within++
			if a := n.args[0]; a.kind == kindName && p.meanings[a.id].kind == meansVariable {
				named[p.meanings[a.id].target] = true
			}
		}
		for _, a := range n.args {
			visit(a)
		}
		if d {
			within--
		}
	}
	for _, n := range roots {
		visit(n)
	}
	if len(demanded) > 0 {
		clear(named)
		for _, name := range demanded {
			if s, ok := p.byName[name]; ok {
				named[s] = true
			}
		}
	}
	seen := map[int32]bool{}
	for _, s := range inside {
		if !seen[s] && !p.symbols[s].index && (len(named) == 0 || named[s]) {
			seen[s] = true
			p.moving = append(p.moving, s)
		}
	}
}
