package document

import (
	"sort"
	"strings"
)

// formula is a piece of mathematics in a file.
type formula struct {
	start, end int // of its inside
	outerStart int // with its delimiters
	outerEnd   int
	display    bool
}

// comment is a comment that may hold a directive.
type comment struct {
	start, end int // of its inside
}

// contents is what a file holds that concerns us, in order.
type contents struct {
	formulas []formula
	comments []comment
}

// region is a range of bytes.
type region struct{ start, end int }

// mathEnvironments hold formulas.
var mathEnvironments = words(`equation align gather multline eqnarray displaymath math flalign alignat dmath IEEEeqnarray`)

// verbatimEnvironments hold text that TeX does not read.
var verbatimEnvironments = words(`verbatim Verbatim lstlisting minted comment alltt Sinput Soutput Schunk filecontents tikzpicture`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// finder looks for formulas in text that is written in TeX, or that has TeX formulas in it.
type finder struct {
	text string
	tex  bool     // % begins a comment and macros are defined outside of formulas
	skip []region // that hold no formulas, in order
	contents
}

func (f *finder) find() contents {
	skip := f.skip
	for at := 0; at < len(f.text); {
		for len(skip) > 0 && skip[0].end <= at {
			skip = skip[1:]
		}
		if len(skip) > 0 && at >= skip[0].start {
			at = skip[0].end
			continue
		}
		switch c := f.text[at]; {
		case c == '%' && f.tex:
			end := f.lineEnd(at)
			f.comments = append(f.comments, comment{at + 1, end})
			at = end
		case c == '<' && f.tex && strings.HasPrefix(f.text[at:], "<<") && (at == 0 || f.text[at-1] == '\n'):
			at = f.chunk(at)
		case c == '\\':
			at = f.backslash(at)
		case c == '$':
			at = f.dollar(at)
		default:
			at++
		}
	}
	sort.Slice(f.comments, func(i, j int) bool { return f.comments[i].start < f.comments[j].start })
	return f.contents
}

func (f *finder) lineEnd(at int) int {
	if i := strings.IndexByte(f.text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(f.text)
}

// chunk passes over code of Sweave: from <<…>>= to a line that is @.
func (f *finder) chunk(at int) int {
	if !strings.Contains(f.text[at:f.lineEnd(at)], ">>=") {
		return at + 2
	}
	if i := strings.Index(f.text[at:], "\n@"); i >= 0 {
		return at + i + 2
	}
	return len(f.text)
}

// maxFormula is the length in bytes of the longest formula that is looked for.
const maxFormula = 100_000

// until returns where close begins after at, or -1. Escaped characters do not count, nor do formulas run over a blank
// line unless they may.
func (f *finder) until(at int, close string, mayBlank bool) int {
	for i := at; i < min(len(f.text), at+maxFormula); i++ {
		switch {
		case strings.HasPrefix(f.text[i:], close):
			return i
		case f.text[i] == '\\':
			i++
		case f.text[i] == '%' && f.tex:
			i = f.lineEnd(i) - 1
		case f.text[i] == '\n' && !mayBlank && blankLine().MatchString(f.text[i:]):
			return -1
		}
	}
	return -1
}

var blankLine = lazily(`^\n[ \t\r]*\n`)

func (f *finder) add(outer, start, end, outerEnd int, display bool) {
	f.formulas = append(f.formulas, formula{start, end, outer, outerEnd, display})
}

var beginning = lazily(`^\\begin\s*\{([A-Za-z]+)(\*?)\}`)

func (f *finder) backslash(at int) int {
	rest := f.text[at:]
	if strings.HasPrefix(rest, `\(`) || strings.HasPrefix(rest, `\[`) {
		close := `\)`
		if rest[1] == '[' {
			close = `\]`
		}
		if end := f.until(at+2, close, false); end >= 0 {
			f.add(at, at+2, end, end+2, rest[1] == '[')
			return end + 2
		}
		return at + 2
	}
	if m := beginning().FindStringSubmatch(rest); m != nil {
		name, start := m[1], at+len(m[0])
		close := `\end{` + name + m[2] + `}`
		switch {
		case verbatimEnvironments[name]:
			if i := strings.Index(f.text[start:], close); i >= 0 {
				return start + i + len(close)
			}
			return len(f.text)
		case mathEnvironments[name]:
			if end := f.until(start, close, true); end >= 0 {
				if name == "alignat" || name == "IEEEeqnarray" { // has an argument
					if i := strings.IndexByte(f.text[start:end], '}'); i >= 0 {
						start += i + 1
					}
				}
				f.add(at, start, end, end+len(close), true)
				return end + len(close)
			}
		}
		return start
	}
	for _, verb := range []string{`\verb`, `\lstinline`} {
		if after, ok := strings.CutPrefix(rest, verb); ok && after != "" && !isLatin(after[0]) {
			after = strings.TrimPrefix(after, "*")
			begin := len(f.text) - len(after)
			if after != "" && after[0] != '{' {
				if i := strings.IndexByte(after[1:], after[0]); i >= 0 {
					return begin + i + 2
				}
			}
		}
	}
	if f.tex || strings.HasPrefix(rest, `\newcommand`) || strings.HasPrefix(rest, `\def`) || strings.HasPrefix(rest, `\renewcommand`) {
		if end := f.definition(at); end > at {
			return end
		}
	}
	return at + min(2, len(rest))
}

var defining = lazily(`^\\(newcommand|renewcommand|providecommand|DeclareMathOperator|DeclarePairedDelimiter|def)\b`)

// definition passes over a macro that is defined at, for what is in it is no formula yet.
func (f *finder) definition(at int) int {
	if !defining().MatchString(f.text[at:]) {
		return at
	}
	tokens := tokenize(f.text, at, min(len(f.text), at+4000))
	if _, next, ok := (macros{}).define(tokens, 0); ok && next > 0 {
		return tokens[next-1].end
	}
	return at
}

func (f *finder) dollar(at int) int {
	if strings.HasPrefix(f.text[at:], "$$") {
		if end := f.until(at+2, "$$", false); end >= 0 {
			f.add(at, at+2, end, end+2, true)
			return end + 2
		}
		return at + 2
	}
	end := f.until(at+1, "$", false)
	if end < 0 {
		return at + 1
	}
	inside := f.text[at+1 : end]
	if !f.tex && !strings.ContainsAny(inside, `\=^_`) && (inside == "" || inside[0] == ' ' || isDigit(inside[0]) || inside[len(inside)-1] == ' ') {
		return at + 1 // $5 and $6
	}
	f.add(at, at+1, end, end+1, false)
	return end + 1
}
