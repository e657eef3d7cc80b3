package codegen

import (
	"fmt"
	"go/format"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["gonum"] = gonum{} }

// gonum writes Go with gonum's matrices.
type gonum struct{}

func (gonum) words() []string {
	return strings.Fields(`break case chan const continue default defer else fallthrough for func go goto if import interface
		map package range return select struct switch type var
		any append bool byte cap close complex copy delete error false float64 int len make max min new nil panic print
		println real string true
		errors floats fmt mat math cofactor cols err i j ok rows square relu sigmoid softplus sign step`)
}

func (gonum) functionName(o Options) string { return camel(snakeName(o)) }
func (gonum) identifier(name string) string { return camel(name) }
func (gonum) inline(v *plan.Value) bool     { return v.IsSpread() || v.Op == plan.Transpose }
func (gonum) statement(v *plan.Value) bool  { return v.Kind == plan.Factors }

// camel joins words as Go does.
func camel(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' })
	if len(words) == 0 {
		return "x"
	}
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func (gonum) write(f *function) (string, error) {
	g := &goWriter{function: f, types: map[*plan.Value]string{}, helpers: map[string]bool{}, identities: map[expr.Dim]string{}}
	for _, v := range f.values() {
		if v.Op == plan.Call && !slices.Contains(goCalls, v.Func) {
			return "", &Unsupported{f.Target, operationName(v)}
		}
	}
	var kinds, zeros, results []string
	for _, r := range f.Results {
		kinds = append(kinds, goTypes[r.Value.Kind])
		zeros = append(zeros, map[bool]string{true: "0", false: "nil"}[r.Value.Kind == plan.Scalar])
	}
	g.failure = strings.Join(zeros, ", ")
	for _, v := range f.Lines {
		g.compute(v)
	}
	for _, r := range f.Results {
		results = append(results, g.result(r))
	}
	computed := g.text.String()
	g.text.Reset()
	g.arguments()
	checked := g.text.String()
	if g.fails {
		kinds, results = append(kinds, "error"), append(results, "nil")
	}
	signature := "(" + strings.Join(kinds, ", ") + ")"
	if len(kinds) == 1 {
		signature = kinds[0]
	}
	var header, out text
	for i, l := range f.Header {
		if i == 0 {
			l = f.Name + " returns the " + strings.ToLower(l[:1]) + l[1:]
		}
		header.line("// %s", comment(l))
	}
	var params []string
	for _, x := range f.Params {
		kind := "int"
		if x.Value != nil {
			kind = goTypes[x.Value.Kind]
		}
		params = append(params, x.Name+" "+kind)
	}
	out.line("func %s(%s) %s {", f.Name, strings.Join(params, ", "), signature)
	out.WriteString(checked)
	for _, h := range goHelpers {
		if g.helpers[h.name] {
			out.line("%s := func(x float64) float64 {\n%s\n}", h.name, h.body)
		}
	}
	out.WriteString(computed)
	out.line("return %s\n}", strings.Join(results, ", "))
	source, err := format.Source([]byte("package gradient\n\n" + goImports(out.String()) + header.String() + out.String()))
	if err != nil {
		return "", fmt.Errorf("the Go code does not parse: %w", err)
	}
	return strings.TrimSuffix(string(source), "\n"), nil
}

// goImports are the imports of the packages that the text uses.
func goImports(text string) string {
	var out strings.Builder
	for _, path := range []string{"errors", "fmt", "math", "gonum.org/v1/gonum/floats", "gonum.org/v1/gonum/mat"} {
		if strings.Contains(text, path[strings.LastIndexByte(path, '/')+1:]+".") {
			if strings.Contains(path, ".") && !strings.Contains(out.String(), "gonum") {
				out.WriteByte('\n')
			}
			fmt.Fprintf(&out, "%q\n", path)
		}
	}
	if out.Len() == 0 {
		return ""
	}
	return "import (\n" + out.String() + ")\n\n"
}

var goTypes = map[plan.Kind]string{plan.Scalar: "float64", plan.Vector: "*mat.VecDense", plan.Matrix: "*mat.Dense"}

// result is what the function returns: memory of its own.
func (g *goWriter) result(r result) string {
	switch {
	case r.Value.Kind == plan.Vector && r.Copy:
		return "mat.VecDenseCopyOf(" + r.Name + ")"
	case r.Value.Kind == plan.Matrix && (r.Copy || g.types[r.Value] != ""):
		return "mat.DenseCopyOf(" + r.Name + ")"
	}
	return r.Name
}

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (g *goWriter) arguments() {
	if !g.NoChecks {
		for _, c := range g.Checks {
			g.dimension(c.Want)
		}
	}
	for _, x := range g.Params {
		if x.Value == nil || x.Value.Kind == plan.Scalar {
			continue
		}
		dims := [2]string{"_", "_"}
		for _, s := range g.Sizes {
			if s.Of.Name == x.Name && g.used[s.Name] {
				dims[s.Index] = s.Name
			}
		}
		switch n := strings.Trim(dims[0]+dims[1], "_"); {
		case n == "":
		case x.Value.Kind == plan.Vector:
			g.line("%s := %s.Len()", n, x.Name)
		default:
			g.line("%s, %s := %s.Dims()", dims[0], dims[1], x.Name)
		}
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			if g.NoChecks || !g.isChecked(x, i) {
				continue
			}
			want := g.dimension(d)
			extent, condition := "rows", fmt.Sprintf("rows, _ := %s.Dims(); rows != %s", x.Name, want)
			switch {
			case x.Value.Kind == plan.Vector:
				extent, condition = x.Name+".Len()", fmt.Sprintf("%s.Len() != %s", x.Name, want)
			case i == 1:
				extent, condition = "cols", fmt.Sprintf("_, cols := %s.Dims(); cols != %s", x.Name, want)
			}
			g.check(condition, fmt.Sprintf("fmt.Errorf(%q, %s%s)", x.Name+" must have "+extentOf(x, i, d, "%d")+", not %d", given(d, want), extent))
		}
	}
}

// goWriter writes statements. Vectors and matrices are computed into variables, one statement an operation; scalars, and
// what is done entry by entry, are expressions of Go, the latter in a loop.
type goWriter struct {
	*function
	text
	types   map[*plan.Value]string // of a matrix that is held in another type than *mat.Dense
	helpers map[string]bool        // closures that the function begins with
	failure string                 // what is returned before an error
	fails   bool                   // the function can return one

	identities map[expr.Dim]string
}

// fresh names the variable that v is about to be computed into.
func (g *goWriter) fresh(v *plan.Value) string {
	if g.names[v] == "" {
		g.names[v] = g.numbered(stem(v))
	}
	return g.names[v]
}

func (g *goWriter) temporary() string { return g.numbered("t") }

// describe names a matrix for people.
func describe(f *function, v *plan.Value) string {
	if v.Op == plan.Input {
		return f.names[v]
	}
	return "the matrix"
}
