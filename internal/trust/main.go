// Trust draws random expressions and holds what matdiff says of them against independent witnesses: finite differences,
// the other ways in which matdiff states the same derivative, PyTorch's automatic differentiation, what generated NumPy
// functions return, and, for check, claims that are known to be right or wrong. It prints how often they agree, and exits
// with 1 if they ever do not.
//
//	go run ./internal/trust -n 100000           derivatives: make trust
//	go run ./internal/trust -n 100000 -check    verdicts of check: make trust-check
//
// A law (laws.go, check.go) is what has to be true of a subject (subject.go), an expression and one of its variables. A
// witness (witness.go, autograd.go, numpy.go) is a law that is told by a program of its own; a further one is one more of
// them.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

func main() {
	c := campaign{progress: os.Stderr}
	flag.IntVar(&c.count, "n", 10000, "`number` of expressions")
	flag.Int64Var(&c.seed, "seed", 1, "`seed`: the same one draws the same expressions")
	flag.IntVar(&c.least, "least", 3, "least `size` of an expression in nodes")
	flag.IntVar(&c.most, "most", 60, "greatest `size`")
	flag.IntVar(&c.depth, "depth", 0, "greatest `depth`; 0: any")
	flag.IntVar(&c.workers, "workers", runtime.NumCPU(), "`number` of expressions at a time")
	check := flag.Bool("check", false, "test the verdicts of check instead of derivatives")
	python := flag.String("python", "", "`command` of a Python that has PyTorch, NumPy and SciPy; none: python3, then /usr/bin/python3")
	flag.BoolVar(&c.verbose, "verbose", false, "say what is undecided or refused too")
	only := flag.Int("only", -1, "the one expression of this `number`")
	flag.Parse()

	c.laws = derivativeLaws()
	if *check {
		c.laws = checkLaws()
	} else {
		var missing []witness
		c.witnesses, missing = findWitnesses(*python)
		for _, w := range missing {
			fmt.Fprintf(os.Stderr, "\n!! no Python has %s: %s is not tested\n\n", w.modules, w.law)
		}
	}
	if *only >= 0 {
		c.first, c.count, c.workers = *only, 1, 1
	}
	debug.SetGCPercent(1600) // there is memory enough
	start := time.Now()
	t, err := c.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "trust:", err)
		os.Exit(2)
	}
	fmt.Print(t.String())
	fmt.Printf("\n%s with %d workers\n", time.Since(start).Round(time.Second), c.workers)
	if t.wrong() > 0 {
		os.Exit(1)
	}
}
