package numcheck_test

import (
	"fmt"
	"testing"

	"matdiff/internal/numcheck"
)

// rewrites turn a right equation op(f, x) = g into one whose verdict is known. An offset may leave it undecided, since it
// drowns f in rounding error, but never wrong.
var rewrites = []struct {
	name     string
	loss     string
	gradient string
	allowed  [2]numcheck.Verdict
}{
	{"an error of 1e-8", "%s", "1.00000001*(%s)", [2]numcheck.Verdict{numcheck.Fails, numcheck.Fails}},
	{"an error of 1e-10", "%s", "1.0000000001*(%s)", [2]numcheck.Verdict{numcheck.Holds, numcheck.Holds}},
	{"loss times 1e6", "1000000*(%s)", "1000000*(%s)", [2]numcheck.Verdict{numcheck.Holds, numcheck.Holds}},
	{"loss times 1e-6", "0.000001*(%s)", "0.000001*(%s)", [2]numcheck.Verdict{numcheck.Holds, numcheck.Holds}},
	{"loss plus 1e6", "1000000 + (%s)", "%s", [2]numcheck.Verdict{numcheck.Holds, numcheck.Undecided}},
	{"loss plus 1e9", "1000000000 + (%s)", "%s", [2]numcheck.Verdict{numcheck.Holds, numcheck.Undecided}},
}

func TestResolution(t *testing.T) {
	for i, c := range readClaims(t, "right.jsonl") {
		op, f, x, g := split(c.Equation)
		if op == "jacobian" {
			continue
		}
		for k, w := range rewrites {
			if w.allowed[1] == numcheck.Undecided && (i+k)%4 != 0 { // these take longest
				continue
			}
			equation := op + "(" + fmt.Sprintf(w.loss, f) + ", " + x + ") = " + fmt.Sprintf(w.gradient, g)
			q, err := parse(equation, c.Declare...)
			if err != nil {
				t.Errorf("%s: %v", equation, err)
				continue
			}
			r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: uint64(i)})
			if err != nil || r.Verdict != w.allowed[0] && r.Verdict != w.allowed[1] {
				t.Errorf("%s, %s: %s: %s %v %+v %v", c.ID, w.name, equation, r.Verdict, r.Reasons, r.Worst, err)
			}
		}
	}
}
