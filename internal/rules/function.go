package rules

import (
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// Functions lists the functions that rule files define, in order.
func (k *Book) Functions() []*expr.Op { return k.functions }

// define makes a function of a def line. The shapes of its parameters and its value are those that its body tells, read
// as users' expressions are: def quad(x) = x'*x takes a vector and gives a scalar.
func (k *Book) define(r *Rule) error {
	line, err := r.parse()
	if err != nil {
		return err
	}
	for _, op := range expr.Functions {
		if op.UserName() == r.Name {
			return fmt.Errorf("%s: %s is a function of the language already", r.Place(), r.Name)
		}
	}
	typed, err := parser.Expression(expr.NewBuilder(), line.Body.Text(), parser.Options{Functions: k.functions})
	if err != nil {
		return fmt.Errorf("%s: %w", r.Place(), err)
	}
	op := &expr.Op{Name: r.Name, Out: typed.Expr.Shape, Body: typed.Expr, Doc: line.Comment}
	for _, p := range line.Params {
		x := typed.Names[p]
		if x == nil {
			return fmt.Errorf("%s: the parameter %s does not occur in the value of %s", r.Place(), p, r.Name)
		}
		op.Params = append(op.Params, x)
		op.In = append(op.In, x.Shape)
	}
	if len(typed.Order) > len(op.Params) {
		return fmt.Errorf("%s: the value of %s may use its parameters only", r.Place(), r.Name)
	}
	k.functions = append(k.functions, op)
	return nil
}

// defined reports whether a rule file gives the value of a function, or the language does.
func (k *Book) defined(name string) bool {
	if k.index["def "+name] != nil {
		return true
	}
	for _, op := range expr.Functions {
		if op.Name == name {
			return true
		}
	}
	return name == expr.Kronecker.Name
}

// pullBody carries the cotangent g of n, a function that a rule file defines without a rule, through the body of its
// definition to its arguments.
func (s *sweep) pullBody(n, g *Node) error {
	b := s.a.Builder()
	parameters := make([]*Node, len(n.Args))
	back := map[*Node]*Node{}
	for i := range parameters {
		parameters[i] = b.Variable(fmt.Sprint("\x00", i), n.Args[i].Shape, 0)
		back[parameters[i]] = n.Args[i]
	}
	body, err := s.instantiate(s.book.index["def "+n.Op.Name], map[string]*Node{}, parameters, n.Shape)
	if err != nil {
		return err
	}
	cotangents, err := s.book.Pullback(s.a, body, g, parameters)
	if err != nil {
		return err
	}
	for i, c := range cotangents {
		s.give(n.Args[i], s.a.Normalize(b.Substitute(c, back)))
	}
	return nil
}
