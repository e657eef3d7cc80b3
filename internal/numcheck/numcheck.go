// Package numcheck evaluates expressions on float64 matrices and decides by finite differences whether equations hold.
//
// It comes after parser, simplify and rules and trusts none of them: a derivative is measured, never derived. An
// equation is compiled into programs (program.go), which are run at random points (sample.go); derivatives in it are
// extrapolated from central differences (oracle.go, derivative.go) and come with an error estimate; agreement entry by
// entry within these errors at enough points is a verdict (check.go). Values outside the domain of a function are NaN.
package numcheck

import (
	"fmt"
	"runtime"
	"strings"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// Env gives the dimensions and the variables of an expression their values, by name.
type Env struct {
	Sizes  map[string]int
	Values map[string]*mat.Dense
}

// Eval returns the value of n. Entries outside the domain of a function are NaN.
func Eval(n *expr.Node, env Env) (value *mat.Dense, err error) {
	defer recoverPanic(&err)
	m := newMachine(standardSteps)
	p, err := m.compile(n)
	if err != nil {
		return nil, err
	}
	if err := m.resize(env.Sizes); err != nil {
		return nil, err
	}
	for _, v := range m.variables {
		given, ok := env.Values[v.node.Name]
		if !ok {
			return nil, fmt.Errorf("no value for %s", v.node.Name)
		}
		if err := v.set(given); err != nil {
			return nil, err
		}
	}
	m.prepare()
	p.finish()
	root := p.roots[0]
	return mat.NewDense(root.rows, root.cols, append([]float64(nil), root.val...)), nil
}

// set gives the variable v its value.
func (v *cell) set(value *mat.Dense) error {
	if r, c := value.Dims(); r != v.rows || c != v.cols {
		return fmt.Errorf("%s is %d×%d, not %d×%d", v.node.Name, v.rows, v.cols, r, c)
	}
	for i := range v.rows {
		copy(v.val[i*v.cols:(i+1)*v.cols], value.RawRowView(i))
	}
	return nil
}

// recoverPanic turns the end of the run or a panic of gonum into an error. What is a bug of ours stays a panic.
func recoverPanic(err *error) {
	switch r := recover().(type) {
	case nil:
	case stopped:
		*err = r.why
	default:
		if isBug(r) {
			panic(r)
		}
		*err = fmt.Errorf("numeric evaluation: %v", r)
	}
}

// isBug reports whether r, recovered by the deferred function that calls it or its caller, is a runtime error that did not come
// up in gonum.
func isBug(r any) bool {
	if _, ok := r.(runtime.Error); !ok {
		return false
	}
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for panicking := false; ; {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(frame.Function, "runtime."):
			return !strings.HasPrefix(frame.Function, "gonum.org/")
		}
		if !more {
			return true
		}
	}
}
