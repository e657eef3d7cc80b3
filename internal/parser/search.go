package parser

import (
	"cmp"
	"math"
	"slices"
)

// The reading of undeclared lower-case names: column vectors, but scalars where only a scalar fits.
//
// A run under one reading gives conflicts, each with the names of which at least one has to become a scalar. The search is
// for the smallest set that hits all conflicts of its own run: for each number of scalars, from the least that the
// conflicts allow, names are decided one by one, scalar first. A branch ends where more disjoint conflicts are open than
// scalars are left.

// maxVisits bounds the nodes that runs of the search may visit; beyond it the reading is a greedy one.
const maxVisits = 1_000_000

// maxBlind is the number of names up to which all readings are tried before there is said to be none: a reading that
// makes a matrix 1×1 can resolve a conflict that has nothing else to do with its names.
const maxBlind = 6

type search struct {
	p      *program
	demand func(*run)
	tried  map[string]*attempt // by the key of the scalars
	limit  int                 // of p.visits
	blind  bool                // blame every conflict on all names
	used   []bool              // workspace, by symbol
}

// attempt is what a run came to: a reading that types, or for each conflict its names.
type attempt struct {
	reading   *run
	conflicts [][]int32
}

// reading finds the reading that types; if there is none, it returns the conflict to report. atMost bounds the number of
// scalars, unless negative.
func (p *program) reading(demand func(*run), atMost int) (*run, *Diagnostic) {
	p.gatherNames()
	s := &search{p: p, demand: demand, tried: map[string]*attempt{}, limit: p.visits + maxVisits, used: make([]bool, len(p.symbols))}
	most := len(p.alphabet)
	if atMost >= 0 {
		most = min(most, atMost)
	}
	if found := s.upTo(most); found != nil {
		return found, nil
	}
	fault := s.blame()
	if len(p.alphabet) <= maxBlind {
		s.blind, s.tried = true, map[string]*attempt{}
		if found := s.upTo(most); found != nil {
			return found, nil
		}
	}
	return nil, fault
}

// upTo looks for a reading with at most so many scalars.
func (s *search) upTo(most int) *run {
	first := s.try(nil)
	if first.reading != nil {
		return first.reading
	}
	k, ok := s.open(first, nil)
	if !ok {
		return nil
	}
	for k <= most {
		found, needed := s.decide(nil, nil, k)
		if found != nil {
			return s.earliest(found)
		}
		k = needed
		if s.p.visits > s.limit {
			return s.greedy(most)
		}
	}
	return nil
}

// blame returns the conflict to report when no reading types: the first one of the reading that has only those scalars
// that are forced.
func (s *search) blame() *Diagnostic {
	var scalars symbolSet
	a := s.try(scalars)
	for limit := s.p.visits + maxVisits; ; {
		if i := slices.IndexFunc(a.conflicts, func(names []int32) bool { return len(names) == 0 }); i >= 0 {
			return s.report(scalars, i)
		}
		names, forced := s.next(a, nil)
		if !forced || s.p.visits > limit {
			return s.report(scalars, 0)
		}
		more := scalars.with(names...)
		next := s.try(more)
		if next.reading != nil { // only the bound on scalars is in the way
			return s.report(scalars, 0)
		}
		scalars, a = more, next
	}
}

// report returns what the i-th conflict is of the run with the given scalars.
func (s *search) report(scalars symbolSet, i int) *Diagnostic {
	r := s.p.infer(scalars, s.demand)
	return r.report(r.conflicts[i])
}

func (p *program) everything() []*node {
	var all []*node
	for _, t := range p.roots {
		all = append(all, t.root)
	}
	for _, d := range p.decls.defs {
		all = append(all, d.root)
	}
	return all
}

// try runs inference under one reading, unless it has done so before. A run with conflicts leaves its workspace to the next.
func (s *search) try(scalars symbolSet) *attempt {
	key := scalars.key()
	if a, ok := s.tried[key]; ok {
		return a
	}
	a := &attempt{}
	r := s.p.infer(scalars, s.demand)
	if len(r.conflicts) == 0 {
		a.reading = r
	} else {
		vectors := slices.DeleteFunc(slices.Clone(s.p.alphabet), func(c int32) bool { return !s.blind || scalars.has(c) })
		a.conflicts = make([][]int32, len(r.conflicts))
		for i, c := range r.conflicts {
			a.conflicts[i] = c.names
			if s.blind {
				a.conflicts[i] = vectors
			}
		}
		s.p.spare = r
	}
	s.tried[key] = a
	return a
}

// open returns how many more scalars the conflicts of a need at least when the names in vectors stay vectors; ok is
// false if no number is enough.
func (s *search) open(a *attempt, vectors symbolSet) (least int, ok bool) {
	sets := a.conflicts
	if vectors != nil {
		sets = make([][]int32, len(a.conflicts))
		for i, names := range a.conflicts {
			sets[i] = slices.DeleteFunc(slices.Clone(names), vectors.has)
		}
	}
	if slices.ContainsFunc(sets, func(set []int32) bool { return len(set) == 0 }) {
		return 0, false
	}
	if shorter := func(a, b []int32) int { return cmp.Compare(len(a), len(b)) }; !slices.IsSortedFunc(sets, shorter) {
		sets = slices.Clone(sets)
		slices.SortStableFunc(sets, shorter)
	}
	clear(s.used)
	for _, set := range sets {
		if !slices.ContainsFunc(set, func(c int32) bool { return s.used[c] }) {
			least++
			for _, c := range set {
				s.used[c] = true
			}
		}
	}
	return least, true
}

const never = math.MaxInt

// decide looks for a reading with the given scalars and at most k more, where the names in vectors are vectors. If it
// finds none, needed is how many more there are at least in the other ones.
func (s *search) decide(scalars, vectors symbolSet, k int) (found *run, needed int) {
	if s.p.visits > s.limit {
		return nil, k + 1
	}
	a := s.try(scalars)
	if a.reading != nil {
		return a.reading, 0
	}
	needed = never
	for {
		least, ok := s.open(a, vectors)
		if !ok {
			return nil, needed
		}
		if least > k {
			return nil, min(needed, least)
		}
		names, forced := s.next(a, vectors)
		found, more := s.decide(scalars.with(names...), vectors, k-len(names))
		if found != nil {
			return found, 0
		}
		if more < never {
			needed = min(needed, more+len(names))
		}
		if forced {
			return nil, needed
		}
		vectors = vectors.with(names[0])
	}
}

// earliest returns, of the readings with as many scalars as found has, the one whose scalars come first in the
// alphabet: one name after the other is a scalar if it is one in found, or if the search finds a reading with it.
func (s *search) earliest(found *run) *run {
	var scalars, vectors symbolSet
	left := found.scalars.size()
	for _, name := range s.p.alphabet {
		if left == 0 {
			break
		}
		if !found.scalars.has(name) {
			other, _ := s.decide(scalars.with(name), vectors, left-1)
			if other == nil {
				vectors.add(name)
				continue
			}
			found = other
		}
		scalars.add(name)
		left--
	}
	return found
}

// next returns the names to decide next: those that are the only one left of a conflict, which have to be scalars,
// or else the first in the alphabet.
func (s *search) next(a *attempt, vectors symbolSet) (names []int32, forced bool) {
	first := int32(-1)
	clear(s.used)
	for _, conflict := range a.conflicts {
		only, open := int32(-1), 0
		for _, name := range conflict {
			if !vectors.has(name) {
				only = name
				open++
				if first < 0 || s.p.symbols[name].place < s.p.symbols[first].place {
					first = name
				}
			}
		}
		if open == 1 && !s.used[only] {
			s.used[only] = true
			names = append(names, only)
		}
	}
	if len(names) > 0 {
		return names, true
	}
	return []int32{first}, false
}

// greedy makes scalars of all names that have to be and, where there is a choice, of the first one that leaves
// fewer conflicts, until none is left.
func (s *search) greedy(most int) *run {
	var scalars symbolSet
	a := s.try(nil)
	for limit := s.limit + 2*maxVisits; a.reading == nil; {
		if _, ok := s.open(a, nil); !ok || scalars.size() > most || s.p.visits > limit {
			return nil
		}
		names, forced := s.next(a, nil)
		if !forced {
			names = s.independent(a)
		}
		if forced || len(names) > 1 {
			with := scalars.with(names...)
			if next := s.try(with); forced || len(next.conflicts)+len(names) <= len(a.conflicts) {
				scalars, a = with, next
				continue
			}
		}
		best, choice := (*attempt)(nil), int32(0)
		for _, name := range a.conflicts[0] {
			if s.p.visits > limit {
				return nil
			}
			if next := s.try(scalars.with(name)); best == nil || len(next.conflicts) < len(best.conflicts) {
				best, choice = next, name
			}
			if len(best.conflicts) < len(a.conflicts) {
				break // as the names are in alphabetical order
			}
		}
		scalars, a = scalars.with(choice), best
	}
	return a.reading
}

// independent returns the first name of each conflict that has none in common with those before it.
func (s *search) independent(a *attempt) (names []int32) {
	clear(s.used)
	for _, conflict := range a.conflicts {
		if !slices.ContainsFunc(conflict, func(c int32) bool { return s.used[c] }) {
			names = append(names, conflict[0])
		}
		for _, c := range conflict {
			s.used[c] = true
		}
	}
	return names
}
