package main

import (
	"cmp"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"matdiff/internal/rules"
)

// jobs are equations that are checked at the same time. What is said of them, and what is said between them, is printed
// in the order in which they were given, each as soon as all before it is.
type jobs struct {
	idle    chan *worker
	inline  int         // so many equations, at first, are checked where they are given
	checked []*checking // one for each equation, in order; all are complete when together returns

	lock    sync.Mutex // guards what follows
	parts   []*part    // what has not been printed, in order
	failure error      // the first to print
}

// worker is what the checking of one equation has to itself.
type worker struct {
	book *rules.Book // read when it is needed; it changes while it is used
}

// part is what is said of one equation, or one thing said between two.
type part struct {
	said []saying
	done bool
}

// saying is what is written at once on one writer.
type saying struct {
	to   io.Writer
	text string
}

// voice is a writer that passes what it is given on to another when its turn has come.
type voice struct {
	jobs *jobs
	part *part // of an equation, or nil
	to   io.Writer
}

// fewEquations are checked one after the other unless --jobs is given: a second worker has to read the rule book again.
const fewEquations = 4

// maxWorkers is the largest number of workers that are of use.
const maxWorkers = 256

// newJobs returns jobs for n workers, or if n is 0 for as many as there are processors.
func newJobs(n uint) *jobs {
	j := &jobs{}
	if n == 0 {
		n, j.inline = uint(runtime.GOMAXPROCS(0)), fewEquations
	}
	n = min(n, maxWorkers)
	j.idle = make(chan *worker, n)
	for range n {
		j.idle <- &worker{}
	}
	return j
}

// Write fails if what was said between equations could not be printed; for what is said of one, see failed.
func (v *voice) Write(text []byte) (int, error) {
	v.jobs.lock.Lock()
	defer v.jobs.lock.Unlock()
	said := saying{v.to, string(text)}
	if v.part != nil {
		v.part.said = append(v.part.said, said)
		return len(text), nil
	}
	v.jobs.parts = append(v.jobs.parts, &part{[]saying{said}, true})
	v.jobs.print()
	return len(text), v.jobs.failure
}

// print writes what is complete.
func (j *jobs) print() {
	for len(j.parts) > 0 && j.parts[0].done {
		for _, l := range j.parts[0].said {
			if j.failure == nil {
				_, j.failure = io.WriteString(l.to, l.text)
			}
		}
		j.parts = j.parts[1:]
	}
}

// speak puts voices in place of the writers of s.
func (j *jobs) speak(s *session, p *part) {
	s.stdout, s.stderr = &voice{j, p, unvoiced(s.stdout)}, &voice{j, p, unvoiced(s.stderr)}
}

// unvoiced returns the writer on which what is written on w is printed.
func unvoiced(w io.Writer) io.Writer {
	if v, ok := w.(*voice); ok {
		return v.to
	}
	return w
}

// together runs give, which gives equations to add, and waits for them. Its error is that nothing can be written.
func (k *checking) together(give func() error) error {
	j, out, err := newJobs(k.workers), k.stdout, k.stderr
	k.jobs = j
	j.speak(k.session, nil)
	given := give()
	for range cap(j.idle) {
		<-j.idle
	}
	k.stdout, k.stderr = out, err
	for _, c := range j.checked {
		k.outcomes = append(k.outcomes, c.outcomes...)
		k.fail(int(c.status.Load()))
	}
	return cmp.Or(given, j.failed())
}

// add has one equation checked by check, which is given a checking to itself. Its error is that nothing can be written.
func (k *checking) add(check func(*checking) error) error {
	if err := k.overrun(); err != nil {
		return err
	}
	j, p, own, s := k.jobs, &part{}, *k, *k.session
	own.session, own.worker, own.outcomes, s.status = &s, <-j.idle, nil, new(atomic.Int32)
	j.speak(&s, p)
	j.checked = append(j.checked, &own)
	j.lock.Lock()
	j.parts = append(j.parts, p)
	j.lock.Unlock()
	work := func() {
		own.guard(place{}, func() error { return check(&own) })
		j.lock.Lock()
		p.done = true
		j.print()
		j.lock.Unlock()
		j.idle <- own.worker
	}
	if cap(j.idle) == 1 || len(j.checked) <= j.inline {
		work()
	} else {
		go work()
	}
	return j.failed()
}

// failed returns the error of printing, if there was one.
func (j *jobs) failed() error {
	j.lock.Lock()
	defer j.lock.Unlock()
	if j.failure != nil {
		return wrong("the result cannot be written: %v", reason(j.failure))
	}
	return nil
}
