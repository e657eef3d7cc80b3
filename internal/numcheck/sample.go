package numcheck

import (
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"matdiff/internal/expr"
)

// scales are the sizes of vectors and matrices from draw to draw, and scalarScales those of scalars: large enough at times for
// sines and tangents to leave the branch that their inverses have.
var (
	scales       = [...]float64{1, 0.3, 3, 1, 0.1, 10}
	scalarScales = [...]float64{1, 5, 10, 3, 0.3, 10, 1}
)

// families are the ways in which variables are drawn. After a few unfit points running the next is tried; in the last
// every variable has a family of its own.
var families = [...]domain{anywhere, positive, nonsingular, unit, definite, mixed}

const mixed domain = -1

const patience = 5

// nearSkew is the draw of each cycle of scales in which square matrices are nearly skew.
const nearSkew = 3

// sampler draws points: sizes, and values for all variables.
type sampler struct {
	given    Env // sizes and values that are not drawn
	machine  *machine
	random   *rand.Rand
	names    []string // of dimensions
	low      int      // least size that is drawn
	high     int
	hints    map[*cell]domain
	draws    int
	family   int
	patience int   // unfit points running after which the next family is tried
	unfit    int   // points running
	order    []int // of sizes, from 0
	index    int   // from 0, where all are the same
	scale    float64
	aim      aim
}

func newSampler(m *machine, seed uint64, roots ...*expr.Node) *sampler {
	s := &sampler{machine: m, random: rand.New(rand.NewPCG(seed, 0x6d617464696666)), patience: patience, hints: map[*cell]domain{}}
	for _, r := range roots {
		expr.Walk(r, func(n *expr.Node) {
			for _, d := range [4]expr.Dim{n.Shape.Rows, n.Shape.Cols, n.Dims[0], n.Dims[1]} {
				for _, name := range d.Names() {
					if !slices.Contains(s.names, name) {
						s.names = append(s.names, name)
					}
				}
			}
		})
	}
	for c := range m.cells() {
		if d := c.row.domain; d != anywhere && c.args[0].node.Op == expr.Variable {
			s.hints[c.args[0]] = max(s.hints[c.args[0]], d)
		}
	}
	return s
}

// draw makes the next point.
func (s *sampler) draw() error {
	s.draws++
	if err := s.drawSizes(); err != nil {
		return err
	}
	return s.drawValues()
}

// drawAgain makes a point of the same family and sizes.
func (s *sampler) drawAgain() error {
	s.draws++
	return s.drawValues()
}

// drawSizes gives the next point its family and sizes.
func (s *sampler) drawSizes() error {
	if s.unfit == s.patience {
		s.unfit = 0
		s.family = (s.family + 1) % len(families)
	}
	sizes := make(map[string]int, len(s.names))
	// From point to point the sizes move on by one name: soon every name has had every size, and of two each has been the larger.
	if n := s.high - s.low + 1; (s.draws-1)%n == 0 || len(s.order) != n {
		s.order = s.random.Perm(n)
	}
	for i, name := range s.names {
		if s.areEqual() {
			i = 0
		}
		sizes[name] = s.low + s.order[(s.draws+i)%len(s.order)]
	}
	s.index = s.random.IntN(s.low)
	maps.Copy(sizes, s.given.Sizes)
	return s.machine.resize(sizes)
}

// drawValues gives the variables values of the next point.
func (s *sampler) drawValues() error {
	s.scale = scales[(s.draws-1)%len(scales)]
	if s.aim.scale > 0 {
		s.scale = s.aim.scale
	}
	for _, v := range s.machine.variables {
		if value := s.given.Values[v.node.Name]; value == nil {
			s.fill(v)
		} else if err := v.set(value); err != nil {
			return err
		}
	}
	s.drawTangents()
	return nil
}

// drawTangents draws what depends on where the variables are: how those move that follow another one, and along what differentials
// are, which for an orthogonal matrix is where it can move.
func (s *sampler) drawTangents() {
	for _, v := range s.machine.variables {
		if v.follows != nil {
			v.rate = s.direction(v)
		}
	}
	for d, i := range s.tangents() {
		copy(d.cell.args[i].val, s.direction(d.wrt[i].x))
	}
}

// tangents are the differentials, each with the places of its arguments that are variables.
func (s *sampler) tangents() iter.Seq2[*derivative, int] {
	return func(yield func(*derivative, int) bool) {
		for _, d := range s.machine.derivatives() {
			for i, direction := range d.cell.args {
				if direction.node.Op == expr.Variable && !yield(d, i) {
					return
				}
			}
		}
	}
}

// isTangent reports whether v is what a differential is along.
func (s *sampler) isTangent(v *cell) bool {
	for d, i := range s.tangents() {
		if d.cell.args[i] == v {
			return true
		}
	}
	return false
}

// areEqual reports whether all dimensions are the same at this point, and so are all indices: what holds for different ones may
// not hold for these.
func (s *sampler) areEqual() bool { return s.draws%4 == 2 }

// direction draws a direction in which v can move.
func (s *sampler) direction(v *cell) []float64 {
	d := make([]float64, len(v.val))
	for i := range d {
		d[i] = s.random.NormFloat64()
	}
	project(v, d)
	return d
}

// isUnhinted reports whether the point is drawn without regard to the domains of operations, as every third is: it shows
// whether those of the sides differ.
func (s *sampler) isUnhinted() bool { return len(s.hints) > 0 && s.draws%3 == 0 }

// judged tells the sampler whether the point was fit to be used.
func (s *sampler) judged(fit bool) {
	switch {
	case fit:
		s.unfit = 0
	case !s.isUnhinted() && !s.isGeneral():
		s.unfit++
	}
}

// isGeneral reports whether the point is of the first family though another one has been turned to, as every fourth is: what all
// matrices of positive entries have in common need not hold for others. Of large matrices each family has one of few points.
func (s *sampler) isGeneral() bool { return s.family > 0 && s.patience > 1 && s.draws%4 == 3 }

func (s *sampler) domainOf(v *cell) domain {
	d := families[s.family]
	if s.isGeneral() {
		d = families[0]
	}
	if d == mixed {
		d = families[s.random.IntN(len(families)-1)]
	}
	props := v.node.Props
	switch {
	case props.Has(expr.PosDef):
		return definite
	case props.Has(expr.Positive) && d != unit:
		return positive
	case s.hints[v] > d && !s.isUnhinted():
		return s.hints[v]
	}
	return d
}

func (s *sampler) fill(v *cell) {
	if v.node.Props.Has(expr.Index) {
		v.val[0] = float64(1 + s.random.IntN(s.limit(v)))
		if s.areEqual() && s.index < s.limit(v) {
			v.val[0] = float64(1 + s.index)
		}
		return
	}
	d := s.domainOf(v)
	size := s.scale
	switch {
	case s.aim.scale > 0:
	case d == unit || d == within:
		size = 1
	case v.isScalar():
		size = scalarScales[s.draws%len(scalarScales)]
	}
	// What the family asks for is not known to be the domain: x and y may both be negative where it is that of log(x.*y).
	if d == positive && !v.node.Props.Has(expr.Positive) && s.hints[v] != positive && s.draws%2 == 0 && s.random.IntN(2) == 0 {
		size = -size
	}
	props := v.node.Props
	side := s.side()
	for i := range v.val {
		switch {
		case d == positive, d == definite && props.Has(expr.Positive):
			v.val[i] = 0.3 + 1.7*s.random.Float64()
		case d == within:
			v.val[i] = 0.97 * math.Sin(math.Pi*(s.random.Float64()-0.5))
		case d == unit:
			v.val[i] = 0.1 + 0.8*s.random.Float64()
		case s.aim.signs == byEntry:
			v.val[i] = s.side() * (0.5 + s.random.Float64())
		case s.aim.signs != near:
			v.val[i] = side * (0.5 + s.random.Float64())
		default:
			v.val[i] = s.random.NormFloat64()
		}
	}
	if square := v.rows == v.cols; square && d == definite {
		makeDefinite(v)
	} else if square && (d == nonsingular || d == principal) {
		scale(v.val, 0.4/math.Sqrt(float64(v.rows)))
		for i := range v.rows {
			v.val[i*(v.cols+1)] += 1.5
		}
		if d == principal && !isStructured(v) {
			s.spread(v)
		}
	} else if square && d == anywhere && s.aim.signs == near && s.draws%len(scales) == nearSkew {
		turn(v)
	}
	if s.aim.singular && !v.isScalar() && !isStructured(v) {
		s.reduce(v)
	}
	if d == symmetric && v.rows == v.cols {
		props |= expr.Symmetric
	}
	s.impose(v, props)
	if !props.Has(expr.Orthogonal) {
		scale(v.val, size)
	}
}

// side is the sign of what is far from 0.
func (s *sampler) side() float64 {
	if s.aim.signs == allNegative || s.aim.signs > allNegative && s.random.IntN(2) == 0 {
		return -1
	}
	return 1
}

// reduce makes the last column of v a combination of the others, or the last row if there are fewer: v has one rank less then.
func (s *sampler) reduce(v *cell) {
	r, c := v.rows, v.cols
	if r < 2 || c < 2 {
		return
	}
	across, along, last, length := 1, c, c-1, r // the places of a line's entries are along apart, those of lines across
	if r < c {
		across, along, last, length = c, 1, r-1, c
	}
	for k := range length {
		v.val[last*across+k*along] = 0
	}
	for line := range last {
		weight := s.random.NormFloat64()
		for k := range length {
			v.val[last*across+k*along] += weight * v.val[line*across+k*along]
		}
	}
}

// spread turns v into v·D·inv(v), where the eigenvalues of D have any argument that is not near to that of a negative number: D
// has blocks r·[cos φ, -sin φ; sin φ, cos φ] on its diagonal, and one entry r if its size is odd.
func (s *sampler) spread(v *cell) {
	const widest = 0.8 * math.Pi
	n := v.rows
	turned := make([]float64, n*n)
	for j := 0; j < n; j += 2 {
		r := 0.5 + 1.5*s.random.Float64()
		if j+1 == n {
			for i := range n {
				turned[i*n+j] = r * v.val[i*n+j]
			}
			break
		}
		sin, cos := math.Sincos(widest * (2*s.random.Float64() - 1))
		for i := range n {
			a, b := v.val[i*n+j], v.val[i*n+j+1]
			turned[i*n+j], turned[i*n+j+1] = r*(a*cos+b*sin), r*(b*cos-a*sin)
		}
	}
	inverse := make([]float64, n*n)
	newInverter(n).invert(inverse, v.val)
	multiply(v.val, turned, inverse, n, n, n)
}

// turn shrinks the symmetric part of v, so that the eigenvalues turn towards the imaginary axis: of a large matrix they may then be
// far from the real axis, while the exponential is still well conditioned.
func turn(v *cell) {
	const left = 0.03
	n := v.rows
	for i := range n {
		for j := range i + 1 {
			even, odd := (v.val[i*n+j]+v.val[j*n+i])/2, (v.val[i*n+j]-v.val[j*n+i])/2
			v.val[i*n+j], v.val[j*n+i] = left*even+odd, left*even-odd
		}
	}
}

// makeDefinite turns v into V·V'/n + I/2.
func makeDefinite(v *cell) {
	n := v.rows
	product := blas64.Symmetric{N: n, Stride: n, Uplo: blas.Upper, Data: make([]float64, n*n)}
	blas64.Syrk(blas.NoTrans, 1/float64(n), blas64.General{Rows: n, Cols: n, Stride: n, Data: v.val}, 0, product)
	for i := range n {
		product.Data[i*(n+1)] += 0.5
		for j := range i {
			product.Data[i*n+j] = product.Data[j*n+i]
		}
	}
	copy(v.val, product.Data)
}

// impose gives v the structure that props name, exactly.
func (s *sampler) impose(v *cell, props expr.Props) {
	if props.Has(expr.Orthogonal) {
		orthonormalise(v)
		return
	}
	if props&structure == 0 {
		return
	}
	mirror := mirrorSign(props)
	for i := range v.rows {
		for j := range v.cols {
			at := i*v.cols + j
			switch {
			case isFixedZero(props, i, j):
				v.val[at] = 0
			case mirror < 0 && i == j:
				v.val[at] = 0
			case mirror != 0 && j < i:
				v.val[at] = mirror * v.val[j*v.cols+i]
			}
		}
	}
}

// orthonormalise makes the columns of v orthonormal by the Gram-Schmidt process, twice for accuracy.
func orthonormalise(v *cell) {
	r, c := v.rows, v.cols
	for j := range c {
		for range 2 {
			for k := range j {
				dot := 0.0
				for i := range r {
					dot += v.val[i*c+j] * v.val[i*c+k]
				}
				for i := range r {
					v.val[i*c+j] -= dot * v.val[i*c+k]
				}
			}
			norm := 0.0
			for i := range r {
				norm += v.val[i*c+j] * v.val[i*c+j]
			}
			for i := range r {
				v.val[i*c+j] /= math.Sqrt(norm)
			}
		}
	}
}

// limit is the largest index that all uses of the index variable v allow.
func (s *sampler) limit(v *cell) int {
	limit := math.MaxInt
	use := func(i, j *cell, rows, cols int) {
		if i == v {
			limit = min(limit, rows)
		}
		if j == v {
			limit = min(limit, cols)
		}
	}
	for c := range s.machine.cells() {
		switch c.node.Op {
		case expr.Element:
			use(c.args[1], c.args[2], c.args[0].rows, c.args[0].cols)
		case expr.Unit:
			use(c.args[0], c.args[1], c.rows, c.cols)
		}
	}
	for _, d := range s.machine.derivatives() {
		for _, t := range d.wrt {
			if t.single {
				use(t.at[0], t.at[1], t.x.rows, t.x.cols)
			}
		}
	}
	if limit == math.MaxInt {
		return s.low
	}
	return limit
}

// jitter moves every entry of every variable by one unit in the last place, up or down; declared structure stays.
func (s *sampler) jitter() {
	moves := [2]float64{1 + eps, 1 - eps}
	for _, v := range s.machine.variables {
		if v.node.Props.Has(expr.Index) {
			continue
		}
		bits := uint64(0)
		for i := range v.val {
			if i%64 == 0 {
				bits = s.random.Uint64()
			}
			v.val[i] *= moves[bits>>(i%64)&1]
		}
		if !v.node.Props.Has(expr.Orthogonal) {
			s.impose(v, v.node.Props)
		}
	}
}
