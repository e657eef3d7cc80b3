package numcheck

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// operation is the numeric side of a row of the operation table.
type operation struct {
	// prepare returns what evaluates c, with its workspace for the sizes that c and its arguments have.
	prepare func(c *cell, sizes map[string]int) func()
	// bound sets the rounding error bounds of c, whose value is known; nil: measured by perturbing the arguments.
	bound func(c *cell)
	// domain is where arguments are best drawn.
	domain domain
	// cost of an evaluation: the factor of n³, n the largest dimension of the argument.
	cost float64
}

// domain is a set that variables are drawn from. As the domain of an operation it must not be smaller than need be: what
// is wrong only outside it goes unseen.
type domain int

const (
	anywhere    domain = iota
	nonsingular        // well conditioned, eigenvalues with positive real parts
	principal          // the same, but eigenvalues that only keep away from the negative real axis
	symmetric
	within   // every entry between -1 and 1
	positive // every entry > 0
	unit     // every entry between 0 and 1
	definite // symmetric and positive definite
)

var operations map[*expr.Op]operation

func init() {
	operations = map[*expr.Op]operation{
		expr.Number:      constant(func(c *cell, _ map[string]int) { v, _ := c.node.Num.Float64(); c.val[0] = v }),
		expr.Pi:          constant(func(c *cell, _ map[string]int) { c.val[0] = math.Pi }),
		expr.Size:        constant(func(c *cell, sizes map[string]int) { v, _ := c.node.Dims[0].Value(sizes); c.val[0] = float64(v) }),
		expr.Identity:    constant(func(c *cell, _ map[string]int) { fillIdentity(c.val, c.rows) }),
		expr.Ones:        constant(func(c *cell, _ map[string]int) { fill(c.val, 1) }),
		expr.Zeros:       constant(func(c *cell, _ map[string]int) {}),
		expr.Commutation: constant(fillCommutation),
		expr.Unit:        {prepare: prepareUnit, bound: boundMagnitude},

		expr.Sum:          {prepare: prepareSum, bound: boundSum},
		expr.Product:      {prepare: prepareProduct, bound: boundProduct},
		expr.Hadamard:     {prepare: prepareHadamard, bound: boundHadamard},
		expr.Kronecker:    {prepare: prepareKronecker},
		expr.Transpose:    entries(transposed),
		expr.Power:        {prepare: preparePower, bound: boundPower, cost: 3},
		expr.ElementPower: {prepare: prepareElementPower, bound: boundElementPower},
		expr.Element:      {prepare: prepareElement, bound: boundElement},

		expr.Tr:         {prepare: prepareTrace, bound: boundTrace},
		expr.Det:        {prepare: prepareDet, bound: boundDet, cost: 2},
		expr.LogDet:     {prepare: prepareLogDet, bound: boundLogDet, cost: 2},
		expr.Total:      scalarOf(total, total),
		expr.Norm:       scalarOf(frobenius, frobenius),
		expr.Norm1:      scalarOf(absoluteSum, total),
		expr.Nuclear:    {prepare: prepareSingular(total), bound: boundBy(func(e []float64) float64 { return frobenius(e) * math.Sqrt(math.Sqrt(float64(len(e)))) }), cost: 16},
		expr.Spectral:   {prepare: prepareSingular(largest), bound: boundBy(frobenius), cost: 16},
		expr.LambdaMax:  {prepare: prepareLambdaMax, bound: boundBy(frobenius), domain: symmetric, cost: 16},
		expr.LogSumExp:  scalarOf(logSumExp, largest),
		expr.Inv:        {prepare: prepareInverse, bound: boundInverse, cost: 3},
		expr.Pinv:       {prepare: preparePseudoInverse, bound: boundPseudoInverse, cost: 30},
		expr.Adj:        {prepare: prepareAdjugate, cost: 30},
		expr.Expm:       {prepare: prepareExpm, cost: 30},
		expr.Logm:       {prepare: prepareLogm, bound: boundOfLogarithm, domain: principal, cost: 500},
		expr.Sqrtm:      {prepare: prepareSqrtm, bound: boundSqrtm, domain: principal, cost: 90},
		expr.Sylvester:  {prepare: prepareSylvester, domain: nonsingular, cost: 60},
		expr.DExpm:      {prepare: prepareFrechet(prepareExpm), cost: 240},
		expr.DLogm:      {prepare: prepareFrechet(prepareLogm), bound: boundOfLogarithm, domain: principal, cost: 4000},
		expr.Softmax:    {prepare: prepareSoftmax, bound: boundSoftmax},
		expr.DiagMatrix: {prepare: prepareDiagMatrix, bound: boundDiagMatrix},
		expr.DiagVector: entries(onDiagonal),
		expr.Vec:        entries(byColumns),
		expr.Tril:       triangle(func(i, j int) bool { return j <= i }),
		expr.Triu:       triangle(func(i, j int) bool { return j >= i }),

		expr.Exp:      elementwise(math.Exp, anywhere),
		expr.Log:      elementwise(logarithm, positive),
		expr.Sqrt:     elementwise(math.Sqrt, positive),
		expr.Sin:      elementwise(math.Sin, anywhere),
		expr.Cos:      elementwise(math.Cos, anywhere),
		expr.Tan:      elementwise(math.Tan, anywhere),
		expr.Asin:     elementwise(math.Asin, within),
		expr.Acos:     elementwise(math.Acos, within),
		expr.Atan:     elementwise(math.Atan, anywhere),
		expr.Sinh:     elementwise(math.Sinh, anywhere),
		expr.Cosh:     elementwise(math.Cosh, anywhere),
		expr.Tanh:     elementwise(math.Tanh, anywhere),
		expr.Abs:      elementwise(math.Abs, anywhere),
		expr.Sign:     elementwise(sign, anywhere),
		expr.Relu:     elementwise(relu, anywhere),
		expr.Step:     elementwise(step, anywhere),
		expr.Sigmoid:  elementwise(sigmoid, anywhere),
		expr.Softplus: elementwise(softplus, anywhere),
	}
}

// dense views o as a gonum matrix that shares its entries.
func (o *operand) dense() *mat.Dense { return mat.NewDense(o.rows, o.cols, o.val) }

func constant(set func(c *cell, sizes map[string]int)) operation {
	return operation{
		prepare: func(c *cell, sizes map[string]int) func() { set(c, sizes); return func() {} },
		bound:   boundMagnitude,
	}
}

func elementwise(f func(float64) float64, d domain) operation {
	return operation{
		prepare: func(c *cell, _ map[string]int) func() {
			a := c.args[0].val
			return func() {
				for i, x := range a {
					c.val[i] = f(x)
				}
			}
		},
		bound:  func(c *cell) { boundElementwise(c, f) },
		domain: d,
	}
}

// scalarOf is an operation with a value of 1×1, f of the entries; the bound of its rounding error is g of the bounds of theirs.
func scalarOf(f, g func([]float64) float64) operation {
	return operation{
		prepare: func(c *cell, _ map[string]int) func() {
			a := c.args[0].val
			return func() { c.val[0] = f(a) }
		},
		bound: boundBy(g),
	}
}

// entries is an operation that only chooses and moves entries: from says which entry of the argument each entry of the result is.
func entries(from func(c *cell) []int) operation {
	return operation{
		prepare: func(c *cell, _ map[string]int) func() {
			a, index := c.args[0].val, from(c)
			return func() {
				for i, j := range index {
					c.val[i] = a[j]
				}
			}
		},
		bound: func(c *cell) {
			for i, j := range from(c) {
				c.bound[i] = c.args[0].bound[j]
			}
		},
	}
}

func transposed(c *cell) []int {
	index := make([]int, 0, len(c.val))
	for i := range c.rows {
		for j := range c.cols {
			index = append(index, j*c.rows+i)
		}
	}
	return index
}

func onDiagonal(c *cell) []int {
	index := make([]int, c.rows)
	for i := range index {
		index[i] = i * (c.args[0].cols + 1)
	}
	return index
}

func byColumns(c *cell) []int {
	a := c.args[0]
	index := make([]int, 0, len(c.val))
	for j := range a.cols {
		for i := range a.rows {
			index = append(index, i*a.cols+j)
		}
	}
	return index
}

func fill(v []float64, x float64) {
	for i := range v {
		v[i] = x
	}
}

func fillIdentity(v []float64, n int) {
	fill(v, 0)
	for i := range n {
		v[i*(n+1)] = 1
	}
}

func fillCommutation(c *cell, sizes map[string]int) {
	m, _ := c.node.Dims[0].Value(sizes)
	n, _ := c.node.Dims[1].Value(sizes)
	for i := range m {
		for j := range n {
			c.val[(i*n+j)*c.cols+j*m+i] = 1
		}
	}
}

// index returns the place that the 1×1 operands i and j name, counted from 1, in a matrix of rows×cols.
func index(i, j *operand, rows, cols int) (at int, ok bool) {
	r, c := int(math.Round(i.val[0]))-1, int(math.Round(j.val[0]))-1
	return r*cols + c, r >= 0 && r < rows && c >= 0 && c < cols
}

func prepareUnit(c *cell, _ map[string]int) func() {
	i, j := &c.args[0].operand, &c.args[1].operand
	return func() {
		fill(c.val, 0)
		if at, ok := index(i, j, c.rows, c.cols); ok {
			c.val[at] = 1
		} else {
			fill(c.val, math.NaN())
		}
	}
}

func prepareElement(c *cell, _ map[string]int) func() {
	a, i, j := &c.args[0].operand, &c.args[1].operand, &c.args[2].operand
	return func() {
		if at, ok := index(i, j, a.rows, a.cols); ok {
			c.val[0] = a.val[at]
		} else {
			c.val[0] = math.NaN()
		}
	}
}

func prepareTrace(c *cell, _ map[string]int) func() {
	a := c.args[0]
	return func() {
		t := 0.0
		for i := 0; i < len(a.val); i += a.cols + 1 {
			t += a.val[i]
		}
		c.val[0] = t
	}
}

func prepareDiagMatrix(c *cell, _ map[string]int) func() {
	a := c.args[0].val
	return func() {
		for i, x := range a {
			c.val[i*(c.cols+1)] = x
		}
	}
}

func prepareSoftmax(c *cell, _ map[string]int) func() {
	a := c.args[0].val
	return func() {
		top, sum := largest(a), 0.0
		for i, x := range a {
			c.val[i] = math.Exp(x - top)
			sum += c.val[i]
		}
		for i := range c.val {
			c.val[i] /= sum
		}
	}
}

// total sums many numbers in four parts at a time: no addition then waits for the one before, and rounding errors are smaller.
func total(v []float64) float64 {
	const many = 1 << 10
	s := 0.0
	if len(v) >= many {
		n := len(v) / 4
		a, b, c, d := v[:n], v[n:2*n], v[2*n:3*n], v[3*n:4*n]
		var sa, sb, sc, sd float64
		for i, x := range a {
			sa += x
			sb += b[i]
			sc += c[i]
			sd += d[i]
		}
		s, v = (sa+sb)+(sc+sd), v[4*n:]
	}
	for _, x := range v {
		s += x
	}
	return s
}

func absoluteSum(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += math.Abs(x)
	}
	return s
}

func frobenius(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x * x
	}
	return math.Sqrt(s)
}

func largest(v []float64) float64 {
	top := math.Inf(-1)
	for _, x := range v {
		top = math.Max(top, x)
	}
	return top
}

func largestMagnitude(v []float64) float64 {
	top := 0.0
	for _, x := range v {
		switch y := math.Abs(x); {
		case y > top:
			top = y
		case y != y:
			return y
		}
	}
	return top
}

func logSumExp(v []float64) float64 {
	top, sum := largest(v), 0.0
	for _, x := range v {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

func logarithm(x float64) float64 {
	if x <= 0 {
		return math.NaN()
	}
	return math.Log(x)
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 or NaN
}

func relu(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

func step(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x <= 0:
		return 0
	}
	return x // NaN
}

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func allFinite(v []float64) bool {
	s := 0.0
	for _, x := range v {
		s += x - x
	}
	return s == 0
}
