package document

import (
	"slices"
	"strings"
)

// functionWords are names of functions, in lower case, and what the language calls them.
var functionWords = map[string]string{
	"tr": "tr", "trace": "tr", "det": "det", "logdet": "logdet", "log": "log", "ln": "log", "exp": "exp", "sin": "sin", "cos": "cos",
	"tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
	"sigmoid": "sigmoid", "softmax": "softmax", "relu": "relu", "sign": "sign", "sgn": "sign", "diag": "diag", "vec": "vec",
	"sum": "sum", "adj": "adj", "expm": "expm", "logm": "logm", "sqrtm": "sqrtm", "logsumexp": "logsumexp", "tril": "tril", "triu": "triu",
	"inv": "inv", "softplus": "softplus", "sqrt": "sqrt", "abs": "abs",
}

// bareWords are those that are recognised as a run of letters.
var bareWords = []string{"arcsin", "arccos", "arctan", "trace", "sinh", "cosh", "tanh", "diag", "log", "exp", "sin", "cos", "tan", "det", "vec", "tr", "Tr", "ln"}

var greekLetters = words(`alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho
	sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega`)

var fonts = map[string]bool{ // true if bold
	"mathbf": true, "boldsymbol": true, "bm": true, "mathbb": true, "bf": true, "pmb": true, "vec": true, "symbf": true,
	"mathcal": false, "mathrm": false, "mathsf": false, "mathit": false, "mathscr": false, "mathfrak": false, "rm": false, "mathnormal": false,
}

var accents = words(`hat widehat bar overline tilde widetilde dot ddot check breve`)

// reader turns the tokens of one side into a term.
type reader struct {
	tokens []token
	at     int
	wide   bool   // d X Y is d(X Y), not (d X) Y
	bar    string // that ends the innermost norm or determinant
	depth  int
	apply  map[string]bool // names that are functions
	notes  []string
	// warnings are about what was probably written by mistake.
	warnings []string
}

// readTerm reads a side of an equation. It throws a *failure.
func readTerm(tokens []token, wide bool, apply map[string]bool) *term {
	return (&reader{tokens: tokens, wide: wide, apply: apply}).whole()
}

// whole reads all tokens.
func (r *reader) whole() *term {
	t := r.sum()
	if r.at < len(r.tokens) {
		panic(unread("%q is not understood", r.tokens[r.at].source()))
	}
	if t.size() >= maxTerms {
		panic(unread("the formula is too large"))
	}
	return t
}

func (t token) source() string {
	if t.kind == tokenCommand {
		return `\` + t.text
	}
	return t.text
}

// written returns tokens as they may be written.
func written(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.spaced && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.source())
	}
	return b.String()
}

func (r *reader) peek(ahead int) token {
	if r.at+ahead < len(r.tokens) {
		return r.tokens[r.at+ahead]
	}
	return token{kind: tokenSymbol}
}

func (r *reader) done() bool { return r.at >= len(r.tokens) }

func (r *reader) accept(symbols ...string) bool {
	for _, s := range symbols {
		if r.peek(0).is(s) {
			r.at++
			return true
		}
	}
	return false
}

func (r *reader) mark(t *term, from int) *term {
	if from < len(r.tokens) {
		t.start = r.tokens[from].start
		for _, k := range r.tokens[from:r.at] {
			t.end = max(t.end, k.end)
		}
	}
	return t
}

// inside reads tokens on their own.
func (r *reader) inside(tokens []token) *term {
	if len(tokens) == 0 {
		panic(unread("something is missing in { }"))
	}
	in := &reader{tokens: tokens, wide: r.wide, depth: r.depth, apply: r.apply}
	t := in.sum()
	if !in.done() {
		panic(unread("%q is not understood", in.peek(0).source()))
	}
	r.notes, r.warnings = append(r.notes, in.notes...), append(r.warnings, in.warnings...)
	return t
}

func (r *reader) sum() *term {
	if r.depth++; r.depth > 100 {
		panic(unread("brackets are nested too deep"))
	}
	defer func() { r.depth-- }()
	from := r.at
	s := &term{op: opSum}
	for {
		sign := "+"
		switch {
		case r.accept("-", "−"):
			sign = "-"
		case r.accept("+"):
		default:
			if len(s.args) > 0 {
				if len(s.args) == 1 && s.ops == "+" {
					return s.args[0]
				}
				return r.mark(s, from)
			}
		}
		s.ops += sign
		s.args = append(s.args, r.product())
	}
}

// ends reports whether a product ends here.
func (r *reader) ends() bool {
	t := r.peek(0)
	return r.done() || t.kind == tokenSymbol && strings.Contains("+-−)]},;=&", t.text) || r.bar != "" && barOf(t) == r.bar ||
		t.command("rangle") || t.command("pm") || t.command("mp") || t.command("\\") || t.command("end") || t.command("rbrace") || t.command("}") ||
		t.command("rVert") || t.command("rvert")
}

// operator returns the operator between two factors, "" for none.
func (r *reader) operator() string {
	t := r.peek(0)
	name := ""
	switch {
	case t.is("*") || t.command("cdot") || t.command("times") || t.command("ast") || t.command("bullet") || t.is("·") || t.is("×"):
		name = "*"
	case t.command("odot") || t.command("circ") || t.command("star") || t.is("⊙") || t.is("∘"):
		name = "."
	case t.command("oslash") || t.command("varoslash") || t.is("⊘"):
		name = "d"
	case t.command("otimes") || t.is("⊗"):
		name = "x"
	case t.is("/") || t.command("slash"):
		name = "/"
	default:
		return ""
	}
	r.at++
	return name
}

func (r *reader) product() *term {
	from := r.at
	p := &term{op: opProduct}
	for {
		operator := ""
		if len(p.args) > 0 {
			if r.ends() {
				break
			}
			if operator = r.operator(); operator == "" {
				operator = "*"
				if first := r.peek(0); first.kind == tokenNumber && !r.tokens[r.at-1].is(")") && r.tokens[r.at-1].kind != tokenNumber {
					panic(unread("a number follows %q", r.tokens[r.at-1].source()))
				}
			}
		}
		f := r.factor()
		if operator == "/" && f.op != opNumber {
			f = r.divisor(f)
		}
		if operator != "" {
			p.ops += operator
		}
		p.args = append(p.args, f)
	}
	if len(p.args) == 1 {
		return p.args[0]
	}
	return r.mark(p, from)
}

// divisor reads the factors that stand close to the first one after a slash: x'A x / x'x.
func (r *reader) divisor(first *term) *term {
	p := &term{op: opProduct, args: []*term{first}, start: first.start, end: first.end}
	for !r.ends() && (r.peek(0).kind == tokenLetter || r.peek(0).kind == tokenCommand && (greekLetters[r.peek(0).text] || isFont(r.peek(0)))) {
		p.ops += "*"
		p.args = append(p.args, r.factor())
	}
	if len(p.args) == 1 {
		return first
	}
	return p
}

func isFont(t token) bool {
	_, ok := fonts[t.text]
	return ok && t.kind == tokenCommand
}

// rest reads the factors up to the end of the product, or only up to the next operator.
func (r *reader) rest(throughOperators bool) *term {
	from := r.at
	p := &term{op: opProduct}
	for !r.ends() {
		operator := "*"
		if len(p.args) > 0 {
			at := r.at
			if o := r.operator(); o != "" {
				if !throughOperators {
					r.at = at
					break
				}
				operator = o
			}
			p.ops += operator
		}
		p.args = append(p.args, r.factor())
	}
	switch len(p.args) {
	case 0:
		panic(unread("something is missing after %q", r.tokens[max(r.at-1, 0)].source()))
	case 1:
		return p.args[0]
	}
	return r.mark(p, from)
}

func (r *reader) factor() *term {
	if r.depth++; r.depth > 100 {
		panic(unread("the formula is nested too deep"))
	}
	defer func() { r.depth-- }()
	from := r.at
	t := r.primary()
	if t.start == 0 && t.end == 0 {
		r.mark(t, from)
	}
	if isFont(r.tokens[from]) && t.op == opProduct { // the scripts of \mathbf{Ax}^T stand at x
		last := len(t.args) - 1
		t.args[last] = r.scripts(t.args[last], r.at-1)
		return r.mark(t, from)
	}
	return r.scripts(t, from)
}

// barOf returns which kind of bar t is, if any.
func barOf(t token) string {
	switch {
	case t.is("|"), t.command("vert"), t.command("lvert"), t.command("rvert"), t.command("mid"):
		return "|"
	case t.command("|"), t.command("Vert"), t.command("lVert"), t.command("rVert"), t.command("Arrowvert"), t.command("Vvert"), t.command("parallel"), t.is("‖"):
		return "‖"
	}
	return ""
}

var closing = map[string]string{"(": ")", "[": "]"}

func (r *reader) primary() *term {
	t := r.peek(0)
	from := r.at
	if r.done() {
		panic(unread("something is missing at the end"))
	}
	if bar := barOf(t); bar != "" {
		r.at++
		outer := r.bar
		r.bar = bar
		inside := r.sum()
		r.bar = outer
		if barOf(r.peek(0)) != bar {
			panic(unread("%q is not closed", t.source()))
		}
		r.at++
		if bar == "|" {
			return &term{op: opBars, args: []*term{inside}}
		}
		return r.norm(inside)
	}
	switch t.kind {
	case tokenNumber:
		r.at++
		return &term{op: opNumber, text: t.text}
	case tokenLetter:
		return r.letter()
	case tokenSymbol:
		switch t.text {
		case "{":
			inside, next := group(r.tokens, r.at)
			r.at = next
			return r.inside(inside)
		case "(", "[":
			r.at++
			outer := r.bar
			r.bar = ""
			inside := r.bracketed(t.text)
			r.bar = outer
			if !r.accept(closing[t.text]) {
				if !r.accept(")", "]") {
					panic(unread("a bracket is not closed"))
				}
			}
			c := *inside
			c.square = t.text == "["
			return r.mark(&c, from)
		case "∂":
			return r.partial()
		case "∇":
			return r.nabla()
		}
	case tokenCommand:
		return r.commanded()
	}
	panic(unread("%q is not understood", t.source()))
}

// bracketed reads the inside of brackets: a sum, or in square ones a row of entries.
func (r *reader) bracketed(open string) *term {
	if open == "[" {
		if row := r.entries(); row != nil {
			return row
		}
	}
	first := r.sum()
	if open == "[" && first.op == opProduct && len(first.args) == 3 && first.args[1].op == opDots { // [x_1 ⋯ x_n]
		return &term{op: opMatrix, args: []*term{{op: opRow, args: first.args}}}
	}
	if open != "[" || r.peek(0).is("]") || r.peek(0).is(")") {
		return first
	}
	panic(unread("a list in brackets is not understood"))
}

// entries reads [a \ b \ c], entries with space between them.
func (r *reader) entries() *term {
	row := &term{op: opRow}
	depth, from := 0, r.at
	for i := r.at; i < len(r.tokens); i++ {
		t := r.tokens[i]
		switch {
		case t.is("{") || t.is("(") || t.is("["):
			depth++
		case depth == 0 && (t.is("]") && len(row.args) > 0 || t.command(" ")):
			if i > from {
				row.args = append(row.args, r.inside(r.tokens[from:i]))
			}
			from = i + 1
			if t.is("]") {
				r.at = i
				return &term{op: opMatrix, args: []*term{row}}
			}
		case t.is("}") || t.is(")") || t.is("]"):
			if depth--; depth < 0 {
				return nil
			}
		}
	}
	return nil
}

// letter reads a name of one letter, or a function whose name is a run of letters.
func (r *reader) letter() *term {
	for _, word := range bareWords {
		if r.spells(word) {
			r.at += len(word)
			return r.call(functionWords[strings.ToLower(word)])
		}
	}
	t := r.peek(0)
	if t.text == "d" && r.startsOperand(1) {
		r.at++
		return r.differential()
	}
	r.at++
	return r.name(t.text, false)
}

// spells reports whether the tokens here are the letters of word, close together.
func (r *reader) spells(word string) bool {
	for i := range word {
		t := r.peek(i)
		if t.kind != tokenLetter || t.text != word[i:i+1] || i > 0 && t.spaced {
			return false
		}
	}
	return true
}

// name makes a name, or a function of the document that is applied.
func (r *reader) name(text string, bold bool) *term {
	if (text == "O" || text == "o") && !bold && r.peek(0).is("(") {
		panic(unread("an order of magnitude is not understood"))
	}
	if (r.apply[text] || !upper(text) && !bold && r.namesFollow()) && r.peek(0).is("(") {
		return &term{op: opApply, text: text, args: r.arguments()}
	}
	return &term{op: opName, text: text, bold: bold}
}

// namesFollow reports whether a list of names in brackets comes next: p(x) is a function, and x(y + z) a product.
func (r *reader) namesFollow() bool {
	if !r.peek(0).is("(") {
		return false
	}
	for i := r.at + 1; i < len(r.tokens); i++ {
		switch t := r.tokens[i]; {
		case t.is(")"):
			return i > r.at+1
		case isFont(t) || t.kind == tokenCommand && greekLetters[t.text] || t.is("{") || t.is("}") || t.is(","):
		case t.kind == tokenLetter && (i == r.at+1 || r.tokens[i-1].kind != tokenLetter):
		default:
			return false
		}
	}
	return false
}

// startsOperand reports whether what is ahead can be what a d is before.
func (r *reader) startsOperand(ahead int) bool {
	t := r.peek(ahead)
	switch t.kind {
	case tokenLetter:
		return true
	case tokenSymbol:
		return t.text == "(" || t.text == "|" || t.text == "{" || t.text == "["
	case tokenCommand:
		return t.text != "cdot" && t.text != "times" && (greekLetters[t.text] || isFont(t) || isText(t) || accents[t.text] ||
			functionWords[strings.ToLower(t.text)] != "" || slices.Contains([]string{"operatorname", "lVert", "Vert", "|", "ell", "left", "frac", "Arrowvert", "lvert"}, t.text))
	}
	return false
}

// differential reads what stands after a d.
func (r *reader) differential() *term {
	if r.peek(0).is("^") { // d^2 f
		_, next := group(r.tokens, r.at+1)
		order := plain(r.tokens[r.at+1 : next])
		if strings.Trim(order, "{}") != "2" {
			panic(unread("the differential of order %s is not understood", order))
		}
		r.at = next
		return &term{op: opD, args: []*term{{op: opD, args: []*term{r.factor()}}}}
	}
	bracket := r.peek(0).is("(") || r.peek(0).is("[")
	from := r.at
	t := r.factor()
	if r.wide && !bracket && (t.op == opName || t.op == opTranspose || t.op == opInverse || t.op == opIndexed) && !r.ends() {
		if operatorAt := r.at; r.operator() == "" {
			more := r.rest(false)
			t = r.mark(&term{op: opProduct, ops: "*", args: []*term{t, more}}, from)
		} else {
			r.at = operatorAt
		}
	}
	return &term{op: opD, args: []*term{t}}
}
