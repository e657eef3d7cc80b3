// Package document finds the equations in documents and turns those that state derivatives into equations of the language.
//
// A file is searched for formulas and comments (containers.go, markdown.go, restructured.go); a formula is split into tokens
// (token.go), its macros are expanded (macro.go) and it is split into chains of equalities (chain.go), the sides of which are
// read as terms (latex.go, script.go, command.go, environment.go, derivative.go). What the document says about its names
// (knowledge.go, directive.go) decides what an equation means (reading.go, link.go, meaning.go, opaque.go), and it is
// translated (translate.go, differentiate.go, pattern.go), sums over indices as products of matrices (tensor.go).
//
// Mathematical notation is ambiguous: an equation may have several readings.
package document

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Options say what is known besides the file.
type Options struct {
	Declarations []string        // as given with --var
	Macros       []string        // texts in which macros are defined
	Layout       string          // numerator: gradients are rows, unless the document says otherwise; denominator or empty
	Folder       fs.FS           // of the file, for \input; nil if there is none
	Context      context.Context // of the run: when it ends, reading does; nil for one that nothing stops
}

// Reading is one way to understand an equation.
type Reading struct {
	Claim        string   // for parser.ParseEquation
	Declarations []string // of the names in it
	Moving       []string // the variables of its differentials; nil for those that it suggests
}

// Equation is an equation that a document states. It holds if one of its readings does.
type Equation struct {
	Text     string // as it stands in the file, in one line
	Readings []Reading
	Clash    string   // why the shapes in it cannot fit, if there is no reading for that reason
	Notes    []string // how it was read
	Warnings []string // what was probably written by mistake, but does not change what is meant
	Expect   string   // wrong or right, as a directive says
	Must     bool     // a directive demands that it is decided
	Place
}

// Place is where an equation stands: lines and columns count from 1, columns in code points.
type Place struct {
	File               string
	Line, Column       int
	EndLine, EndColumn int
}

// Problem is something in a file that cannot be read.
type Problem struct {
	Text   string
	Reason string
	Must   bool // a directive demands that it is read
	Fault  bool // of the file: a directive that makes no sense
	Place
}

// Formats are the extensions of the files that are read, and how.
var formats = map[string]func(string) contents{
	".tex": tex, ".rnw": tex, ".ltx": tex, ".latex": tex,
	".md": markdown, ".markdown": markdown, ".qmd": markdown, ".rmd": markdown,
	".rst": restructured,
	".txt": plainText,
}

func tex(source string) contents { return (&finder{text: source, tex: true}).find() }

// Known reports whether files with that extension hold equations among text.
func Known(ext string) bool { return formats[strings.ToLower(ext)] != nil }

// Formulas reports whether a text has formulas in it, as opposed to lines of the language.
func Formulas(text string) bool {
	return strings.Contains(text, "$") || strings.Contains(text, `\begin{`)
}

// Read returns the equations of a document that state something to be checked, and what it could not read, both in order.
func Read(name string, text []byte, o Options) ([]Equation, []Problem) {
	source := strings.ToValidUTF8(string(text), "\uFFFD")
	find := formats[strings.ToLower(path.Ext(name))]
	if find == nil {
		find = plainText
	}
	r := &reading{
		name: name, text: source, macros: macros{}, folder: o.Folder, context: o.Context,
		known: &knowledge{text: source, apply: map[string]bool{}, aliases: map[string]string{}, vectors: map[string]bool{}},
		lines: lineStarts(source),
	}
	for _, m := range append([]string{transparent}, o.Macros...) {
		r.macros.read(tokenize(m, 0, len(m)), r.input)
	}
	r.document(find(source))
	for _, d := range o.Declarations {
		for _, part := range splitDeclarations(d) {
			if name, what, ok := strings.Cut(part, ":"); ok {
				r.known.declare(name, strings.TrimSpace(what), -1, 0)
			}
		}
	}
	if o.Layout != "" {
		r.known.layouts = slices.Insert(r.known.layouts, 0, statement{what: o.Layout, at: -1})
	}
	r.equations()
	return r.found, r.problems
}

// stopped reports whether the run has ended.
func (r *reading) stopped() bool { return r.context != nil && r.context.Err() != nil }

// transparent defines the commands that change how their argument looks and not what it means.
const transparent = `\newcommand{\boxed}[1]{#1}\newcommand{\fbox}[1]{#1}\newcommand{\ensuremath}[1]{#1}\newcommand{\textcolor}[2]{#2}\newcommand{\colorbox}[2]{#2}`

// input reads the macros of a file below the document's folder.
func (r *reading) input(name string) {
	if r.folder == nil || r.inputs >= maxInputs || !fs.ValidPath(name) {
		return
	}
	r.inputs++
	if path.Ext(name) == "" {
		name += ".tex"
	}
	info, err := fs.Stat(r.folder, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxInput {
		return // reading a pipe or a device might not end
	}
	text, err := fs.ReadFile(r.folder, name)
	if err != nil || !utf8.Valid(text) {
		return
	}
	r.macros.read(tokenize(string(text), 0, len(text)), r.input)
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
