package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/randexpr"
)

// A small campaign of each kind. The large ones are make trust and make trust-check.
func TestTrust(t *testing.T) {
	count := 40
	if testing.Short() {
		count = 10
	}
	witnesses, _ := findWitnesses("")
	for _, laws := range [][]law{derivativeLaws(), checkLaws()} {
		var log strings.Builder
		c := campaign{seed: 2, count: count, least: 3, most: 40, workers: 2, laws: laws, witnesses: witnesses, progress: &log}
		total, err := c.run()
		if err != nil || total.wrong() > 0 {
			t.Errorf("%v\n%s", err, log.String())
			continue
		}
		t.Log(total)
	}
}

// A law that does not hold is noticed, and what breaks it is shrunk.
func TestWrongIsFound(t *testing.T) {
	var log strings.Builder
	hasSine := law{name: "no sine", every: 1, judge: func(s *subject) []finding {
		o := agrees
		expr.Walk(s.f, func(n *expr.Node) {
			if n.Is(expr.Sin) {
				o = wrong
			}
		})
		return []finding{{outcome: o}}
	}}
	c := campaign{seed: 1, count: 30, least: 20, most: 40, workers: 1, laws: []law{hasSine}, progress: &log}
	total, err := c.run()
	if err != nil || total.wrong() == 0 {
		t.Fatal(err, total)
	}
	for line := range strings.Lines(log.String()) {
		if strings.HasPrefix(line, "  matdiff grad") && strings.Count(strings.SplitN(line, "--wrt", 2)[0], "(") > 8 {
			t.Errorf("not small: %s", line)
		}
	}
	if !strings.Contains(log.String(), "  matdiff grad") {
		t.Errorf("no command: %s", log.String())
	}
}

// A panic is a finding.
func TestPanicIsFound(t *testing.T) {
	l := law{judge: func(*subject) []finding { panic("here") }}
	if found := l.hold(nil); len(found) != 1 || found[0].outcome != wrong {
		t.Error(found)
	}
}

// A function that does not return what it should, or changes what it is given, is no answer.
func TestNumPyNoticesWrongFunctions(t *testing.T) {
	command := findPython("", numpy.modules)
	if command == "" {
		t.Skip("no Python has ", numpy.modules)
	}
	p, err := startPython(command, numpy.source)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	for body, want := range map[string]string{
		"return x @ x, 2*x":               "",
		"x *= 2; return x @ x, x":         "ValueError: an argument is changed",
		"return x @ x, 2*x[:, None]":      "ValueError: the shapes are () and (2, 1), not () and (2,)",
		"return x @ x + 0j, 2*x":          "ValueError: complex",
		"return x @ x, x/0":               "ValueError: not finite",
		"return x @ y, x":                 "NameError: name 'y' is not defined",
		"return x @ x, 2*x if True else)": "SyntaxError: unmatched ')' (<string>, line 3)",
	} {
		c := call{
			Source: "import numpy as np\ndef f(x_):\n x = np.asarray(x_); " + body + "\n", Function: "f", Wrt: "x",
			Points: []map[string]any{{"x": []float64{3, 4}}},
		}
		var answers []answer
		if err := p.ask(c, &answers); err != nil {
			t.Fatal(err)
		}
		a := answers[0]
		if a.Error != want || want == "" && (a.Value != 25 || !slices.Equal(a.Gradient, []float64{6, 8})) {
			t.Errorf("%s: %v", body, a)
		}
	}
}

// Every mistake that a mutant can have is made somewhere.
func TestMutants(t *testing.T) {
	b := expr.NewBuilder()
	variable := func(name string) *expr.Node {
		for _, v := range randexpr.Variables {
			if v.Name == name {
				return b.Variable(v.Name, v.Shape, v.Props)
			}
		}
		t.Fatal(name)
		return nil
	}
	x, y := variable("X"), variable("Y")
	sum := func(args ...*expr.Node) *expr.Node { return b.New(expr.Sum, args...) }
	times := func(args ...*expr.Node) *expr.Node { return b.New(expr.Product, args...) }
	turned := func(n *expr.Node) *expr.Node { return b.New(expr.Transpose, n) }
	g := sum(times(x, y), y)
	all := mutants(b, g)
	for what, m := range map[string]*expr.Node{
		"transposed": turned(g), "twice": times(b.Int(2), g), "sign": times(b.Int(-1), g), "a little": times(rational(b, 10001, 10000), g),
		"term dropped": sum(times(x, y)), "term's sign": sum(times(x, y), times(b.Int(-1), y)),
		"factors swapped": sum(times(y, x), y), "X for X'": sum(times(turned(x), y), y),
	} {
		if !slices.Contains(all, m) {
			t.Errorf("no mutant: %s", what)
		}
	}
}

// autograd.py has every operation of the table.
func TestAutogradKnowsEveryOperation(t *testing.T) {
	_, table, _ := strings.Cut(autogradSource, "OPERATIONS = {")
	operators := []*expr.Op{
		expr.Number, expr.Pi, expr.Size, expr.Identity, expr.Ones, expr.Zeros, expr.Unit, expr.Commutation,
		expr.Sum, expr.Product, expr.Hadamard, expr.Kronecker, expr.Transpose, expr.Power, expr.ElementPower, expr.Element,
	}
	for _, op := range append(operators, expr.Functions...) {
		if !strings.Contains(table, fmt.Sprintf("    %q: ", op.Name)) {
			t.Errorf("%s (%s) is missing", op.Name, op.Doc)
		}
	}
}

// TestNoAnswer asks a process that does not come to an end, and then the one that takes its place.
func TestNoAnswer(t *testing.T) {
	command := findPython("", "json")
	if command == "" {
		t.Skip("no Python")
	}
	p, err := startPython(command, "import time, sys\nfor line in sys.stdin:\n    time.sleep(60)")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p.patience = 50 * time.Millisecond
		var answer any
		if err := p.ask("?", &answer); !errors.Is(err, errNoAnswer) {
			t.Errorf("answers %v, %v", answer, err)
		}
	}
	p.stop()
}
