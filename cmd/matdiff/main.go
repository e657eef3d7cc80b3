// Command matdiff is a gradient calculator for matrix calculus: it differentiates expressions of matrices, vectors and
// scalars symbolically, and checks derivatives that people have written down.
//
// It is the last stage of the flow: it reads the command line, hands expressions from package to package, and is the
// only place that draws diagnostics and picks exit statuses.
package main

import (
	"os"
	"runtime/debug"
)

// gcPercent trades memory for time: a run is short, and a collection of a large expression costs more than its garbage.
const gcPercent = 400

// memoryLimit is the size in bytes beyond which garbage is collected more often.
const memoryLimit = 512 << 20

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
