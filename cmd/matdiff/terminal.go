package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// terminal is what people read, perhaps: a terminal, a file, or the log of a workflow. What the user or a file wrote, such as
// names and quoted lines, must not be obeyed there: control characters and what changes the direction of text are replaced.
type terminal struct {
	to      io.Writer
	colours bool // of matdiff's own
	log     bool // of a GitHub workflow, which obeys lines that begin with ::, and ##[ anywhere
}

func newTerminal(to io.Writer) *terminal {
	return &terminal{to, isColourful(to), os.Getenv("GITHUB_ACTIONS") == "true"}
}

func (t *terminal) Write(text []byte) (int, error) {
	if _, err := io.WriteString(t.to, t.harmless(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (t *terminal) harmless(text string) string {
	if t.log {
		text = strings.ReplaceAll(text, "##[", "# #[")
		if strings.Contains(text, "::") {
			lines := strings.SplitAfter(text, "\n")
			for i, line := range lines {
				if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") {
					lines[i] = "| " + line
				}
			}
			text = strings.Join(lines, "")
		}
	}
	if !strings.ContainsFunc(text, obeyed) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if n := len(colourAt(text[i:])); t.colours && n > 0 {
			b.WriteString(text[i : i+n])
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if obeyed(r) {
			r = picture(r)
		}
		b.WriteRune(r)
		i += size
	}
	return b.String()
}

// obeyed reports whether r does something to the text around it when it is shown. It is true of a byte that is not UTF-8 too.
func obeyed(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r >= ' ' && r < 0x7f:
		return false
	case r == utf8.RuneError:
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// picture returns what is shown for a character that must not be obeyed.
func picture(r rune) rune {
	switch {
	case r < ' ':
		return '\u2400' + r
	case r == 0x7f:
		return '\u2421'
	}
	return utf8.RuneError
}

// oneLine returns a name or a message without what would make it look like several lines or columns.
func oneLine(text string) string {
	return strings.NewReplacer("\n", "\u240a", "\r", "\u240d", "\t", " ").Replace(text)
}

// colours are the sequences that matdiff writes.
var colours = []string{"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"}

func colourAt(text string) string {
	for _, c := range colours {
		if strings.HasPrefix(text, c) {
			return c
		}
	}
	return ""
}

// isColourful reports whether w is a terminal that may be given colours.
func isColourful(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// coloured reports whether what is written on w may have colours.
func coloured(w io.Writer) bool {
	t, ok := unvoiced(w).(*terminal)
	return ok && t.colours
}

// escapedJSON returns JSON in which the strings have no character that a terminal obeys: there JSON writes \u202e.
func escapedJSON(text string) string { return escaped(text, `\u%04x`) }

// escapedXML is escapedJSON for XML.
func escapedXML(text string) string { return escaped(text, "&#x%x;") }

func escaped(text, format string) string {
	if !strings.ContainsFunc(text, obeyed) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !obeyed(r) || r == utf8.RuneError:
			b.WriteRune(r)
		case r > 0xffff && format[0] == '\\':
			b.WriteString(string(utf8.RuneError)) // tags; no file needs them
		default:
			fmt.Fprintf(&b, format, r)
		}
	}
	return b.String()
}
