package numcheck

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// roundedTo is how far a value may be from a declared structure, as a share of its largest entry: it may come from a file
// with fewer digits.
const roundedTo = 1e-6

// Lacks returns the declared properties that value does not have.
func Lacks(props expr.Props, value *mat.Dense) expr.Props {
	r, c := value.Dims()
	slack := roundedTo * math.Max(mat.Max(value), -mat.Min(value))
	all := func(ok func(i, j int, x float64) bool) bool {
		for i := range r {
			for j := range c {
				if !ok(i, j, value.At(i, j)) {
					return false
				}
			}
		}
		return true
	}
	mirrored := func(sign float64) bool {
		return r == c && all(func(i, j int, x float64) bool { return math.Abs(x-sign*value.At(j, i)) <= slack })
	}
	has := func(p expr.Props) bool {
		switch p {
		case expr.Symmetric:
			return mirrored(1)
		case expr.Skew:
			return mirrored(-1)
		case expr.Diagonal:
			return all(func(i, j int, x float64) bool { return i == j || math.Abs(x) <= slack })
		case expr.Lower:
			return all(func(i, j int, x float64) bool { return j <= i || math.Abs(x) <= slack })
		case expr.Upper:
			return all(func(i, j int, x float64) bool { return j >= i || math.Abs(x) <= slack })
		case expr.Positive:
			return all(func(i, j int, x float64) bool { return x > 0 || isFixedZero(props, i, j) })
		case expr.PosDef:
			if !mirrored(1) {
				return false
			}
			even := mat.NewSymDense(r, nil)
			for i := range r {
				for j := range i + 1 {
					even.SetSym(i, j, (value.At(i, j)+value.At(j, i))/2)
				}
			}
			var f mat.Cholesky
			return f.Factorize(even)
		case expr.Orthogonal:
			var gram mat.Dense
			gram.Mul(value.T(), value)
			for i := range c {
				gram.Set(i, i, gram.At(i, i)-1)
			}
			return mat.Norm(&gram, math.Inf(1)) <= roundedTo*float64(c)
		case expr.Index:
			return r == 1 && c == 1 && value.At(0, 0) == math.Trunc(value.At(0, 0)) && value.At(0, 0) >= 1
		}
		return true
	}
	var lacks expr.Props
	for p := expr.Props(1); p <= props; p <<= 1 {
		if props.Has(p) && !has(p) {
			lacks |= p
		}
	}
	return lacks
}
