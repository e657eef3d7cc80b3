package diagnose_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"matdiff/internal/diagnose"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/rules"
)

// TestDiagnosisPages holds the pages of diagnoses to what they say: the wrong example gets the code of its page, the right
// one holds.
func TestDiagnosisPages(t *testing.T) {
	for _, p := range diagnose.Pages() {
		for _, e := range p.Examples {
			if e.Kind != "wrong" && e.Kind != "right" {
				continue
			}
			c, err := check(e.Text, nil, 1)
			switch {
			case err != nil:
				t.Errorf("%s: %s: %v", p.Code, e.Text, err)
			case e.Kind == "right" && c.verdict != numcheck.Holds, e.Kind == "wrong" && c.verdict != numcheck.Fails:
				t.Errorf("%s: %s %s", p.Code, e.Text, c.verdict)
			case e.Kind == "wrong" && (c.diagnosis == nil || string(c.diagnosis.Code) != p.Code):
				t.Errorf("%s: %s: %+v", p.Code, e.Text, c.diagnosis)
			}
		}
	}
}

// tooLong are the inputs that pages do not show.
var tooLong = map[string]string{"nesting": strings.Repeat("(", 50_000) + "x", "encoding": "A\xff"}

// TestMessagePages reads the examples of the pages about messages, which get the code of their page.
func TestMessagePages(t *testing.T) {
	for _, p := range diagnose.Pages() {
		if text, ok := tooLong[p.Code]; ok {
			p.Examples = []diagnose.Example{{Kind: "expression", Text: text}}
		}
		book := rules.Standard()
		for _, e := range p.Examples {
			if e.Kind == "wrong" || e.Kind == "right" {
				continue
			}
			if e.Kind == "rules" {
				if err := book.Add("user.rules", e.Text); err != nil {
					t.Errorf("%s: %v", p.Code, err)
				}
				continue
			}
			d := (*parser.Diagnostic)(nil)
			if err := read(e, book.Functions()); !errors.As(err, &d) || d.Code != p.Code {
				t.Errorf("%s: %s: %v", p.Code, e.Text, err)
			}
		}
	}
}

// read reads an example of a message.
func read(e diagnose.Example, functions []*expr.Op) error {
	b := expr.NewBuilder()
	o := parser.Options{Functions: functions}
	switch e.Kind {
	case "scalar":
		o.Scalar = true
	case "equation":
		_, err := parser.ParseEquation(b, e.Text, o)
		return err
	case "rule":
		line, err := parser.ParseRule(e.Text)
		if err != nil {
			return err
		}
		square := expr.Square(expr.Named("n"))
		bind := map[string]*expr.Node{}
		for _, name := range line.Params {
			bind[name] = b.Variable(name, square, 0)
			bind["d"+name] = b.Variable("d"+name, square, 0)
		}
		_, err = line.Instantiate(b, bind, expr.Scalar)
		return err
	}
	if name, ok := strings.CutPrefix(e.Kind, "by "); ok {
		o.Wrt = []string{name}
	}
	_, err := parser.Expression(b, e.Text, o)
	return err
}

// TestEveryCodeHasAPage compares the pages with the codes that the program can give.
func TestEveryCodeHasAPage(t *testing.T) {
	pages := map[string]bool{}
	for _, p := range diagnose.Pages() {
		if pages[p.Code] {
			t.Errorf("two pages for %s", p.Code)
		}
		if p.Text == "" {
			t.Errorf("the page for %s is empty", p.Code)
		}
		pages[p.Code] = true
	}
	// A disagreement of the sides of an equation makes them be read apart; it is never reported.
	pages["sides"] = true
	source := regexp.MustCompile(`(?:wrong|disagree|fault)\((?:t, )?"([a-z-]+)"|Code += "([a-z-]+)"|Code: +"([a-z-]+)"`)
	for _, pattern := range []string{"*.go", "../parser/*.go", "../../cmd/matdiff/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range source.FindAllStringSubmatch(string(text), -1) {
				if code := m[1] + m[2] + m[3]; !pages[code] {
					t.Errorf("%s: no page for %s", file, code)
				}
			}
		}
	}
}
