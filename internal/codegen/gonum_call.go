package codegen

import (
	"fmt"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

var goCalls = []*expr.Op{expr.Pinv, expr.Expm, expr.DExpm, expr.Spectral, expr.Nuclear, expr.LambdaMax, expr.Tril, expr.Triu, expr.Commutation, expr.Sylvester, expr.Adj}

// decomposed declares a singular value decomposition of the argument of v.
func (g *goWriter) decomposed(v *plan.Value, kind string) string {
	a := g.matrix(v.Args[0])
	svd := g.temporary()
	g.line("%s := new(mat.SVD)", svd)
	g.check(fmt.Sprintf("ok := %s.Factorize(%s, mat.%s); !ok", svd, a, kind), `errors.New("a singular value decomposition does not converge")`)
	return svd
}

func (g *goWriter) scalarCall(v *plan.Value) {
	switch v.Func {
	case expr.Spectral:
		svd := g.decomposed(v, "SVDNone")
		g.assign(v, "%s.Values(nil)[0]", svd)
	case expr.Nuclear:
		svd := g.decomposed(v, "SVDNone")
		g.assign(v, "floats.Sum(%s.Values(nil))", svd)
	case expr.LambdaMax:
		a := g.symmetric(v.Args[0])
		eigen := g.temporary()
		g.line("%s := new(mat.EigenSym)", eigen)
		g.check(fmt.Sprintf("ok := %s.Factorize(%s, false); !ok", eigen, a), `errors.New("an eigenvalue decomposition does not converge")`)
		g.assign(v, "floats.Max(%s.Values(nil))", eigen)
	default:
		panic("codegen: no such function")
	}
}

func (g *goWriter) matrixCall(v *plan.Value) {
	n := g.dimension(v.Rows)
	switch v.Func {
	case expr.Expm:
		a := g.matrix(v.Args[0])
		g.line("%s.Exp(%s)", g.declare(v, "Dense"), a)
	case expr.Pinv:
		svd := g.decomposed(v, "SVDThin")
		one := g.identity(v.Cols)
		g.line("%s.SolveTo(%s, %s, %s.Rank(1e-15))", svd, g.declare(v, "Dense"), one, svd)
	case expr.Tril, expr.Triu:
		a := g.matrix(v.Args[0])
		outside := "j > i"
		if v.Func == expr.Triu {
			outside = "j < i"
		}
		name := g.declare(v, "Dense")
		g.line("%s.Apply(func(i, j int, x float64) float64 {", name)
		g.line("\tif %s {", outside)
		g.line("\t\treturn 0")
		g.line("\t}")
		g.line("\treturn x")
		g.line("}, %s)", a)
	case expr.DExpm:
		a, e := g.name(v.Args[0]), g.name(v.Args[1])
		blocks, name := g.temporary(), ""
		g.line("// The differential of expm at A along E is a block of expm([A E; 0 A]).")
		g.line("%s := mat.NewDense(2*%s, 2*%s, nil)", blocks, n, n)
		g.line("for i := range %s {", n)
		g.line("\tfor j := range %s {", n)
		g.line("\t\t%s.Set(i, j, %s.At(i, j))", blocks, a)
		g.line("\t\t%s.Set(%s+i, %s+j, %s.At(i, j))", blocks, n, n, a)
		g.line("\t\t%s.Set(i, %s+j, %s.At(i, j))", blocks, n, e)
		g.line("\t}")
		g.line("}")
		g.line("%s.Exp(%s)", blocks, blocks)
		name = g.fresh(v)
		g.line("%s := mat.DenseCopyOf(%s.Slice(0, %s, %s, 2*%s))", name, blocks, n, n, n)
	case expr.Sylvester:
		g.sylvester(v)
	case expr.Adj:
		g.adjugate(v)
	case expr.Commutation:
		m, n := g.dimension(v.Dims[0]), g.dimension(v.Dims[1])
		name := g.fresh(v)
		g.line("%s := mat.NewDense(%s, %s, nil)", name, g.dimension(v.Rows), g.dimension(v.Cols))
		g.line("for i := range %s {", m)
		g.line("\tfor j := range %s {", n)
		g.line("\t\t%s.Set(i*%s+j, j*%s+i, 1)", name, n, m)
		g.line("\t}")
		g.line("}")
	default:
		panic("codegen: no such function")
	}
}

// sylvester solves A*X + X*B = C as a linear system for the columns of X.
func (g *goWriter) sylvester(v *plan.Value) {
	a, b, c := g.matrix(v.Args[0]), g.name(v.Args[1]), g.name(v.Args[2])
	left, right := g.identity(v.Cols), g.identity(v.Rows)
	system, second, x := g.temporary(), g.temporary(), g.temporary()
	m, n := g.dimension(v.Rows), g.dimension(v.Cols)
	g.line("// A*X + X*B = C as a linear system for the columns of X.")
	g.line("%s := new(mat.Dense)", system)
	g.line("%s.Kronecker(%s, %s)", system, left, a)
	g.line("%s := new(mat.Dense)", second)
	g.line("%s.Kronecker(%s.T(), %s)", second, b, right)
	g.line("%s.Add(%s, %s)", system, system, second)
	g.line("%s := new(mat.VecDense)", x)
	g.try("%s.SolveVec(%s, mat.NewVecDense(%s*%s, mat.DenseCopyOf(%s.T()).RawMatrix().Data))", x, system, m, n, c)
	g.assign(v, "mat.DenseCopyOf(mat.NewDense(%s, %s, %s.RawVector().Data).T())", n, m, x)
}

// pinvSqrt is W*W', where the columns of W are the eigenvectors of eigenvalues that are not zero, over their fourth roots.
func (g *goWriter) pinvSqrt(v *plan.Value) {
	values, vectors := g.eigen(v.Args[0])
	n := g.dimension(v.Rows)
	g.line("%s.Apply(func(_, j int, x float64) float64 {", vectors)
	g.line("\tif %s[j] <= 1e-15*float64(%s)*%s[%s-1] {", values, n, values, n)
	g.line("\t\treturn 0")
	g.line("\t}")
	g.line("\treturn x / math.Sqrt(math.Sqrt(%s[j]))", values)
	g.line("}, %s)", vectors)
	g.line("%s.Mul(%s, %s.T())", g.declare(v, "Dense"), vectors, vectors)
}

// lyapunov is V*T*V', where T is V'*C*V with each entry over the sum of the roots of the eigenvalues of its row and its column.
func (g *goWriter) lyapunov(v *plan.Value) {
	c := g.matrix(v.Args[1])
	values, vectors := g.eigen(v.Args[0])
	n, root, inside, name := g.dimension(v.Rows), g.temporary(), g.temporary(), ""
	g.line("%s := func(i int) float64 {", root)
	g.line("\tif %s[i] <= 1e-15*float64(%s)*%s[%s-1] {", values, n, values, n)
	g.line("\t\treturn 0")
	g.line("\t}")
	g.line("\treturn math.Sqrt(%s[i])", values)
	g.line("}")
	g.line("%s := new(mat.Dense)", inside)
	g.line("%s.Product(%s.T(), %s, %s)", inside, vectors, c, vectors)
	g.line("%s.Apply(func(i, j int, x float64) float64 {", inside)
	g.line("\tif s := %s(i) + %s(j); s > 0 {", root, root)
	g.line("\t\treturn x / s")
	g.line("\t}")
	g.line("\treturn 0")
	g.line("}, %s)", inside)
	name = g.declare(v, "Dense")
	g.line("%s.Product(%s, %s, %s.T())", name, vectors, inside, vectors)
}

// eigen declares the eigenvalues of the symmetric matrix v, in ascending order, and its eigenvectors.
func (g *goWriter) eigen(v *plan.Value) (values, vectors string) {
	a := g.symmetric(v)
	eigen, values, vectors := g.temporary(), g.temporary(), g.temporary()
	g.line("%s := new(mat.EigenSym)", eigen)
	g.check(fmt.Sprintf("ok := %s.Factorize(%s, true); !ok", eigen, a), `errors.New("an eigenvalue decomposition does not converge")`)
	g.line("%s, %s := %s.Values(nil), new(mat.Dense)", values, vectors, eigen)
	g.line("%s.VectorsTo(%s)", eigen, vectors)
	return values, vectors
}

// adjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (g *goWriter) adjugate(v *plan.Value) {
	svd := g.decomposed(v, "SVDFull")
	left, right, sign, name := g.temporary(), g.temporary(), g.temporary(), ""
	n := g.dimension(v.Rows)
	g.line("%s, %s := new(mat.Dense), new(mat.Dense)", left, right)
	g.line("%s.UTo(%s)", svd, left)
	g.line("%s.VTo(%s)", svd, right)
	g.line("%s := mat.Det(%s) * mat.Det(%s)", sign, left, right)
	g.line("for j := range %s {", n)
	g.line("\tcofactor := %s", sign)
	g.line("\tfor i, s := range %s.Values(nil) {", svd)
	g.line("\t\tif i != j {")
	g.line("\t\t\tcofactor *= s")
	g.line("\t\t}")
	g.line("\t}")
	g.line("\tfor i := range %s {", n)
	g.line("\t\t%s.Set(i, j, cofactor*%s.At(i, j))", right, right)
	g.line("\t}")
	g.line("}")
	name = g.declare(v, "Dense")
	g.line("%s.Mul(%s, %s.T())", name, right, left)
}
