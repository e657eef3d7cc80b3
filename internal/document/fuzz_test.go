package document_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"matdiff/internal/document"
	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/proctime"
)

// FuzzLaTeX checks that no document is a reason to panic or to take long, that places are inside of it, and that what is read
// is in the language.
func FuzzLaTeX(f *testing.F) {
	seeds(f, ".tex", ".rnw")
	f.Add(`\newcommand{\a}{\a\a}$\a = \partial f/\partial x$`)
	f.Add(`\def\a#1{#1#1#1#1}\def\b#1{\a{\a{\a{\a{#1}}}}}$\frac{\partial f}{\partial x} = \b{\b{\b{\b{x}}}}$`)
	f.Add(`\input{x}\input{../x}\input{/etc/passwd}$\grad f = x$`)
	f.Fuzz(func(t *testing.T, text string) { checkDocument(t, "x.tex", text) })
}

// FuzzMarkdown does the same for Markdown.
func FuzzMarkdown(f *testing.F) {
	seeds(f, ".md", ".qmd")
	f.Add("$$" + strings.Repeat("(", 2000) + "$$")
	f.Add("$a = b a$, $b = a b$, $\\frac{\\partial a}{\\partial x} = b$")
	f.Fuzz(func(t *testing.T, text string) { checkDocument(t, "x.md", text) })
}

// FuzzPlainText does the same for reStructuredText and text with formulas in it.
func FuzzPlainText(f *testing.F) {
	seeds(f, ".txt", ".rst")
	f.Fuzz(func(t *testing.T, text string) {
		checkDocument(t, "x.txt", text)
		checkDocument(t, "x.rst", text)
	})
}

// seeds adds the documents of testdata paragraph by paragraph, those of the given formats also formula by formula.
func seeds(f *testing.F, formats ...string) {
	count := 0
	for _, pattern := range []string{"*.*", "notes/*.*"} {
		files, _ := filepath.Glob(filepath.Join(documents, pattern))
		for _, file := range files {
			ext := strings.ToLower(filepath.Ext(file))
			if ext == ".golden" {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			count++
			for _, paragraph := range strings.Split(string(text), "\n\n") {
				f.Add(paragraph)
			}
			if slices.Contains(formats, ext) {
				for _, formula := range strings.Split(string(text), "$") {
					f.Add("$" + formula + "$")
				}
			}
		}
	}
	if count < 20 {
		f.Fatalf("only %d documents", count)
	}
}

// folder is what \input finds.
var folder = fstest.MapFS{"x.tex": {Data: []byte(`\newcommand{\half}{\frac12}\input{x}`)}}

func checkDocument(t *testing.T, name, text string) {
	const patience = 20 * time.Second // of the processor for a document of that size
	if len(text) > 5_000 {
		return
	}
	done := proctime.Bound(t, patience, text)
	equations, problems := document.Read(name, []byte(text), document.Options{Folder: folder})
	done()
	lines := strings.Split(strings.ToValidUTF8(text, "\uFFFD"), "\n")
	check := func(p document.Place) {
		if p.Line < 1 || p.EndLine > len(lines) || p.Line > p.EndLine || p.Column < 1 || p.EndColumn < 1 ||
			p.Column > 1+len([]rune(lines[p.Line-1])) || p.EndColumn > 1+len([]rune(lines[p.EndLine-1])) ||
			p.Line == p.EndLine && p.Column > p.EndColumn {
			t.Fatalf("%+v is outside of the text", p)
		}
	}
	for _, e := range equations {
		check(e.Place)
		for _, r := range e.Readings {
			if _, err := parser.ParseEquation(expr.NewBuilder(), r.Claim, parser.Options{Declarations: r.Declarations, Moving: r.Moving}); err != nil {
				t.Fatalf("the reading %s of %s: %v", r.Claim, e.Text, err)
			}
		}
	}
	for _, p := range problems {
		check(p.Place)
	}
}
