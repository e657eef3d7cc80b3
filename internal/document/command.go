package document

import (
	"strings"
)

func (r *reader) commanded() *term {
	t := r.peek(0)
	lower := strings.ToLower(t.text)
	switch {
	case greekLetters[t.text]:
		r.at++
		return r.name(t.text, false)
	case t.text == "ell":
		r.at++
		return r.name("l", false)
	case t.text == "pi":
		r.at++
		return &term{op: opName, text: "pi"}
	case accents[t.text]:
		r.at++
		tokens, next := r.script()
		r.at = next
		inside := r.inside(tokens)
		if inside.op != opName {
			panic(unread("\\%s of more than a name is not understood", t.text))
		}
		inside.text += "_" + strings.TrimPrefix(lower, "wide")
		return inside
	case isText(t) || t.text == "operatorname" || t.text == "mathop":
		tokens, next := group(r.tokens, r.at+1)
		if len(tokens) > 0 && tokens[0].is("*") && t.text == "operatorname" {
			tokens, next = group(r.tokens, r.at+2)
		}
		if len(tokens) > 0 && isFont(tokens[0]) { // \mathop{\mathrm{tr}}
			if inside, end := group(tokens, 1); end == len(tokens) {
				tokens = inside
			}
		}
		r.at = next
		return r.word(tokens)
	case isFont(t):
		return r.font()
	case functionWords[lower] != "" && t.text != "vec" && t.text != "sqrt" && t.text != "sum":
		r.at++
		return r.call(functionWords[lower])
	}
	r.at++
	switch t.text {
	case "frac", "dfrac", "tfrac", "cfrac":
		return r.fraction()
	case "sqrt":
		if _, _, ok := option(r.tokens, r.at); ok {
			panic(unread("a root other than the square root is not understood"))
		}
		tokens, next := group(r.tokens, r.at)
		r.at = next
		return &term{op: opCall, text: "sqrt", args: []*term{r.inside(tokens)}}
	case "underbrace", "overbrace":
		tokens, next := group(r.tokens, r.at)
		if r.at = next; r.accept("_") || r.accept("^") { // the remark at the brace
			_, r.at = group(r.tokens, r.at)
		}
		return r.inside(tokens)
	case "partial":
		r.at--
		return r.partial()
	case "nabla":
		r.at--
		return r.nabla()
	case "sum":
		return r.big()
	case "langle":
		a := r.sum()
		if !r.accept(",") && !r.accept(";") && barOf(r.peek(0)) != "|" {
			panic(unread("an inner product needs two arguments"))
		} else if barOf(r.peek(0)) == "|" {
			r.at++
		}
		b := r.sum()
		if !r.peek(0).command("rangle") {
			panic(unread("\\langle is not closed"))
		}
		r.at++
		return &term{op: opCall, text: "inner", args: []*term{a, b}}
	case "lbrace", "{":
		inside := r.sum()
		if !r.peek(0).command("rbrace") && !r.peek(0).command("}") {
			panic(unread("a brace is not closed"))
		}
		r.at++
		return inside
	case "cdots", "ldots", "dots", "vdots", "ddots", "dotsc", "dotsb":
		return &term{op: opDots}
	case "begin":
		return r.matrix()
	case "int", "oint", "prod", "lim", "max", "min", "arg", "sup", "inf", "mathbb", "E":
		panic(unread("\\%s is not understood", t.text))
	}
	panic(unread("\\%s is not understood", t.text))
}

// word reads a name set upright: a function, or letters.
func (r *reader) word(tokens []token) *term {
	word := strings.ReplaceAll(plain(tokens), " ", "")
	if f := functionWords[strings.ToLower(word)]; f != "" {
		return r.call(f)
	}
	if word == "d" && r.startsOperand(0) {
		return r.differential()
	}
	if word == "" || letters(word) != word || isDigit(word[0]) {
		panic(unread("%q is not understood", word))
	}
	return r.name(word, false)
}

// font reads letters in a font: a product of them, or a function.
func (r *reader) font() *term {
	bold := fonts[r.peek(0).text]
	upright := r.peek(0).text == "mathrm" || r.peek(0).text == "rm" || r.peek(0).text == "mathsf"
	blackboard := r.peek(0).text == "mathbb"
	tokens, next := group(r.tokens, r.at+1)
	for len(tokens) > 0 && tokens[0].is("{") {
		tokens, _ = group(tokens, 0)
	}
	r.at = next
	if len(tokens) == 0 {
		panic(unread("something is missing in { }"))
	}
	if upright {
		return r.word(tokens)
	}
	if len(tokens) == 1 && tokens[0].kind == tokenNumber {
		switch tokens[0].text {
		case "1":
			return &term{op: opCall, text: r.onesOfSize(), args: []*term{{op: opNumber, text: "1"}}}
		case "0":
			return &term{op: opNumber, text: "0"}
		}
	}
	if blackboard && plain(tokens) == "E" {
		panic(unread("an expectation is not understood"))
	}
	if len(tokens) == 1 && (tokens[0].kind == tokenLetter || greekLetters[tokens[0].text]) {
		return r.name(tokens[0].text, bold)
	}
	if word := strings.ReplaceAll(plain(tokens), " ", ""); functionWords[strings.ToLower(word)] != "" && len(word) > 1 {
		return r.call(functionWords[strings.ToLower(word)])
	}
	inside := r.inside(tokens)
	return inside.replace(func(t *term) *term {
		if t.op == opName && !t.bold {
			c := *t
			c.bold = bold
			return &c
		}
		return nil
	})
}

// onesOfSize reads the size of \mathbf{1}_{m} or \mathbf{1}_{m \times n}, which its neighbours give too, and returns the
// function that repeats a number in that shape. A usual letter for an index is left to be one.
func (r *reader) onesOfSize() string {
	if !r.peek(0).is("_") {
		return "vector"
	}
	size, next := group(r.tokens, r.at+1)
	switch {
	case len(size) == 3 && size[1].command("times"):
		r.at = next
		return "matrix"
	case len(size) == 1 && !strings.Contains("ijkl", size[0].text):
		r.at = next
	}
	return "vector"
}

// call reads the argument of a function: a bracket, or the factors up to the next operator.
func (r *reader) call(name string) *term {
	head := &term{op: opCall, text: name}
	var power []token
	for {
		if r.peek(0).is("_") && name != "norm" {
			r.at++
			_, r.at = r.script()
			continue
		}
		if r.peek(0).is("^") {
			r.at++
			power, r.at = r.script()
			continue
		}
		break
	}
	t := r.peek(0)
	switch {
	case t.is("(") || t.is("[") || t.is("{") || t.command("{") || t.command("lbrace") || barOf(t) != "" && r.bar != barOf(t):
		from := r.at
		arg := r.primary()
		if arg.op == opBars && name == "log" {
			head.args = []*term{arg}
			break
		}
		head.args = []*term{r.mark(arg, from)}
		if name == "tr" && barOf(t) != "" {
			break
		}
		// tr(A)^2 is the square of the trace; tr(A)^T B and tr (A+B)^T C are the trace of the product.
		if next := r.peek(0); t.is("(") && name == "tr" && next.is("^") {
			if script := r.peek(1); script.is("T") || script.text == "T" || script.command("top") || script.is("{") && (r.peek(2).text == "T" || r.peek(2).text == "top") {
				arg := r.scripts(head.args[0], from)
				head.args = []*term{arg}
				if !r.ends() {
					head.args = []*term{{op: opProduct, ops: "*", args: []*term{arg, r.rest(true)}}}
				}
			}
		}
	default:
		head.args = []*term{r.rest(name == "tr")}
	}
	if power != nil {
		word := plain(power)
		if word == "-1" || word == "- 1" {
			panic(unread("the inverse of a function is not understood"))
		}
		if word == "T" || word == "top" {
			return &term{op: opTranspose, args: []*term{head}}
		}
		return &term{op: opPower, args: []*term{head, r.inside(power)}}
	}
	return head
}
