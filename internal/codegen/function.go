package codegen

import (
	"fmt"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

// function is a program with its names: all that targets have in common.
type function struct {
	Options
	Target  string
	Name    string
	Params  []param
	Sizes   []size        // dimensions that the text needs a name for, and how it gets them
	Checks  []check       // of what the sizes do not see to
	Lines   []*plan.Value // computed in statements of their own, in order
	Results []result
	Header  []string // comment: expression, shapes, names that were changed, version

	names map[*plan.Value]string // parameters and Lines
	taken map[string]bool
	dims  map[string]string // names of dimensions
	used  map[string]bool   // sizes that the text written so far has
	plan  *plan.Program
}

// param is a parameter. A size that follows from no other parameter is one, with no Value.
type param struct {
	Name  string
	Value *plan.Value
	Shape expr.Shape
}

// size is the dimension of a parameter that gives a name of a dimension its value.
type size struct {
	Name  string
	Of    param
	Index int // 0: rows, 1: columns
}

// check is that dimension Index of a parameter is Want.
type check struct {
	Of    param
	Index int
	Want  expr.Dim
}

type result struct {
	plan.Result
	Name string // of the line or parameter that it is
	Copy bool   // it is a parameter, or another result, which whoever receives it must not share
}

func newFunction(name string, t target, p *plan.Program, o Options) (*function, error) {
	f := &function{
		Options: o, Target: name, plan: p,
		names: map[*plan.Value]string{}, taken: map[string]bool{}, dims: map[string]string{}, used: map[string]bool{},
	}
	for _, w := range t.words() {
		f.taken[w] = true
	}
	if f.Name = o.Function; f.Name == "" {
		f.Name = t.functionName(o)
	}
	f.taken[f.Name] = true
	var renamed []string
	for _, x := range p.Params {
		name := f.fresh(t.identifier(x.Value.Name))
		if name != x.Value.Name {
			renamed = append(renamed, x.Value.Name+" is called "+name)
		}
		f.names[x.Value] = name
		f.Params = append(f.Params, param{name, x.Value, x.Shape})
	}
	f.nameSizes(t)
	f.nameLines(t)
	f.nameResults()
	f.header(renamed)
	return f, nil
}

// fresh returns name, changed if it is taken, and takes it.
func (f *function) fresh(name string) string {
	for f.taken[name] {
		name += "_"
	}
	f.taken[name] = true
	return name
}

// numbered returns stem1, stem2, …, the first that is not taken, and takes it. A word needs a number only when it is taken.
func (f *function) numbered(stem string) string {
	if len(stem) > 1 && !f.taken[stem] {
		f.taken[stem] = true
		return stem
	}
	for i := 1; ; i++ {
		if name := fmt.Sprint(stem, i); !f.taken[name] {
			f.taken[name] = true
			return name
		}
	}
}

// nameSizes finds where the names of dimensions get their values: from the first parameter that has one as a dimension.
func (f *function) nameSizes(t target) {
	for _, x := range f.Params {
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			if d == expr.One {
				continue
			}
			if names := d.Names(); len(names) == 1 && d.Factor() == 1 && f.dims[names[0]] == "" {
				f.dims[names[0]] = f.fresh(t.identifier(names[0]))
				f.Sizes = append(f.Sizes, size{f.dims[names[0]], x, i})
				continue
			}
			f.Checks = append(f.Checks, check{x, i, d})
		}
	}
	need := func(d expr.Dim) {
		for _, name := range d.Names() {
			if f.dims[name] == "" {
				f.dims[name] = f.fresh(t.identifier(name))
				f.Params = append(f.Params, param{Name: f.dims[name], Shape: expr.Scalar})
			}
		}
	}
	for _, c := range f.Checks {
		need(c.Want)
	}
	for _, v := range f.values() {
		if v.Op == plan.Size || v.Op == plan.Call {
			need(v.Dims[0])
			need(v.Dims[1])
		}
		if len(v.Args) == 0 {
			need(v.Rows)
			need(v.Cols)
		}
	}
}

// values lists all values, operands before what uses them.
func (f *function) values() []*plan.Value {
	var out []*plan.Value
	seen := map[*plan.Value]bool{}
	var visit func(v *plan.Value)
	visit = func(v *plan.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		for _, a := range v.Args {
			visit(a)
		}
		out = append(out, v)
	}
	for _, r := range f.plan.Results {
		visit(r.Value)
	}
	return out
}

// holder is a target with operations whose text needs an operand by its name, because it has it twice, or because the
// language has no index of an expression.
type holder interface {
	holds(v *plan.Value, operand int) bool
}

// nameLines names the values that are used more than once, or are results, statements or held, and parts of what would be a
// long line.
func (f *function) nameLines(t target) {
	results := map[*plan.Value]string{}
	for _, r := range f.plan.Results {
		if r.Value.Op != plan.Input && results[r.Value] == "" {
			results[r.Value] = f.fresh(t.identifier(r.Name))
		}
	}
	values := f.values()
	named := map[*plan.Value]bool{}
	lengths := map[*plan.Value]int{}
	for _, v := range values {
		named[v] = v.Op != plan.Input && (results[v] != "" || t.statement(v) || len(v.Args) > 0 && v.Uses > 1 && !t.inline(v))
		if h, ok := t.(holder); ok {
			for i, a := range v.Args {
				if len(a.Args) > 0 && h.holds(v, i) {
					named[a], lengths[a] = true, nameLength
				}
			}
		}
		for f.length(v, lengths) > maxLength {
			part := longest(v, named, lengths, t)
			if part == nil {
				break
			}
			named[part], lengths[part] = true, nameLength
		}
		if lengths[v] = f.length(v, lengths); named[v] {
			lengths[v] = nameLength
		}
	}
	for _, v := range values {
		switch {
		case !named[v]:
		case results[v] != "":
			f.names[v] = results[v]
			f.Lines = append(f.Lines, v)
		default:
			f.names[v] = f.numbered(stem(v))
			f.Lines = append(f.Lines, v)
		}
	}
}

// The lengths of names, of notation round operands, and of lines, in letters, as a rough guide.
const (
	nameLength = 2
	wrapLength = 5
	maxLength  = 80
)

// length guesses how long the text of v is.
func (f *function) length(v *plan.Value, lengths map[*plan.Value]int) int {
	n := wrapLength * min(len(v.Args), 1)
	for _, a := range v.Args {
		n += lengths[a]
	}
	return n + len(f.names[v])
}

// longest returns the operand of v with the longest text, which can be given a name.
func longest(v *plan.Value, named map[*plan.Value]bool, lengths map[*plan.Value]int, t target) *plan.Value {
	var best *plan.Value
	for _, a := range v.Args {
		for len(a.Args) > 0 && (t.inline(a) || a.Kind == plan.Factors) {
			a = a.Args[0]
		}
		if len(a.Args) > 0 && !named[a] && (best == nil || lengths[a] > lengths[best]) {
			best = a
		}
	}
	return best
}

// stem is what the name of a value begins with: as people write, capital letters are for matrices.
func stem(v *plan.Value) string {
	switch {
	case v.Op == plan.LU:
		return "lu"
	case v.Op == plan.Cholesky:
		return "chol"
	case v.Kind == plan.Matrix:
		return "T"
	}
	return "t"
}

func (f *function) nameResults() {
	seen := map[*plan.Value]bool{}
	for _, r := range f.plan.Results {
		f.Results = append(f.Results, result{r, f.names[r.Value], seen[r.Value] || r.Value.Op == plan.Input})
		seen[r.Value] = true
	}
}

// header says what the function is.
func (f *function) header(renamed []string) {
	by := strings.Join(f.By, ", ")
	what := map[Purpose]string{
		Value: "", Gradient: "gradient by " + by, Jacobian: "Jacobian by " + by, Hessian: "gradient and Hessian by " + by,
	}[f.Purpose]
	switch {
	case what == "":
		what = "Value of " + f.Expression + "."
	case f.NoValue:
		what = strings.ToUpper(what[:1]) + what[1:] + " of " + f.Expression + "."
	default:
		what = "Value of " + f.Expression + ", and its " + what + "."
	}
	var shapes []string
	for _, x := range f.Params {
		switch {
		case x.Value == nil:
			shapes = append(shapes, x.Name+": size")
		case x.Shape.IsScalar():
			shapes = append(shapes, x.Name+": scalar")
		case x.Shape.IsColumn():
			shapes = append(shapes, x.Name+": vector of "+x.Shape.Rows.String())
		case x.Shape.IsRow():
			shapes = append(shapes, x.Name+": row vector of "+x.Shape.Cols.String())
		default:
			shapes = append(shapes, x.Name+": "+x.Shape.String()+properties(f.plan, x.Value))
		}
	}
	f.Header = []string{what, ""}
	if len(shapes) > 0 {
		f.Header = append(f.Header, strings.Join(shapes, ", "))
	}
	if len(renamed) > 0 {
		f.Header = append(f.Header, strings.Join(renamed, ", ")+" here")
	}
	f.Header = append(f.Header, "Generated by matdiff "+f.Version)
}

func properties(p *plan.Program, v *plan.Value) string {
	for _, x := range p.Params {
		if words := x.Props.String(); x.Value == v && words != "" {
			return " " + words
		}
	}
	return ""
}

// dimension writes d in terms of the names of sizes: a product of them.
func (f *function) dimension(d expr.Dim) string {
	var factors []string
	if d.Factor() != 1 || len(d.Names()) == 0 {
		factors = append(factors, fmt.Sprint(d.Factor()))
	}
	for _, name := range d.Names() {
		factors = append(factors, f.dims[name])
		f.used[f.dims[name]] = true
	}
	return strings.Join(factors, "*")
}

// usesSizeBeside reports whether the text of a size is needed: by a value, or by a check of another parameter than param.
func (f *function) usesSizeBeside(name, param string) bool {
	uses := func(d expr.Dim) bool {
		for _, n := range d.Names() {
			if f.dims[n] == name {
				return true
			}
		}
		return false
	}
	if !f.NoChecks {
		for _, c := range f.Checks {
			if c.Of.Name != param && uses(c.Want) {
				return true
			}
		}
	}
	for _, v := range f.values() {
		if (v.Op == plan.Size || v.Op == plan.Call) && (uses(v.Dims[0]) || uses(v.Dims[1])) || len(v.Args) == 0 && v.Op != plan.Input && (uses(v.Rows) || uses(v.Cols)) {
			return true
		}
	}
	return false
}

// updated returns the operands of v if it can be computed in place of the first of them, a matrix that nothing needs
// afterwards: v is an operation entry by entry, and no result.
func (f *function) updated(v *plan.Value) (in, by *plan.Value) {
	if v.Kind != plan.Matrix || f.isResult(v) {
		return nil, nil
	}
	switch v.Op {
	case plan.Add, plan.Mul:
		if a, b := v.Args[0], v.Args[1]; f.isLastUse(a, v) {
			return a, b
		} else if f.isLastUse(b, v) {
			return b, a
		}
	case plan.Sub, plan.Div:
		if a := v.Args[0]; f.isLastUse(a, v) {
			return a, v.Args[1]
		}
	}
	return nil, nil
}

func (f *function) isResult(v *plan.Value) bool {
	return slices.ContainsFunc(f.Results, func(r result) bool { return r.Value == v })
}

// isLastUse reports whether a has a name of its own and no line after v uses it.
func (f *function) isLastUse(a, v *plan.Value) bool {
	at := slices.Index(f.Lines, v)
	if a.Kind != plan.Matrix || !slices.Contains(f.Lines, a) || f.isResult(a) {
		return false
	}
	for _, l := range f.Lines[at+1:] {
		if f.mentions(l, a) {
			return false
		}
	}
	return true
}

// mentions reports whether the text of line l has the name of a.
func (f *function) mentions(l, a *plan.Value) bool {
	for _, x := range l.Args {
		if x == a || f.names[x] == "" && f.mentions(x, a) {
			return true
		}
	}
	return false
}

// isChecked reports whether dimension index of a parameter has to be what others say.
func (f *function) isChecked(x param, index int) bool {
	return slices.ContainsFunc(f.Checks, func(c check) bool { return c.Of.Name == x.Name && c.Index == index })
}

// inOrder lists the parameters such that a size is taken from one before another is checked against it.
func (f *function) inOrder() []param {
	var out []param
	known := map[string]bool{}
	for _, x := range f.Params {
		if x.Value == nil {
			known[x.Name] = true
		}
	}
	gives := func(x param) {
		for _, s := range f.Sizes {
			if s.Of.Name == x.Name {
				known[s.Name] = true
			}
		}
	}
	waits := func(x param) bool {
		return slices.ContainsFunc(f.Checks, func(c check) bool {
			return c.Of.Name == x.Name && slices.ContainsFunc(c.Want.Names(), func(n string) bool { return !known[f.dims[n]] && !f.givesOwn(x, f.dims[n]) })
		})
	}
	for rest := f.Params; len(rest) > 0; {
		i := max(0, slices.IndexFunc(rest, func(x param) bool { return !waits(x) }))
		gives(rest[i])
		out = append(out, rest[i])
		rest = slices.Delete(slices.Clone(rest), i, i+1)
	}
	return out
}

// givesOwn reports whether a size is taken from the parameter itself.
func (f *function) givesOwn(x param, name string) bool {
	return slices.ContainsFunc(f.Sizes, func(s size) bool { return s.Of.Name == x.Name && s.Name == name })
}
