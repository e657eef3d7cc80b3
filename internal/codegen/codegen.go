// Package codegen writes programs of package plan as functions that users paste into theirs.
//
// The way from a program to text is the same for all targets: a function (function.go) has names that the target allows,
// sizes and checks of its parameters, and the values that are computed in statements of their own, since they are used
// twice or are no expression; every other value is written where it is used. A target says how each operation is written.
//
// A target whose operations are expressions is a table (template.go): an entry of targets with its reserved words, its
// templates, and how a function is framed; numpy.go is the example. The template of an operation has $0 and $1 for its
// operands, $d0 and $d1 for its dimensions, and a strength that says where brackets are needed. What a template cannot say
// is a case in the target's method write. Where an operation is neither in the table nor a case, the expression is
// refused for that target by name. A target whose operations are statements prints function.Lines itself.
package codegen

import (
	"fmt"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// Options say how a function is written.
type Options struct {
	Function   string // its name; empty: Purpose by the target's conventions
	Purpose    Purpose
	NoValue    bool   // it does not return the value of the expression
	Expression string // as the user wrote it
	By         []string
	Version    string
	Columns    bool // vectors are matrices of one column or one row, where the target's users may write them so
	NoChecks   bool // of the shapes of the arguments
}

// Purpose is what a function returns, beside the value.
type Purpose string

const (
	Value    Purpose = "value"
	Gradient Purpose = "gradient"
	Jacobian Purpose = "jacobian"
	Hessian  Purpose = "hessian" // and the gradient
)

// Unsupported is the error for an operation that a target cannot express.
type Unsupported struct {
	Target    string
	Operation string
}

func (e *Unsupported) Error() string {
	return fmt.Sprintf("%s has no way to compute %s", e.Target, e.Operation)
}

// target is a language, with its libraries.
type target interface {
	// words returns the names that no variable may have.
	words() []string
	// functionName is the name of a function by the conventions of the target.
	functionName(o Options) string
	// identifier turns a name of the language into one that the target allows, reserved words apart.
	identifier(name string) string
	// inline reports whether v is written where it is used, however often: no more than notation.
	inline(v *plan.Value) bool
	// statement reports whether v needs statements of its own.
	statement(v *plan.Value) bool
	// write returns the text of the function.
	write(f *function) (string, error)
}

var targets = map[string]target{}

// Targets lists the names of the targets.
func Targets() []string {
	var names []string
	for name := range targets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// IsReserved reports whether the named target needs a name for itself.
func IsReserved(target, name string) bool { return slices.Contains(targets[target].words(), name) }

// Write returns p as a function in the language of the named target. The error is an *Unsupported.
func Write(name string, p *plan.Program, o Options) (string, error) {
	t := targets[name]
	f, err := newFunction(name, t, p, o)
	if err != nil {
		return "", err
	}
	return t.write(f)
}

// operationName is what v computes, in words.
func operationName(v *plan.Value) string {
	if v.Func != nil {
		return v.Func.UserName()
	}
	if name, ok := operationNames[v.Op]; ok {
		return name
	}
	return fmt.Sprintf("operation %d", v.Op)
}

// operationNames has the operations that not every target has.
var operationNames = map[plan.Op]string{
	plan.PinvSqrt:    "the square root of a pseudo-inverse",
	plan.Lyapunov:    "sylvester",
	plan.MatrixPower: "a matrix power",
	plan.Kron:        "kron",
	plan.Basis:       "E(i,j,m,n)",
	plan.Determinant: "det",
	plan.LogDet:      "logdet",
	plan.LogAbsDet:   "log(abs(det(X)))",
	plan.RowMax:      "the largest entries of rows",
}

// isRow and isVector tell vectors among shapes.
func isRow(s expr.Shape) bool    { return s.IsRow() }
func isVector(s expr.Shape) bool { return s.IsRow() || s.IsColumn() }
