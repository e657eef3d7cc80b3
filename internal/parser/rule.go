package parser

import (
	"strings"

	"matdiff/internal/expr"
)

// Syntax is an expression of a rule line.
type Syntax struct{ tree tree }

// Text returns the expression as it was written.
func (s Syntax) Text() string { return strings.TrimSpace(s.tree.text(s.tree.root.span)) }

// RuleLine is one line of a rule book: d HEAD = BODY, adj HEAD = BODY or def HEAD = BODY, then # COMMENT [SOURCE].
type RuleLine struct {
	Kind      string   // "d", "adj" or "def"
	Head      string   // a function's name, or an operator: + * .* .^ ^ ' / ./ \ [] or kron
	Params    []string // names of the operands
	Body      Syntax
	Comment   string
	Source    string
	Line      int        // for the caller
	Functions []*expr.Op // the user's own functions that the body may use; for the caller
}

// ParseRule reads one line.
func ParseRule(line string) (rule *RuleLine, err error) {
	defer catch(&err)
	text, comment, _ := strings.Cut(line, "#")
	t, err := read(theGrammar().rule, text)
	if err != nil {
		return nil, ruleFault(err, line)
	}
	rule = &RuleLine{Kind: t.Kind, Body: Syntax{tree{t.Body.root, text}}, Comment: strings.TrimSpace(comment)}
	if i := strings.LastIndex(rule.Comment, "["); i >= 0 && strings.HasSuffix(rule.Comment, "]") {
		rule.Source = rule.Comment[i+1 : len(rule.Comment)-1]
		rule.Comment = strings.TrimSpace(rule.Comment[:i])
	}
	if t.Kind != "d" && t.Kind != "adj" && t.Kind != "def" {
		return nil, wrong("rule", Span{t.Pos.Offset, t.Pos.Offset + len(t.Kind)}, "a rule starts with d, adj or def, not %q", t.Kind).in(line).
			hint("d inv(X) = -inv(X)*dX*inv(X)")
	}
	var operands []*node
	rule.Head, operands = head(t.Head.root)
	if rule.Head == "" {
		return nil, wrong("rule", t.Head.root.span, "the left side of a rule is a function or an operator of names").in(line).
			hint("d inv(X) = …, d X*Y = …, adj tr(X) = …, def f(X) = …")
	}
	for _, n := range operands {
		if n.kind != kindName {
			return nil, wrong("rule", n.span, "a parameter is a name").in(line)
		}
		for _, p := range rule.Params {
			if p == n.text {
				return nil, wrong("rule", n.span, "the parameter %s occurs twice", p).in(line)
			}
		}
		rule.Params = append(rule.Params, n.text)
	}
	return rule, nil
}

// ruleFault shows the whole line with a fault that was found in it.
func ruleFault(err error, line string) error {
	if d, ok := err.(*Diagnostic); ok {
		d.Source = line
		if d.Code == "unexpected" {
			d.hint("a rule looks like d inv(X) = -inv(X)*dX*inv(X)   # why [source]")
		}
	}
	return err
}

var chainHeads = map[byte]string{
	'*': "*", '/': "/", '\\': "\\", opHadamard: ".*", opQuotient: "./", opKronecker: "kron",
}

// head returns the name of the operation at n and its operands.
func head(n *node) (string, []*node) {
	switch n.kind {
	case kindCall:
		return n.text, n.args
	case kindSum:
		if len(n.ops) == 1 {
			return string(n.ops[0]), n.args
		}
	case kindChain:
		if len(n.ops) == 1 {
			return chainHeads[n.ops[0]], n.args
		}
	case kindNegation:
		return "-", n.args
	case kindTranspose:
		return "'", n.args
	case kindPower:
		return "^", n.args
	case kindElementPower:
		return ".^", n.args
	case kindIndex:
		return "[]", n.args
	}
	return "", nil
}

// Instantiate makes a raw node of the rule's body. bind says what its names stand for: the parameters, dX for what
// moves, G for the cotangent. shape is the shape that the result has to have, from which I, ones, zeros and 0 get
// theirs; the zero Shape leaves that open.
func (r *RuleLine) Instantiate(b *expr.Builder, bind map[string]*expr.Node, shape expr.Shape) (n *expr.Node, err error) {
	defer catch(&err)
	body := r.Body.tree
	known := shape != expr.Shape{}
	if known && isZero(body.root) {
		return zeros(b, shape), nil
	}
	p := newProgram(&program{builder: b, functions: newFunctionTable(r.Functions), bound: bind}, body)
	typed := p.infer(nil, func(run *run) {
		s := run.shapes[body.root.id]
		if !known || s == bad {
			return
		}
		if want := run.u.shape(shape); !run.u.same(s, want) {
			run.tree = body
			run.fail(body.root, func() *Diagnostic {
				return wrong("rule-shape", body.root.span, "the rule gives %s where %s is needed", run.show(s), shape)
			})
		}
	})
	if len(typed.conflicts) > 0 {
		return nil, typed.report(typed.conflicts[0])
	}
	return newLowerer(b, typed).whole(body), nil
}
