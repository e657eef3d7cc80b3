package parser

import (
	"slices"
	"strings"

	"matdiff/internal/expr"
)

// program is a text whose names have been looked up: what inference works on.
type program struct {
	functions *functionTable
	decls     *declarations
	roots     []tree
	symbols   []symbol
	byName    map[string]int32
	bound     map[string]*expr.Node // in rule lines: what names stand for
	meanings  []meaning             // of kindName nodes, by node id
	defState  []visit
	equation  bool      // the operators of equations may be used
	moving    []int32   // symbols that d(F) differentiates by
	alphabet  []int32   // the candidates by name
	spare     *run      // whose workspace the next run may use
	seen      symbolSet // workspace of candidates, empty
	nameSets  []nameSet // of candidates in each node, by node id; nil if there are too many
	visits    int       // of nodes by inference
	builder   *expr.Builder
}

// symbol is a name that stands for a value.
type symbol struct {
	name      string
	decl      *declaration
	node      *expr.Node // what it is bound to in a rule line
	index     bool       // names a row or column
	place     int        // of a candidate, in the alphabet
	candidate bool       // a vector, or a scalar where only a scalar fits
	nature    nature
	like      int32 // the symbol whose shape it has, or -1: dX has the shape of X
}

// meaning is what a name in an expression stands for.
type meaning struct {
	kind   meaningKind
	target int32 // symbol or definition
}

type meaningKind uint8

const (
	meansNothing meaningKind = iota
	meansVariable
	meansDefinition
	meansSize // a dimension used as a number
	meansIdentity
	meansOnes
	meansZeros
	meansPi
)

type visit uint8

const (
	unvisited visit = iota
	visiting
	visited
)

// newProgram looks up the names of roots. It throws a *Diagnostic.
func newProgram(p *program, roots ...tree) *program {
	p.roots = roots
	p.byName = map[string]int32{}
	if p.decls == nil {
		p.decls = newDeclarations()
	}
	next := int32(0)
	for _, t := range roots {
		next = t.root.number(next)
		p.collectSizes(t)
	}
	for _, d := range p.decls.defs {
		next = d.root.number(next)
		p.collectSizes(d.tree)
	}
	p.withinLimits(int(next))
	p.meanings = make([]meaning, next)
	p.defState = make([]visit, len(p.decls.defs))
	for _, t := range roots {
		p.resolve(t)
	}
	for _, d := range p.decls.defs {
		p.resolveDefinition(d)
	}
	for _, name := range p.decls.order {
		p.symbol(name)
		if of := p.decls.declared[name].of; of != "" {
			p.symbol(of)
		}
	}
	p.relate()
	return p
}

// withinLimits holds the program, of so many nodes, against the limits of the run. It throws a *Diagnostic.
func (p *program) withinLimits(nodes int) {
	limits := p.builder.Limits()
	trees := slices.Clone(p.roots)
	for _, d := range p.decls.defs {
		trees = append(trees, d.tree)
	}
	for _, t := range trees {
		if int(t.root.depth) > limits.Nesting {
			panic(wrong("nesting", t.root.below(limits.Nesting).span, "the expression is nested more than %d deep here", limits.Nesting).
				in(t.source).hint("%s; or allow more with --max-nesting", nameParts))
		}
	}
	if nodes > limits.Nodes {
		panic(wrong("length", p.roots[0].root.span, "the expression has %d names, numbers and operations; no more than %d are read", nodes, limits.Nodes).
			in(p.roots[0].source).hint("--max-nodes allows more").unknown())
	}
}

// below returns the node that so many others are nested around, on the deepest way down.
func (n *node) below(levels int) *node {
	for ; levels > 0 && len(n.args) > 0; levels-- {
		n = slices.MaxFunc(n.args, func(a, b *node) int { return int(a.depth - b.depth) })
	}
	return n
}

// collectSizes enters the names that t uses as sizes.
func (p *program) collectSizes(t tree) {
	t.root.walk(func(n *node) bool {
		if n.kind == kindCall {
			if f := p.functions.find(n.text); f != nil && f.sizes >= 0 {
				for i := f.sizes; i < len(n.args); i++ {
					n.args[i].walk(func(n *node) bool {
						if n.kind == kindName {
							p.decls.dims[n.text] = true
						}
						return n.kind != kindCall
					})
				}
			}
		}
		return true
	})
}

func (p *program) resolveDefinition(d *definition) {
	switch p.defState[d.index] {
	case unvisited:
		p.defState[d.index] = visiting
		p.resolve(d.tree)
		p.defState[d.index] = visited
	case visiting:
		panic(wrong("cycle", d.span, "%s is defined by itself", d.name).in(d.source))
	}
}

// resolve finds the meaning of every name of t in reading order.
func (p *program) resolve(t tree) {
	defer func() {
		if fault := recover(); fault != nil {
			if f, ok := fault.(*Diagnostic); ok {
				f.in(t.source)
			}
			panic(fault)
		}
	}()
	p.resolveNode(t.root)
}

func (p *program) resolveNode(n *node) {
	switch n.kind {
	case kindName:
		p.meanings[n.id] = p.lookup(n, false)
	case kindIndex:
		p.resolveNode(n.args[0])
		if len(n.args) > 3 || len(n.args) < 2 {
			panic(wrong("index", n.span, "an entry has one index or two, not %d", len(n.args)-1).hint("write X[i,j] or x[i]"))
		}
		for _, a := range n.args[1:] {
			p.resolveIndex(a)
		}
	case kindCall:
		p.resolveCall(n)
	default:
		for _, a := range n.args {
			p.resolveNode(a)
		}
	}
}

func (p *program) resolveIndex(n *node) {
	n.walk(func(n *node) bool {
		switch n.kind {
		case kindName:
			p.meanings[n.id] = p.lookup(n, true)
		case kindCall:
			p.resolveCall(n)
			return false
		}
		return true
	})
}

func (p *program) resolveCall(n *node) {
	f := p.functions.find(n.text)
	if f == nil {
		panic(p.unknownFunction(n))
	}
	if f.equation && !p.equation && !p.isRate(n) {
		panic(p.outsideEquation(n))
	}
	if len(n.args) < f.min || len(n.args) > f.max {
		panic(wrong("arguments", n.span, "%s takes %s, not %d", n.text, f.arity(), len(n.args)).hint("%s", otherArguments[n.text]))
	}
	for i, a := range n.args {
		switch {
		case f.sizes >= 0 && i >= f.sizes:
			a.walk(func(n *node) bool {
				switch n.kind {
				case kindName:
					p.meanings[n.id].kind = meansSize
				case kindCall:
					p.resolveCall(n)
					return false
				}
				return true
			})
		case i < f.indexes:
			p.resolveIndex(a)
		default:
			p.resolveNode(a)
		}
	}
	if f.variables > 0 {
		for _, a := range n.args[f.variables:] {
			p.checkVariable(n.text, a)
		}
	}
}

// isRate reports whether n is diff(A, t) for an A declared to depend on t, which is a value like A.
func (p *program) isRate(n *node) bool {
	if n.text != "diff" || len(n.args) != 2 || n.args[0].kind != kindName || n.args[1].kind != kindName {
		return false
	}
	d := p.decls.declared[n.args[0].text]
	return d != nil && d.of == n.args[1].text
}

// checkVariable reports an argument that cannot be differentiated by.
func (p *program) checkVariable(operator string, n *node) {
	v := n
	if n.kind == kindIndex {
		v = n.args[0]
	}
	if v.kind != kindName || p.meanings[v.id].kind != meansVariable {
		panic(wrong("not-variable", n.span, "%s can only differentiate by a variable or an entry X[i,j]", operator))
	}
}

// lookup finds the meaning of a name where a value, or an index, is expected.
func (p *program) lookup(n *node, index bool) meaning {
	name := n.text
	if _, ok := p.bound[name]; ok {
		return meaning{meansVariable, p.symbol(name)}
	}
	if d, ok := p.decls.defined[name]; ok {
		p.resolveDefinition(d)
		return meaning{meansDefinition, int32(d.index)}
	}
	if _, ok := p.decls.declared[name]; ok {
		return meaning{meansVariable, p.symbol(name)}
	}
	switch name {
	case "I", "eye":
		return meaning{kind: meansIdentity}
	case "pi", "π":
		return meaning{kind: meansPi}
	}
	if p.bound != nil && (name == "ones" || name == "zeros") {
		return meaning{kind: map[string]meaningKind{"ones": meansOnes, "zeros": meansZeros}[name]}
	}
	if p.decls.dims[name] {
		return meaning{kind: meansSize}
	}
	if _, taken := p.functions.taken(name); taken {
		d := wrong("function", n.span, "%s is a function and needs its argument in parentheses", name)
		if f := p.functions.find(name); f != nil && f.sizes == 0 {
			panic(d.hint("write %s(n), or %s(m,n)", name, name))
		}
		panic(d.hint("write %s(…); a variable needs another name", name))
	}
	if p.bound != nil {
		panic(wrong("unknown-name", n.span, "%s is neither a parameter nor a function", name))
	}
	s := p.symbol(name)
	p.symbols[s].index = p.symbols[s].index || index
	return meaning{meansVariable, s}
}

// symbol returns the number of the symbol called name, a new one if need be.
func (p *program) symbol(name string) int32 {
	if s, ok := p.byName[name]; ok {
		return s
	}
	s := int32(len(p.symbols))
	p.byName[name] = s
	p.symbols = append(p.symbols, symbol{name: name, decl: p.decls.declared[name], node: p.bound[name], like: -1})
	return s
}

// relate decides what undeclared symbols are.
func (p *program) relate() {
	for i := range p.symbols {
		s := &p.symbols[i]
		s.like, s.candidate = -1, false
		s.nature = natureOfDifferential(s.name)
		if p.decls.scalars[s.name] {
			s.nature = natureScalar
		}
		shaped := s.decl != nil && (s.decl.shaped || s.decl.props&needSquare != 0)
		if shaped || s.node != nil || s.index {
			continue
		}
		if rest, ok := base(s.name); ok && natureOf(s.name) == natureVector {
			if b, ok := p.byName[rest]; ok && !p.symbols[b].index {
				s.like = b
				continue
			}
		}
		s.candidate = s.nature == natureVector
	}
}

// root follows symbols that have the shape of another one.
func (p *program) root(s int32) int32 {
	for p.symbols[s].like >= 0 {
		s = p.symbols[s].like
	}
	return s
}

// candidates returns the symbols below the given nodes that may be read as scalars, sorted by name.
func (p *program) candidates(nodes ...*node) []int32 {
	var defs symbolSet
	var out []int32
	var visit func(n *node) bool
	visit = func(n *node) bool {
		if n.kind != kindName {
			return true
		}
		switch m := p.meanings[n.id]; m.kind {
		case meansDefinition:
			if defs.add(m.target) {
				p.decls.defs[m.target].root.walk(visit)
			}
		case meansVariable:
			s := p.root(m.target)
			if p.symbols[s].candidate && p.seen.add(s) {
				out = append(out, s)
			}
		}
		return true
	}
	for _, n := range nodes {
		n.walk(visit)
	}
	for _, s := range out {
		p.seen.remove(s)
	}
	slices.SortFunc(out, func(a, b int32) int { return p.symbols[a].place - p.symbols[b].place })
	return out
}

func (p *program) sortByName(symbols []int32) {
	slices.SortFunc(symbols, func(a, b int32) int { return strings.Compare(p.symbols[a].name, p.symbols[b].name) })
}

func (p *program) unknownFunction(n *node) *Diagnostic {
	d := wrong("unknown-function", Span{n.span.Start, n.span.Start + len(n.text)}, "unknown function %q", n.text)
	if of, ok := strings.CutPrefix(n.text, "grad("); ok {
		of = strings.TrimSuffix(of, ")")
		return wrong("unknown-function", d.Spans[0], "grad(%s)(…) needs a declared function %s", of, of).hint("for example --var \"%s: function\"", of)
	}
	_, declared := p.decls.where[n.text]
	if hint := elsewhere[n.text]; hint != "" && !declared {
		return d.hint("%s", hint)
	}
	if near := Nearest(n.text, p.functions.names(p.equation)); near != "" && !declared {
		return d.hint("did you mean %q?", near)
	}
	if !declared && len([]rune(n.text)) == 1 && natureOf(n.text) == natureVector {
		return d.hint("a product is written %s*(…); a function that is not known is declared: --var \"%s: function\"", n.text, n.text)
	}
	if declared || natureOf(n.text) != natureVector {
		return d.hint("a product is written %s*(…)", n.text)
	}
	if p.bound != nil { // in a rule nothing can be declared
		return d.hint("matdiff rules lists functions with their differentials; --rules FILE adds new ones")
	}
	return d.hint("matdiff rules lists functions with their differentials; --rules FILE adds new ones, --var \"%s: function\" one that is not known", n.text)
}

func (p *program) outsideEquation(n *node) *Diagnostic {
	command := map[string]string{"grad": "grad", "jacobian": "jacobian", "hessian": "hessian", "d": "differential"}[n.text]
	d := wrong("operator-outside-equation", n.span, "%s(…) can only be used in equations", n.text)
	if n.text == "diff" {
		d.hint("declare that the first depends on the second: --var \"A: n×n of t\"")
	}
	if command != "" {
		d.hint("use matdiff %s EXPR --wrt X, or matdiff check for an equation", command)
	}
	return d
}
