// Package plan turns derived expressions into programs of numerical linear algebra, between the shortest form that people
// read and the code that machines run. It chooses how things are computed: systems are solved, not inverses multiplied,
// one factorisation serves all its uses, chains are bracketed towards vectors, scalars go on the smallest factor, traces
// and diagonals of products are taken without the product, and every shared part is computed once. Package codegen writes
// a program in the language of a target.
package plan

import (
	"math/big"

	"matdiff/internal/expr"
)

// Kind is what a value is while a program runs. Rows and columns are vectors alike: the operation that uses a vector says
// which of the two it stands for.
type Kind byte

const (
	Scalar Kind = iota
	Vector
	Matrix
	Factors // the factorisation of a square matrix
)

// Op is one operation of a program.
type Op byte

const (
	// Leaves.
	Input  Op = iota // the parameter called Name
	Number           // Num
	Pi
	Size  // Dims[0] as a number; its names are those of Params' shapes
	Eye   // identity matrix
	Fill  // every entry Num: ones and zeros
	Basis // 1 at At, else 0

	// Entry by entry, over operands of one shape. A scalar goes with anything, and a Spread vector with a matrix.
	Add // Args[0] + Args[1]
	Sub // Args[0] - Args[1]
	Neg
	Mul // Args[0] .* Args[1]; one of them may be a scalar
	Div // Args[0] ./ Args[1]
	Pow // Args[0] .^ Args[1]; Args[1] may be a scalar
	Map // the elementwise function Func

	SpreadColumn // the vector as a column, once for every column of the matrix: only an operand of Add, Sub, Mul and Div
	SpreadRow    // the vector as a row, once for every row of the matrix: only an operand of Add, Sub, Mul and Div

	// Products. Trans says which of the operands are transposed.
	MatMul // matrix by matrix
	MatVec // matrix by vector
	Dot    // vector by vector, or the Frobenius inner product of two matrices: sum(A .* B)
	Outer  // x*y'

	// Reductions.
	Total     // sum of all entries
	Max       // largest of all entries
	RowMax    // largest entry of each row, as a vector
	RowSums   // A*ones
	ColSums   // A'*ones
	Trace     //
	Norm      // Euclidean or Frobenius
	Diagonal  // of a square matrix, as a vector
	Component // the entry At of a matrix or vector

	// Rearrangements.
	Transpose
	DiagMatrix // of a vector
	Vec        // columns stacked
	Unvec      // a vector or scalar as the matrix of one column, or one row, of Rows×Cols
	Kron

	// Square matrices by their factorisation.
	LU
	Cholesky    // of a positive definite matrix
	Solve       // Args[0] the Factors of A: A\B, or A'\B if Trans[0]; B a vector or a matrix
	Inverse     // of Args[0], Factors, or of its transpose if Trans[0]: only where the inverse itself is what is wanted
	Determinant // of Factors
	LogAbsDet   // of Factors: log of the absolute value of the determinant
	LogDet      // of Factors: log of the determinant, which is an error, or NaN, where it is not positive
	MatrixPower // Args[0]^Num, Num whole and at least 2
	PinvSqrt    // square root of the pseudo-inverse of a symmetric positive semidefinite matrix, which may be singular: by its eigenvalues
	Lyapunov    // the T of S*T + T*S = Args[1] for S the square root of such a matrix Args[0], T 0 where that leaves it open
	Call        // the function Func of Args, which are matrices: pinv, expm, logm, sqrtm, sylvester, spectral, tril, K(Dims), …
)

// Value is the result of one operation. Values of one program that are equal in structure are one pointer.
type Value struct {
	Op         Op
	Args       []*Value
	Kind       Kind
	Rows, Cols expr.Dim // of a vector: its length and one
	Trans      [2]bool  // MatMul and MatVec (of the matrix, Args[0]), Solve and Inverse (of Args[0]): the operand is transposed
	Name       string   // Input
	Num        *big.Rat // Number, Fill, MatrixPower
	Func       *expr.Op // Map and Call
	Dims       [2]expr.Dim
	At         [2]int // Component and Basis: from 1

	Uses int // how many operands and results it is

	props expr.Props // Input
}

// Program computes its results from its parameters.
type Program struct {
	Params  []Param
	Steps   []*Value // all values but leaves, operands before what uses them
	Results []Result
}

// Param is a parameter: a variable of the expression.
type Param struct {
	Value *Value
	Shape expr.Shape // as in the expression: a row is a vector here
	Props expr.Props
}

// Result is what the program returns.
type Result struct {
	Name  string // what it is called: value, grad_X, hessian_x_y
	Value *Value
	Shape expr.Shape // as in the expression: a row is a vector here
}
