package printer

import (
	"flag"
	"os"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	const path = "testdata/print.txt"
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(old)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		out.WriteString(line)
		input := strings.TrimSpace(line)
		if input == "" || strings.HasPrefix(input, "#") {
			continue
		}
		n, err := parse(input)
		if err != nil {
			t.Errorf("%s: %v", input, err)
			continue
		}
		out.WriteString("\t" + Text(n) + "\n\t" + Unicode(n) + "\n\t" + LaTeX(n) + "\n")
		if fault := latexFault(LaTeX(n)); fault != "" {
			t.Errorf("%s: %s in %s", input, fault, LaTeX(n))
		}
	}
	compare(t, path, string(old), out.String())
}

// parse reads an expression, or an equation, of which it returns the left side.
func parse(input string) (*expr.Node, error) {
	b := expr.NewBuilder()
	if strings.Contains(input, " = ") && !strings.Contains(input, "where") {
		read, err := parser.ParseEquation(b, input, parser.Options{})
		if err != nil {
			return nil, err
		}
		return read.Left, nil
	}
	read, err := parser.Expression(b, input, parser.Options{})
	if err != nil {
		return nil, err
	}
	return read.Expr, nil
}

func compare(t *testing.T, path, old, now string) {
	if now == old {
		return
	}
	if *update {
		if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	a, b := strings.Split(old, "\n"), strings.Split(now, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s:%d: have %s\nwant %s", path, i+1, b[i], a[i])
		}
	}
	t.Fatalf("%s has %d lines, now %d", path, len(a), len(b))
}
