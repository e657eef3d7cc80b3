package expr

// Conform reports whether the shapes of args are such that op can be applied to them: products and entrywise operations take
// 1×1 arguments among others. Elements do not conform, as their indices may be out of range.
func Conform(op *Op, args []*Node) bool {
	switch op {
	case Product:
		s := args[0].Shape
		for _, a := range args[1:] {
			if !s.IsScalar() && !a.Shape.IsScalar() && s.Cols != a.Shape.Rows {
				return false
			}
			s = s.Times(a.Shape)
		}
		return true
	case Sum, Hadamard, ElementPower:
		s := Scalar
		for i, a := range args {
			switch {
			case a.Shape.IsScalar():
			case s.IsScalar() && (i == 0 || op != ElementPower):
				s = a.Shape
			case s != a.Shape:
				return false
			}
		}
		return true
	case Transpose, Kronecker:
		return true
	case Power:
		return args[0].Shape.IsSquare() && args[1].Shape.IsScalar()
	case Element:
		return false
	}
	if len(op.In) != len(args) {
		return false
	}
	bound := map[string]Dim{}
	fits := func(pattern, d Dim) bool {
		names := pattern.Names()
		if len(names) == 0 {
			return pattern == d
		}
		known, ok := bound[names[0]]
		bound[names[0]] = d
		return !ok || known == d
	}
	for i, in := range op.In {
		if !fits(in.Rows, args[i].Shape.Rows) || !fits(in.Cols, args[i].Shape.Cols) {
			return false
		}
	}
	return true
}
