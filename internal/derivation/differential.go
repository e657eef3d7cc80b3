package derivation

import (
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// operators lists the d(F) in n from left to right.
func (w *writer) operators(n *Node) []*Node {
	var list []*Node
	seen := map[*Node]bool{}
	var walk func(*Node)
	walk = func(n *Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if n.Op == expr.Differential {
			list = append(list, n)
			return
		}
		for _, a := range n.Args {
			walk(a)
		}
	}
	walk(n)
	return list
}

// differentiate takes the differential in the first of the operators in n, and in all others to which the same rule
// applies.
func (w *writer) differentiate(n *Node, operators []*Node) (*Line, error) {
	var first *step
	to := map[*Node]*Node{}
	for _, d := range operators {
		s, err := w.step(d.Args[0])
		switch {
		case err != nil:
			return nil, err
		case first == nil:
			first = s
		case s.reason.Rule != first.reason.Rule || s.key != first.key:
			continue
		default:
			first.reason.join(s.reason)
		}
		to[d] = s.result
	}
	keep := func(m *Node) bool { return !w.holdsDifferential(m) }
	return &Line{w.rebuild(n, to, keep), first.reason}, nil
}

// step is one rule applied to d(F).
type step struct {
	result *Node
	reason Reason
	key    *expr.Op // tells rules of the same wording apart
}

// join adds the constants of another step by the same rule.
func (r *Reason) join(s Reason) {
	for _, v := range s.Constants {
		r.addConstant(v)
	}
}

func (r *Reason) addConstant(v *Node) {
	for _, c := range r.Constants {
		if c == v {
			return
		}
	}
	r.Constants = append(r.Constants, v)
}

// step applies to d(f) the rule of the outermost operation of f.
func (w *writer) step(f *Node) (*step, error) {
	if s := w.rewritten(f); s != nil {
		return s, nil
	}
	switch f.Op {
	case expr.Sum:
		return w.sumRule(f), nil
	case expr.Product, expr.Hadamard, expr.Kronecker:
		return w.productRule(f), nil
	case expr.Transpose:
		s := w.linear(f, "")
		y := w.b.Variable(w.name(), f.Args[0].Shape, 0)
		s.reason = Reason{Left: w.formal(w.b.New(expr.Transpose, y)), Right: w.b.New(expr.Transpose, w.formal(y))}
		s.key = expr.Transpose
		return s, nil
	case expr.Power:
		if !f.Shape.IsScalar() {
			return w.powerRule(f)
		}
	case expr.Tr:
		if s := w.traceOfFunction(f.Args[0]); s != nil {
			return s, nil
		}
	case expr.Element:
		return w.linear(f, "the differential of an entry is the entry of the differential"), nil
	}
	d := make([]*Node, len(f.Args))
	for i, a := range f.Args {
		d[i] = w.operator(a)
	}
	line, err := w.book.Line(w.b, f, d)
	switch {
	case err != nil:
		return nil, err
	case line != nil:
		return w.bookRule(f, line)
	case f.Op.Traits.Has(expr.Linear):
		return w.linear(f, linearNames[f.Op]), nil
	}
	body, err := w.book.Definition(w.b, f)
	switch {
	case err != nil:
		return nil, err
	case body != nil:
		return &step{result: w.operator(body), reason: Reason{Rule: "definition of " + f.Op.UserName()}}, nil
	}
	return nil, &Unknown{fmt.Sprintf("the differential of %s has no form in which it could be derived", f.Op.UserName())}
}

var linearNames = map[*expr.Op]string{
	expr.Tr: "trace is linear", expr.Total: "sum is linear", expr.DiagMatrix: "diag is linear",
	expr.DiagVector: "diag is linear", expr.Vec: "vec is linear",
}

// rewritten writes d(f) as d of something equal that is easier to differentiate.
func (w *writer) rewritten(f *Node) *step {
	equal := func(g *Node, left, right func(y *Node) *Node) *step {
		y := w.b.Variable(w.name(), f.Args[0].Args[0].Shape, 0)
		return &step{result: w.operator(g), reason: Reason{Left: left(y), Right: right(y)}}
	}
	switch {
	case f.Op == expr.Power && f.Args[0].Op == expr.Norm && f.Args[1].IsNumber(2):
		square := func(y *Node) *Node {
			p := w.product(w.transpose(y), y)
			if p.Shape.IsScalar() {
				return p
			}
			return w.b.New(expr.Tr, p)
		}
		return equal(square(f.Args[0].Args[0]), func(y *Node) *Node { return w.power(w.b.New(expr.Norm, y), w.b.Int(2)) }, square)
	case f.Op == expr.Log && f.Args[0].Op == expr.Det:
		logdet := func(y *Node) *Node { return w.b.New(expr.LogDet, y) }
		return equal(logdet(f.Args[0].Args[0]), func(y *Node) *Node { return w.b.New(expr.Log, w.b.New(expr.Det, y)) }, logdet)
	}
	return nil
}

// name returns the name of a matrix in a rule. All rules of a derivation may use the same.
func (w *writer) name() string {
	if w.generic == "" {
		w.generic = w.names()
	}
	return w.generic
}

// formal returns d(n) for an n that occurs in a rule only.
func (w *writer) formal(n *Node) *Node { return w.b.Sized(expr.Differential, n.Shape, n, w.x, w.dx) }

func (w *writer) linear(f *Node, rule string) *step {
	args := append([]*Node{}, f.Args...)
	args[0] = w.operator(args[0])
	return &step{result: w.make(f, args), reason: Reason{Rule: rule}}
}

func (w *writer) sumRule(f *Node) *step {
	s := &step{reason: Reason{Rule: "sum rule"}}
	var terms []*Node
	for _, t := range f.Args {
		if d := w.operator(t); d != nil {
			terms = append(terms, d)
		} else {
			w.constant(&s.reason, t)
		}
	}
	s.result = w.sum(f.Shape, terms...)
	return s
}

// constant notes that the variables of n are taken as constant. Of an expression in which x occurs, none is.
func (w *writer) constant(r *Reason, n *Node) {
	if w.holds(n) {
		return
	}
	for _, v := range expr.Variables(n) {
		r.addConstant(v)
	}
}

func (w *writer) productRule(f *Node) *step {
	s := &step{reason: Reason{Rule: "product rule"}}
	var terms []*Node
	for i, factor := range f.Args {
		d := w.operator(factor)
		if d == nil {
			w.constant(&s.reason, factor)
			continue
		}
		args := append([]*Node{}, f.Args...)
		args[i] = d
		terms = append(terms, w.make(f, args))
	}
	if len(terms) == 1 {
		s.reason.Rule = "constant factors come out"
		if len(s.reason.Constants) > 0 {
			s.reason.Rule = "product rule"
		}
	}
	s.result = w.sum(f.Shape, terms...)
	return s
}

// powerRule is the product rule for X^k.
func (w *writer) powerRule(f *Node) (*step, error) {
	x, p := f.Args[0], f.Args[1]
	if !p.Num.Num().IsInt64() || p.Num.Num().Int64() > maxLines {
		return nil, &rules.NoRule{Op: f.Op, Reason: "the differential of a matrix power has a term for every place of the base: this power is too large"}
	}
	k := p.Num.Num().Int64()
	power := func(k int64) *Node {
		switch k {
		case 0:
			return w.b.Sized(expr.Identity, x.Shape)
		case 1:
			return x
		}
		return w.b.New(expr.Power, x, w.b.Int(k))
	}
	terms := make([]*Node, k)
	for i := range terms {
		terms[i] = w.product(power(int64(i)), w.operator(x), power(k-1-int64(i)))
	}
	return &step{result: w.sum(f.Shape, terms...), reason: Reason{Rule: "product rule for each factor of the power"}}, nil
}

// traceOfFunction is the rule for tr(f(Z)), f a function of a matrix by its power series: d tr(f(Z)) = tr(f'(Z)*dZ). It is
// nil if z is no such function.
func (w *writer) traceOfFunction(z *Node) *step {
	rule := func(n *Node) *Node {
		switch z.Op {
		case expr.Expm:
			return w.b.New(expr.Expm, n)
		case expr.Logm:
			return w.b.New(expr.Inv, n)
		case expr.Sqrtm:
			return w.product(w.a.Number(1, 2), w.b.New(expr.Inv, w.b.New(expr.Sqrtm, n)))
		}
		return nil
	}
	derivative := rule(z)
	if derivative == nil {
		return nil
	}
	derivative = rule(z.Args[0])
	y := w.b.Variable(w.name(), z.Shape, 0)
	return &step{
		result: w.b.New(expr.Tr, w.product(derivative, w.operator(z.Args[0]))),
		reason: Reason{Left: w.formal(w.b.New(expr.Tr, w.b.New(z.Op, y))), Right: w.b.New(expr.Tr, w.product(rule(y), w.formal(y)))},
		key:    z.Op,
	}
}

// bookRule is the differential of f by the line of the book.
func (w *writer) bookRule(f, line *Node) (*step, error) {
	given := map[*Node]bool{}
	for _, a := range f.Args {
		given[a] = true
	}
	keep := func(n *Node) bool { return given[n] || n.Op == expr.Differential || n == w.dx }
	s := &step{result: w.rebuild(line, nil, keep), key: f.Op}
	if s.result.Shape != f.Shape { // the differential of an argument that is repeated over entries
		s.result = w.product(s.result, w.b.Sized(expr.Ones, f.Shape))
	}
	if simplify.IsZero(s.result) {
		s.reason.Rule = f.Op.UserName() + " is constant where it has a derivative"
		return s, nil
	}
	s.reason.Rule = "rule of " + f.Op.UserName()
	if f.Op == expr.Power || f.Op == expr.ElementPower {
		s.reason.Rule = "power rule"
		return s, nil
	}
	for _, a := range f.Args {
		w.constant(&s.reason, a)
	}
	if len(f.Args) > 1 {
		return s, nil
	}
	y := w.b.Variable(w.name(), f.Args[0].Shape, 0)
	general := w.b.New(f.Op, y)
	right, err := w.book.Line(w.b, general, []*Node{w.formal(y)})
	if err != nil {
		return nil, err
	}
	if right = w.rebuild(right, nil, func(n *Node) bool { return n == y || n.Op == expr.Differential }); right.Size() <= maxRule {
		s.reason.Rule, s.reason.Left, s.reason.Right = "", w.formal(general), right
	}
	return s, nil
}

// maxRule is the size of a rule that is still shown as an equation.
const maxRule = 25
