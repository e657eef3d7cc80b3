package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenCommand   tokenKind = iota // \frac; text without the backslash
	tokenLetter                     // one letter
	tokenNumber                     // 12, 0.5
	tokenSymbol                     // any other character, among them { } ^ _ &
	tokenParameter                  // #1 in the body of a macro; text is the digit
)

// token is a word of TeX and where it stands in the file. What a macro expands to stands where the macro is used.
type token struct {
	kind       tokenKind
	text       string
	start, end int
	spaced     bool // space comes before it
}

func (t token) is(symbol string) bool    { return t.kind == tokenSymbol && t.text == symbol }
func (t token) command(name string) bool { return t.kind == tokenCommand && t.text == name }

// tokenize splits text[start:end] into tokens. Comments are left out.
func tokenize(text string, start, end int) []token {
	var out []token
	spaced := false
	for at := start; at < end; {
		r, size := utf8.DecodeRuneInString(text[at:end])
		t := token{kind: tokenSymbol, start: at, spaced: spaced}
		next := at + size
		switch {
		case unicode.IsSpace(r):
			spaced, at = true, next
			continue
		case r == '%':
			if i := strings.IndexByte(text[at:end], '\n'); i >= 0 {
				at += i
			} else {
				at = end
			}
			continue
		case r == '\\' && next < end:
			t.kind = tokenCommand
			for next < end && isLatin(text[next]) {
				next++
			}
			if next == at+size {
				_, n := utf8.DecodeRuneInString(text[next:end])
				next += n
			}
		case r == '#' && next < end && isDigit(text[next]):
			t.kind = tokenParameter
			next++
		case r < utf8.RuneSelf && isDigit(byte(r)), r == '.' && next < end && isDigit(text[next]):
			t.kind = tokenNumber
			if takesDigit(out) { // \frac12
				break
			}
			for next < end && isDigit(text[next]) {
				next++
			}
			if next+1 < end && text[next] == '.' && isDigit(text[next+1]) && r != '.' {
				for next++; next < end && isDigit(text[next]); next++ {
				}
			}
		case unicode.IsLetter(r):
			t.kind = tokenLetter
		}
		t.end = next
		t.text = text[at:next]
		if t.kind == tokenCommand || t.kind == tokenParameter {
			t.text = t.text[1:]
		}
		out = append(out, t)
		spaced, at = false, next
	}
	return out
}

// takesDigit reports whether a digit that comes next is an argument on its own.
func takesDigit(before []token) bool {
	fraction := func(back int) bool {
		t := token{}
		if len(before) >= back {
			t = before[len(before)-back]
		}
		return t.command("frac") || t.command("dfrac") || t.command("tfrac")
	}
	return fraction(1) || fraction(2) && before[len(before)-1].kind == tokenNumber
}

func isLatin(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// group returns the inside of the braces that open at tokens[at], or the one token there, and where it ends.
func group(tokens []token, at int) (inside []token, next int) {
	if at >= len(tokens) {
		return nil, at
	}
	if !tokens[at].is("{") {
		return tokens[at : at+1], at + 1
	}
	depth := 0
	for i := at; i < len(tokens); i++ {
		switch {
		case tokens[i].is("{"):
			depth++
		case tokens[i].is("}"):
			if depth--; depth == 0 {
				return tokens[at+1 : i], i + 1
			}
		}
	}
	return tokens[at+1:], len(tokens)
}

// option returns the inside of the brackets that open at tokens[at], if any.
func option(tokens []token, at int) (inside []token, next int, ok bool) {
	if at >= len(tokens) || !tokens[at].is("[") {
		return nil, at, false
	}
	for i := at; i < len(tokens); i++ {
		if tokens[i].is("]") {
			return tokens[at+1 : i], i + 1, true
		}
	}
	return nil, at, false
}

// plain returns what tokens spell.
func plain(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.spaced && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return strings.TrimSpace(b.String())
}
