package diagnose

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// edit is an expression with one occurrence of a part changed.
type edit struct {
	node     *Node
	was, now *Node
}

// everywhere visits n with one occurrence of a part replaced by each of what local gives for it, inner parts first, as long
// as visit returns true. Changes that do not conform with what is around them are left out.
func (q *inquiry) everywhere(n *Node, local func(n, parent *Node) []*Node, visit func(edit) bool) bool {
	if n.Size() > maxClaim {
		return true
	}
	return q.within(n, nil, local, visit)
}

func (q *inquiry) within(n, parent *Node, local func(n, parent *Node) []*Node, visit func(edit) bool) bool {
	for i, arg := range n.Args {
		goOn := q.within(arg, n, local, func(e edit) bool {
			m := q.with(n, i, e.node)
			return m == nil || visit(edit{m, e.was, e.now})
		})
		if !goOn {
			return false
		}
	}
	for _, m := range local(n, parent) {
		if m != nil && m != n && !visit(edit{m, n, m}) {
			return false
		}
	}
	return q.effort > 0
}

// firstEdit returns the first edit of the claim that is accepted.
func (q *inquiry) firstEdit(local func(n, parent *Node) []*Node) (found edit, ok bool) {
	q.everywhere(q.claim, local, func(e edit) bool {
		if q.accepts(e.node) {
			found, ok = e, true
		}
		return !ok
	})
	return found, ok
}

// firstMultiple returns the first edit of the claim that is accepted once it is multiplied by a constant other than 1.
func (q *inquiry) firstMultiple(local func(n, parent *Node) []*Node) (found edit, c *big.Rat, ok bool) {
	q.everywhere(q.claim, local, func(e edit) bool {
		q.effort -= q.price
		if c, ok = q.multiple(e.node); !ok || !isShort(c) || c.Cmp(one) == 0 {
			ok = false
			return true
		}
		e.node = q.scale(c, e.node)
		found, ok = e, q.accepts(e.node)
		return !ok
	})
	return found, c, ok
}

// edits are the single edits of factors and functions, in the order in which they are tried.
var edits = []struct {
	code    Code
	local   func(q *inquiry, n, parent *Node) []*Node
	message func(q *inquiry, e edit) string
}{
	{NameTransposed, (*inquiry).bareName, (*inquiry).transposeMessage},
	{NameTransposed, (*inquiry).toggleName, (*inquiry).transposeMessage},
	{PartTransposed, (*inquiry).togglePart, (*inquiry).transposeMessage},
	{FactorsSwapped, (*inquiry).swap, func(q *inquiry, e edit) string {
		return "the factors are in the wrong order: " + text(e.now) + ", not " + text(e.was)
	}},
	{ExtraFactor, (*inquiry).dropFactor, func(q *inquiry, e edit) string {
		return "a factor is too much: " + text(e.now) + ", not " + text(e.was)
	}},
	{MissingInverse, (*inquiry).invert, func(q *inquiry, e edit) string {
		return "the inverse is missing: " + text(e.now) + ", not " + text(e.was)
	}},
	{ExtraInverse, (*inquiry).uninvert, func(q *inquiry, e edit) string {
		return "the inverse is too much: " + text(e.now) + ", not " + text(e.was)
	}},
	{Elementwise, (*inquiry).entrywise, func(q *inquiry, e edit) string {
		return "entry by entry and as matrices are confused: " + text(e.now) + ", not " + text(e.was)
	}},
	{Power, (*inquiry).otherPower, func(q *inquiry, e edit) string {
		return "the power is wrong: " + text(e.now) + ", not " + text(e.was)
	}},
	{Constant, (*inquiry).otherNumber, func(q *inquiry, e edit) string {
		return "the number " + text(e.was) + " should be " + text(e.now)
	}},
	{OtherFunction, (*inquiry).otherFunction, func(q *inquiry, e edit) string {
		return "the function is wrong: " + text(e.now) + ", not " + text(e.was)
	}},
}

// edited tries the single edits.
func (q *inquiry) edited() *Diagnosis {
	for _, kind := range edits {
		if e, ok := q.firstEdit(func(n, parent *Node) []*Node { return kind.local(q, n, parent) }); ok {
			return diagnosis(kind.code, e.node, "%s", kind.message(q, e))
		}
	}
	return q.nameEverywhere()
}

func isName(n *Node) bool {
	return n.Is(expr.Variable) || n.Is(expr.Transpose) && n.Args[0].Is(expr.Variable)
}

// bareName takes the transpose off a name.
func (q *inquiry) bareName(n, parent *Node) []*Node {
	if !n.Is(expr.Transpose) {
		return nil
	}
	return q.toggleName(n, parent)
}

func (q *inquiry) toggleName(n, parent *Node) []*Node {
	if !isName(n) || parent != nil && (parent.Is(expr.Transpose) || parent.Is(expr.Inv)) {
		return nil
	}
	return []*Node{q.transpose(n)}
}

func (q *inquiry) togglePart(n, parent *Node) []*Node {
	if isName(n) || n.Op.Traits.Has(expr.Leaf) {
		return nil
	}
	list := []*Node{q.transpose(n)}
	if n.Is(expr.Product) && len(n.Args) <= 8 {
		for i := range n.Args {
			for j := i + 2; j <= len(n.Args); j++ {
				if !expr.Conform(expr.Product, n.Args[i:j]) {
					continue
				}
				args := slices.Concat(n.Args[:i], []*Node{q.transpose(q.product(n.Args[i:j]...))}, n.Args[j:])
				if expr.Conform(expr.Product, args) {
					list = append(list, q.product(args...))
				}
			}
		}
	}
	return list
}

func (q *inquiry) transposeMessage(e edit) string {
	switch {
	case e.was.Is(expr.Product):
		return "a part has to be transposed: " + text(e.now) + ", not " + text(e.was)
	case e.was.Is(expr.Transpose):
		return text(e.now) + " is transposed where it should not be: write " + text(e.now)
	}
	return text(e.was) + " has to be transposed: write " + text(e.now)
}

// nameEverywhere toggles all occurrences of a name at once.
func (q *inquiry) nameEverywhere() *Diagnosis {
	for _, v := range expr.Variables(q.claim) {
		if n := q.substitute(q.claim, v, q.transpose(v)); q.accepts(n) {
			return diagnosis(NameTransposed, n, "%s has to be transposed everywhere", v.Name)
		}
	}
	return nil
}

// substitute returns n with v replaced everywhere; nil if that does not conform.
func (q *inquiry) substitute(n, v, by *Node) *Node {
	if n == v {
		return by
	}
	args := make([]*Node, len(n.Args))
	changed, reshaped := false, false
	for i, a := range n.Args {
		args[i] = q.substitute(a, v, by)
		if args[i] == nil {
			return nil
		}
		changed = changed || args[i] != a
		reshaped = reshaped || args[i].Shape != a.Shape
	}
	switch {
	case !changed:
		return n
	case reshaped && !expr.Conform(n.Op, args):
		return nil
	case n.Is(expr.Transpose), n.Is(expr.Inv):
		return q.around(n, args[0])
	}
	return q.b.With(n, args)
}
