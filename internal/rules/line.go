package rules

import (
	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// Line returns the right side of the book's line for the differential of n, as the book writes it, with d[i] for the
// differential of argument i, which is nil if that argument is constant. It is nil if the book has no such line.
func (k *Book) Line(b *expr.Builder, n *Node, d []*Node) (*Node, error) {
	line, bind, err := k.bound("d", n)
	if line == nil {
		return nil, err
	}
	for i, p := range line.Params {
		if bind["d"+p] = d[i]; d[i] == nil {
			bind["d"+p] = b.Sized(expr.Zeros, n.Args[i].Shape)
		}
	}
	return line.Instantiate(b, bind, n.Shape)
}

// Definition returns the body of n, a function that a rule file defines, for the arguments of n; nil for other operations.
func (k *Book) Definition(b *expr.Builder, n *Node) (*Node, error) {
	line, bind, err := k.bound("def", n)
	if line == nil {
		return nil, err
	}
	return line.Instantiate(b, bind, n.Shape)
}

// bound returns the book's line of a kind for the operation of n, which is nil if there is none, with its parameters bound
// to the arguments of n.
func (k *Book) bound(kind string, n *Node) (*parser.RuleLine, map[string]*Node, error) {
	rule := k.lookup(kind, n.Op)
	if rule == nil {
		return nil, nil, nil
	}
	line, err := rule.parse()
	if err != nil {
		return nil, nil, err
	}
	bind := map[string]*Node{}
	for i, p := range line.Params {
		bind[p] = n.Args[i]
	}
	return line, bind, nil
}
