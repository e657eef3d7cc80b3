package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// expression is the custom production of the grammar: precedence climbing over participle's tokens, because one
// production for each rank of operators takes ten times as long.
type expression struct {
	root *node
}

// Parse implements participle.Parseable. It never gives back tokens: an expression is never optional in the grammar.
func (e *expression) Parse(lex *lexer.PeekingLexer) (err error) {
	defer catch(&err)
	c := climber{lex: lex}
	e.root = c.rank(0)
	switch t := lex.Peek(); {
	case t.EOF() || t.Value == "where" || t.Value == "=" || t.Value == "==" || t.Value == ",":
	case t.Value == ")" || t.Value == "]":
		return wrong("unopened", tokenSpan(t), "%q closes nothing", t.Value).hint("remove it, or add the %q that it belongs to", opening(t.Value))
	default:
		return c.missingOperator(e.root, t)
	}
	return nil
}

type climber struct {
	lex  *lexer.PeekingLexer
	open []*lexer.Token // brackets that are not closed yet
}

// ranks lists the binary operators from the loosest rank on, with their letters in node.ops.
var ranks = [...]struct {
	kind kind
	ops  map[string]byte
}{
	{kindSum, map[string]byte{"+": '+', "-": '-', "−": '-', "–": '-'}},
	{kindChain, map[string]byte{
		"*": '*', "∗": '*', "·": '*', "×": '*', "/": '/', "\\": '\\',
		".*": opHadamard, "⊙": opHadamard, "./": opQuotient, "⊘": opQuotient, "⊗": opKronecker,
	}},
}

func (c *climber) rank(r int) *node {
	if r == len(ranks) {
		return c.unary()
	}
	first := c.rank(r + 1)
	n := first
	for {
		t := c.lex.Peek()
		op, ok := ranks[r].ops[t.Value]
		if !ok {
			return n
		}
		c.lex.Next()
		c.operandAfter(t)
		next := c.rank(r + 1)
		if n == first {
			n = &node{kind: ranks[r].kind, args: []*node{first}, depth: first.depth + 1, span: first.span}
		}
		if len(n.ops) > 0 && r > 0 && !sameNest(n.ops[len(n.ops)-1], op) {
			n.depth++
		}
		n.ops = append(n.ops, op)
		n.args = append(n.args, next)
		n.span.End = next.span.End
		n.depth = max(n.depth, next.depth+1)
		c.check(n.depth, t)
	}
}

// sameNest reports whether a chain that goes on with op after last stays one operation.
func sameNest(last, op byte) bool {
	matrix := func(op byte) bool { return op == '*' || op == '/' }
	entries := func(op byte) bool { return op == opHadamard || op == opQuotient }
	return matrix(last) && matrix(op) || entries(last) && entries(op) || last == opKronecker && op == opKronecker
}

func (c *climber) unary() *node {
	var minus *lexer.Token
	odd := false
	start := -1
	for {
		t := c.lex.Peek()
		switch t.Value {
		case "-", "−", "–":
			odd = !odd
			minus = t
		case "+":
		default:
			n := c.postfix()
			if !odd {
				return n
			}
			c.check(n.depth+1, minus)
			return &node{kind: kindNegation, args: []*node{n}, depth: n.depth + 1, span: Span{start, n.span.End}}
		}
		if start < 0 {
			start = t.Pos.Offset
		}
		c.lex.Next()
		c.operandAfter(t)
	}
}

func (c *climber) postfix() *node {
	n := c.atom()
	for {
		t := c.lex.Peek()
		switch t.Value {
		case "'", "ᵀ", ".'", "′", "’":
			c.lex.Next()
			n = c.wrap(kindTranspose, t, n)
		case "⁻ᵀ":
			c.lex.Next()
			n = c.wrap(kindTranspose, t, c.wrap(kindInverse, t, n))
		case "^", ".^":
			c.lex.Next()
			n = c.exponent(t, n)
		case "[":
			n = c.index(n)
		default:
			if t.Type != tokenOperator || !strings.ContainsAny(t.Value, superscripts) {
				return n
			}
			c.lex.Next()
			if t.Value == "⁻¹" {
				n = c.wrap(kindInverse, t, n)
				continue
			}
			n = c.wrap(kindPower, t, n, superscriptNumber(t))
		}
	}
}

func superscriptNumber(t *lexer.Token) *node {
	digits := strings.Map(func(r rune) rune {
		if i := strings.IndexRune(superscripts, r); i >= 0 {
			return rune('0' + len([]rune(superscripts[:i])))
		}
		return -1
	}, t.Value)
	span := tokenSpan(t)
	n := &node{kind: kindNumber, text: digits, span: span}
	if strings.HasPrefix(t.Value, "⁻") {
		n = &node{kind: kindNegation, args: []*node{n}, depth: 1, span: span}
	}
	return n
}

func (c *climber) exponent(op *lexer.Token, base *node) *node {
	start, negative := -1, false
	for {
		t := c.lex.Peek()
		if start < 0 {
			start = t.Pos.Offset
		}
		if ranks[0].ops[t.Value] == 0 {
			break
		}
		if t.Value != "+" {
			negative = !negative
		}
		c.lex.Next()
	}
	if t := c.lex.Peek(); op.Value == "^" && t.Value == "T" {
		c.lex.Next()
		if negative {
			base = c.wrap(kindInverse, t, base)
		}
		return c.wrap(kindTranspose, t, base)
	}
	c.operandAfter(op)
	p := c.atom()
	if negative {
		p = &node{kind: kindNegation, args: []*node{p}, depth: p.depth + 1, span: Span{start, p.span.End}}
	}
	kind := kindPower
	if op.Value == ".^" {
		kind = kindElementPower
	}
	return c.wrap(kind, op, base, p)
}

// wrap makes a node of a postfix operator, whose span goes on to the end of what was read.
func (c *climber) wrap(kind kind, at *lexer.Token, args ...*node) *node {
	n := &node{kind: kind, args: args, span: Span{args[0].span.Start, tokenSpan(at).End}}
	for _, a := range args {
		n.depth = max(n.depth, a.depth+1)
		n.span.End = max(n.span.End, a.span.End)
	}
	c.check(n.depth, at)
	return n
}

func (c *climber) atom() *node {
	t := c.lex.Peek()
	switch {
	case t.Type == tokenNumber:
		c.lex.Next()
		return &node{kind: kindNumber, text: t.Value, span: tokenSpan(t)}
	case t.Type == tokenName && t.Value != "where":
		c.lex.Next()
		switch c.lex.Peek().Value {
		case "(":
			args, end := c.list(")")
			if t.Value == "grad" && len(args) == 1 && args[0].kind == kindName && c.lex.Peek().Value == "(" {
				// grad(f)(X), the gradient of an unknown function at X
				name := "grad(" + args[0].text + ")"
				args, end = c.list(")")
				return c.measured(&node{kind: kindCall, text: name, args: args, span: Span{t.Pos.Offset, end}}, t)
			}
			return c.measured(&node{kind: kindCall, text: t.Value, args: args, span: Span{t.Pos.Offset, end}}, t)
		case "[":
			return c.index(&node{kind: kindName, text: t.Value, span: tokenSpan(t)})
		}
		return &node{kind: kindName, text: t.Value, span: tokenSpan(t)}
	case t.Value == "(":
		c.enter(t)
		c.lex.Next()
		n := c.rank(0)
		end := c.close(t, ")", n)
		inner := *n
		inner.parens = true
		inner.depth++
		c.check(inner.depth, t)
		inner.span = Span{t.Pos.Offset, end}
		return &inner
	}
	panic(c.missingOperand(t))
}

// measured sets the depth of n.
func (c *climber) measured(n *node, t *lexer.Token) *node {
	for _, a := range n.args {
		n.depth = max(n.depth, a.depth+1)
	}
	c.check(n.depth, t)
	return n
}

func (c *climber) index(base *node) *node {
	t := c.lex.Peek()
	args, end := c.list("]")
	n := &node{kind: kindIndex, args: append([]*node{base}, args...), span: Span{base.span.Start, end}}
	return c.measured(n, t)
}

// list reads what stands between a bracket and its partner, and returns where that ends.
func (c *climber) list(closer string) (args []*node, end int) {
	open := c.lex.Next()
	c.enter(open)
	if t := c.lex.Peek(); t.Value == closer {
		return nil, c.close(open, closer, nil)
	}
	for {
		if c.lex.Peek().EOF() {
			panic(unclosed(open))
		}
		args = append(args, c.rank(0))
		t := c.lex.Peek()
		if t.Value != "," {
			return args, c.close(open, closer, args[len(args)-1])
		}
		c.lex.Next()
		c.operandAfter(t)
	}
}

func (c *climber) close(open *lexer.Token, closer string, last *node) (end int) {
	t := c.lex.Peek()
	switch {
	case t.Value == closer:
		c.lex.Next()
		c.open = c.open[:len(c.open)-1]
		return tokenSpan(t).End
	case t.EOF() || t.Value == "where" || t.Value == "=" || t.Value == "==":
		panic(unclosed(open))
	case t.Value == ")" || t.Value == "]":
		panic(wrong("unclosed", tokenSpan(open), "%q is closed by %q", open.Value, t.Value).also(tokenSpan(t)))
	case t.Value == ",":
		panic(wrong("unexpected", tokenSpan(t), "a comma can only stand between the arguments of a function").also(tokenSpan(open)))
	}
	panic(c.missingOperator(last, t))
}

func unclosed(open *lexer.Token) *Diagnostic {
	return wrong("unclosed", tokenSpan(open), "%q is never closed", open.Value).hint("add the missing %q", closing(open.Value))
}

func closing(open string) string {
	if open == "[" {
		return "]"
	}
	return ")"
}

func opening(closer string) string {
	if closer == "]" {
		return "["
	}
	return "("
}

func (c *climber) enter(t *lexer.Token) {
	c.open = append(c.open, t)
	c.check(int32(len(c.open)), t)
}

func (c *climber) check(depth int32, t *lexer.Token) {
	if depth > maxDepth {
		panic(wrong("nesting", tokenSpan(t), "the expression is nested more than %d deep here", maxDepth).hint(nameParts))
	}
}

const nameParts = "name parts of it: … where Y = …"

// operandAfter reports that nothing, or another operator, follows op.
func (c *climber) operandAfter(op *lexer.Token) {
	t := c.lex.Peek()
	if t.Type == tokenNumber || t.Type == tokenName && t.Value != "where" || strings.Contains("([+-−–", t.Value) && t.Value != "" && t.Value != "[" {
		return
	}
	if t.EOF() || t.Value == "where" || t.Value == ")" || t.Value == "]" || t.Value == "," || t.Value == "=" || t.Value == "==" {
		d := wrong("operand", tokenSpan(op), "something is missing after %q", op.Value)
		if t.EOF() && len(c.open) > 0 {
			last := c.open[len(c.open)-1]
			d.also(tokenSpan(last)).fact("%q is not closed either", last.Value)
		}
		panic(d)
	}
	d := wrong("operand", tokenSpan(op).to(tokenSpan(t)), "something is missing between %q and %q", op.Value, t.Value)
	if op.Value == "*" && t.Value == "*" {
		d.hint("a power is written x^2")
	}
	if op.Value == "," && t.Value == "'" {
		d.hint(otherNorms)
	}
	if t.Value == ":" {
		d.hint(linesOfMatrix)
	}
	panic(d)
}

func (c *climber) missingOperand(t *lexer.Token) *Diagnostic {
	if t.EOF() {
		return wrong("empty", tokenSpan(t), "there is nothing to read").hint("write an expression such as tr(A*X)")
	}
	d := wrong("operand", tokenSpan(t), "an expression cannot start with %q", t.Value)
	if t.Value == ":" && len(c.open) > 0 {
		d.hint(linesOfMatrix)
	}
	return d
}

const linesOfMatrix = "the columns of X one above the other are vec(X), row i of X is E(1,i,1,rows(X))*X, column j is X*E(j,1,cols(X),1)"

func (c *climber) missingOperator(before *node, t *lexer.Token) *Diagnostic {
	d := wrong("operator", Span{before.span.End - 1, tokenSpan(t).End}, "an operator is missing before %q", t.Value)
	d.Spans[0] = tokenSpan(t)
	if t.Type == tokenName || t.Type == tokenNumber || t.Value == "(" {
		d.hint("a product is written with *: A*B, 2*x, c*(a + b)")
	}
	return d
}

func tokenSpan(t *lexer.Token) Span {
	return Span{t.Pos.Offset, t.Pos.Offset + len(t.Value)}
}
