package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"matdiff/internal/parser"
)

// place is where a text was read: nowhere in particular for one given on the command line.
type place struct {
	name string // of the file
	line int    // from 1
	text string // the whole line, in which columns are counted
}

// prefix is what a message about the place as a whole begins with.
func (p place) prefix() string {
	if p.name == "" {
		return "matdiff: "
	}
	return fmt.Sprintf("%s:%d: ", oneLine(p.name), p.line)
}

// position is what a message about d begins with: file, line and column in code points where there is a file.
func (p place) position(d *parser.Diagnostic) string {
	if p.name == "" || len(d.Spans) == 0 {
		return p.prefix()
	}
	start := max(strings.Index(p.text, d.Source), 0) + d.Spans[0].Start
	return fmt.Sprintf("%s:%d:%d: ", oneLine(p.name), p.line, 1+utf8.RuneCountInString(p.text[:min(start, len(p.text))]))
}

// report draws an error and records its exit status. An error that is no diagnostic says that the answer is not known;
// one that wraps a diagnostic has more to say in its message.
func (s *session) report(at place, err error) {
	d := &parser.Diagnostic{Exit: exitUnknown}
	if inner := (*parser.Diagnostic)(nil); errors.As(err, &inner) {
		*d = *inner
	}
	if s.overrun() != nil {
		s.cut.Store(true) // said once, at the end
		return
	}
	d.Message = err.Error()
	s.fail(d.Exit)
	io.WriteString(s.stderr, draw(at, d, coloured(s.stderr)))
}

// draw returns d as people read it: the message, the source line with markers under its spans, facts and a hint.
func draw(at place, d *parser.Diagnostic, colour bool) string {
	paint := func(code, text string) string {
		if !colour {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n", paint("1", at.position(d)), oneLine(shortened(d.Message, maxMessage)))
	if strings.TrimSpace(d.Source) != "" && len(d.Spans) > 0 {
		line, marks := window(d.Source, d.Spans)
		fmt.Fprintf(&b, "  %s\n  %s\n", line, paint("31", marks))
	}
	for _, f := range d.Facts {
		fmt.Fprintf(&b, "  %s\n", oneLine(shortened(f, maxMessage)))
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "  %s %s\n", paint("36", "hint:"), oneLine(shortened(d.Hint, maxMessage)))
	}
	return b.String()
}

// maxMessage is the length in characters of the longest line that is not part of the user's text.
const maxMessage = 500

// shortened cuts the middle out of a text of more than n characters.
func shortened(text string, n int) string {
	if len(text) <= n {
		return text
	}
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return string(r[:n/2]) + " … " + string(r[len(r)-n/2:])
}

// maxColumns is the width beyond which only the part of a line around its main span is shown.
const maxColumns = 96

// window returns the line of source in which the main span begins, and a line of markers under the spans. Characters
// that would not show, or would move the markers, are replaced.
func window(source string, spans []parser.Span) (line, marks string) {
	main := spans[0]
	start := strings.LastIndexByte(source[:min(main.Start, len(source))], '\n') + 1
	end := len(source)
	if i := strings.IndexByte(source[start:], '\n'); i >= 0 {
		end = start + i
	}
	marked := func(i int) bool {
		for _, s := range spans {
			if s.Start <= i && i < max(s.End, s.Start+1) {
				return true
			}
		}
		return false
	}

	type cell struct {
		text   string
		width  int
		marked bool
	}
	var cells []cell
	focus, width := 0, 0 // the cell at which the main span begins; columns in all
	for i := start; i < end; {
		r, size := utf8.DecodeRuneInString(source[i:end])
		if i <= main.Start {
			focus = len(cells)
		}
		text, w := visible(r, size)
		if w == 0 && len(cells) > 0 {
			last := &cells[len(cells)-1]
			last.text += text
			last.marked = last.marked || marked(i)
		} else {
			cells = append(cells, cell{text, w, marked(i)})
			width += w
		}
		i += size
	}
	if main.Start >= end {
		focus = len(cells)
	}
	cells = append(cells, cell{"", 1, marked(end)}) // the place after the line

	from, to := 0, len(cells)
	if width > maxColumns {
		for from, width = focus, 0; from > 0 && width < maxColumns/2; from-- {
			width += cells[from-1].width
		}
		for to = focus; to < len(cells) && width < maxColumns; to++ {
			width += cells[to].width
		}
	}
	var above, below strings.Builder
	if from > 0 {
		above.WriteString("…")
		below.WriteString(" ")
	}
	for _, c := range cells[from:to] {
		above.WriteString(c.text)
		mark := " "
		if c.marked {
			mark = "~"
		}
		below.WriteString(strings.Repeat(mark, c.width))
	}
	if to < len(cells) {
		above.WriteString("…")
	}
	return strings.TrimRight(above.String(), " "), strings.TrimRight(below.String(), " ")
}

// visible returns r as it is shown in a terminal, and how many columns it takes there.
func visible(r rune, size int) (text string, width int) {
	switch {
	case r == utf8.RuneError && size <= 1:
		return "\uFFFD", 1
	case r == '\t':
		return " ", 1
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		return string(r), 0
	case r == '\n' || obeyed(r):
		return string(picture(r)), 1
	case unicode.Is(wide, r):
		return string(r), 2
	}
	return string(r), 1
}

// wide are the characters that take two columns (East Asian Width W or F, in blocks).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115F, Stride: 1},
		{Lo: 0x2E80, Hi: 0x303E, Stride: 1},
		{Lo: 0x3041, Hi: 0xA4CF, Stride: 1},
		{Lo: 0xAC00, Hi: 0xD7A3, Stride: 1},
		{Lo: 0xF900, Hi: 0xFAFF, Stride: 1},
		{Lo: 0xFE30, Hi: 0xFE6F, Stride: 1},
		{Lo: 0xFF01, Hi: 0xFF60, Stride: 1},
		{Lo: 0xFFE0, Hi: 0xFFE6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1F300, Hi: 0x1F64F, Stride: 1},
		{Lo: 0x1F900, Hi: 0x1F9FF, Stride: 1},
		{Lo: 0x20000, Hi: 0x3FFFD, Stride: 1},
	},
}
