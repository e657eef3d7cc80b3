//go:build interop

// The code that is generated for all targets is run in their own languages, and what it returns compared with the values
// that numcheck measures, and with finite differences of what it returns. The tests need the languages: make interop-code.

package codegen_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/plan"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
)

// tally counts what happened to the cases of a target.
type tally struct {
	right, directions int
	refused           map[string]int
	failed            []string
}

func (r *tally) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d right, along %d directions too, %d failed", r.right, r.directions, len(r.failed))
	for _, why := range slices.Sorted(maps.Keys(r.refused)) {
		fmt.Fprintf(&out, "\n\t%4d %s", r.refused[why], why)
	}
	return out.String()
}

var every = flag.Int("every", 1, "take one case of the corpus in so many")

func TestCorpus(t *testing.T) {
	skipped := map[string]int{}
	var cases []*interopCase
	for i, line := range readCorpus(t) {
		if i%*every != 0 {
			continue
		}
		c, err := line.derive()
		if err == nil {
			err = c.draw(1)
		}
		if err != nil {
			skipped[err.Error()]++
			continue
		}
		cases = append(cases, c)
	}
	t.Logf("%d cases; left out: %v", len(cases), skipped)
	for _, l := range languages {
		t.Run(l.name(), func(t *testing.T) { l.check(t, cases) })
	}
	t.Run("julia", func(t *testing.T) { checkJulia(t, cases) })
}

// checkJulia parses the code for Julia, which is not at hand to run it.
func checkJulia(t *testing.T, cases []*interopCase) {
	work := t.TempDir()
	sources := map[string]string{}
	refused := 0
	for i, c := range cases {
		g, err := (&language{target: "julia"}).generate(c, fmt.Sprintf("f%d", i))
		if err != nil {
			refused++
			continue
		}
		sources[g.name] = g.source
		write(t, filepath.Join(work, g.name+".jl"), g.source)
	}
	node := exec.Command("node", driver(t, "julia.cjs"), work)
	node.Stderr = os.Stderr
	modules, err := filepath.Abs("../../bin/interop/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	node.Env = append(os.Environ(), "NODE_PATH="+modules)
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		name, _, _ := strings.Cut(line, " ")
		t.Errorf("%s%s", line, sources[name])
	}
	t.Logf("julia: %d parse, %d are refused", len(sources), refused)
}

// check generates, runs and compares all cases.
func (l *language) check(t *testing.T, cases []*interopCase) {
	counts := &tally{refused: map[string]int{}}
	var list []*generated
	for i, c := range cases {
		g, err := l.generate(c, fmt.Sprintf("f%d", i))
		var noProgram *plan.Unsupported
		var noWords *codegen.Unsupported
		switch {
		case errors.As(err, &noProgram), errors.As(err, &noWords):
			counts.refused[err.Error()]++
		case err != nil:
			t.Fatalf("%s: %s: %v", c.id, c.text, err)
		default:
			list = append(list, g)
		}
	}
	for i, r := range l.execute(t, list) {
		c := list[i]
		if wrong := l.compare(c, r); wrong != "" {
			counts.failed = append(counts.failed, c.id)
			t.Errorf("%s: %s by %s: %s\n%s", c.id, c.text, c.by, wrong, c.source)
			continue
		}
		counts.right++
		for _, p := range c.points {
			counts.directions += len(p.directions)
		}
	}
	t.Logf("%s: %v", l.name(), counts)
}

// generate writes the code for c as a function called name.
func (l *language) generate(c *interopCase, name string) (*generated, error) {
	p, err := plan.New(c.b, c.parameters(), c.wanted)
	if err != nil {
		return nil, err
	}
	source, err := codegen.Write(l.target, p, codegen.Options{Function: name, Purpose: c.purpose, Expression: c.text, By: []string{c.by}, Version: "test", Columns: l.columns})
	if err != nil {
		return nil, err
	}
	g := &generated{interopCase: c, name: name, source: source, results: len(p.Results), wrt: -1}
	for i, x := range p.Params {
		g.params = append(g.params, parameter{x.Value.Name, x.Shape, false})
		if x.Value.Name == c.x.Name {
			g.wrt = i
		}
	}
	for _, size := range sizeParameters(source, name, len(g.params)) {
		g.params = append(g.params, parameter{size, expr.Scalar, true})
	}
	return g, nil
}

// sizeParameters lists the names of the dimensions that a function takes after its other parameters, since they follow
// from none of them.
func sizeParameters(source, function string, others int) []string {
	_, rest, _ := strings.Cut(strings.Replace(source, function+" <- function(", function+"(", 1), function+"(")
	list, _, _ := strings.Cut(rest, ")")
	var sizes []string
	for _, p := range strings.Split(list, ",")[others:] {
		for _, word := range strings.Fields(p) {
			if name := strings.TrimRight(word, "_"); len(name) == 1 {
				sizes = append(sizes, name)
			}
		}
	}
	return sizes
}

// parameters lists the variables as the command line does: the one that is differentiated by first.
func (c *interopCase) parameters() []*expr.Node {
	var params []*expr.Node
	if c.x.Op == expr.Variable {
		params = append(params, c.x)
	} else {
		params = append(params, c.x.Args[0])
	}
	var forms []*expr.Node
	for _, w := range c.wanted {
		forms = append(forms, w.Forms...)
	}
	for _, x := range append(slices.Clone(c.order), expr.Variables(forms...)...) {
		if slices.Contains(expr.Variables(forms...), x) && !slices.Contains(params, x) {
			params = append(params, x)
		}
	}
	return params
}

var randomCases = flag.Int("random", 2000, "random expressions to generate code for")

// Code for random expressions, by a random variable, is right too.
func TestRandom(t *testing.T) {
	random := rand.New(rand.NewSource(7))
	skipped := map[string]int{}
	var cases []*interopCase
	for i := 0; len(cases) < *randomCases; i++ {
		b := expr.NewBuilder()
		f := randexpr.New(random, b, randexpr.Options{}).Scalar(4 + random.Intn(16))
		vars := expr.Variables(f)
		if len(vars) == 0 {
			continue
		}
		x := vars[random.Intn(len(vars))]
		c := &interopCase{
			id: fmt.Sprintf("random %d", i), text: printer.Text(f), by: x.Name, purpose: codegen.Gradient, b: b, f: f, x: x, order: vars,
		}
		err := c.differentiate(nil)
		if err == nil {
			err = c.draw(uint64(i))
		}
		if err != nil {
			skipped[err.Error()]++
			continue
		}
		cases = append(cases, c)
	}
	t.Logf("left out: %v", skipped)
	for _, l := range languages {
		t.Run(l.name(), func(t *testing.T) { l.check(t, cases) })
	}
}
