package document

import (
	"strings"
)

// scripts reads subscripts, superscripts and primes.
func (r *reader) scripts(t *term, from int) *term {
	for {
		switch {
		case r.accept("_"):
			t = r.subscript(t)
		case r.accept("^"):
			tokens, next := r.script()
			r.at = next
			t = r.superscript(t, tokens)
		case r.peek(0).is("'") || r.peek(0).is("’"):
			r.at++
			t = r.prime(t)
		case r.peek(0).is("!"):
			panic(unread("a factorial is not understood"))
		default:
			return r.mark(t, from)
		}
	}
}

// script returns the argument of ^ or _.
func (r *reader) script() ([]token, int) {
	if t := r.peek(0); isFont(t) || isText(t) || t.command("operatorname") {
		_, next := group(r.tokens, r.at+1)
		return r.tokens[r.at:next], next
	}
	return group(r.tokens, r.at)
}

func (r *reader) subscript(t *term) *term {
	tokens, next := r.script()
	r.at = next
	var subs []string
	suffix := ""
	for i := 0; i < len(tokens); i++ {
		k := tokens[i]
		switch {
		case k.kind == tokenNumber && len(k.text) == 2 && len(tokens) == 1: // X_{12}
			subs = append(subs, k.text[:1], k.text[1:])
		case k.kind == tokenLetter || k.kind == tokenNumber:
			subs = append(subs, k.text)
		case k.is(",") || k.is("{") || k.is("}") || k.is("(") || k.is(")"):
		case isFont(k) || isText(k) || k.command("operatorname"):
			word, n := group(tokens, i+1)
			suffix += strings.ReplaceAll(plain(word), " ", "")
			i = n - 1
		case k.kind == tokenCommand && greekLetters[k.text]:
			suffix += k.text
		case k.is("+") || k.is("*"):
			suffix += map[string]string{"+": "plus", "*": "star"}[k.text]
		default:
			panic(unread("the subscript %q is not understood", plain(tokens)))
		}
	}
	if t.op == opBig || t.op == opCall && len(t.args) == 0 {
		t.subs = subs
		return t
	}
	if suffix != "" && t.op == opName {
		c := *t
		c.text += "_" + letters(suffix+strings.Join(subs, ""))
		return &c
	}
	if t.op == opName && len(t.subs) == 0 {
		c := *t
		c.subs = subs
		return &c
	}
	return &term{op: opIndexed, args: []*term{t}, subs: subs}
}

// letters keeps what may be part of a name.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 128 && (isLatin(byte(r)) || isDigit(byte(r)) || r == '_') {
			return r
		}
		return -1
	}, s)
}

func (r *reader) superscript(t *term, tokens []token) *term {
	word := strings.ReplaceAll(plain(tokens), " ", "")
	word, inverted := strings.CutPrefix(word, "-")
	for _, font := range []string{"mathsf", "mathrm", "text", "mathbf", "rm", "sf", "mathtt", "textsf", "textrm", "mathit", "operatorname"} {
		word = strings.TrimPrefix(word, font)
	}
	word = strings.Trim(word, "{}")
	if inverted {
		word = "-" + word
	}
	transpose := func(t *term) *term { return &term{op: opTranspose, args: []*term{t}} }
	inverse := func(t *term) *term { return &term{op: opInverse, args: []*term{t}} }
	if t.op == opName && t.text == "e" && len(t.subs) == 0 && !t.bold && word != "T" && word != "top" {
		return &term{op: opCall, text: "exp", args: []*term{r.inside(tokens)}}
	}
	switch word {
	case "'", "prime":
		return r.prime(t)
	case "T", "top", "intercal", "⊤", "tr":
		return transpose(t)
	case "t":
		if t.op != opNumber {
			return transpose(t)
		}
	case "H", "dagger", "mathsfH":
		if word == "dagger" {
			r.notes = append(r.notes, "^\\dagger is read as the pseudo-inverse")
			return &term{op: opCall, text: "pinv", args: []*term{t}}
		}
		r.notes = append(r.notes, "^H is read as the transpose: matrices are real")
		return transpose(t)
	case "-1", "−1":
		return inverse(t)
	case "-T", "-top", "-intercal", "−T", "-⊤":
		return transpose(inverse(t))
	case "-t":
		if t.op != opNumber {
			return transpose(inverse(t))
		}
	case "+":
		return &term{op: opCall, text: "pinv", args: []*term{t}}
	case "*", "ast", "star":
		r.notes = append(r.notes, "^* is read as the adjugate")
		return &term{op: opCall, text: "adj", args: []*term{t}}
	}
	if len(tokens) > 1 && (tokens[0].command("odot") || tokens[0].command("circ")) {
		return &term{op: opElementPower, args: []*term{t, r.inside(tokens[1:])}}
	}
	if len(tokens) > 2 && tokens[0].is("(") && tokens[len(tokens)-1].is(")") && t.op == opName {
		c := *t
		c.text += "_" + letters(word)
		return &c
	}
	if t.op == opName && len(tokens) == 2 && tokens[0].kind == tokenLetter && tokens[1].kind == tokenLetter && len(t.subs) == 0 {
		c := *t // J^{ij}
		c.subs = []string{tokens[0].text, tokens[1].text}
		return &c
	}
	if t.op == opCall && len(t.args) == 0 { // \sin^2 x
		t.ops = "^"
		t.args = append(t.args, r.inside(tokens))
		return t
	}
	return &term{op: opPower, args: []*term{t, r.inside(tokens)}}
}

func (r *reader) prime(t *term) *term {
	if t.op == opName && r.apply[t.text] {
		return &term{op: opApply, text: t.text, ops: "'", args: r.arguments()}
	}
	return &term{op: opTranspose, args: []*term{t}}
}

// arguments reads (a, b).
func (r *reader) arguments() (args []*term) {
	if !r.accept("(") {
		panic(unread("the argument of a function is missing"))
	}
	for {
		args = append(args, r.sum())
		if !r.accept(",") {
			break
		}
	}
	if !r.accept(")") {
		panic(unread("a bracket is not closed"))
	}
	return args
}

// norm reads the scripts of ‖…‖ that choose the norm.
func (r *reader) norm(inside *term) *term {
	name := "norm"
	if r.accept("_") {
		tokens, next := r.script()
		r.at = next
		switch word := strings.Trim(strings.ReplaceAll(plain(tokens), " ", ""), "{}"); {
		case word == "1":
			name = "norm1"
		case word == "*" || word == "ast" || word == "star":
			name = "nuclear"
		case word == "2":
			name = "norm_2" // spectral for a matrix
		case strings.HasSuffix(word, "F") || strings.HasSuffix(word, "Fro") || strings.HasSuffix(word, "fro"):
		default:
			panic(unread("the norm with subscript %q is not known", word))
		}
	}
	return &term{op: opCall, text: name, args: []*term{inside}}
}
