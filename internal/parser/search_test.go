package parser

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"matdiff/internal/expr"
)

// TestReading compares the search with trying all readings, on random expressions that few readings fit.
func TestReading(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var make func(depth int) string
	make = func(depth int) string {
		if depth == 0 || r.IntN(8) == 0 {
			return []string{"a", "b", "c", "x", "y", "A", "B", "2"}[r.IntN(8)]
		}
		l, m := make(depth-1), make(depth-1)
		return []string{
			"(" + l + " + " + m + ")", "(" + l + " - " + m + ")", l + "*" + m, l + "*" + m, l + "*" + m, l + "'*" + m, l + "'",
			l + ".*" + m, "(" + l + ")^2", "sin(" + l + ")", "(" + l + ")/(" + m + ")", "tr(" + l + ")", "norm(" + l + ")",
		}[r.IntN(13)]
	}
	typed, different := 0, 0
	const texts = 5000
	for range texts {
		text := make(3)
		scalar := r.IntN(2) == 0
		p, root := look(t, text)
		demand := func(r *run) {
			if scalar {
				r.tree = p.roots[0]
				r.mustBeScalar(r.shapes[root.id], root)
			}
		}
		want, ok := leastReading(p, root, demand)
		got, _ := p.reading(demand, -1)
		if (got != nil) != ok {
			t.Errorf("%s, scalar %v: search says %v, trying all %v %v", text, scalar, got != nil, ok, want)
			continue
		}
		if !ok {
			continue
		}
		typed++
		var names []string
		for _, s := range p.alphabet {
			if got.scalars.has(s) {
				names = append(names, p.symbols[s].name)
			}
		}
		slices.Sort(names)
		if strings.Join(names, "") != want {
			different++
			if len(names) != len(want) || different < 10 {
				t.Errorf("%s, scalar %v: scalars %v, want %s", text, scalar, names, want)
			}
		}
	}
	t.Logf("%d of %d texts have a reading, %d not the first", typed, texts, different)
}

func look(t *testing.T, text string) (*program, *node) {
	s, err := read(theGrammar().statement, text)
	if err != nil {
		t.Fatal(text, err)
	}
	p := &program{builder: expr.NewBuilder(), functions: newFunctionTable(nil)}
	newProgram(p, tree{s.Left.root, text})
	return p, s.Left.root
}

// leastReading tries all sets of scalars, small and early ones first.
func leastReading(p *program, root *node, demand func(*run)) (names string, ok bool) {
	p.gatherNames()
	candidates := p.candidates(root)
	var sets []string
	for set := range 1 << len(candidates) {
		var scalars symbolSet
		name := ""
		for i, c := range candidates {
			if set&(1<<i) != 0 {
				scalars.add(c)
				name += p.symbols[c].name
			}
		}
		if len(p.infer(scalars, demand).conflicts) == 0 {
			sets = append(sets, string(rune('0'+bits.OnesCount(uint(set))))+name)
		}
	}
	if len(sets) == 0 {
		return "", false
	}
	return slices.Min(sets)[1:], true
}
