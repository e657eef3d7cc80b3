// Command matdiff is a gradient calculator for matrix calculus: it differentiates expressions of matrices, vectors and
// scalars symbolically, and checks derivatives that people have written down.
//
// It is the last stage of the flow: it reads the command line, hands expressions from package to package, and is the
// only place that draws diagnostics and picks exit statuses.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// gcPercent trades memory for time: a run is short, and a collection of a large expression costs more than its garbage.
const gcPercent = 400

// memoryLimit is the size in bytes beyond which garbage is collected more often.
const memoryLimit = 448 << 20

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(run(untilSignal(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// untilSignal returns a context that ends with a signal to stop. As usual the exit status is then 128 and its number.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		status := 128
		if number, ok := (<-signals).(syscall.Signal); ok {
			status += int(number)
		}
		cancel(interruption{status})
	}()
	return ctx
}
