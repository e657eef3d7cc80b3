package document

import (
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var (
	frontMatter = lazily(`(?s)\A---[ \t]*\r?\n.*?\n(---|\.\.\.)[ \t]*\r?\n`)
	htmlComment = lazily(`(?s)<!--(.*?)-->`)
)

// markdown finds the formulas of Markdown: those of TeX outside of code, ```math blocks and $`…`$.
func markdown(source string) contents {
	f := &finder{text: source}
	if m := frontMatter().FindStringIndex(source); m != nil {
		f.skip = append(f.skip, region{m[0], m[1]})
	}
	body := 0
	if len(f.skip) > 0 {
		body = f.skip[0].end
	}
	fenced := f.code(source[body:], body)
	for _, m := range htmlComment().FindAllStringSubmatchIndex(source, -1) {
		if !f.skipped(m[0]) {
			f.comments = append(f.comments, comment{m[2], m[3]})
			f.skip = append(f.skip, region{m[0], m[1]})
		}
	}
	f.order()
	c := f.find()
	c.formulas = append(c.formulas, fenced...)
	sort.Slice(c.formulas, func(i, j int) bool { return c.formulas[i].start < c.formulas[j].start })
	return c
}

// codeParser returns a parser of blocks and of what may hold or hide code. Emphasis and links do neither, and take quadratic
// time where they are nested.
func codeParser() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...), parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
	))
}

// code has the code in body, which begins at offset of the file, passed over, and returns what of it is mathematics.
func (f *finder) code(body string, offset int) (formulas []formula) {
	source := []byte(body)
	root := codeParser().Parse(text.NewReader(source))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			lines := n.Lines()
			if lines.Len() == 0 {
				break
			}
			start, end := offset+lines.At(0).Start, offset+lines.At(lines.Len()-1).Stop
			fence, ok := n.(*ast.FencedCodeBlock)
			if ok && string(fence.Language(source)) == "math" {
				formulas = append(formulas, formula{start, end, start, end, true})
			}
			if ok || !f.insideDisplay(start) {
				f.skip = append(f.skip, region{start, end})
			}
		case *ast.CodeSpan:
			if n.FirstChild() == nil {
				break
			}
			start, end := offset+len(body), offset
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					start, end = min(start, offset+t.Segment.Start), max(end, offset+t.Segment.Stop)
				}
			}
			if start >= end {
				break
			}
			if start >= 2 && f.text[start-2:start] == "$`" && strings.HasPrefix(f.text[end:], "`$") {
				formulas = append(formulas, formula{start, end, start - 2, end + 2, false})
				start, end = start-2, end+2
			}
			f.skip = append(f.skip, region{start, end})
		}
		return ast.WalkContinue, nil
	})
	return formulas
}

// insideDisplay reports whether an odd number of $$ comes before at in its paragraph: the lines of a formula may be
// indented like code.
func (f *finder) insideDisplay(at int) bool {
	return strings.Count(f.text[:at], "$$")%2 == 1
}

func (f *finder) skipped(at int) bool {
	for _, r := range f.skip {
		if r.start <= at && at < r.end {
			return true
		}
	}
	return false
}

func (f *finder) order() {
	sort.Slice(f.skip, func(i, j int) bool { return f.skip[i].start < f.skip[j].start })
}

// plainText finds the formulas in a text without markup.
func plainText(source string) contents {
	f := &finder{text: source}
	for _, m := range directiveLine().FindAllStringSubmatchIndex(source, -1) {
		f.comments = append(f.comments, comment{m[2], m[3]})
		f.skip = append(f.skip, region{m[0], m[1]})
	}
	for _, m := range htmlComment().FindAllStringSubmatchIndex(source, -1) {
		f.comments = append(f.comments, comment{m[2], m[3]})
		f.skip = append(f.skip, region{m[0], m[1]})
	}
	f.order()
	return f.find()
}

// directiveLine is a directive in a plain text: a line that begins with % or #.
var directiveLine = lazily(`(?m)^[ \t]*[%#]([ \t]*matdiff:.*)$`)
