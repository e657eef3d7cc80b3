package parser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"matdiff/internal/expr"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden reads the texts in testdata/*.txt and compares what comes out with the lines indented below them. After
// @ come options: scalar; wrt X; var X: m×n; equation; rule; bind X: shape; shape m×n.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
				switch {
				case strings.HasPrefix(line, "\t"):
					continue
				case line == "" || strings.HasPrefix(line, "#"):
					fmt.Fprintln(&out, line)
					continue
				}
				fmt.Fprintln(&out, line)
				for _, result := range strings.Split(golden(t, line), "\n") {
					fmt.Fprintf(&out, "\t%s\n", result)
				}
			}
			if *update {
				if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, got := strings.Split(string(text), "\n"), strings.Split(out.String(), "\n")
			for i := range max(len(want), len(got)) {
				w, g := "", ""
				if i < len(want) {
					w = want[i]
				}
				if i < len(got) {
					g = got[i]
				}
				if w != g {
					t.Fatalf("%s:%d:\n got %s\nwant %s", file, i+1, g, w)
				}
			}
		})
	}
}

func golden(t *testing.T, line string) string {
	text, rest, _ := strings.Cut(line, "@")
	text = strings.TrimRight(text, " ")
	if text == `""` {
		text = ""
	}
	text = strings.NewReplacer(`\0`, "\x00", `\xff`, "\xff").Replace(text)
	var o Options
	mode := "expression"
	bind := map[string]*expr.Node{}
	var want expr.Shape
	b := expr.NewBuilder()
	for _, option := range strings.Split(rest, ";") {
		word, value, _ := strings.Cut(strings.TrimSpace(option), " ")
		switch word {
		case "scalar":
			o.Scalar = true
		case "wrt":
			o.Wrt = append(o.Wrt, value)
		case "var":
			o.Declarations = append(o.Declarations, value)
		case "bind":
			typed, err := Expression(b, strings.SplitN(value, ":", 2)[0], Options{Declarations: []string{value}})
			if err != nil {
				t.Fatal(err)
			}
			bind[typed.Expr.Name] = typed.Expr
		case "shape":
			typed, err := Expression(b, "x", Options{Declarations: []string{"x: " + value}})
			if err != nil {
				t.Fatal(err)
			}
			want = typed.Expr.Shape
		case "equation", "rule":
			mode = word
		}
	}
	switch mode {
	case "equation":
		eq, err := ParseEquation(b, text, o)
		if err != nil {
			return drawn(err)
		}
		checkConsistent(t, eq.Left)
		checkConsistent(t, eq.Right)
		return shapes(&eq.Typed) + fmt.Sprintf("%s\n= %s\n%s = %s", form(eq.Left), form(eq.Right), eq.Left.Shape, eq.Right.Shape)
	case "rule":
		rule, err := ParseRule(text)
		if err != nil {
			return drawn(err)
		}
		out := fmt.Sprintf("%s %s%v # %s [%s]", rule.Kind, rule.Head, rule.Params, rule.Comment, rule.Source)
		n, err := rule.Instantiate(b, bind, want)
		if err != nil {
			return out + "\n" + drawn(err)
		}
		checkConsistent(t, n)
		return out + "\n" + form(n) + ": " + n.Shape.String()
	}
	typed, err := Expression(b, text, o)
	if err != nil {
		return drawn(err)
	}
	checkConsistent(t, typed.Expr)
	return shapes(typed) + form(typed.Expr) + ": " + typed.Expr.Shape.String()
}

func shapes(typed *Typed) string {
	var list []string
	for _, name := range typed.Order {
		v := typed.Names[name]
		s := name + ": " + v.Shape.String()
		if v.Props.Has(expr.Index) {
			s = name + ": index"
		}
		if p := v.Props.String(); p != "" {
			s += " " + p
		}
		if typed.Depends[name] != "" {
			s += " of " + typed.Depends[name]
		}
		list = append(list, s)
	}
	out := strings.Join(list, ", ") + "\n"
	for _, n := range typed.Wrt {
		out += "wrt " + form(n) + "\n"
	}
	for _, n := range typed.Notes {
		out += "note: " + n + "\n"
	}
	return out
}

// form writes a node as nested operations, so that nothing about it is left to a printer.
func form(n *expr.Node) string {
	switch n.Op {
	case expr.Variable:
		return n.Name
	case expr.Number:
		return n.Num.RatString()
	case expr.Size:
		return "#" + n.Dims[0].String()
	case expr.Commutation:
		return fmt.Sprintf("K(%s,%s)", n.Dims[0], n.Dims[1])
	case expr.Identity, expr.Ones, expr.Zeros:
		return n.Op.Name + "[" + n.Shape.String() + "]"
	case expr.Pi:
		return "pi"
	}
	var args []string
	for _, a := range n.Args {
		args = append(args, form(a))
	}
	return n.Op.Name + "(" + strings.Join(args, ", ") + ")"
}

// drawn writes a diagnostic with its place marked.
func drawn(err error) string {
	d, ok := err.(*Diagnostic)
	if !ok {
		return "not a diagnostic: " + err.Error()
	}
	out := fmt.Sprintf("%s (exit %d)", d.Message, d.Exit)
	if d.Source != "" {
		marks := slices.Repeat([]rune{' '}, len([]rune(d.Source))+1)
		for _, s := range slices.Backward(d.Spans) {
			from, to := len([]rune(d.Source[:s.Start])), len([]rune(d.Source[:s.End]))
			for i := from; i < max(to, from+1); i++ {
				marks[i] = '~'
			}
		}
		out += fmt.Sprintf("\n  %q\n   %s", d.Source, strings.TrimRight(string(marks), " "))
	}
	for _, f := range d.Facts {
		out += "\n  " + f
	}
	if d.Hint != "" {
		out += "\n  hint: " + d.Hint
	}
	return out + "\n  [" + d.Code + "]"
}
