package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"sync"
	"time"

	"matdiff/internal/proctime"
)

// campaign is a run over many subjects.
type campaign struct {
	seed         int64
	first, count int // numbers of the subjects
	least, most  int // nodes of a subject
	depth        int
	workers      int
	laws         []law
	witnesses    []witness
	progress     io.Writer
	verbose      bool // say what is undecided or refused
}

// slow is how much processor time anything may take.
const slow = 2 * time.Second

// run draws the subjects and holds every law against them. Interrupted, it ends with what it has.
func (c *campaign) run() (*tally, error) {
	total := newTally(c)
	numbers := make(chan int)
	failed := make(chan error, c.workers)
	var group sync.WaitGroup
	for range c.workers {
		group.Go(func() {
			if err := c.work(numbers, total); err != nil {
				failed <- err
			}
			for range numbers { // so that the others' supply does not block
			}
		})
	}
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	last := time.Now()
supply:
	for i := range c.count {
		select {
		case numbers <- c.first + i:
			total.count++
		case <-interrupt:
			break supply
		}
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			fmt.Fprintf(c.progress, "%d of %d expressions, %d wrong\n", i, c.count, total.wrong())
		}
	}
	close(numbers)
	group.Wait()
	select {
	case err := <-failed:
		return nil, err
	default:
		return total, nil
	}
}

// work is one worker: it has a thread, and witnesses, of its own.
func (c *campaign) work(numbers <-chan int, total *tally) error {
	runtime.LockOSThread()
	laws := slices.Clone(c.laws)
	for _, w := range c.witnesses {
		p, err := startPython(w.command, w.source)
		if err != nil {
			return err
		}
		defer p.stop()
		laws = append(laws, law{name: w.law, every: w.every, judge: func(s *subject) []finding { return w.judge(p, s) }})
	}
	for number := range numbers {
		var subjects [2]*subject
		for i, l := range laws {
			if number%l.every != 0 {
				continue
			}
			kind := 0
			if l.matrix {
				kind = 1
			}
			if subjects[kind] == nil {
				subjects[kind] = c.draw(number, l.matrix)
				total.drawn(subjects[kind])
			}
			s := subjects[kind]
			findings := l.hold(s)
			total.add(i, findings)
			for _, f := range findings {
				if f.outcome == wrong {
					c.report(total, l, s, f)
					break
				} else if c.verbose && f.outcome != agrees {
					total.say(c.progress, "%v: %s\n  %s\n  %s\n", f.outcome, l.name, s.command(), f.reason)
				}
			}
		}
	}
	return nil
}

// hold holds the law against s; a panic is a finding, and so is slowness.
func (l law) hold(s *subject) (findings []finding) {
	defer func() {
		if r := recover(); r != nil {
			findings = []finding{{outcome: wrong, reason: fmt.Sprint("panic: ", r)}}
		}
	}()
	start := proctime.Thread()
	findings = l.judge(s)
	if took := proctime.Thread() - start; took >= slow*time.Duration(max(l.claims, 1)) {
		findings = append(findings, finding{outcome: wrong, reason: fmt.Sprintf("takes %.1f s", took.Seconds())})
	}
	return findings
}

// report shrinks what the law finds wrong with s and prints it.
func (c *campaign) report(total *tally, l law, s *subject, f finding) {
	for until := time.Now().Add(20 * time.Second); ; {
		smaller, g := l.smaller(s, until)
		if smaller == nil {
			break
		}
		s, f = smaller, g
	}
	shown := f.shown
	if shown == "" {
		shown = s.command()
	}
	total.say(c.progress, "wrong: %s, expression %d (seed %d)\n  %s\n  %s\n", l.name, s.number, c.seed, shown, f.reason)
}

// smaller returns a subject smaller than s that breaks the law too, nil if none was found in time.
func (l law) smaller(s *subject, until time.Time) (*subject, finding) {
	for _, t := range s.shrunk() {
		if time.Now().After(until) {
			break
		}
		for _, f := range l.hold(t) {
			if f.outcome == wrong {
				return t, f
			}
		}
	}
	return nil, finding{}
}
