package printer

import (
	"slices"
	"strings"
)

// Wraps are what formulas can be wrapped in.
var Wraps = []string{"none", "inline", "display", "equation", "align", "markdown", "standalone"}

// Breaks reports whether long formulas are divided into lines in this wrap.
func Breaks(wrap string) bool { return wrap != "none" && wrap != "inline" }

// Wrap puts formulas, each in its rows, into what surrounds mathematics in a document. A document of its own holds all
// of them, and so does an align, in which a formula has one number; else each is by itself. Between the lines of one stands the string between.
func (s Style) Wrap(wrap string, formulas [][]Row, between string) []string {
	switch wrap {
	case "align":
		var lines []string
		for _, rows := range formulas {
			lines = append(lines, strings.Join(alignedRows(rows, ` \notag \\`), between))
		}
		return []string{block(`\begin{align}`, []string{strings.Join(lines, ` \\`+between)}, `\end{align}`, between)}
	case "standalone":
		lines := append([]string{`\documentclass{article}`}, s.Preamble(true)...)
		lines = append(lines, `\pagestyle{empty}`, `\begin{document}`)
		return []string{strings.Join(append(append(lines, s.Wrap("display", formulas, between)...), `\end{document}`), between)}
	}
	var out []string
	for _, rows := range formulas {
		out = append(out, wrapOne(wrap, rows, between))
	}
	return out
}

func wrapOne(wrap string, rows []Row, between string) string {
	inner := strings.TrimSpace(rows[0].Left + " " + rows[0].Right)
	if len(rows) > 1 {
		inner = block(`\begin{aligned}`, alignedRows(rows, ` \\`), `\end{aligned}`, between)
	}
	switch wrap {
	case "inline":
		return "$" + inner + "$"
	case "display":
		return block(`\[`, []string{inner}, `\]`, between)
	case "equation":
		return block(`\begin{equation}`, []string{inner}, `\end{equation}`, between)
	case "markdown":
		return block("$$", []string{inner}, "$$", between)
	}
	return inner
}

func block(open string, lines []string, closing, between string) string {
	return open + between + strings.Join(lines, between) + between + closing
}

// alignedRows returns the lines of rows, which all but the last end as given.
func alignedRows(rows []Row, end string) []string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = r.aligned()
		if i < len(rows)-1 {
			lines[i] += end
		}
	}
	return lines
}

// Preamble returns the lines of a preamble that formulas in this style can need, be they aligned or not.
func (s Style) Preamble(aligned bool) []string {
	var lines []string
	if s.Bold != Bolds[0] || s.Operators == "operatorname" || aligned {
		lines = append(lines, `\usepackage{amsmath}`)
	}
	if s.Operators == "macro" {
		var macros []string
		for name, macro := range latexMacros {
			macros = append(macros, `\newcommand{\`+macro+`}{\mathop{\mathrm{`+name+`}}}`)
		}
		slices.Sort(macros)
		lines = append(lines, macros...)
	}
	return lines
}
