package document

import (
	"strconv"
	"strings"
)

// Limits on the expansion of macros: a formula of a paper stays far below them.
const (
	maxTokens = 20_000  // of one formula, expanded
	maxDepth  = 40      // of macros in macros
	maxInputs = 50      // files that are read for their macros
	maxInput  = 1 << 20 // bytes of one
)

// macro is what \newcommand and its like define.
type macro struct {
	params  int
	initial []token // of the first parameter, if it is optional
	body    []token
	paired  bool // of \DeclarePairedDelimiter: a star or a size may follow the name
}

type macros map[string]*macro

// read enters the definitions in tokens. It calls input with the name in each \input.
func (m macros) read(tokens []token, input func(name string)) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind != tokenCommand {
			continue
		}
		if tokens[i].text == "input" || tokens[i].text == "include" {
			name, _ := group(tokens, i+1)
			input(strings.ReplaceAll(plain(name), " ", ""))
		} else if _, next, ok := m.define(tokens, i); ok {
			i = next - 1
		}
	}
}

// define reads the definition at tokens[at], if there is one, and returns where it ends.
func (m macros) define(tokens []token, at int) (name string, next int, ok bool) {
	kind := tokens[at].text
	next = at + 1
	if next < len(tokens) && tokens[next].is("*") {
		next++
	}
	switch kind {
	case "newcommand", "renewcommand", "providecommand", "DeclareMathOperator", "DeclarePairedDelimiter":
		var head []token
		head, next = group(tokens, next)
		if len(head) != 1 || head[0].kind != tokenCommand {
			return "", at, false
		}
		name = head[0].text
	case "def":
		if next >= len(tokens) || tokens[next].kind != tokenCommand {
			return "", at, false
		}
		name = tokens[next].text
		next++
	default:
		return "", at, false
	}
	d := &macro{}
	switch kind {
	case "DeclareMathOperator":
		d.body, next = group(tokens, next)
		d.body = append([]token{{kind: tokenCommand, text: "operatorname"}, {kind: tokenSymbol, text: "{"}},
			append(append([]token{}, d.body...), token{kind: tokenSymbol, text: "}"})...)
	case "DeclarePairedDelimiter":
		var left, right []token
		left, next = group(tokens, next)
		right, next = group(tokens, next)
		d.params, d.paired = 1, true
		d.body = append(append([]token{}, left...), append([]token{{kind: tokenParameter, text: "1"}}, right...)...)
	case "def":
		for next < len(tokens) && tokens[next].kind == tokenParameter {
			d.params++
			next++
		}
		d.body, next = group(tokens, next)
	default:
		if count, after, ok := option(tokens, next); ok {
			d.params, _ = strconv.Atoi(plain(count))
			next = after
			if d.initial, after, ok = option(tokens, next); ok {
				next = after
				if d.initial == nil {
					d.initial = []token{}
				}
			}
		}
		d.body, next = group(tokens, next)
	}
	if d.params < 0 || d.params > 9 {
		return "", at, false
	}
	m[name] = d
	return name, next, true
}

// expand replaces the macros in tokens.
func (m macros) expand(tokens []token) []token {
	budget := maxTokens
	return m.replace(tokens, maxDepth, &budget)
}

func (m macros) replace(tokens []token, depth int, budget *int) []token {
	var out []token
	for i := 0; i < len(tokens); {
		t := tokens[i]
		d := m[t.text]
		if t.kind != tokenCommand || d == nil {
			if *budget--; *budget < 0 {
				panic(unread("the formula is longer than %d tokens", maxTokens))
			}
			out = append(out, t)
			i++
			continue
		}
		if depth == 0 {
			panic(unread("macros are nested more than %d deep at \\%s", maxDepth, t.text))
		}
		i++
		if d.paired {
			if i < len(tokens) && tokens[i].is("*") {
				i++
			} else if _, next, ok := option(tokens, i); ok {
				i = next
			}
		}
		var args [9][]token
		end := t.end
		for k := range d.params {
			if k == 0 && d.initial != nil {
				args[0] = d.initial
				if given, next, ok := option(tokens, i); ok {
					args[0], i = given, next
				}
				continue
			}
			if i >= len(tokens) {
				panic(unread("\\%s needs %d arguments", t.text, d.params))
			}
			args[k], i = group(tokens, i)
			end = max(end, tokens[i-1].end)
		}
		var body []token
		for _, b := range d.body {
			if b.kind == tokenParameter {
				if k := int(b.text[0] - '1'); k >= 0 && k < 9 {
					body = append(body, args[k]...)
				}
				if *budget -= 1 + len(body)/64; *budget < 0 {
					panic(unread("the formula is longer than %d tokens", maxTokens))
				}
				continue
			}
			b.start, b.end = t.start, end
			body = append(body, b)
		}
		if len(body) > maxTokens {
			panic(unread("the formula is longer than %d tokens", maxTokens))
		}
		if len(body) > 0 {
			body[0].spaced = t.spaced
		}
		out = append(out, m.replace(body, depth-1, budget)...)
	}
	return out
}
