package main

import (
	_ "embed"
	"slices"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/plan"
	"matdiff/internal/printer"
)

//go:embed numpy.py
var numpySource string

// numpy runs the functions that grad -o numpy prints.
var numpy = witness{
	law: "NumPy function = value and gradient", every: 5,
	name: "NumPy", modules: "numpy, scipy", source: numpySource, atOnce: pointCount, always: true, flags: " -o numpy", ask: askNumPy,
}

// call is a function, and points to call it at: values of variables and sizes by name, scalars, vectors or rows of matrices.
type call struct {
	Source   string           `json:"source"`
	Function string           `json:"function"`
	Wrt      string           `json:"wrt"`
	Points   []map[string]any `json:"points"`
}

func askNumPy(process *python, s *subject, points []numcheck.Env) (answers []answer, err error) {
	c := call{Function: "f_and_gradient", Wrt: s.x.Name}
	variables, program, err := s.program()
	if err != nil {
		return nil, err
	}
	c.Source, err = codegen.Write("numpy", program, codegen.Options{
		Function: c.Function, Purpose: codegen.Gradient, Expression: printer.Text(s.f), By: []string{s.x.Name},
	})
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		values := map[string]any{}
		for name, size := range p.Sizes {
			values[name] = size
		}
		for _, v := range variables {
			values[v.Name] = argument(v.Shape, p.Values[v.Name])
		}
		c.Points = append(c.Points, values)
	}
	return answers, process.ask(c, &answers)
}

// argument is what a generated function takes for a variable: a number, a vector whichever way it lies, or rows.
func argument(shape expr.Shape, value *mat.Dense) any {
	data := value.RawMatrix()
	switch {
	case shape.IsScalar():
		return data.Data[0]
	case shape.IsRow(), shape.IsColumn():
		return data.Data
	}
	return slices.Collect(slices.Chunk(data.Data, data.Cols))
}

// program is the one that grad writes, and its parameters. Their order means nothing, for they are passed by name.
func (s *subject) program() ([]*expr.Node, *plan.Program, error) {
	g, err := s.derive()
	if err != nil {
		return nil, nil, err
	}
	normal := s.a.Normalize(s.f)
	value := []*expr.Node{s.f, normal, s.a.Shortest(normal)}
	gradient := []*expr.Node{s.swept, g}
	variables := []*expr.Node{s.x}
	for _, x := range expr.Variables(append(value, gradient...)...) {
		if x != s.x {
			variables = append(variables, x)
		}
	}
	p, err := plan.New(s.b, variables, []plan.Wanted{{Name: "value", Forms: value}, {Name: "grad_" + s.x.Name, Forms: gradient}})
	return variables, p, err
}
