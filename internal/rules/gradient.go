package rules

import (
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// Node is an expression.
type Node = expr.Node

// NoRule is the error for an operation whose differential is not known.
type NoRule struct {
	Op     *expr.Op
	Reason string // why, if there is more to say than that the book has no line for it
}

func (e *NoRule) Error() string {
	if e.Reason != "" {
		return e.Reason
	}
	return fmt.Sprintf("%s cannot be differentiated: the rule book has no line for it", e.Op.UserName())
}

// Gradient returns the gradients of the scalar f by each variable of wrt: entry i,j of one is ∂f/∂X[i,j]. For a variable
// declared symmetric, skew, diagonal, triangular or orthogonal it is projected onto the space in which the variable moves,
// and that by an element X[i,j] is entry i,j of it. An orthogonal X has none that can move.
//
// It is one reverse sweep: every node gets the cotangent G for which df = <G, d node>, and its rule carries G to its
// arguments, the first node being f with G = 1. The error is a *NoRule, or that of a rule that cannot be read.
func (k *Book) Gradient(a *simplify.Algebra, f *Node, wrt []*Node) ([]*Node, error) {
	variables := make([]*Node, len(wrt))
	for i, x := range wrt {
		if variables[i] = x; x.Op == expr.Element {
			if err := movable(x); err != nil {
				return nil, err
			}
			variables[i] = x.Args[0]
		}
	}
	gradients, err := k.Pullback(a, f, a.Builder().Int(1), variables)
	if err != nil {
		return nil, err
	}
	for i, x := range wrt {
		if x.Op == expr.Element {
			gradients[i] = a.Element(Project(a, gradients[i], variables[i]), x.Args[1], x.Args[2])
		} else {
			gradients[i] = Project(a, gradients[i], x)
		}
	}
	return gradients, nil
}

// movable is the error for an element that cannot be varied by itself.
func movable(x *Node) error {
	if y := x.Args[0]; y.Props.Has(expr.Orthogonal) {
		return &NoRule{Op: expr.Element, Reason: "there is no derivative by one entry of " + y.Name + ", which is orthogonal: no entry can move by itself"}
	}
	return nil
}

// Pullback returns the gradients of <g, f> by each variable of wrt, where g is constant and has the shape of f.
func (k *Book) Pullback(a *simplify.Algebra, f, g *Node, wrt []*Node) ([]*Node, error) {
	s := &sweep{book: k, a: a, moves: map[*Node]bool{}, holders: map[*Node]bool{}, cotangents: map[*Node][]*Node{}}
	for _, x := range wrt {
		s.moves[x] = true
	}
	f = a.Normalize(f)
	s.cotangents[f] = []*Node{a.Normalize(g)}
	order := s.order(f)
	for i := len(order) - 1; i >= 0; i-- {
		if err := a.Builder().Err(); err != nil {
			return nil, err
		}
		n := order[i]
		if parts := s.cotangents[n]; n.Op != expr.Variable && len(parts) > 0 {
			if err := s.pull(n, a.Sum(parts...)); err != nil {
				return nil, err
			}
		}
	}
	out := make([]*Node, len(wrt))
	for i, x := range wrt {
		out[i] = a.Sum(append(s.cotangents[x], a.Normalize(a.Builder().Sized(expr.Zeros, x.Shape)))...)
	}
	return out, nil
}

// sweep is the state of one reverse sweep.
type sweep struct {
	book       *Book
	a          *simplify.Algebra
	moves      map[*Node]bool // whether a node depends on the variables
	holders    map[*Node]bool // whether a node holds a tangent: kept, since rules share their arguments
	cotangents map[*Node][]*Node
}

// order lists the nodes of f that depend on the variables, arguments first.
func (s *sweep) order(f *Node) []*Node {
	var order []*Node
	expr.Walk(f, func(n *Node) {
		for _, arg := range n.Args {
			if s.moves[arg] {
				s.moves[n] = true
			}
		}
		if s.moves[n] {
			order = append(order, n)
		}
	})
	return order
}

// give adds g to the cotangent of n.
func (s *sweep) give(n, g *Node) {
	if s.moves[n] && !simplify.IsZero(g) {
		s.cotangents[n] = append(s.cotangents[n], g)
	}
}

// pull carries the cotangent g of n to the arguments of n: through the operations that every other rule is written in by
// their adjoint identities, through the rest by the book.
func (s *sweep) pull(n, g *Node) error {
	done, err := adjoint(s.a, n, g, func(m *Node) bool { return s.moves[m] }, s.give)
	if done || err != nil {
		return err
	}
	if done, err := special(s.a, n, g, s.give); done || err != nil {
		return err
	}
	if done, err := s.pullAdjoint(n, g, s.give); done || err != nil {
		return err
	}
	rule := s.book.lookup("d", n.Op)
	switch {
	case rule == nil && n.Op.Body != nil:
		return s.pullBody(n, g)
	case rule == nil:
		return &NoRule{Op: n.Op}
	}
	for i, arg := range n.Args {
		if !s.moves[arg] {
			continue
		}
		if err := s.pullRule(rule, n, i, g); err != nil {
			return err
		}
	}
	return nil
}

// pullAdjoint carries g to the argument of a linear operation by its adj line, if the book has one.
func (s *sweep) pullAdjoint(n, g *Node, give func(n, g *Node)) (bool, error) {
	rule := s.book.lookup("adj", n.Op)
	if rule == nil {
		return false, nil
	}
	x, err := s.instantiate(rule, map[string]*Node{"G": g}, n.Args, n.Args[0].Shape)
	if err != nil {
		return true, err
	}
	give(n.Args[0], x)
	return true, nil
}

// pullRule carries g to argument i of n through the line that states the differential of n.
func (s *sweep) pullRule(rule *Rule, n *Node, i int, g *Node) error {
	tangent := s.a.Builder().Variable(tangentName, n.Args[i].Shape, 0)
	bind, err := bindTangent(s.a, rule, n, i, tangent)
	if err != nil {
		return err
	}
	right, err := s.instantiate(rule, bind, n.Args, n.Shape)
	if err != nil {
		return err
	}
	s.holders[tangent] = true
	l := &linearMap{sweep: s, tangent: tangent, held: s.holders}
	if err := l.pull(right, g, func(x *Node) { s.give(n.Args[i], x) }); err != nil {
		return fmt.Errorf("%s: %w", rule.Place(), err)
	}
	return nil
}

// tangentName is the name of a differential inside a rule; users cannot write it.
const tangentName = "\x00d"

// instantiate returns the right side of a rule for given arguments, in normal form.
func (s *sweep) instantiate(rule *Rule, bind map[string]*Node, args []*Node, shape expr.Shape) (*Node, error) {
	line, err := rule.parse()
	if err != nil {
		return nil, err
	}
	if len(line.Params) != len(args) {
		return nil, fmt.Errorf("%s: %s takes %d arguments, the rule names %d", rule.Place(), rule.Name, len(args), len(line.Params))
	}
	for i, p := range line.Params {
		bind[p] = args[i]
	}
	raw, err := line.Instantiate(s.a.Builder(), bind, shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", rule.Place(), err)
	}
	return s.a.Normalize(raw), nil
}

// linearMap walks from the right side of a rule down to the tangent, carrying the cotangent along: each node on the way
// is linear in the one argument that holds the tangent.
type linearMap struct {
	*sweep
	tangent *Node
	held    map[*Node]bool
}

func (l *linearMap) holds(n *Node) bool {
	if m, ok := l.held[n]; ok {
		return m
	}
	for _, arg := range n.Args {
		if l.holds(arg) {
			l.held[n] = true
			return true
		}
	}
	l.held[n] = false
	return false
}

func (l *linearMap) pull(n, g *Node, found func(*Node)) error {
	if n == l.tangent {
		found(g)
		return nil
	}
	if !l.holds(n) {
		return nil
	}
	var inner error
	give := func(m, g *Node) {
		if inner == nil {
			inner = l.pull(m, g, found)
		}
	}
	done, err := adjoint(l.a, n, g, l.holds, give)
	if !done && err == nil {
		done, err = l.pullAdjoint(n, g, give)
	}
	if err == nil {
		err = inner
	}
	if err == nil && !done {
		err = &NoRule{Op: n.Op, Reason: fmt.Sprintf("%s is not linear in the differential, or has no adjoint identity", n.Op.UserName())}
	}
	return err
}
