package main

import (
	"math"
	"math/rand"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/randexpr"
)

// Points are drawn here, not by numcheck, whose verdicts are on trial.

const (
	pointCount = 5
	nudge      = 1e-13 // relative change of the variables, whose effect shows how rounding errors grow
	growth     = 100   // so many times that effect is allowed as a difference
)

// points draws values of order 1 for all variables of the pool, with the structure that each is declared to have.
func points(random *rand.Rand) []numcheck.Env {
	out := make([]numcheck.Env, pointCount)
	for i := range out {
		size := [...]float64{0.7, 0.3, 1}[i%3]
		out[i] = numcheck.Env{Sizes: map[string]int{}, Values: map[string]*mat.Dense{}}
		order := random.Perm(4) // the sizes of claims: adj of a matrix of rank 1 is 0 from 3×3 on
		for k, name := range []string{"m", "n", "p"} {
			out[i].Sizes[name] = 3 + order[k]
		}
		for _, v := range randexpr.Variables {
			rows, cols := dims(v.Shape, out[i].Sizes)
			out[i].Values[v.Name] = value(random, rows, cols, v.Props, size)
		}
	}
	return out
}

func value(random *rand.Rand, rows, cols int, props expr.Props, size float64) *mat.Dense {
	x := mat.NewDense(rows, cols, nil)
	x.Apply(func(i, j int, _ float64) float64 {
		switch {
		case props.Has(expr.Positive):
			return 0.3 + size*random.Float64()
		case props.Has(expr.Diagonal) && i != j, props.Has(expr.Lower) && i < j, props.Has(expr.Upper) && i > j:
			return 0
		}
		return size * random.NormFloat64()
	}, x)
	out := mat.NewDense(rows, cols, nil)
	switch {
	case props.Has(expr.PosDef):
		out.Mul(x, x.T())
		for i := range rows {
			out.Set(i, i, out.At(i, i)+0.5)
		}
	case props.Has(expr.Symmetric):
		out.Add(x, x.T())
	case props.Has(expr.Skew):
		out.Sub(x, x.T())
	case props.Has(expr.Orthogonal):
		var qr mat.QR
		qr.Factorize(x)
		qr.QTo(out)
	default:
		return x
	}
	return out
}

// nudged returns p with every entry changed by a relative nudge or so, those that mirror each other alike.
func nudged(p numcheck.Env) numcheck.Env {
	q := numcheck.Env{Sizes: p.Sizes, Values: map[string]*mat.Dense{}}
	for name, x := range p.Values {
		var y mat.Dense
		y.Apply(func(i, j int, v float64) float64 { return v * (1 + nudge*float64((i*j+i+j+len(name))%5-2)) }, x)
		q.Values[name] = &y
	}
	return q
}

// numbers returns the entries of the values of nodes at p, row by row, one after the other.
func numbers(p numcheck.Env, nodes ...*expr.Node) ([]float64, error) {
	var out []float64
	for _, n := range nodes {
		v, err := numcheck.Eval(n, p)
		if err != nil {
			return nil, err
		}
		out = append(out, v.RawMatrix().Data...)
	}
	return out, nil
}

// project returns the part of the gradient g by x, given row by row, in the space in which x moves at p.
func project(x *expr.Node, g []float64, p numcheck.Env) []float64 {
	rows, cols := dims(x.Shape, p.Sizes)
	from := mat.NewDense(rows, cols, g)
	to := mat.NewDense(rows, cols, nil)
	to.Apply(func(i, j int, v float64) float64 {
		switch props := x.Props; {
		case props.Has(expr.Diagonal) && i != j, props.Has(expr.Lower) && i < j, props.Has(expr.Upper) && i > j:
			return 0
		case props.Has(expr.Symmetric):
			return (v + from.At(j, i)) / 2
		case props.Has(expr.Skew):
			return (v - from.At(j, i)) / 2
		}
		return v
	}, from)
	if x.Props.Has(expr.Orthogonal) { // the tangent space at Q is Q*(skew)
		q := p.Values[x.Name]
		var turned mat.Dense
		turned.Product(q, from.T(), q)
		to.Sub(from, &turned)
		to.Scale(0.5, to)
	}
	return to.RawMatrix().Data
}

func dims(s expr.Shape, sizes map[string]int) (rows, cols int) {
	rows, _ = s.Rows.Value(sizes)
	cols, _ = s.Cols.Value(sizes)
	return rows, cols
}

// largestMagnitude is NaN if an entry is.
func largestMagnitude(v []float64) float64 {
	top := 0.0
	for _, x := range v {
		top = math.Max(top, math.Abs(x))
	}
	return top
}

// change is the largest difference of two vectors.
func change(v, w []float64) float64 {
	top := 0.0
	for i, x := range v {
		top = math.Max(top, math.Abs(x-w[i]))
	}
	return top
}
