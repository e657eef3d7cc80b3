package main

import (
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
)

// shape is a name, or the whole expression, in what -o json prints for shapes.
type shape struct {
	Name       string   `json:"name,omitempty"`
	Shape      string   `json:"shape"`
	Kind       string   `json:"kind"`
	Properties []string `json:"properties,omitempty"`
}

func newShapes(s *session) *cobra.Command {
	c := &cobra.Command{
		Use:   "shapes EXPR",
		Short: "Print every name of an expression with its kind and dimensions",
		Long: `shapes prints what matdiff takes each name of EXPR to be: declared, or inferred from how it is used.
The last line is the shape of EXPR itself.

EXPR may be -: an expression a line is read from standard input, and a line with all its names is printed.`,
		Example: `  matdiff shapes "tr(A*X*B)"`,
		Args:    oneExpression,
		RunE: func(c *cobra.Command, args []string) error {
			functions, err := s.functions()
			if err != nil {
				return err
			}
			return s.forEach(args[0], 1, func(at place, text string) ([]shown, error) {
				typed, err := s.parse(at, s.builder(), text, parser.Options{Functions: functions})
				if err != nil {
					return nil, err
				}
				var names []shape
				for _, name := range typed.Order {
					names = append(names, describe(name, typed.Names[name]))
				}
				result := describe("", typed.Expr)
				if s.output == outputJSON {
					r, err := encoded(struct {
						Expression string  `json:"expression"`
						Names      []shape `json:"names"`
						Result     shape   `json:"result"`
					}{text, names, result})
					return []shown{r}, err
				}
				result.Name = "result"
				var all []string
				for _, n := range append(names, result) {
					all = append(all, n.String())
				}
				between := "; "
				if at.name == "" {
					between = "\n"
				}
				return []shown{{text: strings.Join(all, between)}}, nil
			})
		},
	}
	s.addInput(c)
	s.addOutput(c, outputText, outputJSON)
	return c
}

// describe returns what n is, in words.
func describe(name string, n *expr.Node) shape {
	d := shape{Name: name, Shape: n.Shape.String(), Kind: "matrix", Properties: strings.Fields(n.Props.String())}
	switch {
	case n.Shape.IsScalar():
		d.Kind = "scalar"
	case n.Shape.IsColumn():
		d.Kind = "vector"
	case n.Shape.IsRow():
		d.Kind = "row vector"
	}
	return d
}

// String writes d as "A: m×n matrix, symmetric".
func (d shape) String() string {
	words := d.Kind
	if d.Kind != "scalar" {
		words = d.Shape + " " + d.Kind
	}
	return d.Name + ": " + strings.Join(append([]string{words}, d.Properties...), ", ")
}
