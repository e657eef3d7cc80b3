package parser

import (
	"errors"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The grammar of everything but the inside of expressions.
type (
	input struct { // one of the productions that texts start from
		Statement *statement `parser:"@@"`
		Items     *items     `parser:"| @@"`
		Rule      *ruleText  `parser:"| @@"`
	}

	statement struct { // EXPR, or LEFT = RIGHT, with what where says about it
		Left  *expression `parser:"@@"`
		Equal string      `parser:"( @('=' | '==')"`
		Right *expression `parser:"@@ )?"`
		Where []*item     `parser:"( 'where' @@ ( ',' @@ )* )?"`
	}

	items struct {
		Items []*item `parser:"@@ ( ',' @@ )*"`
	}

	item struct { // NAME: words, NAME = EXPR, or one of the first names of X, Y: words
		Pos   lexer.Position
		Name  string      `parser:"@Name"`
		Words []*word     `parser:"( ':' @@+"`
		Body  *expression `parser:"| '=' @@ )?"`
	}

	word struct { // m, ×, 3, symmetric, vector(n)
		Pos  lexer.Position
		Text string   `parser:"@( Name | Number | '×' | '*' | '·' )"`
		Args []string `parser:"( '(' @( Name | Number ) ( ',' @( Name | Number ) )* ')' )?"`
	}

	ruleText struct { // d inv(X) = …
		Pos  lexer.Position
		Kind string      `parser:"@Name"`
		Head *expression `parser:"@@"`
		Body *expression `parser:"'=' @@"`
	}
)

type grammar struct {
	statement *participle.Parser[statement]
	items     *participle.Parser[items]
	rule      *participle.Parser[ruleText]
}

var theGrammar = sync.OnceValue(func() grammar {
	all := participle.MustBuild[input](participle.Lexer(language{}))
	return grammar{production[statement](all), production[items](all), production[ruleText](all)}
})

func production[P any](all *participle.Parser[input]) *participle.Parser[P] {
	p, err := participle.ParserForProduction[P](all)
	if err != nil {
		panic(err)
	}
	return p
}

// read parses text as a P; what is wrong with it is a *Diagnostic.
func read[P any](p *participle.Parser[P], text string) (*P, error) {
	v, err := p.ParseString("", text)
	if err == nil {
		return v, nil
	}
	var d *Diagnostic
	var u participle.Error
	switch {
	case errors.As(err, &d):
		if d.Code == "empty" && strings.TrimSpace(text) != "" {
			d = wrong("operand", d.Spans[0], "something is missing at the end")
		}
	case errors.As(err, &u):
		d = unexpected(text, u.Position().Offset)
	default:
		d = wrong("unexpected", Span{0, len(text)}, "%v", err)
	}
	return nil, d.in(text)
}

// unexpected says that the token at offset fits nothing, in no words of the grammar's.
func unexpected(text string, offset int) *Diagnostic {
	s := scanner{text: text, pos: offset}
	t, err := s.Next()
	if err != nil || t.EOF() {
		return wrong("unexpected", Span{len(text), len(text)}, "something is missing at the end").
			hint("declarations look like X: m×n symmetric, definitions like Y = A*X")
	}
	d := wrong("unexpected", tokenSpan(&t), "unexpected %q", t.Value)
	if t.Value == "where" || t.Value == ":" || t.Value == "," {
		d.hint("… where X: m×n symmetric, Y = A*X")
	}
	return d
}
