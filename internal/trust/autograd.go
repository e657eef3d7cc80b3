package main

import (
	_ "embed"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

//go:embed autograd.py
var autogradSource string

// torch differentiates expressions with PyTorch.
var torch = witness{
	law: "gradient = PyTorch's", every: 1,
	name: "PyTorch", modules: "torch", source: autogradSource, atOnce: 1, ask: askTorch,
}

// question is an expression at some points, as autograd.py reads it.
type question struct {
	Nodes  []questionNode         `json:"nodes"`
	Wrt    string                 `json:"wrt"`
	Points []map[string][]float64 `json:"points"`
}

type questionNode struct {
	Op    string  `json:"op"`
	Args  []int   `json:"args"`
	Rows  int     `json:"rows"`
	Cols  int     `json:"cols"`
	Value float64 `json:"value"`
	Name  string  `json:"name"`
	Dims  [2]int  `json:"dims"`
}

// askTorch asks for the gradient. PyTorch moves every entry of a variable by itself; what it finds is projected onto the
// space in which a declared structure lets the variable move.
func askTorch(process *python, s *subject, points []numcheck.Env) (answers []answer, err error) {
	q := question{Wrt: s.x.Name}
	place := map[*expr.Node]int{}
	expr.Walk(s.f, func(n *expr.Node) {
		m := questionNode{Op: n.Op.Name, Args: []int{}, Name: n.Name}
		m.Rows, m.Cols = dims(n.Shape, points[0].Sizes)
		for _, arg := range n.Args {
			m.Args = append(m.Args, place[arg])
		}
		for i, d := range n.Dims {
			m.Dims[i], _ = d.Value(points[0].Sizes)
		}
		switch n.Op {
		case expr.Number:
			m.Value, _ = n.Num.Float64()
		case expr.Size:
			m.Value = float64(m.Dims[0])
		}
		place[n] = len(q.Nodes)
		q.Nodes = append(q.Nodes, m)
	})
	for _, p := range points {
		values := map[string][]float64{}
		for _, v := range expr.Variables(s.f) {
			values[v.Name] = p.Values[v.Name].RawMatrix().Data
		}
		q.Points = append(q.Points, values)
	}
	if err := process.ask(q, &answers); err != nil {
		return nil, err
	}
	for i, a := range answers {
		if a.Error == "" {
			answers[i].Gradient = project(s.x, a.Gradient, points[i])
		}
	}
	return answers, nil
}
