package main

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// noise is what an entry is of the largest that is nothing but rounding errors.
const noise = 1e-12

// fragile reports whether rounding errors alone decide at p what nodes are: which side of its branch a function is on, or what a
// singular value that is 0 to rounding adds to the gradient of a nuclear norm, ±u'·dX·v for vectors u and v that they turn.
func fragile(p numcheck.Env, nodes ...*expr.Node) bool {
	found := false
	seen := map[*expr.Node]bool{}
	for _, root := range nodes {
		expr.Walk(root, func(n *expr.Node) {
			if found || seen[n] {
				return
			}
			seen[n] = true
			switch {
			case n.Op.Traits.Has(expr.Piecewise):
				found = isNoise(p, n.Args[0])
			case n.Op == expr.Nuclear:
				found = isRankNoise(p, n.Args[0])
			}
		})
	}
	return found
}

// isNoise reports whether an entry of n is not 0 only because of rounding errors.
func isNoise(p numcheck.Env, n *expr.Node) bool {
	v, err := numbers(p, n)
	near, errNear := numbers(nudged(p), n)
	if err != nil || errNear != nil {
		return false
	}
	top := largestMagnitude(v)
	for i, x := range v {
		if x != 0 && math.Abs(x) <= math.Max(noise*top, math.Abs(x-near[i])) {
			return true
		}
	}
	return false
}

// isRankNoise reports whether a singular value of n is not 0 only because of rounding errors.
func isRankNoise(p numcheck.Env, n *expr.Node) bool {
	x, err := numcheck.Eval(n, p)
	var svd mat.SVD
	if err != nil || !svd.Factorize(x, mat.SVDNone) {
		return false
	}
	s := svd.Values(nil)
	return s[len(s)-1] <= noise*s[0]
}
