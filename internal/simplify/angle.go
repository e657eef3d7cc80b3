package simplify

import (
	"math/big"

	"matdiff/internal/expr"
)

// atQuarterTurns returns a sine, cosine or tangent at a multiple of pi/2, or a function with the value 1 at 0 there; else nil.
func (a *Algebra) atQuarterTurns(op *expr.Op, x *Node) *Node {
	if op != expr.Sin && op != expr.Cos && op != expr.Tan && op != expr.Cosh {
		return nil
	}
	if IsZero(x) {
		if op == expr.Cos || op == expr.Cosh {
			return a.ones(x.Shape)
		}
		return x
	}
	c, rest := a.coefficient(x)
	turns := new(big.Rat).Mul(c, big.NewRat(2, 1))
	if op == expr.Cosh || rest.Op != expr.Pi || !turns.IsInt() {
		return nil
	}
	sines := [4]int64{0, 1, 0, -1}
	k := new(big.Int).Mod(turns.Num(), big.NewInt(4)).Int64() // at least 0
	switch {
	case op == expr.Sin:
		return a.b.Int(sines[k])
	case op == expr.Cos:
		return a.b.Int(sines[(k+1)%4])
	case k%2 == 0:
		return a.b.Int(0)
	}
	return nil // a tangent has a pole there
}
