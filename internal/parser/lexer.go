package parser

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// language is the lexer of the language as participle knows lexers. It is written out because it costs nothing at
// start and can say what is wrong with a character; regular expressions would take longer to compile than a typical
// input takes to parse.
type language struct{}

const (
	tokenName lexer.TokenType = -2 - iota
	tokenNumber
	tokenOperator
)

func (language) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": lexer.EOF, "Name": tokenName, "Number": tokenNumber, "Operator": tokenOperator,
	}
}

func (l language) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return l.LexString(name, string(text))
}

func (language) LexString(_, text string) (lexer.Lexer, error) {
	return &scanner{text: text}, nil
}

type scanner struct {
	text string
	pos  int
}

func (s *scanner) Next() (lexer.Token, error) {
	for {
		r, size := s.rune(s.pos)
		if size == 0 {
			return lexer.EOFToken(lexer.Position{Offset: len(s.text)}), nil
		}
		if !unicode.IsSpace(r) && r != '\uFEFF' {
			break
		}
		s.pos += size
	}
	start := s.pos
	kind, err := s.scan()
	if err != nil {
		return lexer.Token{}, err
	}
	return lexer.Token{Type: kind, Value: s.text[start:s.pos], Pos: lexer.Position{Offset: start}}, nil
}

func (s *scanner) rune(at int) (rune, int) {
	if at >= len(s.text) {
		return 0, 0
	}
	if c := s.text[at]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s.text[at:])
}

func (s *scanner) scan() (lexer.TokenType, error) {
	r, size := s.rune(s.pos)
	next, nextSize := s.rune(s.pos + size)
	switch {
	case r >= '0' && r <= '9', r == '.' && isDigit(next):
		s.number()
		return tokenNumber, nil
	case startsName(r):
		for size > 0 && continuesName(r) {
			s.pos += size
			r, size = s.rune(s.pos)
		}
		return tokenName, nil
	case r == '.' && strings.ContainsRune("*/^'", next):
		s.pos += size + nextSize
	case r == '=' && next == '=':
		s.pos += size + nextSize
	case r == '⁻' && (next == 'ᵀ' || isSuperscript(next)):
		s.pos += size
		s.superscript()
	case r == 'ᵀ' || isSuperscript(r):
		s.superscript()
	case strings.ContainsRune("+-*/\\^'()[],:=⊙⊘⊗·×−–′’∗", r):
		s.pos += size
	default:
		return 0, s.unexpected(r, size)
	}
	return tokenOperator, nil
}

func (s *scanner) superscript() {
	r, size := s.rune(s.pos)
	if r == 'ᵀ' {
		s.pos += size
		return
	}
	for isSuperscript(r) {
		s.pos += size
		r, size = s.rune(s.pos)
	}
}

// number reads 12, 1.5, .5 and 2e-3. A point belongs to the number only if a digit follows, so that 1./x is 1 ./ x.
func (s *scanner) number() {
	s.digits()
	if s.at(0) == '.' && isDigit(rune(s.at(1))) {
		s.pos++
		s.digits()
	}
	if c := s.at(0); c == 'e' || c == 'E' {
		skip := 1
		if c := s.at(1); c == '+' || c == '-' {
			skip = 2
		}
		if isDigit(rune(s.at(skip))) {
			s.pos += skip
			s.digits()
		}
	}
}

func (s *scanner) at(ahead int) byte {
	if s.pos+ahead < len(s.text) {
		return s.text[s.pos+ahead]
	}
	return 0
}

func (s *scanner) digits() {
	for isDigit(rune(s.at(0))) {
		s.pos++
	}
}

func (s *scanner) unexpected(r rune, size int) *Diagnostic {
	span := Span{s.pos, s.pos + size}
	switch {
	case r == utf8.RuneError && size == 1:
		return wrong("encoding", span, "byte %#02x is not UTF-8", s.text[s.pos]).hint("save the text as UTF-8")
	case r == '.' && strings.HasPrefix(s.text[s.pos:], ".T"):
		return wrong("character", span, "a point has to be part of a number or of .* ./ .^ .'").hint("a transpose is written X' or X^T")
	case r == '.':
		return wrong("character", span, "a point has to be part of a number or of .* ./ .^ .'").
			hint("write 2 or 2.0, and X' for a transpose")
	case unicode.IsControl(r):
		return wrong("character", span, "unexpected control character %U", r)
	}
	d := wrong("character", span, "unexpected character %q", string(r))
	switch r {
	case '@':
		return d.hint("a product of matrices is written A*B")
	case '{':
		if strings.HasSuffix(strings.TrimRight(s.text[:s.pos], " "), "^") {
			return d.hint("write X^T, X^-1 and X^-T, and other exponents in ( and )")
		}
		return d.hint("use ( and )")
	case '}':
		return d.hint("use ( and )")
	case '#':
		return d.hint("comments belong in files of claims or rules")
	case '"':
		return d.hint(otherNorms)
	case '|', '‖':
		return d.hint("write norm(x), abs(x) or det(X)")
	case '⊤':
		return d.hint("a transpose is written X' or X^T")
	case ';':
		return d.hint("definitions and declarations follow where, with commas between them")
	case '∘':
		return d.hint("the Hadamard product is written A .* B")
	}
	return d
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

func isSuperscript(r rune) bool { return r > 127 && strings.ContainsRune(superscripts, r) }

func startsName(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r > 127 && unicode.IsLetter(r) && r != 'ᵀ'
}

func continuesName(r rune) bool {
	return startsName(r) || isDigit(r) ||
		r > 127 && (unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r >= '₀' && r <= '₉')
}
