package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"matdiff/internal/numcheck"
)

// tally counts findings. It is safe for concurrent use.
type tally struct {
	sync.Mutex
	laws    []string
	seed    int64
	count   int   // of the expressions
	sizes   []int // in nodes, of matrices too
	counts  [][outcomes]int
	reasons [outcomes]map[string]int // by law and reason
}

func newTally(c *campaign) *tally {
	t := &tally{seed: c.seed}
	for _, l := range c.laws {
		t.laws = append(t.laws, l.name)
	}
	for _, w := range c.witnesses {
		t.laws = append(t.laws, w.law)
	}
	t.counts = make([][outcomes]int, len(t.laws))
	for i := range t.reasons {
		t.reasons[i] = map[string]int{}
	}
	return t
}

func (t *tally) drawn(s *subject) {
	t.Lock()
	defer t.Unlock()
	t.sizes = append(t.sizes, s.raw.Size())
}

func (t *tally) add(law int, findings []finding) {
	t.Lock()
	defer t.Unlock()
	for _, f := range findings {
		t.counts[law][f.outcome]++
		if f.reason != "" && f.outcome != wrong {
			t.reasons[f.outcome][t.laws[law]+": "+f.reason]++
		}
	}
}

func (t *tally) wrong() int {
	t.Lock()
	defer t.Unlock()
	n := 0
	for _, c := range t.counts {
		n += c[wrong]
	}
	return n
}

func (t *tally) say(w io.Writer, format string, args ...any) {
	t.Lock()
	defer t.Unlock()
	fmt.Fprintf(w, format, args...)
}

// String is the table of counts, and the reasons for what is not an agreement.
func (t *tally) String() string {
	t.Lock()
	defer t.Unlock()
	var out strings.Builder
	if t.count == 0 {
		return "nothing drawn\n"
	}
	slices.Sort(t.sizes)
	at := func(share float64) int { return t.sizes[int(share*float64(len(t.sizes)-1))] }
	fmt.Fprintf(&out, "%d expressions, seed %d; %d to %d nodes, half of them %d to %d\n\n", t.count, t.seed, at(0), at(1), at(0.25), at(0.75))
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "agree\tundecided\trefused\twrong\t\n")
	for i, name := range t.laws {
		c := t.counts[i]
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t  %s\n", c[agrees], c[undecided], c[refused], c[wrong], name)
	}
	_ = w.Flush() // to memory
	c := t.counts[0]
	share := func(n int) float64 {
		return 100 * float64(n) / float64(max(1, c[agrees]+c[undecided]+c[refused]+c[wrong]))
	}
	fmt.Fprintf(&out, "\n%s: %.2f %% answered, %.2f %% agree\n", t.laws[0], share(c[agrees]+c[undecided]), share(c[agrees]))
	t.list(&out, "refused", t.reasons[refused])
	t.list(&out, "undecided", t.reasons[undecided])
	return out.String()
}

func (t *tally) list(out io.Writer, title string, reasons map[string]int) {
	if len(reasons) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	keys := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), strings.Compare(a, b))
	})
	for _, k := range keys {
		fmt.Fprintf(out, "%8d  %s\n", reasons[k], k)
	}
}

var counted = regexp.MustCompile(`^\d+ of \d+ (points )?|\(.*\)$`)

// mainReason is the reason of most weight why r is undecided, without its figures.
func mainReason(r numcheck.Report) string {
	best, most := "", -1
	for _, reason := range r.Reasons {
		n := 0
		_, _ = fmt.Sscan(reason, &n) // not every reason begins with a number
		if n > most {
			best, most = reason, n
		}
	}
	return strings.TrimSpace(counted.ReplaceAllString(best, ""))
}

// describe says how the sides of a failing equation differ.
func describe(r numcheck.Report) string {
	if r.Mismatch {
		return fmt.Sprintf("shapes %v", r.Shapes)
	}
	return fmt.Sprintf("entry %d,%d: %.15g and %.15g ± %.1g at %v", r.Worst.Row, r.Worst.Col, r.Worst.Left, r.Worst.Right, r.Worst.Tolerance, r.Sizes)
}
