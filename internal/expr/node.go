// Package expr is the ground that every other package stands on: shapes, the operation table, and expressions as
// immutable, hash-consed directed acyclic graphs.
//
// A node says what was written, not what it is equal to: package parser makes nodes as the user wrote them, package
// simplify makes the ones in normal form, and numcheck and printer take either. Nodes of one Builder that are equal in
// structure are one pointer, so equality is ==.
package expr

import (
	"math/big"
	"strings"
)

// Node is an expression. It must not be changed once made.
type Node struct {
	Op    *Op
	Args  []*Node
	Shape Shape
	Name  string   // Variable: its name
	Props Props    // Variable: what it was declared to be
	Num   *big.Rat // Number: its value
	Dims  [2]Dim   // Size: the dimension, first; Commutation: m and n

	id   int
	size int
	hash uint64
	next *Node // in the builder's bucket
}

// Props are declared properties of a variable.
type Props uint

const (
	Symmetric Props = 1 << iota
	Skew
	Diagonal
	PosDef // implies Symmetric
	Orthogonal
	Lower
	Upper
	Positive // every entry > 0
	Index    // a whole number that names a row or column
)

// Sets of properties.
const (
	// Structure is what a variable cannot move freely within: some entries are fixed, or depend on others.
	Structure = Symmetric | Skew | Diagonal | PosDef | Orthogonal | Lower | Upper
	// LinearSpaces are properties that the differential of a variable has too.
	LinearSpaces = Symmetric | Skew | Diagonal | Lower | Upper
	// OwnTranspose are properties each of which makes a matrix its own transpose.
	OwnTranspose = Symmetric | PosDef | Diagonal
)

// PropNames are the words for Props in the language, in the order of their bits; Index has none.
var PropNames = []string{"symmetric", "skew", "diagonal", "posdef", "orthogonal", "lower", "upper", "positive"}

// Has reports whether p has all of q.
func (p Props) Has(q Props) bool { return p&q == q }

// String lists the words for p.
func (p Props) String() string {
	var words []string
	for i, w := range PropNames {
		if p.Has(1 << i) {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// Size is the number of nodes of n read as a tree, no more than MaxSize.
func (n *Node) Size() int { return n.size }

// MaxSize bounds Node.Size, which grows exponentially with shared nodes.
const MaxSize = 1 << 50

// ID numbers the nodes of one builder from 0 in the order in which they were made: fit for tables, not for ordering
// anything that users see.
func (n *Node) ID() int { return n.id }

// IsNumber reports whether n is the number v.
func (n *Node) IsNumber(v int64) bool {
	return n.Op == Number && n.Num.IsInt() && n.Num.Num().IsInt64() && n.Num.Num().Int64() == v
}

// Is reports whether n is an application of op.
func (n *Node) Is(op *Op) bool { return n.Op == op }

// Walk calls visit once for every node of n, arguments before the nodes that use them.
func Walk(n *Node, visit func(*Node)) {
	seen := map[*Node]bool{}
	var walk func(*Node)
	walk = func(n *Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, a := range n.Args {
			walk(a)
		}
		visit(n)
	}
	walk(n)
}

// Variables returns the variables of the given expressions in the order of their first use.
func Variables(roots ...*Node) []*Node {
	var vars []*Node
	seen := map[*Node]bool{}
	for _, r := range roots {
		Walk(r, func(n *Node) {
			if n.Op == Variable && !seen[n] {
				seen[n] = true
				vars = append(vars, n)
			}
		})
	}
	return vars
}
