package codegen_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/plan"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

var update = flag.Bool("update", false, "rewrite golden files")

// program plans the function for a line KIND: EXPRESSION wrt VARIABLES where DECLARATIONS.
func program(t *testing.T, line string) (*plan.Program, codegen.Options) {
	t.Helper()
	question, where, _ := strings.Cut(line, " where ")
	kind, rest, _ := strings.Cut(question, ": ")
	text, by, _ := strings.Cut(rest, " wrt ")
	o := parser.Options{Wrt: strings.Split(by, ","), Scalar: kind != "jacobian"}
	if where != "" {
		o.Declarations = []string{where}
	}
	b := expr.NewBuilder()
	typed, err := parser.Expression(b, text, o)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	a, book := simplify.New(b), rules.Standard()
	f := a.Normalize(typed.Expr)
	wanted := []plan.Wanted{{Name: "value", Forms: []*expr.Node{typed.Expr, f, a.Shortest(f)}}}
	want := func(name string, n *expr.Node, err error) {
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		wanted = append(wanted, plan.Wanted{Name: name, Forms: []*expr.Node{n, a.Shortest(n)}})
	}
	if kind != "jacobian" {
		gradients, err := book.Gradient(a, typed.Expr, typed.Wrt)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for i, g := range gradients {
			want("grad_"+o.Wrt[i], g, nil)
		}
		f = gradients[0]
	}
	if kind != "grad" {
		j, err := book.Jacobian(a, f, typed.Wrt[0], nil)
		want(kind, j, err)
	}
	params := append([]*expr.Node{}, typed.Wrt...)
	for _, name := range typed.Order {
		if x := typed.Names[name]; !contains(params, x) {
			params = append(params, x)
		}
	}
	p, err := plan.New(b, params, wanted)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	purpose := map[string]codegen.Purpose{"grad": codegen.Gradient, "jacobian": codegen.Jacobian, "hessian": codegen.Hessian}[kind]
	return p, codegen.Options{Purpose: purpose, Expression: text, By: o.Wrt, Version: "v0"}
}

func contains(nodes []*expr.Node, n *expr.Node) bool {
	for _, m := range nodes {
		if m == n {
			return true
		}
	}
	return false
}

// The functions for the cases are as the golden files have them.
func TestFunctions(t *testing.T) {
	cases, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range codegen.Targets() {
		var got strings.Builder
		for line := range strings.Lines(string(cases)) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			p, o := program(t, line)
			text, err := codegen.Write(target, p, o)
			if err != nil {
				text = err.Error()
			}
			got.WriteString("---- " + line + "\n" + text + "\n\n")
		}
		golden := filepath.Join("testdata", "golden", target+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: the functions differ from %s; run with -update and read the difference", target, golden)
		}
	}
}
