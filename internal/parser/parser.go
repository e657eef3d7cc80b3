// Package parser reads the language: text becomes a syntax tree with positions (grammar.go, expression.go), names are
// looked up (program.go, declare.go), shapes are inferred (infer.go, calls.go, dimension.go) under the reading of undeclared
// names that fits (search.go, reason.go), and raw nodes of package expr are made (lower.go). Equations and rule lines go the
// same way. What is wrong with a text is a *Diagnostic.
package parser

import (
	"fmt"
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// Options say what is known about an expression besides its text.
type Options struct {
	Declarations []string   // as given with --var
	Wrt          []string   // names (or X[i,j]) that the result is asked for; must occur or be declared
	Scalar       bool       // the expression has to be a scalar (a gradient is asked for)
	Functions    []*expr.Op // the user's own functions (rule files)
	Companion    string     // another expression in the same names, such as a cotangent; none if empty
	LikeWrt      bool       // the companion has the shape of the first name in Wrt, not that of the expression
	Moving       []string   // the variables that d(F) differentiates by; empty for those that the equation suggests
}

// Typed is an expression whose names and shapes are known.
type Typed struct {
	Expr    *expr.Node            // as the user wrote it
	Beside  *expr.Node            // the companion, if there is one
	Names   map[string]*expr.Node // every variable by name, declared ones too
	Order   []string              // names in the order in which they are met
	Wrt     []*expr.Node          // the variables asked for, in order
	Notes   []string              // how something was read; for standard error
	Depends map[string]string     // the scalar that a variable was declared to depend on (A: n×n of t)
	Unused  []string              // declared and defined names that the text does not lead to
}

// Expression reads an expression and what where says about it.
func Expression(b *expr.Builder, text string, o Options) (typed *Typed, err error) {
	defer catch(&err)
	s := readStatement(text)
	if s.Right != nil {
		at := strings.Index(text[s.Left.root.span.End:], "=") + s.Left.root.span.End
		return nil, wrong("equation", Span{at, at + 1}, "an expression has no =").in(text).
			hint("matdiff check reads equations; definitions follow where: … where Y = A*X")
	}
	p := prepare(b, text, s, o)
	root := tree{s.Left.root, text}
	roots := []tree{root}
	if o.Companion != "" {
		roots = append(roots, readCompanion(o.Companion))
	}
	newProgram(p, roots...)
	for name := range p.decls.dims {
		b.NameSize(name)
	}
	wrt := p.asked(o.Wrt)
	demand := func(r *run) {
		if o.Scalar {
			r.tree = root
			r.mustBeScalar(r.shapes[root.root.id], root.root)
		}
		r.wrt(wrt)
		if len(roots) > 1 {
			like := root
			if o.LikeWrt {
				like = wrt[0]
			}
			r.sameShape(roots[1], like)
		}
	}
	r, fault := p.reading(demand, -1)
	if fault != nil {
		return nil, fault
	}
	l := newLowerer(b, r)
	typed = &Typed{Expr: l.whole(root)}
	b.HoldSizes(typed.Expr)
	if len(roots) > 1 {
		typed.Beside = l.whole(roots[1])
	}
	l.finish(typed, wrt)
	return typed, nil
}

// readCompanion reads an expression without = and where. It throws a *Diagnostic.
func readCompanion(text string) tree {
	s := readStatement(text)
	if s.Right != nil || s.Where != nil {
		panic(wrong("companion", Span{0, len(text)}, "an expression alone is needed here").in(text).
			hint("declare and define names after the main expression, or with --var"))
	}
	return tree{s.Left.root, text}
}

// sameShape demands that t has the shape of like.
func (r *run) sameShape(t, like tree) {
	s, want := r.shapes[t.root.id], r.shapes[like.root.id]
	if s == bad || want == bad || r.u.same(s, want) {
		return
	}
	r.tree = t
	r.fail(t.root, func() *Diagnostic {
		return wrong("companion-shape", t.root.span, "%s needs the shape of %s", excerpt(t.text(t.root.span)), excerpt(like.text(like.root.span))).
			fact("%s is %s", excerpt(t.text(t.root.span)), r.show(s)).
			fact("%s is %s", excerpt(like.text(like.root.span)), r.show(want))
	}, t.root, like.root)
}

func readStatement(text string) *statement {
	s, err := read(theGrammar().statement, text)
	if err != nil {
		panic(err)
	}
	return s
}

// prepare collects the declarations that go with a statement. It throws a *Diagnostic.
func prepare(b *expr.Builder, text string, s *statement, o Options) *program {
	p := &program{builder: b, functions: newFunctionTable(o.Functions), decls: newDeclarations()}
	for _, d := range o.Declarations {
		p.decls.text(d, p.functions)
	}
	p.decls.add(s.Where, text, p.functions)
	return p
}

// asked reads the names that a result is asked for: X or X[i,j].
func (p *program) asked(names []string) (out []tree) {
	for _, name := range names {
		s, err := read(theGrammar().statement, name)
		if err != nil {
			panic(err)
		}
		n := s.Left.root
		v := n
		if n.kind == kindIndex {
			v = n.args[0]
		}
		switch _, defined := p.decls.defined[v.text]; {
		case v.kind != kindName || s.Right != nil || s.Where != nil:
			d := wrong("not-variable", n.span, "%s is not a variable", excerpt(name)).in(name)
			if v.kind == kindName || n.kind == kindName {
				panic(d)
			}
			panic(d.hint("differentiate by a name such as X, or an entry X[i,j]; a part of the expression can be named: … where Y = %s", excerpt(name)))
		case defined:
			panic(wrong("not-variable", v.span, "%s is defined by an expression; only variables can be differentiated by", v.text).in(name))
		}
		if _, ok := p.byName[v.text]; !ok {
			panic(p.unknownVariable(v, name))
		}
		before := int32(len(p.meanings))
		p.meanings = append(p.meanings, make([]meaning, n.number(before)-before)...)
		t := tree{n, name}
		p.resolve(t)
		out = append(out, t)
	}
	p.relate()
	return out
}

func (p *program) unknownVariable(v *node, source string) *Diagnostic {
	if what, taken := p.functions.taken(v.text); taken {
		return wrong("not-variable", v.span, "%s is the name of %s, not a variable", v.text, what).in(source)
	}
	var names []string
	for _, s := range p.symbols {
		if !s.index {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	d := wrong("unknown-name", v.span, "%s does not occur in the expression", v.text).in(source)
	if p.decls.dims[v.text] {
		d.Message = fmt.Sprintf("%s is a dimension, not a variable", v.text)
	}
	if near := Nearest(v.text, names); near != "" {
		return d.hint("did you mean %s?", near)
	}
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	if len(names) > 0 {
		return d.hint("the variables are %s", strings.Join(names, ", "))
	}
	return d.hint("the expression has no variables")
}

// wrt infers the entries that a result is asked for.
func (r *run) wrt(list []tree) {
	for _, t := range list {
		r.inferTree(t)
	}
}

// finish fills in what a typed text says besides its expressions.
func (l *lowerer) finish(typed *Typed, wrt []tree) {
	typed.Names = map[string]*expr.Node{}
	for i, s := range l.p.symbols {
		typed.Names[s.name] = l.symbol(int32(i))
		typed.Order = append(typed.Order, s.name)
		if s.decl != nil && s.decl.of != "" {
			if t := l.symbol(l.p.byName[s.decl.of]); !t.Shape.IsScalar() {
				panic(wrong("depends", s.decl.span, "%s can only depend on a scalar", s.name).fact("%s is %s", t.Name, t.Shape).in(s.decl.source))
			}
			if typed.Depends == nil {
				typed.Depends = map[string]string{}
			}
			typed.Depends[s.name] = s.decl.of
		}
	}
	for _, t := range wrt {
		typed.Wrt = append(typed.Wrt, l.whole(t))
	}
	typed.Notes = l.notes()
	typed.Unused = l.p.unused(wrt)
}

// unused returns the declared and defined names that neither the text nor the names that a result is asked for lead to.
func (p *program) unused(wrt []tree) (out []string) {
	used := map[string]bool{}
	var visit func(n *node) bool
	visit = func(n *node) bool {
		if n.kind != kindName || used[n.text] {
			return true
		}
		used[n.text] = true
		switch m := p.meanings[n.id]; m.kind {
		case meansVariable:
			s := &p.symbols[m.target]
			used[p.symbols[p.root(m.target)].name] = true
			if s.decl != nil && s.decl.of != "" {
				used[s.decl.of] = true
			}
		case meansDefinition:
			p.decls.defs[m.target].root.walk(visit)
		}
		return true
	}
	for _, t := range slices.Concat(p.roots, wrt) {
		t.root.walk(visit)
	}
	for _, s := range p.symbols {
		of, _ := base(s.name)
		if s.decl != nil && !used[s.name] && !used[of] && !p.decls.dims[s.name] {
			out = append(out, s.name)
		}
	}
	for _, d := range p.decls.defs {
		if !used[d.name] {
			out = append(out, d.name)
		}
	}
	return out
}

// notes says where an undeclared scalar was read as added to every entry, and which matrices as rows and columns.
func (l *lowerer) notes() (out []string) {
	noted := map[int32]bool{}
	visit := func(n *node) bool {
		if n.kind != kindSum || l.r.u.isScalar(l.r.shapes[n.id]) {
			return true
		}
		var other *node
		for _, a := range n.args {
			if !l.r.u.isScalar(l.r.shapes[a.id]) {
				other = a
				break
			}
		}
		for _, a := range n.args {
			if a.kind == kindNegation {
				a = a.args[0]
			}
			if a.kind != kindName || l.p.meanings[a.id].kind != meansVariable || other == nil {
				continue
			}
			i := l.p.meanings[a.id].target
			s := &l.p.symbols[i]
			if noted[i] || s.decl != nil || s.index || l.p.decls.scalars[s.name] || !l.r.u.isScalar(l.r.symbols[i]) {
				continue
			}
			noted[i] = true
			shape := l.shape(other)
			out = append(out, fmt.Sprintf("%s is read as a scalar and added to every entry of %s; if it is not one, declare it: --var \"%s: %s\"",
				s.name, excerpt(l.tree.text(other.span)), s.name, shape))
		}
		return true
	}
	for _, t := range l.p.roots {
		l.tree = t
		t.root.walk(visit)
	}
	for _, d := range l.p.decls.defs {
		l.tree = d.tree
		d.root.walk(visit)
	}
	return append(out, l.thin()...)
}

// thin notes the undeclared matrices that are read as rows or columns, because nothing else fits with fewer scalars.
func (l *lowerer) thin() (out []string) {
	for i := range l.p.symbols {
		s := &l.p.symbols[i]
		if s.decl != nil || s.index || s.nature != natureMatrix {
			continue
		}
		if x := l.symbol(int32(i)).Shape; x.IsRow() || x.IsColumn() {
			out = append(out, fmt.Sprintf("%s is read as %s; if it is a matrix, declare it: --var \"%s: matrix\"", s.name, x, s.name))
		}
	}
	return out
}
