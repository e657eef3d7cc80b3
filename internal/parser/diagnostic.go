package parser

import "fmt"

// Diagnostic is what is wrong with the user's input, as data; cmd draws it.
type Diagnostic struct {
	Code    string   // stable, e.g. "unclosed", "sum-shapes"
	Message string   // one line, in the user's terms
	Source  string   // the text it is about ("" if none)
	Spans   []Span   // byte ranges of Source, the main one first
	Facts   []string // e.g. "A*X*B is m×m, A is m×n"
	Hint    string
	Exit    int // 2 wrong input, 3 not known
}

// Error returns the message alone.
func (d *Diagnostic) Error() string { return d.Message }

// Span is a range of bytes.
type Span struct{ Start, End int }

func (s Span) to(t Span) Span { return Span{s.Start, t.End} }

// Exit statuses of cli.md.
const (
	wrongInput = 2
	notKnown   = 3
)

func wrong(code string, span Span, format string, args ...any) *Diagnostic {
	return &Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Spans: []Span{span}, Exit: wrongInput}
}

func (d *Diagnostic) hint(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

func (d *Diagnostic) fact(format string, args ...any) *Diagnostic {
	d.Facts = append(d.Facts, fmt.Sprintf(format, args...))
	return d
}

func (d *Diagnostic) also(spans ...Span) *Diagnostic {
	d.Spans = append(d.Spans, spans...)
	return d
}

func (d *Diagnostic) in(source string) *Diagnostic {
	if d.Source == "" {
		d.Source = source
	}
	return d
}

// unknown marks d as a limit of matdiff's, not a fault of the input's.
func (d *Diagnostic) unknown() *Diagnostic {
	d.Exit = notKnown
	return d
}

// catch turns a *Diagnostic that was thrown below it into an error.
func catch(err *error) {
	switch d := recover().(type) {
	case nil:
	case *Diagnostic:
		*err = d
	default:
		panic(d)
	}
}
