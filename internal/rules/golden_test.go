package rules

import (
	"fmt"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/simplify"
)

// derivative derives what kind says, and compares it with finite differences.
func derivative(t *testing.T, kind, text, wrt string, declarations []string) string {
	t.Helper()
	b := expr.NewBuilder()
	typed, err := parser.Expression(b, text, parser.Options{Declarations: declarations, Wrt: []string{wrt}, Scalar: kind == "hessian"})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	a, book := simplify.New(b), Standard()
	f, x := typed.Expr, typed.Wrt[0]
	dependents := map[*Node]*Node{}
	for name, on := range typed.Depends {
		dependents[typed.Names[name]] = typed.Names[on]
	}
	var derived, measured *Node
	switch kind {
	case "differential":
		dx := b.Variable("d"+x.Name, x.Shape, x.Props&expr.LinearSpaces)
		derived, err = book.Differential(a, f, map[*Node]*Node{x: dx})
		measured = b.Sized(expr.Differential, f.Shape, f, x, dx)
	case "hessian":
		var g []*Node
		if g, err = book.Gradient(a, f, []*Node{x}); err == nil {
			f = g[0]
			derived, err = book.Jacobian(a, f, x, dependents)
		}
	default:
		derived, err = book.Jacobian(a, f, x, dependents)
	}
	if err != nil {
		return err.Error()
	}
	derived = a.Shortest(derived)
	if measured == nil {
		measured = b.Sized(expr.Jacobian, derived.Shape, f, x)
	}
	report, err := numcheck.Equal(measured, derived, numcheck.Options{Seed: 1, Points: 3, Depends: typed.Depends})
	if err != nil || report.Verdict != numcheck.Holds {
		t.Errorf("%s of %s by %s: %s: %v %v %v", kind, text, wrt, printer.Text(derived), report.Verdict, report.Reasons, err)
	}
	return printer.Text(derived)
}

// Every derivative of the corpora is derived as the golden files have it, and agrees with finite differences.
func TestDerivativesOfTheLiterature(t *testing.T) {
	for _, kind := range []string{"differential", "jacobian", "scalar", "element", "hessian"} {
		var got strings.Builder
		for _, c := range corpus(t, kind) {
			fmt.Fprintf(&got, "%s wrt %s\n\t%s\n", c.Expr, c.Wrt, derivative(t, kind, c.Expr, c.Wrt, c.Declare))
		}
		compareGolden(t, "../../testdata/derivatives/"+kind+".txt", got.String())
	}
}

// The derivatives of forms.txt, which go through every form of matrix and every structure of a variable, are as it has
// them: each is a line KIND: EXPRESSION wrt VARIABLE where DECLARATIONS, and a line with the answer.
func TestDerivativesOfEveryForm(t *testing.T) {
	answerForms(t, "../../testdata/derivatives/forms.txt", func(question, where string) string {
		kind, rest, _ := strings.Cut(question, ": ")
		expression, wrt, _ := strings.Cut(rest, " wrt ")
		var declarations []string
		if where != "" {
			declarations = []string{where}
		}
		return derivative(t, kind, expression, wrt, declarations)
	})
}
