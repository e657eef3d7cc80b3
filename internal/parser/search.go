package parser

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// The reading of undeclared lower-case names: column vectors, but scalars where only a scalar fits.
//
// A run under one reading gives conflicts, each with the names of which at least one has to become a scalar. The search is
// for the smallest set that hits all conflicts of its own run: for each number of scalars, from the least that the
// conflicts allow, names are decided one by one, scalar first. A branch ends where more disjoint conflicts are open than
// scalars are left.

// maxSteps bounds the nodes that the search may visit; beyond it the reading is a greedy one.
const maxSteps = 1_000_000

// maxBlind is the number of names up to which all readings are tried before there is said to be none: a reading that
// makes a matrix 1×1 can resolve a conflict that has nothing else to do with its names.
const maxBlind = 6

type search struct {
	p      *program
	demand func(*run)
	runs   map[string]*run
	limit  int  // of p.steps
	blind  bool // blame every conflict on all names
}

// reading finds the reading that types; if there is none, it returns the conflict to report. atMost bounds the number of
// scalars, unless negative.
func (p *program) reading(demand func(*run), atMost int) (*run, *Diagnostic) {
	p.gatherNames()
	s := &search{p: p, demand: demand, runs: map[string]*run{}, limit: p.steps + maxSteps}
	most := len(p.alphabet)
	if atMost >= 0 {
		most = min(most, atMost)
	}
	if found := s.upTo(most); found != nil {
		return found, nil
	}
	fault := s.blame(s.run(nil))
	if len(p.alphabet) <= maxBlind {
		s.blind, s.runs = true, map[string]*run{}
		if found := s.upTo(most); found != nil {
			return found, nil
		}
	}
	return nil, fault
}

// upTo looks for a reading with at most so many scalars.
func (s *search) upTo(most int) *run {
	first := s.run(nil)
	if len(first.conflicts) == 0 {
		return first
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
		if s.p.steps > s.limit {
			return s.greedy(most)
		}
	}
	return nil
}

// blame returns the conflict to report when no reading types: the first one of the reading that has only those scalars
// that are forced.
func (s *search) blame(r *run) *Diagnostic {
	scalars := []int32{}
	for limit := s.p.steps + maxSteps; ; {
		for _, c := range r.conflicts {
			if len(c.names) == 0 {
				return c.report()
			}
		}
		names, forced := s.next(r, nil)
		if !forced || s.p.steps > limit {
			return r.conflicts[0].report()
		}
		scalars = append(scalars, names...)
		next := s.run(scalars)
		if len(next.conflicts) == 0 { // only the bound on scalars is in the way
			return r.conflicts[0].report()
		}
		r = next
	}
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

func (s *search) run(scalars []int32) *run {
	sorted := slices.Sorted(slices.Values(scalars))
	key := make([]byte, 0, 4*len(sorted))
	for _, c := range sorted {
		key = append(key, byte(c>>16), byte(c>>8), byte(c))
	}
	r, ok := s.runs[string(key)]
	if !ok {
		set := map[int32]bool{}
		for _, c := range scalars {
			set[c] = true
		}
		r = s.p.infer(set, s.demand)
		if s.blind {
			all := slices.DeleteFunc(slices.Clone(s.p.alphabet), func(c int32) bool { return set[c] })
			for i := range r.conflicts {
				r.conflicts[i].names = all
			}
		}
		s.runs[string(key)] = r
	}
	return r
}

// open returns how many more scalars the conflicts of r need at least when the names in vectors stay vectors; ok is
// false if no number is enough.
func (s *search) open(r *run, vectors map[int32]bool) (least int, ok bool) {
	sets := make([][]int32, 0, len(r.conflicts))
	for _, c := range r.conflicts {
		var set []int32
		for _, name := range c.names {
			if !vectors[name] {
				set = append(set, name)
			}
		}
		if len(set) == 0 {
			return 0, false
		}
		sets = append(sets, set)
	}
	slices.SortStableFunc(sets, func(a, b []int32) int { return cmp.Compare(len(a), len(b)) })
	used := map[int32]bool{}
	for _, set := range sets {
		if !slices.ContainsFunc(set, func(c int32) bool { return used[c] }) {
			least++
			for _, c := range set {
				used[c] = true
			}
		}
	}
	return least, true
}

const never = math.MaxInt

// decide looks for a reading with the given scalars and at most k more, where the names in vectors are vectors. If it
// finds none, needed is how many more there are at least in the other ones.
func (s *search) decide(scalars []int32, vectors map[int32]bool, k int) (found *run, needed int) {
	if s.p.steps > s.limit {
		return nil, k + 1
	}
	r := s.run(scalars)
	if len(r.conflicts) == 0 {
		return r, 0
	}
	needed = never
	vectors = maps.Clone(vectors)
	if vectors == nil {
		vectors = map[int32]bool{}
	}
	for {
		least, ok := s.open(r, vectors)
		if !ok {
			return nil, needed
		}
		if least > k {
			return nil, min(needed, least)
		}
		names, forced := s.next(r, vectors)
		found, more := s.decide(slices.Concat(scalars, names), vectors, k-len(names))
		if found != nil {
			return found, 0
		}
		if more < never {
			needed = min(needed, more+len(names))
		}
		if forced {
			return nil, needed
		}
		vectors[names[0]] = true
	}
}

// earliest returns, of the readings with as many scalars as found has, the one whose scalars come first in the
// alphabet: one name after the other is a scalar if it is one in found, or if the search finds a reading with it.
func (s *search) earliest(found *run) *run {
	k := len(found.scalars)
	var scalars []int32
	vectors := map[int32]bool{}
	for _, name := range s.p.alphabet {
		if len(scalars) == k {
			break
		}
		if !found.scalars[name] {
			with := append(slices.Clip(scalars), name)
			other, _ := s.decide(with, vectors, k-len(with))
			if other == nil {
				vectors[name] = true
				continue
			}
			found = other
		}
		scalars = append(scalars, name)
	}
	return found
}

// next returns the names to decide next: those that are the only one left of a conflict, which have to be scalars,
// or else the first in the alphabet.
func (s *search) next(r *run, vectors map[int32]bool) (names []int32, forced bool) {
	first := int32(-1)
	alone := map[int32]bool{}
	for _, c := range r.conflicts {
		only, open := int32(-1), 0
		for _, name := range c.names {
			if !vectors[name] {
				only = name
				open++
				if first < 0 || s.p.symbols[name].name < s.p.symbols[first].name {
					first = name
				}
			}
		}
		if open == 1 && !alone[only] {
			alone[only] = true
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
	var scalars []int32
	r := s.run(nil)
	for limit := s.limit + 2*maxSteps; len(r.conflicts) > 0; {
		if _, ok := s.open(r, nil); !ok || len(scalars) > most || s.p.steps > limit {
			return nil
		}
		names, forced := s.next(r, nil)
		if forced {
			scalars = append(scalars, names...)
			r = s.run(scalars)
			continue
		}
		best, choice := (*run)(nil), int32(0)
		for _, name := range r.conflicts[0].names {
			if s.p.steps > limit {
				return nil
			}
			if next := s.run(append(slices.Clip(scalars), name)); best == nil || len(next.conflicts) < len(best.conflicts) {
				best, choice = next, name
			}
			if len(best.conflicts) < len(r.conflicts) {
				break // as the names are in alphabetical order
			}
		}
		scalars = append(scalars, choice)
		r = best
	}
	return r
}
