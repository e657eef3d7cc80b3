package numcheck

import (
	"math"
	"slices"

	"matdiff/internal/expr"
)

// structure says which space of matrices a variable declared with the given properties moves in.
const structure = expr.Symmetric | expr.Skew | expr.Diagonal | expr.PosDef | expr.Orthogonal | expr.Lower | expr.Upper

// isStructured reports whether x cannot move freely.
func isStructured(x *cell) bool { return x.node.Op == expr.Variable && x.node.Props&structure != 0 }

// isFixedZero reports whether entry i,j of a matrix with the given properties is 0 by its place.
func isFixedZero(props expr.Props, i, j int) bool {
	return props.Has(expr.Diagonal) && i != j || props.Has(expr.Lower) && j > i || props.Has(expr.Upper) && j < i
}

// project replaces v, in the shape of x, by its orthogonal projection onto the space in which x moves: for an
// orthogonal x the tangent space, V - X·sym(X'V).
func project(x *cell, v []float64) {
	r, c, props := x.rows, x.cols, x.node.Props
	if props&structure == 0 {
		return
	}
	if props.Has(expr.Orthogonal) {
		s := make([]float64, c*c)
		for i := range c {
			for j := range c {
				for k := range r {
					s[i*c+j] += x.val[k*c+i]*v[k*c+j]/2 + x.val[k*c+j]*v[k*c+i]/2
				}
			}
		}
		correction := make([]float64, r*c)
		multiply(correction, x.val, s, r, c, c)
		for i, y := range correction {
			v[i] -= y
		}
		return
	}
	for i := range r {
		for j := range c {
			if isFixedZero(props, i, j) {
				v[i*c+j] = 0
			}
		}
	}
	mirror := mirrorSign(props)
	if mirror == 0 {
		return
	}
	for i := range r {
		for j := range i + 1 {
			even := (v[i*c+j] + mirror*v[j*c+i]) / 2
			v[i*c+j], v[j*c+i] = even, mirror*even
		}
	}
}

// mirrorSign is 1 or -1 where entry j,i is that times entry i,j, and 0 where they are independent.
func mirrorSign(p expr.Props) float64 {
	switch {
	case p.Has(expr.Orthogonal):
		return 0
	case p&(expr.Symmetric|expr.PosDef) != 0:
		return 1
	case p.Has(expr.Skew):
		return -1
	}
	return 0
}

// motion moves variables along a direction, each inside its space: X+tV, or for an orthogonal X the Cayley transform
// (I-tW/2)⁻¹(I+tW/2)X with W = PVX' - XV'P, P = I - XX'/2, whose derivative at 0 is V (Wen and Yin 2013).
type motion struct {
	parts []part
	cells []*cell // what has to be evaluated again after a move
}

type part struct {
	x          *cell
	start      []float64
	index      []int // entries that move, if not all do
	speed      []float64
	generator  []float64 // W
	solve, rhs []float64
	f          *inverter
}

// clear forgets all parts, but keeps their workspace.
func (m *motion) clear() { m.parts, m.cells = m.parts[:0], nil }

// add lets x move along v, which lies in its space and is kept.
func (m *motion) add(x *cell, v []float64) {
	m.parts = slices.Grow(m.parts, 1)[:len(m.parts)+1]
	p := &m.parts[len(m.parts)-1]
	*p = part{x: x, start: append(p.start[:0], x.val...)}
	if x.node.Props.Has(expr.Orthogonal) {
		p.orthogonal(v)
	} else if !slices.Contains(v, 0) {
		p.speed = v
	} else {
		p.index = []int{}
		for i, s := range v {
			if s != 0 {
				p.index = append(p.index, i)
				p.speed = append(p.speed, s)
			}
		}
	}
}

// addWithFollowers lets x move along v, and what depends on x with it.
func (m *motion) addWithFollowers(of *machine, x *cell, v []float64) {
	m.add(x, v)
	for _, f := range of.followers(x) {
		rate := append([]float64(nil), f.rate...)
		scale(rate, v[0])
		m.add(f, rate)
	}
}

func (p *part) orthogonal(v []float64) {
	r, c := p.x.rows, p.x.cols
	p.generator, p.solve, p.rhs, p.f = make([]float64, r*r), make([]float64, r*r), make([]float64, r*c), newInverter(r)
	x := p.start
	pv := append([]float64(nil), v...) // PV = V - X(X'V)/2
	for i := range r {
		for j := range c {
			for k := range r {
				for l := range c {
					pv[i*c+j] -= x[i*c+l] * x[k*c+l] * v[k*c+j] / 2
				}
			}
		}
	}
	for i := range r {
		for j := range r {
			for k := range c {
				p.generator[i*r+j] += pv[i*c+k]*x[j*c+k] - x[i*c+k]*pv[j*c+k]
			}
		}
	}
	p.speed = v
}

// to moves to t from where the motion was made; to(0) restores the values exactly.
func (m *motion) to(t float64) {
	for i := range m.parts {
		m.parts[i].to(t)
	}
}

func (p *part) to(t float64) {
	switch {
	case p.generator != nil:
	case p.index != nil:
		for k, i := range p.index {
			p.x.val[i] = p.start[i] + t*p.speed[k]
		}
		return
	default:
		val, speed := p.x.val[:len(p.start)], p.speed[:len(p.start)]
		for i, s := range p.start {
			val[i] = s + t*speed[i]
		}
		return
	}
	if t == 0 {
		copy(p.x.val, p.start)
		return
	}
	r, c := p.x.rows, p.x.cols
	for i, w := range p.generator {
		p.solve[i] = -t * w / 2
	}
	for i := range r {
		p.solve[i*(r+1)]++
	}
	p.f.invert(p.solve, p.solve)
	// (I-tW/2)⁻¹(I+tW/2)X = X + t(I-tW/2)⁻¹WX: small moves stay accurate.
	multiply(p.rhs, p.generator, p.start, r, r, c)
	multiply(p.x.val, p.solve, p.rhs, r, r, c)
	for i, s := range p.start {
		p.x.val[i] = s + t*p.x.val[i]
	}
}

// reach is the length of the first step: a share of the size of what moves, over the largest speed. It is 0 if nothing moves.
func (m *motion) reach() float64 {
	least := math.Inf(1)
	for _, p := range m.parts {
		if top := largestMagnitude(p.speed); top > 0 {
			least = math.Min(least, rms(p.start)/top)
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return least
}

// rms is the root mean square of v, 1 if v is zero.
func rms(v []float64) float64 {
	if f := frobenius(v); f > 0 {
		return f / math.Sqrt(float64(len(v)))
	}
	return 1
}

// changes reports whether the motion may change the value of c.
func (m *motion) changes(c *cell) bool {
	for _, p := range m.parts {
		if p.x == c {
			return true
		}
	}
	return slices.Contains(m.cells, c)
}
