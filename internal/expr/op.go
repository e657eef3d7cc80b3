package expr

// Op is one operation of the language: a row of the operation table, or a function that a user's rule file adds.
type Op struct {
	Name   string
	In     []Shape // shape of each argument of a function; dimension names that occur twice must agree
	Out    Shape   // shape of its result in terms of the names in In
	Traits Traits
	Doc    string // one line for people

	// A function that a rule file defines has its parameters and the expression that gives its value.
	Params []*Node
	Body   *Node

	// A function declared without a value, f: function, has its name here, and so has its gradient, the operation Slope of f,
	// which has the shape of its argument.
	Unknown string
	Slope   *Op
}

// NewUnknown returns the scalar function called name of which nothing is known. Its gradient is called grad(name).
func NewUnknown(name string) *Op {
	slope := &Op{Name: "grad(" + name + ")", In: []Shape{mnShape}, Out: mnShape, Unknown: name, Doc: "gradient of an unknown function"}
	return &Op{Name: name, In: []Shape{mnShape}, Out: Scalar, Unknown: name, Slope: slope, Doc: "unknown scalar function"}
}

// Traits are the facts about an operation that more than one stage needs.
type Traits uint

const (
	Leaf             Traits = 1 << iota // takes no arguments, or is no function of them
	Elementwise                         // f(X)[i,j] = f(X[i,j])
	Linear                              // linear in its only argument
	Equivariant                         // f(X') = f(X)'
	Invariant                           // f(X') = f(X)
	Piecewise                           // has kinks or jumps
	NeedsNonsingular                    // its argument must be well conditioned for its value to be trusted
	Operator                            // an operator of equations, which stands for a derivative
)

// Has reports whether t has all the traits of u.
func (t Traits) Has(u Traits) bool { return t&u == u }

var (
	nnShape = Square(Named("n"))
	mnShape = Shape{Named("m"), Named("n")}
	nShape  = Vector(Named("n"))
)

// The operations that are written as leaves or with operators. Their shapes follow from their arguments or are given
// when a node is made; see Builder.
var (
	Number      = &Op{Name: "number", Traits: Leaf}
	Variable    = &Op{Name: "variable", Traits: Leaf}
	Pi          = &Op{Name: "pi", Traits: Leaf}
	Size        = &Op{Name: "size", Traits: Leaf, Doc: "a dimension used as a number"}
	Identity    = &Op{Name: "eye", Traits: Leaf, Doc: "identity matrix"}
	Ones        = &Op{Name: "ones", Traits: Leaf, Doc: "every entry 1"}
	Zeros       = &Op{Name: "zeros", Traits: Leaf, Doc: "every entry 0"}
	Unit        = &Op{Name: "E", Traits: Leaf, Doc: "E(i,j,m,n): 1 at i,j, else 0"}
	Commutation = &Op{Name: "K", Traits: Leaf, Doc: "K(m,n)*vec(A) = vec(A') for A: m×n"}

	Sum          = &Op{Name: "+", Doc: "sum; a 1×1 term is added to every entry"}
	Product      = &Op{Name: "*", Doc: "product from left to right; a 1×1 factor scales"}
	Hadamard     = &Op{Name: ".*", Doc: "entry by entry; a 1×1 factor scales"}
	Kronecker    = &Op{Name: "kron", Doc: "Kronecker product"}
	Transpose    = &Op{Name: "'", Traits: Linear, Doc: "transpose"}
	Power        = &Op{Name: "^", Doc: "scalar to a scalar power, or square matrix to a number"}
	ElementPower = &Op{Name: ".^", Traits: Elementwise, Doc: "power of each entry"}
	Element      = &Op{Name: "[]", Doc: "X[i,j]"}
)

// The operators of equations, made with Builder.Sized. Their first argument is differentiated; the others are the variables
// (Differential: each variable followed by its differential).
var (
	Gradient     = &Op{Name: "grad", Traits: Operator, Doc: "gradient of a scalar, in the shape of the variable"}
	Jacobian     = &Op{Name: "jacobian", Traits: Operator, Doc: "derivative in numerator layout"}
	Hessian      = &Op{Name: "hessian", Traits: Operator, Doc: "second derivative by vec of the variable"}
	Differential = &Op{Name: "d", Traits: Operator, Doc: "differential"}
)

func elementwise(name, doc string, more ...Traits) *Op {
	op := &Op{Name: name, In: []Shape{mnShape}, Out: mnShape, Traits: Elementwise | Equivariant, Doc: doc}
	for _, t := range more {
		op.Traits |= t
	}
	return op
}

func function(name string, in, out Shape, traits Traits, doc string) *Op {
	return &Op{Name: name, In: []Shape{in}, Out: out, Traits: traits, Doc: doc}
}

// The functions of the language.
var (
	Tr        = function("tr", nnShape, Scalar, Linear|Invariant, "trace")
	Det       = function("det", nnShape, Scalar, Invariant, "determinant")
	LogDet    = function("logdet", nnShape, Scalar, Invariant|NeedsNonsingular, "log of the determinant, which must be positive")
	Total     = function("sum", mnShape, Scalar, Linear|Invariant, "sum of all entries")
	Norm      = function("norm", mnShape, Scalar, Invariant, "Euclidean or Frobenius norm")
	Norm1     = function("norm1", mnShape, Scalar, Invariant|Piecewise, "sum of absolute values")
	Nuclear   = function("nuclear", mnShape, Scalar, Invariant, "sum of singular values")
	Spectral  = function("spectral", mnShape, Scalar, Invariant, "largest singular value")
	LambdaMax = function("lambda_max", nnShape, Scalar, Invariant, "largest eigenvalue of a symmetric matrix")
	LogSumExp = function("logsumexp", mnShape, Scalar, Invariant, "log of the sum of the exponentials of all entries")

	Inv   = function("inv", nnShape, nnShape, Equivariant|NeedsNonsingular, "inverse")
	Pinv  = function("pinv", mnShape, mnShape.T(), Equivariant|NeedsNonsingular, "Moore-Penrose inverse")
	Adj   = function("adj", nnShape, nnShape, Equivariant, "adjugate: the transposed matrix of cofactors")
	Expm  = function("expm", nnShape, nnShape, Equivariant, "matrix exponential")
	Logm  = function("logm", nnShape, nnShape, Equivariant|NeedsNonsingular, "principal matrix logarithm")
	Sqrtm = function("sqrtm", nnShape, nnShape, Equivariant, "principal matrix square root")

	// The differentials of matrix functions that do not commute with dX.
	Sylvester = &Op{Name: "sylvester", In: []Shape{Square(Named("m")), Square(Named("n")), mnShape}, Out: mnShape, Doc: "the X with A*X + X*B = C"}
	DExpm     = &Op{Name: "dexpm", In: []Shape{nnShape, nnShape}, Out: nnShape, Doc: "dexpm(A, E): differential of expm at A along E"}
	DLogm     = &Op{Name: "dlogm", In: []Shape{nnShape, nnShape}, Out: nnShape, Doc: "dlogm(A, E): differential of logm at A along E"}

	Exp      = elementwise("exp", "exponential of each entry")
	Log      = elementwise("log", "natural logarithm of each entry")
	Sqrt     = elementwise("sqrt", "square root of each entry")
	Sin      = elementwise("sin", "sine")
	Cos      = elementwise("cos", "cosine")
	Tan      = elementwise("tan", "tangent")
	Asin     = elementwise("asin", "inverse sine")
	Acos     = elementwise("acos", "inverse cosine")
	Atan     = elementwise("atan", "inverse tangent")
	Sinh     = elementwise("sinh", "hyperbolic sine")
	Cosh     = elementwise("cosh", "hyperbolic cosine")
	Tanh     = elementwise("tanh", "hyperbolic tangent")
	Abs      = elementwise("abs", "absolute value", Piecewise)
	Sign     = elementwise("sign", "sign, 0 at 0", Piecewise)
	Relu     = elementwise("relu", "max(x, 0)", Piecewise)
	Step     = elementwise("step", "1 where positive, else 0", Piecewise)
	Sigmoid  = elementwise("sigmoid", "1/(1 + exp(-x))")
	Softplus = elementwise("softplus", "log(1 + exp(x))")

	Softmax    = function("softmax", mnShape, mnShape, Equivariant, "exp(x)/sum(exp(x))")
	DiagMatrix = function("diagmat", nShape, nnShape, Linear, "diag of a vector: the diagonal matrix")
	DiagVector = function("diagvec", nnShape, nShape, Linear|Invariant, "diag of a square matrix: its diagonal")
	Vec        = function("vec", mnShape, Vector(Named("m").Times(Named("n"))), Linear, "columns stacked")
	Tril       = function("tril", mnShape, mnShape, Linear, "the entries on and below the diagonal, 0 above it")
	Triu       = function("triu", mnShape, mnShape, Linear, "the entries on and above the diagonal, 0 below it")
)

// Functions lists the functions of the language in the order in which people are shown them. Users write both
// DiagMatrix and DiagVector as diag.
var Functions = []*Op{
	Tr, Det, LogDet, Total, Norm, Norm1, Nuclear, Spectral, LambdaMax, LogSumExp,
	Inv, Pinv, Adj, Expm, Logm, Sqrtm, Sylvester, DExpm, DLogm,
	Exp, Log, Sqrt, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Abs, Sign, Relu, Step, Sigmoid, Softplus,
	Softmax, DiagMatrix, DiagVector, Vec, Tril, Triu,
}

// UserName returns the name by which users call op.
func (op *Op) UserName() string {
	if op == DiagMatrix || op == DiagVector {
		return "diag"
	}
	return op.Name
}

// result returns the shape of op applied to arguments of the given shapes, which must fit op.In.
func (op *Op) result(args []*Node) Shape {
	bound := map[string]Dim{}
	for i, in := range op.In {
		bind(bound, in.Rows, args[i].Shape.Rows)
		bind(bound, in.Cols, args[i].Shape.Cols)
	}
	return op.Out.Replace(func(name string) (Dim, bool) { d, ok := bound[name]; return d, ok })
}

func bind(bound map[string]Dim, pattern, d Dim) {
	if names := pattern.Names(); len(names) == 1 {
		bound[names[0]] = d
	}
}
