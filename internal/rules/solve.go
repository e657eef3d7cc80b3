package rules

import (
	"fmt"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// Solution is the point W at which a gradient is zero: where Equation, which is linear in the variable, has the given Value.
type Solution struct {
	W               *Node
	Equation, Value *Node
	Gradient        *Node
}

// NoSolution is the error for a gradient whose zero is not found by solving a linear equation.
type NoSolution struct {
	Term   *Node // that is in the way, or nil
	Reason string
}

func (e *NoSolution) Error() string { return e.Reason }

// Solve returns the point at which the gradient of the scalar f by w is zero, for a gradient that is a sum of constants and of terms
// A*w*B with at most two different A, or at most two different B, or of terms A .* w. With two it is the solution of a Sylvester
// equation. The error is a *NoSolution, or one of Gradient.
func (k *Book) Solve(a *simplify.Algebra, f, w *Node) (*Solution, error) {
	gs, err := k.Gradient(a, f, []*Node{w})
	if err != nil {
		return nil, err
	}
	s := &solver{a: a, b: a.Builder(), w: w, held: map[*Node]bool{w: true}}
	e, err := s.linear(gs[0])
	if err != nil {
		if by, constant, ok := s.entrywise(gs[0]); ok {
			value := a.Neg(constant)
			quotient := a.Hadamard(value, a.ElementPower(by, s.b.Int(-1)))
			return &Solution{a.Shortest(quotient), a.Shortest(a.Hadamard(by, w)), a.Shortest(value), gs[0]}, nil
		}
		return nil, err
	}
	if len(e.terms) == 0 {
		return nil, &NoSolution{Reason: fmt.Sprintf("the gradient does not depend on %s, so it is zero everywhere or nowhere", w.Name)}
	}
	lefts, rights, transposed, err := s.gather(e.terms)
	if err != nil {
		return nil, err
	}
	value := a.Neg(a.Sum(append(e.constants, a.Normalize(s.b.Sized(expr.Zeros, w.Shape)))...))
	if transposed {
		value = a.Transpose(value)
	}
	var equation []*Node
	for i, left := range lefts {
		equation = append(equation, a.Product(left, w, rights[i]))
	}
	return &Solution{s.solution(lefts, rights, value), a.Shortest(a.Sum(equation...)), a.Shortest(value), gs[0]}, nil
}

// solver takes a gradient apart into what stands left and right of w.
type solver struct {
	a    *simplify.Algebra
	b    *expr.Builder
	w    *Node
	held map[*Node]bool // whether a node holds w
}

// affine is a sum of linear terms and constants.
type affine struct {
	terms     []linearTerm
	constants []*Node
}

// linearTerm is scalar*left*w*right, or with w' in the place of w. For a 1×1 w it is w times the scalar, which may be any
// matrix then.
type linearTerm struct {
	scalar      *Node
	left, right []*Node
	transposed  bool
}

func (s *solver) holds(n *Node) bool {
	h, ok := s.held[n]
	if !ok {
		for _, a := range n.Args {
			h = h || s.holds(a)
		}
		s.held[n] = h
	}
	return h
}

// linear takes apart n, which is in normal form.
func (s *solver) linear(n *Node) (affine, error) {
	switch {
	case !s.holds(n):
		return affine{constants: []*Node{n}}, nil
	case n == s.w:
		return affine{terms: []linearTerm{{scalar: s.b.Int(1)}}}, nil
	}
	switch n.Op {
	case expr.Sum:
		var sum affine
		for _, t := range n.Args {
			e, err := s.linear(t)
			if err != nil {
				return affine{}, err
			}
			sum.terms = append(sum.terms, e.terms...)
			sum.constants = append(sum.constants, e.constants...)
		}
		if s.w.Shape.IsScalar() {
			sum = s.mapped(sum, n.Shape, func(m *Node) *Node { return m })
		}
		return sum, nil
	case expr.Transpose:
		e, err := s.linear(n.Args[0])
		return s.transposed(e), err
	case expr.Product:
		return s.product(n)
	case expr.Hadamard:
		return s.hadamard(n)
	}
	switch {
	case n.Op.Traits.Has(expr.Linear) && s.w.Shape.IsScalar():
		e, err := s.linear(n.Args[0])
		return s.mapped(e, n.Args[0].Shape, func(m *Node) *Node { return s.a.Make(n, []*Node{m}) }), err
	case n.Op.Traits.Has(expr.Linear):
		return affine{}, s.noForm(n)
	}
	return affine{}, s.notLinear(n)
}

func (s *solver) notLinear(n *Node) error {
	return &NoSolution{n, fmt.Sprintf("the gradient is not linear in %s", s.w.Name)}
}

// noForm is the error for a term that is linear in w but does not multiply it with matrices.
func (s *solver) noForm(n *Node) error {
	return &NoSolution{n, fmt.Sprintf("the gradient is linear in %s, but the equation has no solution in matrix notation", s.w.Name)}
}

func (s *solver) transposed(e affine) affine {
	var out affine
	for _, t := range e.terms {
		out.terms = append(out.terms, s.turned(t))
	}
	for _, c := range e.constants {
		out.constants = append(out.constants, s.a.Transpose(c))
	}
	return out
}

func (s *solver) turned(t linearTerm) linearTerm {
	if s.w.Shape.IsScalar() {
		return linearTerm{scalar: s.a.Transpose(t.scalar)}
	}
	return linearTerm{t.scalar, s.turnedChain(t.right), s.turnedChain(t.left), !t.transposed}
}

func (s *solver) turnedChain(chain []*Node) []*Node {
	out := make([]*Node, len(chain))
	for i, f := range chain {
		out[len(chain)-1-i] = s.a.Transpose(f)
	}
	return out
}

// sole returns the index of the one factor that holds w.
func (s *solver) sole(n *Node, factors []*Node) (int, error) {
	at := -1
	for i, f := range factors {
		if s.holds(f) {
			if at >= 0 {
				return at, s.notLinear(n)
			}
			at = i
		}
	}
	return at, nil
}

func (s *solver) product(n *Node) (affine, error) {
	scalars, chain := s.b.Factors(n.Args)
	if last := len(scalars) - 1; len(chain) == 0 && scalars[last].Op == expr.Product && s.holds(scalars[last]) {
		scalars, chain = scalars[:last:last], scalars[last].Args
	}
	i, err := s.sole(n, append(scalars[:len(scalars):len(scalars)], chain...))
	if err != nil {
		return affine{}, err
	}
	if i >= len(scalars) {
		i -= len(scalars)
		e, err := s.linear(chain[i])
		return s.between(scalars, chain[:i], e, chain[i+1:]), err
	}
	e, err := s.linear(scalars[i])
	if err != nil {
		return affine{}, err
	}
	rest := append(scalars[:i:i], scalars[i+1:]...)
	if len(chain) == 0 {
		return s.between(rest, nil, e, nil), nil
	}
	if s.w.Shape.IsScalar() {
		return s.between(rest, nil, e, chain), nil
	}
	// A 1×1 value times a column stands right of it, times a row left of it.
	v := s.a.Product(chain...)
	for j, t := range e.terms {
		if t.transposed {
			e.terms[j] = s.turned(t)
		}
	}
	switch {
	case v.Shape.Cols == expr.One:
		return s.between(rest, chain, e, nil), nil
	case v.Shape.Rows == expr.One:
		return s.between(rest, nil, e, chain), nil
	}
	return affine{}, s.noForm(n)
}

// mapped applies a linear function of matrices of a shape to what w is multiplied with, and to the constants.
func (s *solver) mapped(e affine, shape expr.Shape, f func(*Node) *Node) affine {
	ones := s.a.Normalize(s.b.Sized(expr.Ones, shape))
	spread := func(m *Node) *Node {
		if m.Shape.IsScalar() && !ones.Shape.IsScalar() { // a scalar among matrices is added to every entry
			m = s.a.Product(m, ones)
		}
		return f(m)
	}
	var out affine
	for _, t := range e.terms {
		out.terms = append(out.terms, linearTerm{scalar: spread(t.scalar)})
	}
	for _, c := range e.constants {
		out.constants = append(out.constants, spread(c))
	}
	return out
}

// between multiplies e from both sides.
func (s *solver) between(scalars, left []*Node, e affine, right []*Node) affine {
	var out affine
	c := s.a.Product(append(scalars[:len(scalars):len(scalars)], s.b.Int(1))...)
	for _, t := range e.terms {
		if s.w.Shape.IsScalar() {
			t.scalar = s.a.Product(append(append(append([]*Node{c}, left...), t.scalar), right...)...)
			out.terms = append(out.terms, t)
			continue
		}
		t.scalar = s.a.Product(c, t.scalar)
		t.left = append(left[:len(left):len(left)], t.left...)
		t.right = append(t.right[:len(t.right):len(t.right)], right...)
		out.terms = append(out.terms, t)
	}
	for _, k := range e.constants {
		factors := append(append([]*Node{c}, left...), k)
		out.constants = append(out.constants, s.a.Product(append(factors, right...)...))
	}
	return out
}

// hadamard takes u .* z apart as diag(u)*z for columns, and z*diag(u) for rows.
func (s *solver) hadamard(n *Node) (affine, error) {
	i, err := s.sole(n, n.Args)
	if err != nil {
		return affine{}, err
	}
	others := s.a.Hadamard(append(n.Args[:i:i], n.Args[i+1:]...)...)
	switch z := n.Args[i]; {
	case s.w.Shape.IsScalar():
		e, err := s.linear(z)
		return s.mapped(e, z.Shape, func(m *Node) *Node { return s.a.Hadamard(others, m) }), err
	case others.Shape.IsScalar():
		e, err := s.linear(z)
		return s.between([]*Node{others}, nil, e, nil), err
	case n.Shape.IsColumn() && z.Shape == n.Shape:
		e, err := s.linear(z)
		return s.between(nil, []*Node{s.a.Apply(expr.DiagMatrix, others)}, e, nil), err
	case n.Shape.IsRow() && z.Shape == n.Shape:
		e, err := s.linear(z)
		return s.between(nil, nil, e, []*Node{s.a.Apply(expr.DiagMatrix, s.a.Transpose(others))}), err
	}
	return affine{}, s.noForm(n)
}

// entrywise writes n as by .* w + constant, if it has this form.
func (s *solver) entrywise(n *Node) (by, constant *Node, ok bool) {
	zero := s.a.Normalize(s.b.Sized(expr.Zeros, s.w.Shape))
	switch {
	case n.Shape != s.w.Shape:
		return nil, nil, false
	case !s.holds(n):
		return zero, n, true
	case n == s.w:
		return s.a.Normalize(s.b.Sized(expr.Ones, n.Shape)), zero, true
	}
	switch n.Op {
	case expr.Sum:
		by, constant = zero, zero
		for _, t := range n.Args {
			u, c, ok := s.entrywise(t)
			if !ok {
				return nil, nil, false
			}
			by, constant = s.a.Sum(by, u), s.a.Sum(constant, c)
		}
		return by, constant, true
	case expr.Product, expr.Hadamard:
		i, err := s.sole(n, n.Args)
		if err != nil {
			return nil, nil, false
		}
		by, constant, ok = s.entrywise(n.Args[i])
		for j, f := range n.Args {
			switch {
			case j == i:
			case n.Op == expr.Product && !f.Shape.IsScalar():
				return nil, nil, false
			case ok:
				by, constant = s.a.Hadamard(f, by), s.a.Hadamard(f, constant)
			}
		}
		return by, constant, ok
	}
	return nil, nil, false
}

// gather returns the terms as the sum of at most two A*w*B, or A*w'*B.
func (s *solver) gather(terms []linearTerm) (lefts, rights []*Node, transposed bool, err error) {
	var left, right, scaledLeft, scaledRight []*Node
	for _, t := range terms {
		if t.transposed != terms[0].transposed {
			return nil, nil, false, &NoSolution{s.node(t), fmt.Sprintf("the gradient has both %s and %s' in it: the equation has no solution in matrix notation", s.w.Name, s.w.Name)}
		}
		if t.transposed {
			t = linearTerm{t.scalar, s.turnedChain(t.right), s.turnedChain(t.left), false}
		}
		l, r := s.factor(t.left, s.w.Shape.Rows), s.factor(t.right, s.w.Shape.Cols)
		left, scaledLeft = append(left, l), append(scaledLeft, s.a.Product(t.scalar, l))
		right, scaledRight = append(right, r), append(scaledRight, s.a.Product(t.scalar, r))
	}
	rights, lefts = s.collect(right, scaledLeft)
	if l, r := s.collect(left, scaledRight); len(l) < len(lefts) {
		lefts, rights = l, r
	}
	if len(lefts) > 2 {
		return nil, nil, false, &NoSolution{s.node(terms[len(terms)-1]), fmt.Sprintf("%s stands between more than two pairs of matrices in the gradient: the equation has no solution in matrix notation", s.w.Name)}
	}
	return lefts, rights, terms[0].transposed, nil
}

// collect returns the different ones among the factors, and for each the sum of the others that stand beside it.
func (s *solver) collect(factors, beside []*Node) (different, sums []*Node) {
	for i, f := range factors {
		if at := slices.Index(different, f); at >= 0 {
			sums[at] = s.a.Sum(sums[at], beside[i])
		} else {
			different, sums = append(different, f), append(sums, beside[i])
		}
	}
	return different, sums
}

// solution returns the w of lefts[0]*w*rights[0] + … = value, a sum of one term or two: A*w*B + C*w*D = V is the Sylvester equation
// inv(C)*A*w + w*D*inv(B) = inv(C)*V*inv(B).
func (s *solver) solution(lefts, rights []*Node, value *Node) *Node {
	if len(lefts) == 1 {
		return s.a.Shortest(s.a.Product(s.inverse(lefts[0]), value, s.inverse(rights[0])))
	}
	var best *Node
	for i := range lefts {
		c, b := s.inverse(lefts[1-i]), s.inverse(rights[i])
		x := s.a.Shortest(s.a.Apply(expr.Sylvester, s.a.Product(c, lefts[i]), s.a.Product(rights[1-i], b), s.a.Product(c, value, b)))
		if best == nil || s.a.Cost(x) < s.a.Cost(best) {
			best = x
		}
	}
	return best
}

// factor returns the product of a chain beside w, an identity if there is none.
func (s *solver) factor(chain []*Node, d expr.Dim) *Node {
	return s.a.Product(append([]*Node{s.a.Identity(d)}, chain...)...)
}

// node returns a term as an expression.
func (s *solver) node(t linearTerm) *Node {
	w := s.w
	if t.transposed {
		w = s.a.Transpose(w)
	}
	factors := append([]*Node{t.scalar}, t.left...)
	return s.a.Product(append(append(factors, w), t.right...)...)
}

func (s *solver) inverse(n *Node) *Node {
	if n.Shape.IsScalar() {
		return s.a.Power(n, s.b.Int(-1))
	}
	return s.a.Apply(expr.Inv, n)
}
