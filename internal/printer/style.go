package printer

// Style is what displayed formulas leave to taste. Its fields are words of the lists below.
type Style struct {
	Transpose string // how a transpose is marked
	Bold      string // how vectors and matrices are made bold
	Operators string // how LaTeX writes the names of functions
}

// The words for a style; those that come first need no package.
var (
	Transposes = []string{"top", "T", "mathsf", "prime"}
	Bolds      = []string{"none", "mathbf", "boldsymbol"}
	Operators  = []string{"mathop", "operatorname", "macro"}
)

// PlainStyle is what is used unless something else is asked for.
func PlainStyle() Style { return Style{Transposes[0], Bolds[0], Operators[0]} }

const primed = "prime"

// bold returns how b is made bold, or none.
func (s Style) bold(b *box) string {
	if b.array {
		return s.Bold
	}
	return Bolds[0]
}
