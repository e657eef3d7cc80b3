package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

// noise is what an entry is of the largest that is nothing but rounding errors.
const noise = 1e-12

// fragile reports whether rounding errors alone decide at p what nodes are: which side of its branch a function is on, what a sine
// is of an angle too large to have digits after the point or of a multiple of pi, what a logarithm or an arc cosine is next to 1, what
// a singular value that is 0 to rounding adds to the gradient of a nuclear norm, ±u'·dX·v for vectors u and v that they turn, or which
// vector belongs to a largest eigenvalue that is not the only one.
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
				found = isNoise(p, n.Args[0]) || isRoundedAngle(p, n.Args[0])
			case n.Op == expr.Sin, n.Op == expr.Cos, n.Op == expr.Tan:
				found = isLargeAngle(p, n.Args[0]) || isRoundedZero(p, n)
			case n.Op == expr.Log, n.Op == expr.Acos, n.Op == expr.Asin:
				found = isBesideOne(p, n.Args[0])
			case n.Op == expr.Nuclear:
				found = isRankNoise(p, n.Args[0])
			case n.Op == expr.LambdaMax, n.Op == expr.Spectral:
				found = isMultiple(p, n)
			}
		})
	}
	return found
}

// isLargeAngle reports whether an entry of n is so large that its sine has few digits, as tan(pi/2) is.
func isLargeAngle(p numcheck.Env, n *expr.Node) bool {
	v, err := numbers(p, n)
	return err == nil && largestMagnitude(v) > 1e8
}

// isRoundedZero reports whether n is a number that is not 0 only because pi is rounded, as sin(pi) is.
func isRoundedZero(p numcheck.Env, n *expr.Node) bool {
	v, err := numbers(p, n)
	return err == nil && len(expr.Variables(n)) == 0 && slices.ContainsFunc(v, func(x float64) bool { return x != 0 && math.Abs(x) < noise })
}

// isBesideOne reports whether an entry of n is so close to 1 or -1 that the difference has too few digits, as that of a sigmoid.
func isBesideOne(p numcheck.Env, n *expr.Node) bool {
	const distance = 1e-8
	v, err := numbers(p, n)
	return err == nil && slices.ContainsFunc(v, func(x float64) bool { return math.Abs(x) != 1 && math.Abs(math.Abs(x)-1) < distance })
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

// isRoundedAngle reports whether n is the arc cosine of what is 1 or -1 only by rounding, such as the tanh of a large number.
func isRoundedAngle(p numcheck.Env, n *expr.Node) bool {
	v, err := numbers(p, n)
	return err == nil && n.Op == expr.Acos && (slices.Contains(v, 0) || slices.Contains(v, math.Pi))
}

// isRankNoise reports whether a singular value of n is not 0 only because of rounding errors, or so small that its square has lost
// the digits that are compared: the gradient of a nuclear norm is computed from n'*n.
func isRankNoise(p numcheck.Env, n *expr.Node) bool {
	const lost = 1e-5
	s := singularValues(p, n)
	return s != nil && s[len(s)-1] <= lost*s[0]
}

// singularValues are those of n, the largest first; nil where n has no value.
func singularValues(p numcheck.Env, n *expr.Node) []float64 {
	x, err := numcheck.Eval(n, p)
	var svd mat.SVD
	if err != nil || math.IsNaN(mat.Sum(x)) || math.IsInf(mat.Norm(x, 1), 1) || !svd.Factorize(x, mat.SVDNone) {
		return nil
	}
	return svd.Values(nil)
}

// isMultiple reports whether the largest eigenvalue or singular value n of its argument is a multiple one, but for rounding errors.
func isMultiple(p numcheck.Env, n *expr.Node) bool {
	values := singularValues(p, n.Args[0])
	if n.Op == expr.LambdaMax && len(values) > 0 {
		var eigen mat.EigenSym
		if x, err := numcheck.Eval(n.Args[0], p); err != nil || !eigen.Factorize(symmetricPart(x), false) {
			return false
		}
		values = eigen.Values(nil)
		slices.Reverse(values)
	}
	return len(values) > 1 && values[0]-values[1] <= noise*largestMagnitude(values)
}

func symmetricPart(x *mat.Dense) *mat.SymDense {
	n, _ := x.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, (x.At(i, j)+x.At(j, i))/2)
		}
	}
	return s
}

// isSingular reports whether n has the inverse of a matrix that is singular at p but for rounding errors: its formula has no value there.
func isSingular(p numcheck.Env, n *expr.Node) bool {
	found := false
	expr.Walk(n, func(m *expr.Node) {
		if !found && m.Op == expr.Inv {
			s := singularValues(p, m.Args[0])
			found = s != nil && s[len(s)-1] <= noise*s[0]
		}
	})
	return found
}

// maxCondition is beyond which rounding errors of an inverse are no longer small against those that a nudge shows.
const maxCondition = 1e4

// isIllConditioned reports whether some matrix of which nodes have an inverse is ill conditioned at p. A rank that is low by
// construction is none.
func isIllConditioned(p numcheck.Env, nodes ...*expr.Node) bool {
	found := false
	for _, root := range nodes {
		expr.Walk(root, func(n *expr.Node) {
			if found || !n.Op.Traits.Has(expr.NeedsNonsingular) {
				return
			}
			s := singularValues(p, n.Args[0])
			for _, v := range s {
				found = found || v < s[0]/maxCondition && v > noise*s[0]
			}
		})
	}
	return found
}
