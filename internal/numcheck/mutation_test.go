package numcheck_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants of the checker: with any of them TestEquations has to fail.
var mutants = []struct{ what, file, from, to string }{
	{"every verdict is a pass", "check.go", "r.Verdict, r.Points = Fails,", "r.Verdict, r.Points = Holds,"},
	{"the claim is evaluated by the finite difference", "compare.go", "v[i] = q.values(i, directions)", "v[i] = q.values(0, directions)"},
	{"every derivative is 0", "oracle.go", "e.val[i], e.err[i] = s.table.limit(quotient, eta)", "e.val[i], e.err[i] = 0, 0"},
	{"every branch counts as seen", "check.go", "return !q.branches || len(q.unseen()) == 0", "return true"},
	{"what is at its limit counts as seen", "check.go", "c.turns = c.turns || c.isTurning()", "c.turns = true"},
	{"differentials stay along what they were along", "approach.go", "\ts.drawTangents()\n", ""},
	{"a coarse tolerance", "check.go", "relative        = 1e-9", "relative        = 1e-7"},
	{"no tolerance", "check.go", "relative        = 1e-9", "relative        = 1e-11"},
	{"ill-conditioned points are used", "check.go", "!(k <= maxCondition)", "false"},
	{"claims about structured variables are not projected", "compare.go", "if in.x != nil &&", "if false &&"},
	{"symmetric matrices are moved freely", "motion.go", "case p&(expr.Symmetric|expr.PosDef) != 0:\n\t\treturn 1", "case false:\n\t\treturn 1"},
	{"all dimensions are 2", "sample.go", "sizes[name] = s.low + s.order[(s.draws+i)%len(s.order)]", "sizes[name] = 2 + 0*i"},
}

func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the tests once for every mutant")
	}
	directory, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		source, err := os.ReadFile(m.file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(source), m.from) != 1 {
			t.Errorf("%s: %q is not in %s once", m.what, m.from, m.file)
			continue
		}
		t.Run(m.what, func(t *testing.T) {
			t.Parallel()
			scratch := t.TempDir()
			mutated, overlay := filepath.Join(scratch, m.file), filepath.Join(scratch, "overlay.json")
			replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(directory, m.file): mutated}})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{mutated: strings.Replace(string(source), m.from, m.to, 1), overlay: string(replace)} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, err := exec.Command("go", "test", "-vet=off", "-short", "-overlay", overlay, "-run", "^TestEquations$", ".").CombinedOutput()
			switch {
			case err == nil:
				t.Error("not noticed")
			case !strings.Contains(string(out), "--- FAIL: TestEquations"):
				t.Errorf("not tested: %s", out)
			}
		})
	}
}
