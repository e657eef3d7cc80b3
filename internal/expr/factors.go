package expr

// Factors takes a product apart, nested products too: into the factors that are 1×1, a chain of vectors between them that
// gives a 1×1 value being one factor, and the chain of the others. The product is the scalars times the chain.
func (b *Builder) Factors(factors []*Node) (scalars, chain []*Node) {
	for _, f := range factors {
		switch {
		case f.Op == Product:
			s, c := b.Factors(f.Args)
			scalars = append(scalars, s...)
			chain = append(chain, c...)
		case f.Shape.IsScalar():
			scalars = append(scalars, f)
		default:
			chain = append(chain, f)
		}
		if len(chain) > 1 && chain[0].Shape.Rows == One && chain[len(chain)-1].Shape.Cols == One {
			scalars = append(scalars, b.New(Product, chain...))
			chain = nil
		}
	}
	return scalars, chain
}
