package numcheck_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"matdiff/internal/numcheck"
)

type example struct {
	text     string
	verdict  numcheck.Verdict
	declared []string
}

func readExamples(t *testing.T) []example {
	data, err := os.ReadFile("testdata/equations.txt")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]numcheck.Verdict{"+": numcheck.Holds, "-": numcheck.Fails, "?": numcheck.Undecided}
	var list []example
	for line := range strings.Lines(string(data)) {
		mark, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if verdict, ok := verdicts[mark]; ok {
			fields := strings.Split(rest, " ; ")
			list = append(list, example{fields[0], verdict, fields[1:]})
		}
	}
	return list
}

func (e example) decide(seed uint64) (numcheck.Report, error) {
	q, err := parse(e.text, e.declared...)
	if err != nil {
		return numcheck.Report{}, err
	}
	return numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: seed, Depends: q.Depends})
}

func TestEquations(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for _, e := range readExamples(t) {
		for seed := range seeds {
			switch r, err := e.decide(seed); {
			case err != nil:
				t.Errorf("%s: %v", e.text, err)
			case r.Verdict != e.verdict:
				t.Errorf("%s, seed %d: %s, not %s: %+v %+v", e.text, seed, r.Verdict, e.verdict, r, r.Worst)
			case r.Verdict == numcheck.Undecided && len(r.Reasons) == 0:
				t.Errorf("%s: undecided without a reason", e.text)
			case r.Verdict == numcheck.Fails && !r.Mismatch && r.Worst == nil:
				t.Errorf("%s: no entry is said to be wrong", e.text)
			}
		}
	}
}

func TestSameSeedSameReport(t *testing.T) {
	for _, e := range readExamples(t) {
		first, err := e.decide(7)
		if err != nil {
			t.Fatal(err)
		}
		again, err := e.decide(7)
		if err != nil {
			t.Fatal(err)
		}
		// The nodes are of different builders.
		first.Unseen, again.Unseen = nil, nil
		if !reflect.DeepEqual(first, again) {
			t.Errorf("%s: %+v, then %+v", e.text, first, again)
		}
	}
}

// TestLargerSizesWithinLimit: sizes beyond the usual ones, where a claim has one as a number, are not tried if they do not fit.
func TestLargerSizesWithinLimit(t *testing.T) {
	q, err := parse("n*kron(X, X) = kron(n*X, X)", "X: n×n")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(10) {
		r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: seed, Entries: 20000})
		if err != nil || r.Verdict != numcheck.Holds {
			t.Errorf("seed %d: %s %v %v", seed, r.Verdict, r.Reasons, err)
		}
	}
}
