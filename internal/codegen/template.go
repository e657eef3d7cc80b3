package codegen

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// The strengths with which operators bind. Brackets stand round an operand that binds less than its place asks for.
const (
	sumStrength = iota + 1
	productStrength
	signStrength
	powerStrength
	atomStrength // names, calls, indices
)

// template is how an operation is written: $0, $1, … stand for its operands, $d0 and $d1 for its dimensions, $n for its
// number, $i and $j for its place counted from 0, $I and $J from 1, $r for the variable that it is, $$ for a dollar sign.
type template struct {
	text     string
	strength int // of the whole
	operands int // the least strength of an operand
	left     int // of the first operand, if it is of the same operation; 0: as operands
}

func call(text string) template    { return template{text, atomStrength, 0, 0} }
func postfix(text string) template { return template{text, atomStrength, atomStrength, 0} }
func infix(text string, strength int) template {
	return template{text, strength, strength + 1, strength}
}

// tree writes values as expressions.
type tree struct {
	*function
	// template returns how v is written; ok is false if the target has no way.
	template func(v *plan.Value) (t template, ok bool)
	// transpose is how an operand that an operation takes transposed is written.
	transpose template
	number    func(*big.Rat) (text string, strength int)
	missing   string // the first operation that there is no template for
}

// expression returns the text of v, as it is defined rather than by its name, and its strength.
func (t *tree) expression(v *plan.Value) (string, int) {
	if v.Op == plan.Number {
		return t.number(v.Num)
	}
	m, ok := t.template(v)
	if !ok {
		if t.missing == "" {
			t.missing = operationName(v)
		}
		return "", atomStrength
	}
	if m.text == "$0" {
		if name, ok := t.names[v.Args[0]]; ok {
			return name, atomStrength
		}
		return t.expression(v.Args[0])
	}
	var out strings.Builder
	for text := m.text; text != ""; {
		before, after, found := strings.Cut(text, "$")
		out.WriteString(before)
		if !found {
			break
		}
		width := 1
		switch after[0] {
		case 'n':
			s, _ := t.number(v.Num)
			out.WriteString(s)
		case '$':
			out.WriteByte('$')
		case 'r':
			out.WriteString(t.names[v])
		case 'd':
			width = 2
			out.WriteString(t.dimension([2]expr.Dim{v.Rows, v.Cols}[after[1]-'0']))
		case 'D':
			width = 2
			out.WriteString(t.dimension(v.Dims[after[1]-'0']))
		case 'i', 'j':
			out.WriteString(strconv.Itoa(v.At[after[0]-'i'] - 1))
		case 'I', 'J':
			out.WriteString(strconv.Itoa(v.At[after[0]-'I']))
		default:
			out.WriteString(t.operand(v, int(after[0]-'0'), m))
		}
		text = after[width:]
	}
	return out.String(), m.strength
}

// operand returns the text of an operand of v at its place in m.
func (t *tree) operand(v *plan.Value, i int, m template) string {
	a := v.Args[i]
	least := m.operands
	if i == 0 && m.left > 0 && sameOperation(v, a) {
		least = m.left
	}
	if i < len(v.Trans) && v.Trans[i] && a.Kind == plan.Matrix {
		inner := t.bracketed(a, t.transpose.operands)
		return bracket(strings.ReplaceAll(t.transpose.text, "$0", inner), t.transpose.strength, least)
	}
	return t.bracketed(a, least)
}

// sameOperation reports whether a stands at the left of v without brackets: sums and differences, products and quotients,
// products of matrices.
func sameOperation(v, a *plan.Value) bool {
	class := func(op plan.Op) int {
		switch op {
		case plan.Add, plan.Sub:
			return 1
		case plan.Mul, plan.Div:
			return 2
		case plan.MatMul, plan.MatVec, plan.Dot:
			return 3
		}
		return -int(op)
	}
	return class(v.Op) == class(a.Op)
}

// bracketed returns the name or the text of v, in brackets if it binds less than least.
func (t *tree) bracketed(v *plan.Value, least int) string {
	if name, ok := t.names[v]; ok {
		return name
	}
	text, strength := t.expression(v)
	return bracket(text, strength, least)
}

func bracket(text string, strength, least int) string {
	if strength < least {
		return "(" + text + ")"
	}
	return text
}

// decimal writes a number: as a decimal if that is short and exact, else as a fraction. Integers are written as they are.
func decimal(v *big.Rat) (string, int) {
	strength := atomStrength
	if v.Sign() < 0 {
		strength = signStrength
	}
	if v.IsInt() && len(v.Num().String()) <= 15 {
		return v.Num().String(), strength
	}
	f, exact := v.Float64()
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if again, ok := new(big.Rat).SetString(text); exact || ok && again.Cmp(v) == 0 || !isSmall(v) {
		return text, strength
	}
	return fmt.Sprintf("%s/%s", v.Num(), v.Denom()), min(strength, productStrength)
}

// isSmall reports whether a fraction is one that people write as such.
func isSmall(v *big.Rat) bool {
	return v.Num().IsInt64() && v.Denom().IsInt64() && len(v.Num().String()) <= 6 && len(v.Denom().String()) <= 6
}
