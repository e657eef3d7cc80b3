package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// Cost is how long n is to read: the nodes of the printed text, counting names, numbers, operators, calls and signs. It is
// the one measure that every pass lowers.
func (a *Algebra) Cost(n *Node) int {
	if c, ok := a.costs[n]; ok {
		return c
	}
	c := a.cost(n)
	a.costs[n] = c
	return c
}

func (a *Algebra) cost(n *Node) int {
	switch n.Op {
	case expr.Number:
		return numberCost(n.Num)
	case expr.Size:
		return dimCost(n.Dims[0]) + len(n.Args)
	case expr.Ones, expr.Zeros:
		c := 1 + dimCost(n.Shape.Rows)
		if n.Shape.Cols != expr.One {
			c += dimCost(n.Shape.Cols)
		}
		return c
	case expr.Unit:
		return 1 + a.Cost(n.Args[0]) + a.Cost(n.Args[1]) + dimCost(n.Shape.Rows) + dimCost(n.Shape.Cols)
	case expr.Commutation:
		return 1 + dimCost(n.Dims[0]) + dimCost(n.Dims[1])
	case expr.Sum:
		return a.sumCost(n)
	case expr.Product, expr.Hadamard:
		return a.productCost(n)
	case expr.Power, expr.ElementPower:
		e := n.Args[1]
		if e.Op == expr.Number && e.Num.Cmp(half) == 0 {
			return 1 + a.Cost(n.Args[0])
		}
		if e.Op == expr.Number && e.Num.Sign() < 0 && (n.Shape.IsScalar() || e.IsNumber(-1)) {
			return 2 + a.divisorCost(n)
		}
	case expr.Element:
		if n.Args[0].Shape.Cols == expr.One {
			return 1 + a.Cost(n.Args[1])
		}
		return 1 + a.Cost(n.Args[1]) + a.Cost(n.Args[2])
	}
	c := 1
	for _, arg := range n.Args {
		c = min(c+a.Cost(arg), expr.MaxSize)
	}
	return c
}

func dimCost(d expr.Dim) int {
	c := len(d.Names())
	if d.Factor() != 1 || c == 0 {
		c++
	}
	return 2*c - 1
}

// numberCost counts a decimal as one node, a fraction as three, and a sign.
func numberCost(v *big.Rat) int {
	c := 1
	if v.Sign() < 0 {
		c = 2
	}
	if !v.IsInt() && v.Denom().IsInt64() && v.Denom().Int64() < 1000 {
		c += 2
	}
	return c
}

// sumCost counts a sign for every term but the first, and for the first if no term is positive. Ones added to another
// matrix are written as their number.
func (a *Algebra) sumCost(n *Node) int {
	c, positive := len(n.Args)-1, false
	broadcast := slices.ContainsFunc(n.Args, func(t *Node) bool {
		_, rest := a.coefficient(t)
		return rest.Op != expr.Identity && a.writtenEntries(t) == nil
	})
	for _, t := range n.Args {
		if s := a.writtenEntries(t); s != nil && broadcast {
			t = s
		}
		cost := a.Cost(t)
		if k, _ := a.coefficient(t); k.Sign() < 0 {
			cost--
		} else {
			positive = true
		}
		c = min(c+cost, expr.MaxSize)
	}
	if !positive {
		c++
	}
	return c
}

// writtenEntries returns s if n is written s*ones, else nil.
func (a *Algebra) writtenEntries(n *Node) *Node {
	last := len(n.Args) - 1
	var s *Node
	switch {
	case n.Op == expr.Ones:
		return a.b.Int(1)
	case n.Op != expr.Product || n.Args[last].Op != expr.Ones:
		return nil
	case last == 1:
		s = n.Args[0]
	default:
		s = a.b.New(expr.Product, n.Args[:last]...)
	}
	if !s.Shape.IsScalar() {
		return nil
	}
	return s
}

// productCost counts an operator between any two factors. Negative powers are divisions, and so is the denominator of a
// coefficient; a coefficient -1 is a sign.
func (a *Algebra) productCost(n *Node) int {
	c, numerators, divisors := 0, 0, 0
	for i, f := range n.Args {
		switch {
		case i == 0 && f.Op == expr.Number:
			num := f.Num
			if num.Sign() < 0 {
				c++
				num = new(big.Rat).Neg(num)
			}
			switch {
			case isOne(num):
			case num.IsInt() || numberCost(num) == 1:
				c++
				numerators++
			case num.Num().Cmp(one.Num()) == 0:
				c++
				divisors++
			default:
				c += 2
				numerators++
				divisors++
			}
		case a.isDivisor(f, n.Op):
			c += a.divisorCost(f)
			divisors++
		default:
			c += a.Cost(f)
			numerators++
		}
		c = min(c, expr.MaxSize)
	}
	if numerators == 0 {
		c++ // the 1 in 1/x
		numerators = 1
	}
	return min(c+numerators+divisors-1, expr.MaxSize)
}

// isDivisor reports whether f stands in a product of op as a divisor.
func (a *Algebra) isDivisor(f *Node, op *expr.Op) bool {
	if f.Op == expr.Power && f.Shape.IsScalar() || f.Op == expr.ElementPower && op == expr.Hadamard {
		e := f.Args[1]
		return e.Op == expr.Number && e.Num.Sign() < 0
	}
	return false
}

// divisorCost is the cost of what stands under the bar for a negative power.
func (a *Algebra) divisorCost(f *Node) int {
	e := new(big.Rat).Neg(f.Args[1].Num)
	switch {
	case isOne(e):
		return a.Cost(f.Args[0])
	case e.Cmp(half) == 0:
		return 1 + a.Cost(f.Args[0])
	}
	return 1 + a.Cost(f.Args[0]) + numberCost(e)
}
