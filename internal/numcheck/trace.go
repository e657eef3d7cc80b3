package numcheck

import (
	"math"

	"matdiff/internal/expr"
)

// newTraceOfProduct compiles tr(P*L), L the last factor of a chain of matrices, as the sum of the entries of P .* L': the
// last product is not carried out. It is nil if n is not of this form.
func (p *program) newTraceOfProduct(n *expr.Node, s *scope) (*cell, error) {
	chain := n.Args[0]
	if !chain.Is(expr.Product) || len(chain.Args) < 2 {
		return nil, nil
	}
	for _, f := range chain.Args {
		if s.shape(f.Shape).IsScalar() {
			return nil, nil
		}
	}
	head, last := chain.Args[:len(chain.Args)-1], chain.Args[len(chain.Args)-1]
	first := head[0]
	if s.shape(first.Shape).IsRow() { // what begins with a row begins with a 1×1 product, which scales the rest
		return nil, nil
	}
	if len(head) > 1 {
		shape := expr.Shape{Rows: first.Shape.Rows, Cols: head[len(head)-1].Shape.Cols}
		if s.shape(shape).IsScalar() {
			return nil, nil
		}
		first = &expr.Node{Op: expr.Product, Args: head, Shape: shape}
	}
	c := &cell{node: n, shape: s.shape(n.Shape), row: operation{prepare: prepareTraceOfProduct, bound: boundTraceOfProduct}, constant: true}
	for _, a := range []*expr.Node{first, last} {
		arg, err := p.add(a, s)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
		c.late = c.late || arg.late
		c.constant = c.constant && arg.constant
	}
	p.cells = append(p.cells, c)
	return c, nil
}

func prepareTraceOfProduct(c *cell, _ map[string]int) func() {
	a, b := c.args[0], c.args[1]
	return func() { c.val[0] = traceOfProduct(a.val, b.val, a.rows, a.cols) }
}

// traceOfProduct is the trace of a*b, a m×n.
func traceOfProduct(a, b []float64, m, n int) float64 {
	t := 0.0
	for i := range m {
		row := 0.0
		for j, x := range a[i*n : (i+1)*n] {
			row += x * b[j*m+i]
		}
		t += row
	}
	return t
}

func boundTraceOfProduct(c *cell) {
	a, b := c.args[0], c.args[1]
	c.bound[0] = traceOfProduct(a.magnitudes().val, b.bound, a.rows, a.cols) + traceOfProduct(a.bound, b.magnitudes().val, a.rows, a.cols)
	c.bound[0] = math.Max(c.bound[0], math.Abs(c.val[0]))
}
