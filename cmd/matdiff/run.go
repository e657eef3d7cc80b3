package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// Exit statuses.
const (
	exitDone    = 0
	exitFails   = 1 // check: an equation does not hold
	exitInput   = 2 // the input is wrong
	exitUnknown = 3 // the input is fine, but the answer is not known
	exitBug     = 4 // matdiff is wrong
)

// worse returns the exit status that counts of two results.
func worse(a, b int) int {
	order := []int{exitDone, exitUnknown, exitFails, exitInput, exitBug}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// session is one run of the program: where it reads and writes, what the flags say, and how it stands.
type session struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	status         *atomic.Int32 // the worst so far

	ctx     context.Context // ends when the run has to
	limits  expr.Limits
	timeout time.Duration
	stopped chan struct{} // gets one when the run has had to end, and did not
	cut     *atomic.Bool  // something was left undone for that
	writing chan struct{} // holds one while a file is written

	declarations []string
	ruleFiles    []string
	output       string
	seed         uint64
	quiet        bool
	display      display
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s := &session{
		stdin: stdin, stdout: newTerminal(stdout), stderr: newTerminal(stderr), status: new(atomic.Int32), cut: new(atomic.Bool),
		ctx: ctx, limits: expr.UsualLimits(), stopped: make(chan struct{}, 1), writing: make(chan struct{}, 1),
	}
	status, done := s.status, make(chan struct{})
	s.stopAfter(ctx, 0)
	go func() {
		defer close(done)
		root := newRoot(s, args)
		root.SetArgs(protectExpressions(args))
		s.guard(place{}, root.Execute)
	}()
	select {
	case <-done:
	case <-s.stopped:
		s.cut.Store(true)
		// A file that is being written is finished first.
		select {
		case s.writing <- struct{}{}:
		case <-time.After(grace):
		}
	}
	if status := s.interrupted(); status != 0 {
		return status
	}
	if err := s.overrun(); err != nil && s.cut.Load() {
		s.fail(exitUnknown)
		fmt.Fprintf(newTerminal(stderr), "matdiff: %v\n", err)
	}
	return int(status.Load())
}

// fail records status, and is what has been reported already.
func (s *session) fail(status int) {
	for {
		old := s.status.Load()
		if s.status.CompareAndSwap(old, int32(worse(int(old), status))) {
			return
		}
	}
}

// guard reports the error that do returns. A panic is a bug, and is reported as one.
func (s *session) guard(at place, do func() error) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			ok = false
			s.report(at, bug(fmt.Sprintf("internal error: %v", v), panicSite(debug.Stack())))
		}
	}()
	if err := do(); err != nil {
		s.report(at, err)
		return false
	}
	return true
}

// panicSite returns the first line of a stack trace, below the panic itself, that is in matdiff's own code. A panic that was
// recovered and thrown again comes last.
func panicSite(stack []byte) string {
	trace := string(stack)
	for line := range strings.Lines(trace[max(strings.LastIndex(trace, "\npanic("), 0):]) {
		if i := strings.Index(line, "matdiff/"); i >= 0 && strings.HasPrefix(line, "\t") {
			site, _, _ := strings.Cut(strings.TrimSpace(line[i:]), " +")
			return "in " + site
		}
	}
	return ""
}

// result writes one result with a single write, so that a reader never sees half of one.
func (s *session) result(text string) error {
	if err := s.overrun(); err != nil {
		return err
	}
	if _, err := io.WriteString(s.stdout, text+"\n"); err != nil {
		return wrong("the result cannot be written: %v", reason(err))
	}
	return nil
}

// note tells the user something about a result that is none itself.
func (s *session) note(at place, format string, args ...any) {
	if !s.quiet {
		fmt.Fprintf(s.stderr, "%snote: %s\n", at.prefix(), oneLine(fmt.Sprintf(format, args...)))
	}
}

// wrong is an error of the command line.
func wrong(format string, args ...any) *parser.Diagnostic {
	return &parser.Diagnostic{Code: "command-line", Message: fmt.Sprintf(format, args...), Exit: exitInput}
}

// bug is a mistake of matdiff's own.
func bug(message string, facts ...string) *parser.Diagnostic {
	d := &parser.Diagnostic{
		Code:    "bug",
		Message: message,
		Hint:    "this is a bug in matdiff: please report it with this message, the command line and the output of matdiff version",
		Exit:    exitBug,
	}
	for _, f := range facts {
		if f != "" {
			d.Facts = append(d.Facts, f)
		}
	}
	return d
}

// reason strips an error of the system of the operation and the path that it repeats.
func reason(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}
