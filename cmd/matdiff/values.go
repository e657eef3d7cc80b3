package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/numfile"
	"matdiff/internal/parser"
)

// givenValue is what --set gives for a name.
type givenValue struct {
	name   string
	from   string // as it was given: a file, or the matrix itself
	inFile bool
	*numfile.Matrix
}

// addSet gives c the flag that gives names values.
func addSet(c *cobra.Command, set *[]string) {
	c.Flags().StringArrayVar(set, "set", nil, "`X=VALUE`: a number, a matrix [1 2; 3 4], or a file: .npy, MatrixMarket, CSV (repeatable)")
}

// readValues reads the values that flags give.
func readValues(set []string) ([]givenValue, error) {
	var all []givenValue
	for _, text := range set {
		name, from, ok := strings.Cut(text, "=")
		v := givenValue{name: strings.TrimSpace(name), from: strings.TrimSpace(from)}
		if parsed, rest := cutName(v.name); !ok || v.from == "" || parsed == "" || rest != "" {
			d := wrong("--set needs NAME=VALUE, not %q", text)
			d.Hint = `for example --set X=x.npy, --set "X=[1 2; 3 4]" or --set c=2.5`
			return nil, d
		}
		if slices.ContainsFunc(all, func(w givenValue) bool { return w.name == v.name }) {
			return nil, wrong("%s is set twice", v.name)
		}
		if err := v.read(); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func (v *givenValue) read() error {
	m, inline, err := numfile.Parse(v.from)
	switch {
	case err != nil:
		return wrong("the value of %s cannot be read: %v", v.name, err)
	case inline:
		v.Matrix = m
		return nil
	}
	v.inFile = true
	f, err := os.Open(v.from)
	if err != nil {
		d := wrong("the value of %s cannot be read from %s: %v", v.name, v.from, reason(err))
		d.Hint = fmt.Sprintf(`a value is a file, a number or a matrix such as --set "%s=[1 2; 3 4]"`, v.name)
		return d
	}
	defer f.Close()
	if v.Matrix, err = numfile.Read(f); err != nil {
		return wrong("%s, the value of %s, cannot be read: %v", v.from, v.name, reason(err))
	}
	return nil
}

// isNumber reports whether v was given as a plain number.
func (v *givenValue) isNumber() bool { return !v.inFile && !strings.HasPrefix(v.from, "[") }

// String says what v is, for messages.
func (v *givenValue) String() string {
	shape := fmt.Sprintf("%d×%d", v.Rows, v.Cols)
	if v.Flat {
		shape = fmt.Sprintf("a list of %d numbers", v.Rows)
	}
	if !v.inFile {
		return fmt.Sprintf("the value of %s is %s", v.name, shape)
	}
	return fmt.Sprintf("%s, the value of %s, is %s", v.from, v.name, shape)
}

// scalarsAmong declares the names that have plain numbers for values, but were read as vectors or matrices.
func scalarsAmong(values []givenValue, names map[string]*expr.Node, declared []string) []string {
	taken := map[string]bool{}
	for _, text := range declared {
		for _, d := range declarations(text) {
			taken[d.name] = true
		}
	}
	var added []string
	for _, v := range values {
		if x := names[v.name]; x != nil && !x.Shape.IsScalar() && v.isNumber() && !taken[v.name] {
			added = append(added, v.name+": scalar")
		}
	}
	return added
}

// fit gives the variables of an expression, by name, those of the values that are theirs, and binds the dimensions.
func fit(values []givenValue, names map[string]*expr.Node) (numcheck.Env, error) {
	e := numcheck.Env{Sizes: map[string]int{}, Values: map[string]*mat.Dense{}}
	bound := map[string]*givenValue{} // what gave a dimension its size
	var theirs []*givenValue
	for i := range values {
		if x := names[values[i].name]; x != nil && x.Op == expr.Variable {
			theirs = append(theirs, &values[i])
		}
	}
	// A size is taken first from where it stands alone, then from where it is one of several factors.
	for range len(theirs) + 1 {
		for _, v := range theirs {
			shape := names[v.name].Shape
			rows, cols := v.oriented(shape, e.Sizes)
			bind(shape.Rows, rows, e.Sizes, bound, v)
			bind(shape.Cols, cols, e.Sizes, bound, v)
		}
	}
	for _, v := range theirs {
		x := names[v.name]
		rows, cols := v.oriented(x.Shape, e.Sizes)
		r, okr := x.Shape.Rows.Value(e.Sizes)
		c, okc := x.Shape.Cols.Value(e.Sizes)
		if okr && r != rows || okc && c != cols {
			return e, v.misfit(x, e.Sizes, bound)
		}
		if !okr || !okc {
			return e, wrong("the dimensions of %s, which is %s, do not follow from the values", v.name, x.Shape)
		}
		value := mat.NewDense(rows, cols, v.Values)
		if lacks := numcheck.Lacks(x.Props, value); lacks != 0 {
			what := strings.ReplaceAll(lacks.String(), " ", " and ")
			if lacks.Has(expr.Index) {
				what = "a whole number from 1, as an index has to be"
			}
			return e, wrong("%s is not %s", strings.TrimSuffix(v.String(), fmt.Sprintf(" is %d×%d", v.Rows, v.Cols)), what)
		}
		e.Values[v.name] = value
	}
	return e, nil
}

// oriented returns the dimensions of v for a variable of the given shape: a list, and a row or column in brackets, is
// taken the way that fits.
func (v *givenValue) oriented(shape expr.Shape, sizes map[string]int) (rows, cols int) {
	vector := v.Rows == 1 || v.Cols == 1
	length := v.Rows * v.Cols
	switch {
	case vector && shape.IsColumn():
		return length, 1
	case vector && shape.IsRow():
		return 1, length
	case v.Flat:
		if r, ok := shape.Rows.Value(sizes); ok && r == 1 {
			return 1, length
		}
	}
	return v.Rows, v.Cols
}

// bind gives the one name in d that has no size yet the size that d is n with.
func bind(d expr.Dim, n int, sizes map[string]int, bound map[string]*givenValue, v *givenValue) {
	unknown := ""
	for _, name := range d.Names() {
		if size, ok := sizes[name]; ok {
			if n%size != 0 {
				return
			}
			n /= size
		} else if unknown != "" {
			return
		} else {
			unknown = name
		}
	}
	if unknown != "" && n%d.Factor() == 0 {
		sizes[unknown], bound[unknown] = n/d.Factor(), v
	}
}

// misfit says that the value v of x has other dimensions than needed, and where those are from.
func (v *givenValue) misfit(x *expr.Node, sizes map[string]int, bound map[string]*givenValue) error {
	need := x.Shape.Replace(func(name string) (expr.Dim, bool) {
		n, ok := sizes[name]
		return expr.Fixed(n), ok
	})
	d := wrong("%s, but it has to be %s", v, need)
	var from []string
	for _, dim := range []expr.Dim{x.Shape.Rows, x.Shape.Cols} {
		for _, name := range dim.Names() {
			if b := bound[name]; b != nil && b != v {
				if fact := fmt.Sprintf("%s = %d, from %s", name, sizes[name], b.name); !slices.Contains(from, fact) {
					from = append(from, fact)
				}
			}
		}
	}
	d.Facts = append(d.Facts, strings.Join(append([]string{fmt.Sprintf("%s is %s", v.name, x.Shape)}, from...), "; "))
	if need.T() == (expr.Shape{Rows: expr.Fixed(v.Rows), Cols: expr.Fixed(v.Cols)}) {
		d.Hint = "should it be transposed?"
	}
	return d
}

// missing returns the variables of an expression that have no value, in the order of its names.
func missing(typed *parser.Typed, e numcheck.Env) []string {
	var names []string
	for _, name := range typed.Order {
		if n := typed.Names[name]; n.Op == expr.Variable && e.Values[name] == nil {
			names = append(names, name)
		}
	}
	return names
}
