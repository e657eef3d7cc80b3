package codegen

import (
	"strings"

	"matdiff/internal/plan"
)

// pythonHeader writes the text on top of a function.
func pythonHeader(out *text, f *function) {
	for i, l := range f.Header {
		l = strings.NewReplacer(`\`, `\\`, `"`, `'`).Replace(comment(l))
		if i == 0 {
			l = `"""` + l
		}
		out.line("%s", strings.TrimRight("    "+l, " "))
	}
	out.line(`    """`)
}

// pythonTemplate is how a Python library writes op: as its own table says, or by an operator that the arrays of all have.
func pythonTemplate(own map[plan.Op]template, op plan.Op) (template, bool) {
	m, ok := own[op]
	if !ok {
		m, ok = pythonOperators[op]
	}
	return m, ok
}

var pythonOperators = map[plan.Op]template{
	plan.Add: infix("$0 + $1", sumStrength),
	plan.Sub: infix("$0 - $1", sumStrength),
	plan.Neg: {"-$0", signStrength, signStrength, 0},
	plan.Mul: infix("$0*$1", productStrength),
	plan.Div: infix("$0/$1", productStrength),
	plan.Pow: {"$0**$1", powerStrength, atomStrength, 0},

	plan.SpreadColumn: postfix("$0[:, None]"),
	plan.SpreadRow:    {"$0", 0, 0, 0},

	plan.MatMul: infix("$0 @ $1", productStrength),
	plan.MatVec: infix("$0 @ $1", productStrength),
	plan.Dot:    infix("$0 @ $1", productStrength),
}
