package codegen

import (
	"fmt"
	"math/big"
	"strings"

	"matdiff/internal/expr"
)

// text is the lines of a function as they are written.
type text struct{ strings.Builder }

func (t *text) line(format string, args ...any) {
	fmt.Fprintf(t, format, args...)
	t.WriteByte('\n')
}

// comment makes a line fit for a comment: the user's text neither ends the line nor the comment.
func comment(line string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "*/", "* /", "\u2028", " ", "\u2029", " ").Replace(line)
}

// extentOf says how many rows, columns or entries a parameter has to have, where its number, if it has a name, is printed by
// the verb.
func extentOf(x param, index int, d expr.Dim, verb string) string {
	unit := [...]string{"rows", "columns"}[index]
	if isVector(x.Shape) {
		unit = "entries"
	}
	if len(d.Names()) == 0 {
		return d.String() + " " + unit
	}
	return d.String() + " = " + verb + " " + unit
}

// given is the argument, with a comma, for the verb of extentOf.
func given(d expr.Dim, want string) string {
	if len(d.Names()) == 0 {
		return ""
	}
	return want + ", "
}

// literal is the absolute value of a number as a quotient p/q, or as p alone if it has a short decimal.
func literal(v *big.Rat) (p, q string) {
	s, _ := decimal(new(big.Rat).Abs(v))
	p, q, _ = strings.Cut(s, "/")
	return p, q
}
