package diagnose

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"
)

const (
	sameConstant = 1e-8 // ratios that differ by less are one constant
	maxNumerator = 4000000
	shortNumber  = 10000 // numerators and denominators up to here are what people write
)

// ratios returns the number a at each point for which the reference is a*n there; ok is false if there is no such number.
func (q *inquiry) ratios(n *Node) (a []float64, ok bool) {
	if n.Shape != q.reference.Shape {
		return nil, false
	}
	for i := range q.trial.Points() {
		v := q.trial.Value(i, n)
		if v == nil {
			return nil, false
		}
		r := project(q.trial.Reference(i), v)
		if !(r != 0) || math.IsInf(r, 0) || !q.trial.Matches(i, scaled(r, v)) {
			return nil, false
		}
		a = append(a, r)
	}
	return a, true
}

// project returns the a for which a*v is nearest to r; NaN if v is 0.
func project(r, v []float64) float64 { return dot(r, v) / dot(v, v) }

func dot(u, v []float64) float64 {
	s := 0.0
	for i, x := range u {
		s += x * v[i]
	}
	return s
}

func scaled(a float64, v []float64) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = a * x
	}
	return w
}

// constant returns the number that all of a are, if they are one: a fraction, or a decimal of which 12 digits are known.
func constant(a []float64) (*big.Rat, bool) {
	spread := 1e-12
	for _, x := range a {
		spread = math.Max(spread, math.Abs(x/a[0]-1))
	}
	if !(spread <= sameConstant) {
		return nil, false
	}
	if r := rational(a[0], 4*spread, maxNumerator); r != nil {
		return r, true
	}
	return new(big.Rat).SetString(strconv.FormatFloat(a[0], 'g', 12, 64))
}

// isShort reports whether c is a fraction that people write.
func isShort(c *big.Rat) bool {
	return c.Num().IsInt64() && c.Num().Int64() <= shortNumber && c.Num().Int64() >= -shortNumber && c.Denom().Cmp(big.NewInt(shortNumber)) <= 0
}

// rational returns the first convergent of the continued fraction of x that is within the relative error; nil if its
// numerator or denominator would be larger than limit.
func rational(x, relative, limit float64) *big.Rat {
	p0, q0, p1, q1 := 0.0, 1.0, 1.0, 0.0
	for rest := math.Abs(x); ; rest = 1 / (rest - math.Floor(rest)) {
		whole := math.Floor(rest)
		p0, p1 = p1, whole*p1+p0
		q0, q1 = q1, whole*q1+q0
		if !(p1 <= limit && q1 <= limit) {
			return nil
		}
		if math.Abs(p1/q1-math.Abs(x)) <= relative*math.Abs(x) {
			return big.NewRat(int64(math.Copysign(p1, x)), int64(q1))
		}
	}
}

// combination returns the numbers c for which values, given point by point, is the sum of c[i]*terms[i]; nil if there are
// none or the terms are not independent. The numbers are short fractions.
func (q *inquiry) combination(terms []*Node, values [][]float64) []*big.Rat {
	if len(values) == 0 || len(terms) == 0 {
		return nil
	}
	var columns [][]float64
	right := slices.Concat(values...)
	for _, t := range terms {
		var column []float64
		for i := range q.trial.Points() {
			v := q.trial.Value(i, t)
			if v == nil || len(v) != len(values[i]) {
				return nil
			}
			column = append(column, v...)
		}
		columns = append(columns, column)
	}
	if len(right) < len(terms) {
		return nil
	}
	m := mat.NewDense(len(right), len(terms), nil)
	for j, c := range columns {
		m.SetCol(j, c)
	}
	var f mat.QR
	f.Factorize(m)
	var x mat.VecDense
	if f.SolveVecTo(&x, false, mat.NewVecDense(len(right), right)) != nil {
		return nil
	}
	var c []*big.Rat
	for _, v := range x.RawVector().Data {
		switch r := rational(v, 1e-7, shortNumber); {
		case math.Abs(v) < 1e-9:
			c = append(c, new(big.Rat))
		case r == nil:
			return nil
		default:
			c = append(c, r)
		}
	}
	return c
}
