package rules

import (
	"os"
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/proctime"
	"matdiff/internal/simplify"
)

// FuzzRuleFile checks that no rule file is a reason to panic or to take long, neither when it is read nor when its functions
// are differentiated.
func FuzzRuleFile(f *testing.F) {
	f.Add(standard)
	for _, line := range strings.Split(standard, "\n") {
		f.Add(line)
	}
	script, err := os.ReadFile("../../testdata/script/rule-files.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, section := range strings.Split(string(script), "\n-- ") {
		_, text, _ := strings.Cut(section, " --\n")
		f.Add(text)
	}
	f.Add("def quad(x) = x'*x\nd quad(x) = 2*x'*dx\ndef f(c) = quad(c)^2")
	f.Fuzz(func(t *testing.T, text string) {
		const patience = 10 * time.Second
		defer proctime.Bound(t, patience, text)()
		book := Standard()
		if err := book.Add("fuzz.rules", text); err != nil {
			if !strings.Contains(err.Error(), ":") {
				t.Errorf("no place in %q", err)
			}
			return
		}
		for _, op := range book.Functions() {
			b := expr.NewBuilder()
			args := strings.Repeat("x, ", len(op.In))
			call := "sum(" + op.Name + "(" + strings.TrimSuffix(args, ", ") + "))"
			typed, err := parser.Expression(b, call, parser.Options{Functions: book.Functions(), Wrt: []string{"x"}, Scalar: true})
			if err == nil {
				_, _ = book.Gradient(simplify.New(b), typed.Expr, typed.Wrt) // an error is as good as a result
			}
		}
	})
}
