//go:build interop

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
)

// These tests give what matdiff prints for documents to the programs that documents are made with. They need KaTeX and
// the compiler of Typst in the folder $INTEROP_MODULES, pdflatex and pandoc; make interop-latex installs them.

// formula is one output, with the flags that it was printed with.
type formula struct {
	name     string
	text     string
	wrap     string
	preamble string
}

// variation is one choice of all flags.
type variation struct {
	style     printer.Style
	wrap, lhs string
}

// vary returns the i-th of all variations, over and over again.
func vary(i int) variation {
	next := func(words []string) string {
		w := words[i%len(words)]
		i /= len(words)
		return w
	}
	var v variation
	v.wrap = next(printer.Wraps)
	v.lhs = next([]string{leftNone, leftNabla, leftPartial})
	v.style.Transpose = next(printer.Transposes)
	v.style.Bold = next(printer.Bolds)
	v.style.Operators = next(printer.Operators)
	return v
}

func (v variation) preamble(aligned bool) string {
	return strings.Join(v.style.Preamble(aligned || printer.Breaks(v.wrap)), "\n")
}

// printed runs matdiff and returns what it prints; nothing if the flags do not fit the command, or it has no answer.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	status := run(t.Context(), args, strings.NewReader(""), &out, &errs)
	if status == exitBug || status == exitInput && !strings.Contains(errs.String(), "is not written with --lhs") {
		t.Fatalf("matdiff %q: %s", args, &errs)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// question is a case of a corpus or a golden file.
type question struct {
	kind, text, wrt string
	declare         []string
}

// questions returns those of the corpora and of the golden files.
func questions(t *testing.T) []question {
	t.Helper()
	var all []question
	for _, file := range []string{"corpus/literature.jsonl", "corpus/seeds.jsonl"} {
		for _, line := range fileLines(t, file) {
			var q struct {
				Kind, Expr, Wrt string
				Declare         []string
			}
			if err := json.Unmarshal([]byte(line), &q); err != nil {
				t.Fatal(err)
			}
			all = append(all, question{q.Kind, q.Expr, q.Wrt, q.Declare})
		}
	}
	for file, kind := range map[string]string{"grad/forms": "grad", "derivatives/forms": "", "derivatives/differential": "differential",
		"derivatives/element": "element", "derivatives/hessian": "hessian", "derivatives/jacobian": "jacobian", "derivatives/scalar": "scalar"} {
		for _, line := range fileLines(t, file+".txt") {
			asked, where, _ := strings.Cut(line, " where ")
			own := kind
			if named, rest, ok := strings.Cut(asked, ": "); ok {
				own, asked = named, rest
			}
			text, wrt, ok := strings.Cut(asked, " wrt ")
			if !ok || strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "#") {
				continue
			}
			if where != "" {
				text += " where " + where
			}
			all = append(all, question{kind: own, text: text, wrt: wrt})
		}
	}
	for _, style := range []string{styleDifferential, styleIndex} {
		for _, line := range fileLines(t, "steps/"+style+".txt") {
			if text, wrt, ok := strings.Cut(line, " | "); ok && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "#") {
				all = append(all, question{kind: "steps", text: text, wrt: wrt, declare: []string{style}})
			}
		}
	}
	slices.SortFunc(all, func(a, b question) int { return strings.Compare(a.kind+a.text+a.wrt, b.kind+b.text+b.wrt) })
	return all
}

// arguments is the command line that asks q.
func (q question) arguments(v variation, output string) []string {
	kind := map[string]string{"scalar": "jacobian", "element": "jacobian"}[q.kind]
	if kind == "" {
		kind = q.kind
	}
	args := []string{kind, q.text, "--wrt", q.wrt, "--no-verify", "-o", output, "--lhs", v.lhs, "--transpose", v.style.Transpose, "--bold", v.style.Bold}
	if output == outputLaTeX {
		args = append(args, "--wrap", v.wrap, "--operators", v.style.Operators)
	}
	if kind == "steps" {
		return append(args, "--style", q.declare[0])
	}
	for _, d := range q.declare {
		args = append(args, "--var", d)
	}
	return args
}

func fileLines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// The numbers of random expressions, and of those with random names.
const (
	randomFormulas = 5000
	namedFormulas  = 400
)

// formulas prints everything once, each with the next variation.
func formulas(t *testing.T) []formula {
	t.Helper()
	var all []formula
	for i, q := range questions(t) {
		v := vary(i)
		text := printed(t, q.arguments(v, outputLaTeX)...)
		if text == "" { // there is no left side of that sort
			v.lhs = leftNone
			text = printed(t, q.arguments(v, outputLaTeX)...)
		}
		if text == "" {
			t.Logf("no answer: %q", q)
			continue
		}
		all = append(all, formula{fmt.Sprintf("%q", q.arguments(v, outputLaTeX)), text, v.wrap, v.preamble(q.kind == "steps")})
	}
	t.Logf("%d cases of the corpora and golden files", len(all))
	for i := range randomFormulas + namedFormulas {
		v := vary(i)
		left, n := random(int64(i), v)
		e := v.style.Equation(left, n)
		rows := []printer.Row{{Right: e.LaTeX()}}
		if printer.Breaks(v.wrap) {
			rows = e.Rows()
		}
		text := v.style.Wrap(v.wrap, [][]printer.Row{rows}, "\n")[0]
		all = append(all, formula{fmt.Sprintf("seed %d %v", i, v), text, v.wrap, v.preamble(false)})
	}
	t.Logf("%d random expressions, and %d of random names", randomFormulas, namedFormulas)
	return all
}

// random returns a random expression, and a left side for it. From randomFormulas on it is a product of two names made
// of all sorts of characters, more than the language allows.
func random(seed int64, v variation) (printer.Left, *expr.Node) {
	b := expr.NewBuilder()
	if seed >= randomFormulas {
		rng := rand.New(rand.NewSource(seed))
		alphabet := []rune("aWxT19_₂éñ\u0302αφΣϵжß矩ℝ𝐀%#$&~^\\{}<>\"'`;]/ -")
		name := func() string {
			var runes []rune
			for range 1 + rng.Intn(6) {
				runes = append(runes, alphabet[rng.Intn(len(alphabet))])
			}
			return string(runes)
		}
		x := b.Variable(name(), expr.Square(expr.Named("n")), 0)
		n := b.New(expr.Product, b.New(expr.Transpose, x), b.Variable(name(), expr.Square(expr.Named("n")), 0))
		return (&display{left: v.lhs}).leftSide(b.Variable("f", expr.Scalar, 0), x), n
	}
	g := randexpr.New(rand.New(rand.NewSource(seed)), b, randexpr.Options{})
	shape := expr.Scalar
	if seed%2 == 0 {
		shape = randexpr.Variables[int(seed/2)%len(randexpr.Variables)].Shape
	}
	n := g.Of(shape, 1+int(seed%60))
	x := randexpr.Variables[int(seed)%len(randexpr.Variables)]
	by := b.Variable(x.Name, x.Shape, x.Props)
	d := display{left: v.lhs}
	return d.leftSide(b.Variable("f", expr.Scalar, 0), by), n
}

// bare returns the formulas of what is printed, without what they are wrapped in, and whether they are displayed.
func (f formula) bare() (formulas []string, displayed bool) {
	cut := func(open, closing string) []string {
		var inner []string
		for rest := f.text; ; {
			_, after, ok := strings.Cut(rest, open)
			if !ok {
				return inner
			}
			var body string
			body, rest, _ = strings.Cut(after, closing)
			inner = append(inner, strings.TrimSpace(body))
		}
	}
	switch f.wrap {
	case "none":
		return []string{f.text}, false
	case "inline":
		return cut("$", "$"), false
	case "markdown":
		return cut("$$\n", "\n$$"), true
	case "display", "standalone":
		return cut(`\[`+"\n", `\]`), true
	}
	return []string{f.text}, true // an environment
}

// macros are the definitions in the preamble.
func (f formula) macros() string {
	return strings.TrimPrefix(f.preamble, `\usepackage{amsmath}`)
}

// fed runs a program on an input and returns what it prints.
func fed(t *testing.T, folder, input, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Stdin = folder, strings.NewReader(input)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out[:min(len(out), 5000)])
	}
	return string(out)
}

func script(t *testing.T, name string) (path, modules string) {
	t.Helper()
	path, err := filepath.Abs("../../testdata/interop/" + name)
	if err != nil {
		t.Fatal(err)
	}
	modules, err = filepath.Abs(os.Getenv("INTEROP_MODULES"))
	if err != nil || os.Getenv("INTEROP_MODULES") == "" {
		t.Fatal("INTEROP_MODULES is not set: run make interop-latex")
	}
	return path, modules
}

func TestInteropKaTeX(t *testing.T) {
	path, modules := script(t, "katex.mjs")
	var input strings.Builder
	encoder := json.NewEncoder(&input)
	count := 0
	for _, f := range formulas(t) {
		for _, tex := range must(t, f) {
			_, displayed := f.bare()
			count++
			if err := encoder.Encode(map[string]any{"id": f.name, "tex": f.macros() + tex, "display": displayed}); err != nil {
				t.Fatal(err)
			}
		}
	}
	out := fed(t, ".", input.String(), "node", path, modules)
	reportFirst(t, "KaTeX", strings.TrimSuffix(strings.TrimSpace(out), fmt.Sprintf("rendered %d", count)))
	t.Logf("KaTeX rendered %d formulas", count)
}

// must returns the bare formulas of f, of which there is at least one.
func must(t *testing.T, f formula) []string {
	t.Helper()
	bare, _ := f.bare()
	if len(bare) == 0 {
		t.Fatalf("%s: no formula in %s", f.name, f.text)
	}
	return bare
}

// reportFirst fails with the first lines of what a program complains of.
func reportFirst(t *testing.T, program, complaints string) {
	t.Helper()
	const first = 12
	if lines := strings.Split(strings.TrimSpace(complaints), "\n"); lines[0] != "" {
		t.Errorf("%s has %d complaints:\n%s", program, len(lines), strings.Join(lines[:min(first, len(lines))], "\n"))
	}
}

// TestInteropTeX sets a document for each preamble with the packages that --preamble says, and no others.
func TestInteropTeX(t *testing.T) {
	documents := map[string]*strings.Builder{}
	all := formulas(t)
	for i, f := range all {
		d := documents[f.preamble]
		if d == nil {
			d = &strings.Builder{}
			documents[f.preamble] = d
			d.WriteString("\\documentclass{article}\n" + f.preamble + "\n\\begin{document}\n")
		}
		fmt.Fprintf(d, "\\typeout{formula %d}\n", i)
		body := f.text
		switch f.wrap {
		case "none":
			body = "$" + body + "$"
		case "markdown", "standalone":
			body = `\[` + strings.Join(must(t, f), `\]`+"\n"+`\[`) + `\]`
		}
		d.WriteString(body + "\n\n")
	}
	for preamble, d := range documents {
		setTeX(t, d.String()+"\\end{document}\n", all, fmt.Sprintf("preamble %q", preamble))
	}
	const whole = 20
	alone := 0
	for i, f := range all {
		if f.wrap == "standalone" && alone < whole && i%29 == 0 {
			setTeX(t, f.text, all[i:i+1], f.name)
			alone++
		}
	}
	t.Logf("pdflatex set %d formulas in %d documents, and %d standalone ones", len(all), len(documents), alone)
}

var (
	texPlace = regexp.MustCompile(`^formula ([0-9]+)`)
	texFault = regexp.MustCompile(`^!|Warning`)
)

// setTeX runs pdflatex, whose log must have no error and no warning.
func setTeX(t *testing.T, document string, all []formula, what string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "all.tex"), []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("pdflatex", "-interaction=nonstopmode", "all.tex")
	c.Dir, c.Env = folder, append(os.Environ(), "max_print_line=10000")
	out, failed := c.CombinedOutput()
	var complaints strings.Builder
	at := "before the first"
	for line := range strings.Lines(string(out)) {
		if m := texPlace.FindStringSubmatch(line); m != nil {
			i, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			at = all[i].name + ": " + strings.ReplaceAll(all[i].text, "\n", " ")
		} else if texFault.MatchString(line) {
			fmt.Fprintf(&complaints, "%s in %s\n", strings.TrimSpace(line), at)
		}
	}
	reportFirst(t, "pdflatex, "+what+",", complaints.String())
	if failed != nil && complaints.Len() == 0 {
		t.Errorf("pdflatex: %v\n%s", failed, out[max(0, len(out)-2000):])
	}
}

func TestInteropPandoc(t *testing.T) {
	documents := map[string]*strings.Builder{}
	count := 0
	for _, f := range formulas(t) {
		if !slices.Contains([]string{"none", "inline", "markdown"}, f.wrap) {
			continue
		}
		count++
		d := documents[f.macros()]
		if d == nil {
			d = &strings.Builder{}
			documents[f.macros()] = d
			d.WriteString(f.macros() + "\n\n")
		}
		if f.wrap == "none" {
			f.text = "$" + f.text + "$"
		}
		d.WriteString(f.text + "\n\n")
	}
	for _, d := range documents {
		c := exec.Command("pandoc", "--mathml", "--from", "markdown", "--to", "html")
		c.Stdin = strings.NewReader(d.String())
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr = &out, &errs
		if err := c.Run(); err != nil {
			t.Fatalf("%v: %s", err, &errs)
		}
		reportFirst(t, "pandoc", errs.String())
		if math := strings.Count(out.String(), "<math"); math != strings.Count(d.String(), "$$")/2+strings.Count(strings.ReplaceAll(d.String(), "$$", ""), "$")/2 {
			t.Errorf("pandoc found %d formulas", math)
		}
	}
	t.Logf("pandoc made MathML of %d formulas", count)
}

func TestInteropTypst(t *testing.T) {
	path, modules := script(t, "typst.mjs")
	var document strings.Builder
	for i := range randomFormulas + namedFormulas {
		v := vary(i)
		left, n := random(int64(i), v)
		document.WriteString("$ " + v.style.Equation(left, n).Typst() + " $\n")
	}
	asked := 0
	for i, q := range questions(t) {
		if q.kind == "steps" {
			continue
		}
		v := vary(i)
		v.lhs = leftNone
		if text := printed(t, q.arguments(v, outputTypst)...); text != "" {
			document.WriteString("$ " + text + " $\n")
			asked++
		}
	}
	out := fed(t, ".", document.String(), "node", path, modules)
	reportFirst(t, "Typst", strings.TrimSuffix(strings.TrimSpace(out), "compiled"))
	t.Logf("Typst compiled %d formulas", randomFormulas+namedFormulas+asked)
}
