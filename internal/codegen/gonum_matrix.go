package codegen

import (
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func (g *goWriter) computeVector(v *plan.Value) {
	var a *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	switch v.Op {
	case plan.Fill:
		n, _ := g.number(v)
		g.each(v, n)
	case plan.Basis:
		name := g.fresh(v)
		g.line("%s := mat.NewVecDense(%s, nil)", name, g.dimension(v.Rows))
		g.line("%s.SetVec(%d, 1)", name, v.At[0]-1)
	case plan.MatVec:
		x, y := g.turned(a, v.Trans[0]), g.name(v.Args[1])
		g.line("%s.MulVec(%s, %s)", g.declare(v, "VecDense"), x, y)
	case plan.Solve:
		f, b := g.name(a), g.name(v.Args[1])
		name := g.declare(v, "VecDense")
		if a.Op == plan.Cholesky {
			g.try("%s.SolveVecTo(%s, %s)", f, name, b)
		} else {
			g.try("%s.SolveVecTo(%s, %t, %s)", f, name, v.Trans[0], b)
		}
	case plan.RowSums, plan.RowMax, plan.ColSums:
		f, view := "mat.Sum", "RowView"
		if v.Op == plan.RowMax {
			f = "mat.Max"
		}
		if v.Op == plan.ColSums {
			view = "ColView"
		}
		g.each(v, f+"("+g.asDense(a)+"."+view+"(i))")
	case plan.Diagonal:
		g.each(v, g.name(a)+".At(i, i)")
	case plan.Vec:
		data := "mat.DenseCopyOf(" + g.name(a) + ".T()).RawMatrix().Data"
		if a.Op == plan.Transpose && g.names[a] == "" {
			data = "mat.DenseCopyOf(" + g.name(a.Args[0]) + ").RawMatrix().Data"
		}
		g.assign(v, "mat.NewVecDense(%s, %s)", g.dimension(v.Rows), data)
	case plan.Kron:
		x, y := g.name(a), g.name(v.Args[1])
		product := g.temporary()
		g.line("%s := new(mat.Dense)", product)
		g.line("%s.Outer(1, %s, %s)", product, x, y)
		g.assign(v, "mat.NewVecDense(%s, %s.RawMatrix().Data)", g.dimension(v.Rows), product)
	default:
		panic(fmt.Sprintf("codegen: operation %d gives no vector", v.Op))
	}
}

// asDense is the variable of a *mat.Dense with the value of v.
func (g *goWriter) asDense(v *plan.Value) string {
	name := g.name(v)
	if g.types[v] == "" {
		return name
	}
	copied := g.temporary()
	g.line("%s := mat.DenseCopyOf(%s)", copied, name)
	return copied
}

func (g *goWriter) computeMatrix(v *plan.Value) {
	var a *plan.Value
	if len(v.Args) > 0 {
		a = v.Args[0]
	}
	switch v.Op {
	case plan.Eye:
		g.types[v] = "DiagDense"
		if g.names[v] == "" {
			g.names[v] = g.identity(v.Rows)
			return
		}
		g.assign(v, "%s", g.identity(v.Rows))
	case plan.Fill:
		name := g.fresh(v)
		g.line("%s := mat.NewDense(%s, %s, nil)", name, g.dimension(v.Rows), g.dimension(v.Cols))
		if v.Num.Sign() != 0 {
			c, _ := g.number(v)
			g.line("%s.Apply(func(int, int, float64) float64 { return %s }, %s)", name, c, name)
		}
	case plan.Basis:
		name := g.fresh(v)
		g.line("%s := mat.NewDense(%s, %s, nil)", name, g.dimension(v.Rows), g.dimension(v.Cols))
		g.line("%s.Set(%d, %d, 1)", name, v.At[0]-1, v.At[1]-1)
	case plan.MatMul:
		x, y := g.turned(a, v.Trans[0]), g.turned(v.Args[1], v.Trans[1])
		g.line("%s.Mul(%s, %s)", g.declare(v, "Dense"), x, y)
	case plan.Outer:
		x, y := g.name(a), g.name(v.Args[1])
		g.line("%s.Outer(1, %s, %s)", g.declare(v, "Dense"), x, y)
	case plan.Transpose:
		g.assign(v, "mat.DenseCopyOf(%s.T())", g.name(a))
	case plan.DiagMatrix:
		x := g.name(a)
		name := g.fresh(v)
		g.types[v] = "DiagDense"
		g.line("%s := mat.NewDiagDense(%s, nil)", name, g.dimension(v.Rows))
		g.line("for i := range %s {", g.dimension(v.Rows))
		g.line("\t%s.SetDiag(i, %s.AtVec(i))", name, x)
		g.line("}")
	case plan.Unvec:
		if a.Kind == plan.Scalar {
			x, _ := g.entry(a, "")
			g.assign(v, "mat.NewDense(1, 1, []float64{%s})", x)
			return
		}
		g.assign(v, "mat.DenseCopyOf(mat.NewDense(%s, %s, mat.VecDenseCopyOf(%s).RawVector().Data).T())",
			g.dimension(v.Cols), g.dimension(v.Rows), g.name(a))
	case plan.Kron:
		x, y := g.matrix(a), g.matrix(v.Args[1])
		g.line("%s.Kronecker(%s, %s)", g.declare(v, "Dense"), x, y)
	case plan.LU:
		x := g.matrix(a)
		g.line("%s.Factorize(%s)", g.declare(v, "LU"), x)
	case plan.Cholesky:
		x := g.symmetric(a)
		name := g.declare(v, "Cholesky")
		g.check(fmt.Sprintf("ok := %s.Factorize(%s); !ok", name, x), fmt.Sprintf("errors.New(%q)", describe(g.function, a)+" is not positive definite"))
	case plan.Solve:
		f, b := g.name(a), g.matrix(v.Args[1])
		name := g.declare(v, "Dense")
		if a.Op == plan.Cholesky {
			g.try("%s.SolveTo(%s, %s)", f, name, b)
		} else {
			g.try("%s.SolveTo(%s, %t, %s)", f, name, v.Trans[0], b)
		}
	case plan.Inverse:
		f := g.name(a)
		if a.Op == plan.Cholesky {
			g.try("%s.InverseTo(%s)", f, g.declare(v, "SymDense"))
			return
		}
		one := g.identity(v.Rows)
		name := g.declare(v, "Dense")
		g.try("%s.SolveTo(%s, %t, %s)", f, name, v.Trans[0], one)
	case plan.MatrixPower:
		x := g.matrix(a)
		g.line("%s.Pow(%s, %s)", g.declare(v, "Dense"), x, v.Num.RatString())
	case plan.PinvSqrt:
		g.pinvSqrt(v)
	case plan.Lyapunov:
		g.lyapunov(v)
	case plan.Call:
		g.matrixCall(v)
	default:
		panic(fmt.Sprintf("codegen: operation %d gives no matrix", v.Op))
	}
}

// symmetric is v, which is symmetric up to rounding, as gonum wants it.
func (g *goWriter) symmetric(v *plan.Value) string {
	if g.types[v] == "SymDense" {
		return g.name(v)
	}
	return fmt.Sprintf("mat.NewSymDense(%s, mat.DenseCopyOf(%s).RawMatrix().Data)", g.dimension(v.Rows), g.name(v))
}

// identity is a variable with the identity matrix.
func (g *goWriter) identity(n expr.Dim) string {
	if name := g.identities[n]; name != "" {
		return name
	}
	name := g.temporary()
	g.identities[n] = name
	g.line("%s := mat.NewDiagDense(%s, nil)", name, g.dimension(n))
	g.line("for i := range %s {", g.dimension(n))
	g.line("\t%s.SetDiag(i, 1)", name)
	g.line("}")
	return name
}
