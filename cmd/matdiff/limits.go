package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// hardestNesting is the largest limit on nesting: the parser reads nothing that is nested deeper.
const hardestNesting = 20_000

// addLimits gives the root the flags that bound a run. They are the same for all subcommands, whose own help is short
// without them.
func (s *session) addLimits(root *cobra.Command) {
	flags := root.PersistentFlags()
	l := &s.limits
	flags.DurationVar(&s.timeout, "timeout", 0, "stop after `TIME`, such as 10s or 2m; 0 stands for no limit")
	flags.IntVar(&l.Input, "max-input", l.Input, "`BYTES` of an expression, a line, or a file that is read whole")
	flags.IntVar(&l.Nesting, "max-nesting", l.Nesting, fmt.Sprintf("`LEVELS` of brackets and operations in one another, at most %d", hardestNesting))
	flags.IntVar(&l.Nodes, "max-nodes", l.Nodes, "`N` names, numbers and operations of an expression, and of all that is made of it")
	flags.IntVar(&l.Steps, "max-steps", l.Steps, "`N` candidates that the simplifier tries before it takes what it has")
	flags.IntVar(&l.Entries, "max-entries", l.Entries, "`N` entries of all matrices of a point at which values are compared")
	flags.VisitAll(func(f *pflag.Flag) { f.Hidden = true })
}

// limitUsages lists the flags of addLimits for the help of the root.
func limitUsages(root *cobra.Command) string {
	shown := pflag.NewFlagSet("limits", pflag.ContinueOnError)
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		one := *f
		one.Hidden = false
		shown.AddFlag(&one)
	})
	return shown.FlagUsages()
}

// begin checks the limits that the flags set, and starts the clock.
func (s *session) begin(c *cobra.Command) error {
	l := s.limits
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"max-input", l.Input, 1 << 40}, {"max-nesting", l.Nesting, hardestNesting}, {"max-nodes", l.Nodes, 1 << 40},
		{"max-steps", l.Steps, 1 << 40}, {"max-entries", l.Entries, 1 << 40},
	} {
		if f.value < 1 || f.value > f.most {
			return wrong("--%s needs a whole number from 1 to %d, not %d", f.name, f.most, f.value)
		}
	}
	switch {
	case s.timeout < 0:
		return wrong("--timeout needs a time such as 10s, not %v", s.timeout)
	case s.timeout > 0:
		why := fmt.Errorf("stopped after %v, as --timeout demands, before there was an answer", s.timeout)
		ctx, cancel := context.WithCancelCause(s.ctx)
		time.AfterFunc(s.timeout, func() { cancel(why) })
		s.ctx = ctx
		s.stopAfter(s.ctx, grace)
	}
	return nil
}

// stopAfter gives the run up when it still goes on some time after the end of ctx.
func (s *session) stopAfter(ctx context.Context, patience time.Duration) {
	stopped := s.stopped
	context.AfterFunc(ctx, func() {
		time.Sleep(patience)
		select {
		case stopped <- struct{}{}:
		default:
		}
	})
}

// grace is how long a run may go on after the time that it has: it looks around between operations, but not within one, such
// as the inverse of a large matrix, nor while it waits for input.
const grace = 50 * time.Millisecond

// builder returns a builder for one expression.
func (s *session) builder() *expr.Builder { return expr.NewBuilderWithin(s.ctx, s.limits) }

// comparison returns the options of a comparison of values.
func (s *session) comparison(o numcheck.Options) numcheck.Options {
	o.Seed, o.Context, o.Entries = s.seed, s.ctx, s.limits.Entries
	return o
}

// interruption is why a run was stopped by a signal: it says no more.
type interruption struct{ status int }

func (i interruption) Error() string { return "interrupted" }

// interrupted returns the exit status of a run that a signal has stopped; 0 if none has.
func (s *session) interrupted() int {
	if i := (interruption{}); errors.As(context.Cause(s.ctx), &i) {
		return i.status
	}
	return 0
}

// overrun is the error of a run that has to stop, nil as long as it need not.
func (s *session) overrun() error {
	if s.ctx.Err() == nil {
		return nil
	}
	return context.Cause(s.ctx)
}

// readWhole reads all of r, which is called name in messages.
func (s *session) readWhole(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, int64(s.limits.Input)+1))
	switch {
	case err != nil:
		return nil, wrong("%s cannot be read: %v", name, reason(err))
	case len(text) > s.limits.Input:
		return nil, s.tooLong(name)
	}
	return text, nil
}
