package numcheck_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

type claim struct {
	ID            string
	Equation      string
	Declare       []string
	Holds         bool
	Kind          string
	ShapeMismatch bool `json:"shape_mismatch"`
}

func readClaims(t testing.TB, files ...string) []claim {
	var claims []claim
	for _, name := range files {
		file, err := os.Open("../../testdata/claims/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			var c claim
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			claims = append(claims, c)
		}
	}
	return claims
}

func parse(equation string, declare ...string) (*parser.Equation, error) {
	return parser.ParseEquation(expr.NewBuilder(), equation, parser.Options{Declarations: declare})
}

// TestClaims decides equations from the literature and their mutations: none may be decided wrongly, and no more than
// 1 in 100 may stay open.
func TestClaims(t *testing.T) {
	claims := readClaims(t, "right.jsonl", "wrong.jsonl")
	open := 0
	var times []time.Duration
	for _, c := range claims {
		q, err := parse(c.Equation, c.Declare...)
		if err != nil {
			if !c.ShapeMismatch {
				t.Errorf("%s: %s: %v", c.ID, c.Equation, err)
			}
			continue
		}
		start := time.Now()
		r, err := numcheck.Equal(q.Left, q.Right, numcheck.Options{Seed: 1})
		times = append(times, time.Since(start))
		switch {
		case err != nil:
			t.Errorf("%s: %s: %v", c.ID, c.Equation, err)
		case r.Verdict == numcheck.Undecided:
			open++
			t.Logf("%s (%s): %s: undecided after %d points: %q", c.ID, c.Kind, c.Equation, r.Drawn, r.Reasons)
		case (r.Verdict == numcheck.Holds) != c.Holds:
			t.Errorf("%s (%s): %s %s: %+v %+v", c.ID, c.Kind, c.Equation, r.Verdict, r, r.Worst)
		}
	}
	if open*100 > len(claims) {
		t.Errorf("%d of %d claims stay open", open, len(claims))
	}
	slices.Sort(times)
	t.Logf("%d claims, median %v, p99 %v, most %v", len(times), times[len(times)/2], times[len(times)*99/100], times[len(times)-1])
}

// split takes op(f, x) = g apart.
func split(equation string) (op, f, x, g string) {
	left, g, _ := strings.Cut(equation, " = ")
	open, comma := strings.Index(left, "("), strings.LastIndex(left, ",")
	return left[:open], left[open+1 : comma], strings.TrimSpace(left[comma+1 : len(left)-1]), g
}
