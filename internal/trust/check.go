package main

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/printer"
)

// The claims of one subject.
const (
	checkSeeds = 3 // of random points, for a right claim
	wrongOnes  = 4 // wrong claims

	leastMistake = 1e-6 // of the largest entry, which must not be lost beside numbers of order 1 itself
)

func checkLaws() []law {
	var laws []law
	for i := range uint64(checkSeeds) {
		laws = append(laws, law{name: fmt.Sprintf("grad(f, X) = gradient holds, seed %d", i+1), every: 1, judge: func(s *subject) []finding {
			return rightHolds(s, uint64(s.seed)%1e6+i)
		}})
	}
	return append(laws, law{name: "grad(f, X) = mutant of it fails", every: 1, claims: wrongOnes, judge: mutantsFail})
}

// claim returns the left side of the claims.
func (s *subject) claim() *expr.Node { return s.b.Sized(expr.Gradient, s.x.Shape, s.f, s.x) }

func rightHolds(s *subject, seed uint64) []finding {
	g, err := s.derive()
	if err != nil {
		return refusal(err)
	}
	out := found(numcheck.Equal(s.claim(), g, numcheck.Options{Seed: seed}))
	out[0].shown = fmt.Sprintf("%s --seed %d", s.checkCommand(g), seed)
	return out
}

func mutantsFail(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	random := s.random()
	all := mutants(s.b, g)
	var out []finding
	for tries, i := range random.Perm(len(all)) {
		if len(out) == wrongOnes || tries == 5*wrongOnes {
			break
		}
		m := all[i]
		if !s.differ(g, m) {
			continue
		}
		o := numcheck.Options{Seed: uint64(random.Intn(1e6))}
		r, err := numcheck.Equal(s.claim(), m, o)
		f := finding{outcome: agrees}
		switch {
		case err != nil:
			f = finding{outcome: wrong, reason: err.Error()}
		case r.Verdict == numcheck.Holds:
			f = finding{outcome: wrong, reason: fmt.Sprintf("passes with resolution %.0g, though the gradient is %s", r.Resolution, printer.Text(g))}
		case r.Verdict == numcheck.Undecided:
			f = finding{outcome: undecided, reason: mainReason(r)}
		}
		f.shown = fmt.Sprintf("%s --seed %d", s.checkCommand(m), o.Seed)
		out = append(out, f)
	}
	return out
}

// differ reports whether m, in place of the gradient g, is another gradient: at two of a few points it differs by more than
// rounding errors, in the space in which x moves. At one it may where g is not what it is elsewhere, as pinv is not where a
// rank falls.
func (s *subject) differ(g, m *expr.Node) bool {
	count := 0
	for _, p := range points(s.random()) {
		v, errV := numbers(p, g)
		near, errNear := numbers(nudged(p), g)
		w, errW := numbers(p, m)
		nearW, errNearW := numbers(nudged(p), m)
		if errV != nil || errNear != nil || errW != nil || errNearW != nil {
			return false
		}
		noise := 10 * growth * math.Max(change(v, near), change(w, nearW))
		difference := make([]float64, len(v))
		for k := range v {
			difference[k] = v[k] - w[k]
		}
		scale := math.Max(largestMagnitude(v), largestMagnitude(w))
		if scale > rounding && !fragile(p, s.f) && !isIllConditioned(p, g, m) && largestMagnitude(project(s.x, difference, p)) > leastMistake*scale+noise {
			count++
		}
	}
	return count >= 2
}

// mutants returns expressions like g with a mistake in one place: a transpose, a factor, a sign, a term or the order of
// factors.
func mutants(b *expr.Builder, g *expr.Node) []*expr.Node {
	var out []*expr.Node
	seen := map[*expr.Node]bool{g: true}
	put := func(at, instead *expr.Node) {
		if instead.Shape != at.Shape {
			return
		}
		if m := b.Substitute(g, map[*expr.Node]*expr.Node{at: instead}); !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	fixed := exactNumbers(g)
	expr.Walk(g, func(n *expr.Node) {
		if fixed[n] {
			return
		}
		for _, factor := range []*expr.Node{b.Int(2), b.Int(-1), rational(b, 10001, 10000)} {
			if n == g || n.Is(expr.Number) {
				put(n, b.New(expr.Product, factor, n))
			}
		}
		if n.Shape.IsSquare() && !n.Shape.IsScalar() {
			put(n, b.New(expr.Transpose, n))
		}
		if n.Is(expr.Sum) || n.Is(expr.Product) || n.Is(expr.Hadamard) {
			for i := range n.Args {
				if rest := slices.Delete(slices.Clone(n.Args), i, i+1); len(rest) > 0 && expr.Conform(n.Op, rest) {
					put(n, b.New(n.Op, rest...))
				}
			}
		}
		switch n.Op {
		case expr.Sum:
			for i, term := range n.Args {
				negated := slices.Clone(n.Args)
				negated[i] = b.New(expr.Product, b.Int(-1), term)
				put(n, b.New(expr.Sum, negated...))
			}
		case expr.Product:
			for i := range n.Args[1:] {
				swapped := slices.Clone(n.Args)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				if expr.Conform(n.Op, swapped) {
					put(n, b.New(expr.Product, swapped...))
				}
			}
		}
	})
	return out
}

func rational(b *expr.Builder, p, q int64) *expr.Node {
	return b.Number(big.NewRat(p, q))
}

// exactNumbers are the exponents and indices in n, which cannot be changed a little.
func exactNumbers(n *expr.Node) map[*expr.Node]bool {
	fixed := map[*expr.Node]bool{}
	expr.Walk(n, func(m *expr.Node) {
		switch m.Op {
		case expr.Power, expr.Element:
			for _, a := range m.Args[1:] {
				fixed[a] = true
			}
		case expr.Unit:
			for _, a := range m.Args {
				fixed[a] = true
			}
		}
	})
	return fixed
}
