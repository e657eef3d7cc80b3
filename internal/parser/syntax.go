package parser

// kind says what a node of the syntax tree is.
type kind uint8

const (
	kindNumber       kind = iota // text
	kindName                     // text
	kindCall                     // text(args…)
	kindIndex                    // args[0][args[1:]…]
	kindSum                      // args with + and - between them
	kindChain                    // args with operators of the rank of * between them
	kindNegation                 // -args[0]
	kindTranspose                // args[0]'
	kindInverse                  // args[0]⁻¹
	kindPower                    // args[0]^args[1]
	kindElementPower             // args[0].^args[1]
)

// node is a node of the syntax tree. Sums and chains of products are flat, so that a sum of 50,000 terms is not a
// deep tree.
type node struct {
	kind   kind
	parens bool   // written in parentheses
	depth  int32  // of the tree and of the parentheses below
	id     int32  // dense in one program; a chain of k+1 operands has the k numbers after its own for its prefixes
	ops    []byte // kindSum, kindChain: the operator before args[i+1]: + - * / \ and
	// h (Hadamard product), q (Hadamard quotient), k (Kronecker product)
	text string
	args []*node
	span Span
}

const (
	opHadamard  = 'h'
	opQuotient  = 'q'
	opKronecker = 'k'
)

// maxDepth bounds the nesting of parentheses and of the syntax tree, and with it all recursion over expressions, whatever
// limit the run has.
const maxDepth = 20_000

// tree is an expression with the text that its spans are about.
type tree struct {
	root   *node
	source string
}

func (t tree) text(s Span) string { return t.source[s.Start:s.End] }

// number numbers the nodes below n densely from next in reading order and returns the next free number.
func (n *node) number(next int32) int32 {
	n.id = next
	next++
	if n.kind == kindChain {
		next += int32(len(n.ops))
	}
	for _, a := range n.args {
		next = a.number(next)
	}
	return next
}

// walk calls visit for n and what is below it in reading order, unless visit returns false for a node above.
func (n *node) walk(visit func(*node) bool) {
	if !visit(n) {
		return
	}
	for _, a := range n.args {
		a.walk(visit)
	}
}
