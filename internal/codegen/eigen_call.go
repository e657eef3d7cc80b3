package codegen

import (
	"fmt"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// factorise gives the factorisation of a matrix a variable.
func (e *cppWriter) factorise(v *plan.Value) {
	a := e.matrix(v.Args[0])
	if v.Op == plan.LU {
		e.line("  const Eigen::PartialPivLU<Eigen::MatrixXd> %s(%s);", e.fresh(v), a.text)
		return
	}
	name := e.fresh(v)
	e.line("  const Eigen::LLT<Eigen::MatrixXd> %s(%s);", name, a.text)
	e.line("  if (%s.info() != Eigen::Success) throw std::domain_error(%q);", name, describe(e.function, v.Args[0])+" is not positive definite")
}

func (e *cppWriter) logDeterminant(v *plan.Value) cppText {
	f := v.Args[0]
	name := e.name(f)
	if f.Op == plan.Cholesky {
		return cppText{"2.0 * " + name + ".matrixLLT().diagonal().array().log().sum()", cppProduct, false}
	}
	if v.Op == plan.LogDet {
		e.line("  if (!(%s.permutationP().determinant() * %s.matrixLU().diagonal().array().sign().prod() > 0.0)) {", name, name)
		e.line("    throw std::domain_error(%q);", "the determinant of "+describe(e.function, f.Args[0])+" is not positive")
		e.line("  }")
	}
	return primary(name + ".matrixLU().diagonal().array().abs().log().sum()")
}

// power multiplies a few times itself, or squares repeatedly.
func (e *cppWriter) power(v *plan.Value) cppText {
	name := e.name(v.Args[0])
	if k := v.Num.Num().Int64(); k <= cppPower {
		return cppText{strings.Repeat(name+" * ", int(k)-1) + name, cppProduct, false}
	}
	return primary(name + ".pow(" + v.Num.RatString() + ")")
}

var cppCalls = []*expr.Op{
	expr.Pinv, expr.Expm, expr.Logm, expr.Sqrtm, expr.Spectral, expr.Nuclear, expr.LambdaMax, expr.Tril, expr.Triu, expr.DExpm,
	expr.DLogm, expr.Sylvester, expr.Adj, expr.Commutation,
}

func (e *cppWriter) call(v *plan.Value) cppText {
	functions := func(method string) cppText {
		return primary(e.name(v.Args[0])).method(method)
	}
	switch v.Func {
	case expr.Pinv:
		return e.matrix(v.Args[0]).method("completeOrthogonalDecomposition().pseudoInverse()")
	case expr.Expm:
		return functions("exp()")
	case expr.Logm:
		return functions("log()")
	case expr.Sqrtm:
		return functions("sqrt()")
	case expr.Spectral:
		return e.matrix(v.Args[0]).method("bdcSvd().singularValues()(0)")
	case expr.Nuclear:
		return e.matrix(v.Args[0]).method("bdcSvd().singularValues().sum()")
	case expr.LambdaMax:
		return e.matrix(v.Args[0]).method("selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff()")
	case expr.Tril:
		return e.matrix(v.Args[0]).method("triangularView<Eigen::Lower>().toDenseMatrix()")
	case expr.Triu:
		return e.matrix(v.Args[0]).method("triangularView<Eigen::Upper>().toDenseMatrix()")
	case expr.DExpm:
		return e.frechet(v, "exp()")
	case expr.DLogm:
		return e.frechet(v, "log()")
	case expr.Sylvester:
		a, b, c := e.name(v.Args[0]), e.name(v.Args[1]), e.name(v.Args[2])
		m, n := e.dimension(v.Rows), e.dimension(v.Cols)
		system := e.temporary()
		e.line("  // A*X + X*B = C as a linear system for the columns of X")
		e.line("  const Eigen::MatrixXd %s = Eigen::kroneckerProduct(Eigen::MatrixXd::Identity(%s, %s), %s).eval() +", system, n, n, a)
		e.line("    Eigen::kroneckerProduct(%s.transpose(), Eigen::MatrixXd::Identity(%s, %s)).eval();", b, m, m)
		return primary(fmt.Sprintf("%s.partialPivLu().solve(%s.reshaped()).reshaped(%s, %s)", system, c, m, n))
	case expr.Adj:
		return e.adjugate(v)
	}
	name := e.temporary() // K(m, n)
	m, n := e.dimension(v.Dims[0]), e.dimension(v.Dims[1])
	e.line("  Eigen::MatrixXd %s = Eigen::MatrixXd::Zero(%s, %s);", name, e.dimension(v.Rows), e.dimension(v.Cols))
	e.line("  for (Eigen::Index i = 0; i < %s; i++) {", m)
	e.line("    for (Eigen::Index j = 0; j < %s; j++) %s(i * %s + j, j * %s + i) = 1.0;", n, name, n, m)
	e.line("  }")
	return primary(name)
}

// frechet is the differential of a function of A along E: a block of its value at [A E; 0 A].
func (e *cppWriter) frechet(v *plan.Value, method string) cppText {
	a, d, n := e.name(v.Args[0]), e.name(v.Args[1]), e.dimension(v.Rows)
	blocks, result := e.temporary(), e.temporary()
	e.line("  Eigen::MatrixXd %s(2 * %s, 2 * %s);", blocks, n, n)
	e.line("  %s << %s, %s, Eigen::MatrixXd::Zero(%s, %s), %s;", blocks, a, d, n, n, a)
	e.line("  const Eigen::MatrixXd %s = %s.%s;", result, blocks, method)
	return primary(result + ".topRightCorner(" + n + ", " + n + ")")
}

// pinvSqrt is V*D*V', where D has the roots of the inverses of the eigenvalues that are not zero.
func (e *cppWriter) pinvSqrt(v *plan.Value) cppText {
	a := e.matrix(v.Args[0])
	eig, d := e.temporary(), e.temporary()
	e.line("  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> %s(%s);", eig, a.text)
	e.line("  const Eigen::VectorXd %s = (%s.eigenvalues().array() > 1e-15 * %s * %s.eigenvalues().maxCoeff())", d, eig, e.dimension(v.Rows), eig)
	e.line("      .select(%s.eigenvalues().array().rsqrt(), 0.0);", eig)
	return cppText{eig + ".eigenvectors() * " + d + ".asDiagonal() * " + eig + ".eigenvectors().transpose()", cppProduct, false}
}

// lyapunov is V*T*V', where T is V'*C*V with each entry over the sum of the roots of the eigenvalues of its row and its column.
func (e *cppWriter) lyapunov(v *plan.Value) cppText {
	a, c := e.matrix(v.Args[0]), e.name(v.Args[1])
	eig, roots, t, n := e.temporary(), e.temporary(), e.temporary(), e.dimension(v.Rows)
	e.line("  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> %s(%s);", eig, a.text)
	e.line("  const Eigen::VectorXd %s = (%s.eigenvalues().array() > 1e-15 * %s * %s.eigenvalues().maxCoeff())", roots, eig, n, eig)
	e.line("      .select(%s.eigenvalues().array().sqrt(), 0.0);", eig)
	e.line("  Eigen::MatrixXd %s = %s.eigenvectors().transpose() * %s * %s.eigenvectors();", t, eig, c, eig)
	e.line("  for (Eigen::Index i = 0; i < %s; i++) {", n)
	e.line("    for (Eigen::Index j = 0; j < %s; j++) {", n)
	e.line("      const double sum = %s(i) + %s(j);", roots, roots)
	e.line("      %s(i, j) = sum > 0.0 ? %s(i, j) / sum : 0.0;", t, t)
	e.line("    }")
	e.line("  }")
	return cppText{eig + ".eigenvectors() * " + t + " * " + eig + ".eigenvectors().transpose()", cppProduct, false}
}

// adjugate is det(U)*det(V) * V*D*U' for A = U*S*V', where each entry of D is the product of the other singular values.
func (e *cppWriter) adjugate(v *plan.Value) cppText {
	a := e.matrix(v.Args[0])
	svd, d, n := e.temporary(), e.temporary(), e.dimension(v.Rows)
	e.line("  const Eigen::JacobiSVD<Eigen::MatrixXd> %s(%s, Eigen::ComputeFullU | Eigen::ComputeFullV);", svd, a.text)
	e.line("  Eigen::VectorXd %s(%s);", d, n)
	e.line("  for (Eigen::Index i = 0; i < %s; i++) {", n)
	e.line("    %s(i) = %s.singularValues().head(i).prod() * %s.singularValues().tail(%s - i - 1).prod();", d, svd, svd, n)
	e.line("  }")
	e.line("  %s *= %s.matrixU().determinant() * %s.matrixV().determinant();", d, svd, svd)
	return cppText{svd + ".matrixV() * " + d + ".asDiagonal() * " + svd + ".matrixU().transpose()", cppProduct, false}
}
