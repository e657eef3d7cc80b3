package document

import "strings"

// isPartial reports whether t is one of the letters of a derivative.
func isPartial(t token) bool {
	return t.command("partial") || t.is("∂") || t.kind == tokenLetter && t.text == "d"
}

// differentials reads \mathrm{d} as d.
func differentials(tokens []token) []token {
	var out []token
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if (t.command("mathrm") || t.command("operatorname") || t.command("text") || t.command("mathsf")) && i+1 < len(tokens) {
			if inside, next := group(tokens, i+1); len(inside) == 1 && inside[0].kind == tokenLetter && inside[0].text == "d" {
				d := inside[0]
				d.start, d.end, d.spaced = t.start, tokens[next-1].end, t.spaced
				out = append(out, d)
				i = next - 1
				continue
			}
		}
		out = append(out, t)
	}
	return out
}

// fraction reads the arguments of \frac: a quotient, or a derivative.
func (r *reader) fraction() *term {
	from := r.at - 1
	top, next := group(r.tokens, r.at)
	bottom, next := group(r.tokens, next)
	r.at = next
	below := differentials(bottom)
	if len(below) < 2 || !isPartial(below[0]) || below[1].is("^") || below[1].is("_") {
		n, d := r.inside(top), r.inside(bottom)
		return r.mark(&term{op: opProduct, ops: "/", args: []*term{n, d}}, from)
	}
	above := differentials(top)
	if below[0].text == "d" && !(len(above) > 0 && isPartial(above[0])) { // a product with a name d in it
		return r.mark(&term{op: opProduct, ops: "/", args: []*term{r.inside(top), r.inside(bottom)}}, from)
	}
	d := &term{op: opPartial, text: "∂"}
	if below[0].text == "d" {
		d.text = "d"
	}
	var wrt []*term
	for at := 0; at < len(below); {
		if !isPartial(below[at]) {
			panic(unread("%q is not understood in the variable of a derivative", plain(bottom)))
		}
		stop := at + 1
		for depth := 0; stop < len(below) && (depth > 0 || !isPartial(below[stop])); stop++ {
			if below[stop].is("{") {
				depth++
			} else if below[stop].is("}") {
				depth--
			}
		}
		wrt = append(wrt, r.variable(below[at+1:stop])...)
		at = stop
	}
	transposed := false
	switch {
	case len(above) == 0:
		panic(unread("something is missing in { }"))
	case !isPartial(above[0]):
		r.warnings = append(r.warnings, "the numerator of "+`\frac{`+written(top)+`}{`+written(bottom)+`} has no \partial; it is read as a derivative`)
		d.args = []*term{r.inside(top)}
	default:
		above = above[1:]
		order := 1
		if len(above) > 1 && above[0].is("^") {
			script, next := group(above, 1)
			if plain(script) != "2" {
				panic(unread("a derivative of order %s is not understood", plain(script)))
			}
			order, above = 2, above[next:]
		}
		if order != len(wrt) {
			panic(unread("the order of the derivative and its variables do not agree"))
		}
		if len(above) > 0 {
			d.args = []*term{r.inside(above)}
			if t := d.args[0]; t.op == opTranspose && t.args[0].op == opName { // \frac{\partial f^T}{\partial X}
				transposed = true
			}
		}
	}
	if d.args == nil {
		d.args = []*term{r.operand()}
	} else if r.peek(0).is("(") && d.args[0].op == opName && r.apply[d.args[0].text] { // \frac{df}{dx}(x)
		r.arguments()
	}
	d.args = append(d.args, wrt...)
	if transposed {
		d.ops = "'"
	}
	return r.mark(d, from)
}

// variable reads what a derivative is taken by: once, or twice for x^2.
func (r *reader) variable(tokens []token) []*term {
	t := r.inside(tokens)
	if t.op == opPower && t.args[1].op == opNumber && t.args[1].text == "2" {
		return []*term{t.args[0], t.args[0]}
	}
	return []*term{t}
}

// operand reads what \frac{\partial}{\partial X} or \nabla stands before: a bracket, a function of something, or the rest of
// the product.
func (r *reader) operand() *term {
	if r.ends() {
		panic(unread("the derivative of nothing"))
	}
	if r.peek(0).is("(") || r.peek(0).is("[") || r.peek(0).is("{") || r.peek(0).command("{") || r.peek(0).command("lbrace") || barOf(r.peek(0)) != "" {
		from := r.at
		t := r.factor()
		if t.op == opTranspose && !r.ends() && from >= 0 { // (Ax - b)^T (Ax - b)
			more := r.rest(true)
			return r.mark(&term{op: opProduct, ops: "*", args: []*term{t, more}}, from)
		}
		return t
	}
	at := r.at
	t := r.factor()
	if t.op == opCall || t.op == opApply || t.op == opPower && t.args[0].op == opCall {
		return t
	}
	r.at = at
	return r.rest(true)
}

// partial reads \partial f/\partial X, or the differential \partial X.
func (r *reader) partial() *term {
	from := r.at
	r.at++
	slash := -1
	depth := 0
	for i := r.at; i < len(r.tokens) && slash < 0; i++ {
		t := r.tokens[i]
		switch {
		case t.kind == tokenSymbol && strings.Contains("{([", t.text):
			depth++
		case t.kind == tokenSymbol && strings.Contains("})]", t.text):
			depth--
		case depth == 0 && t.is("/") && i+1 < len(r.tokens) && isPartial(r.tokens[i+1]):
			slash = i
		case depth == 0 && (t.is("+") || t.is("-") || t.is("=")):
			depth = -1
		}
		if depth < 0 {
			break
		}
	}
	if slash < 0 {
		return r.differential()
	}
	operand := r.inside(r.tokens[r.at:slash])
	r.at = slash + 2
	wrt := r.factor()
	return r.mark(&term{op: opPartial, text: "∂", args: []*term{operand, wrt}}, from)
}

// nabla reads \nabla_X f and \nabla^2 f.
func (r *reader) nabla() *term {
	from := r.at
	r.at++
	n := &term{op: opNabla}
	var by *term
	for {
		if r.accept("_") {
			tokens, next := r.script()
			r.at = next
			by = r.inside(tokens)
			continue
		}
		if r.accept("^") {
			tokens, next := r.script()
			if word := strings.Trim(plain(tokens), "{}"); word != "2" {
				panic(unread("\\nabla^%s is not understood", word))
			}
			r.at = next
			n.text = "2"
			continue
		}
		break
	}
	if r.ends() {
		panic(unread("\\nabla of nothing"))
	}
	t := r.peek(0)
	switch {
	case t.kind == tokenLetter && !r.spells("tr") && !r.spells("Tr") && !r.spells("log") && !r.spells("det") && !r.spells("ln") && !r.spells("exp"),
		greekLetters[t.text], t.text == "ell", isFont(t) && !r.functionAhead():
		// A name: what follows it, such as a transpose, belongs to the gradient.
		inner := &reader{tokens: r.tokens, at: r.at, wide: r.wide, depth: r.depth, apply: r.apply}
		n.args = []*term{inner.primary()}
		r.at = inner.at
		if n.args[0].op == opName && r.peek(0).is("_") {
			r.at++
			n.args[0] = r.subscript(n.args[0])
		}
		if n.args[0].op == opName && r.peek(0).is("(") {
			at := r.at
			var args []*term
			if attempt(func() { args = r.arguments() }) == "" {
				n.args[0] = &term{op: opApply, text: n.args[0].text, args: args}
			} else {
				r.at = at
			}
		}
		if t := r.peek(0); t.kind == tokenCommand && functionWords[strings.ToLower(t.text)] != "" && n.args[0].op == opName {
			panic(unread("a name and \\%s follow \\nabla: it is not clear what is differentiated", t.text))
		}
		if !r.ends() && by != nil && n.args[0].op == opName && (n.args[0].bold || n.args[0].text == by.text || r.startsForm(r.restart(from), by)) { // \nabla_x x^T A x
			r.at = r.restart(from)
			n.args = []*term{r.rest(true)}
		}
	default:
		n.args = []*term{r.operand()}
	}
	if by != nil {
		n.args = append(n.args, by)
	}
	return r.mark(n, from)
}

// startsForm reports whether a product such as a^T x begins at from: one whose first factor is a transpose, but not of a
// function, and which has by in it.
func (r *reader) startsForm(from int, by *term) bool {
	in := &reader{tokens: r.tokens, at: from, wide: r.wide, depth: r.depth, apply: r.apply}
	var p *term
	if attempt(func() { p = in.rest(true) }) != "" || p.op != opProduct || p.args[0].op != opTranspose {
		return false
	}
	first := p.args[0].args[0]
	return first.op == opName && !r.apply[first.text] && p.contains(func(t *term) bool { return t.op == opName && t.text == by.text })
}

// functionAhead reports whether the font that comes next sets the name of a function.
func (r *reader) functionAhead() bool {
	tokens, _ := group(r.tokens, r.at+1)
	return functionWords[strings.ToLower(strings.ReplaceAll(plain(tokens), " ", ""))] != "" && len(tokens) > 1
}

// restart returns where the operand of the \nabla at from begins.
func (r *reader) restart(from int) int {
	at := from + 1
	for at < len(r.tokens) && (r.tokens[at].is("_") || r.tokens[at].is("^")) {
		_, at = group(r.tokens, at+1)
	}
	return at
}
