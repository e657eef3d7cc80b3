package codegen

import (
	"fmt"
	"slices"
	"strings"

	"matdiff/internal/expr"
	"matdiff/internal/plan"
)

func init() { targets["eigen"] = eigen{} }

// eigen writes C++17 with Eigen 3.4.
type eigen struct{}

func (eigen) words() []string {
	return strings.Fields(`alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t
		class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
		default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
		mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
		reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this
		thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor
		xor_eq Eigen std i j pow I EIGEN_PI`)
}

func (eigen) functionName(o Options) string { return snakeName(o) }
func (eigen) identifier(name string) string { return ascii(name) }
func (eigen) inline(v *plan.Value) bool     { return v.IsSpread() || v.Op == plan.Transpose }

// statement reports the factorisations, and what is solved with a transposed one, which Eigen does not do in expressions.
func (eigen) statement(v *plan.Value) bool {
	return v.Kind == plan.Factors || v.Op == plan.Solve && v.Trans[0]
}

var cppTypes = map[plan.Kind]string{plan.Scalar: "double", plan.Vector: "Eigen::VectorXd", plan.Matrix: "Eigen::MatrixXd"}

func (eigen) write(f *function) (string, error) {
	e := &cppWriter{function: f}
	for _, v := range f.values() {
		if v.Op == plan.Call && !slices.Contains(cppCalls, v.Func) {
			return "", &Unsupported{f.Target, operationName(v)}
		}
	}
	for _, v := range f.Lines {
		e.compute(v)
	}
	computed := e.text.String()
	e.text.Reset()
	e.arguments()
	checked := e.text.String()
	var kinds, results, params []string
	for _, r := range f.Results {
		kinds, results = append(kinds, cppTypes[r.Value.Kind]), append(results, r.Name)
	}
	for _, x := range f.Params {
		switch {
		case x.Value == nil:
			params = append(params, "Eigen::Index "+x.Name)
		case x.Value.Kind == plan.Scalar:
			params = append(params, "double "+x.Name)
		default:
			params = append(params, "const "+cppTypes[x.Value.Kind]+"& "+x.Name)
		}
	}
	kind, result := kinds[0], results[0]
	if len(kinds) > 1 {
		kind, result = "std::tuple<"+strings.Join(kinds, ", ")+">", "{"+strings.Join(results, ", ")+"}"
	}
	code := checked + computed
	var out text
	out.WriteString(cppIncludes(kind+code, f.values()))
	for _, l := range f.Header {
		out.line("%s", strings.TrimRight("// "+strings.TrimRight(comment(l), `\`), " "))
	}
	out.line("inline %s %s(%s) {", kind, f.Name, strings.Join(params, ", "))
	out.WriteString(code)
	out.line("  return %s;", result)
	return out.String() + "}", nil
}

// cppIncludes are the headers of what the text uses. The functions of matrices have the names that those of arrays have.
func cppIncludes(text string, values []*plan.Value) string {
	groups := [][][2]string{
		{{"Eigen/Dense", ""}, {"unsupported/Eigen/KroneckerProduct", "kroneckerProduct"}},
		{{"algorithm", "std::max"}, {"cmath", "std::" + strings.Join(cppMath, "(|std::") + "("}, {"stdexcept", "throw"}, {"string", "to_string"}, {"tuple", "std::tuple"}},
	}
	if slices.ContainsFunc(values, isMatrixFunction) {
		groups[0] = append(groups[0], [2]string{"unsupported/Eigen/MatrixFunctions", ""})
	}
	var out strings.Builder
	for _, group := range groups {
		for _, h := range group {
			for _, word := range strings.Split(h[1], "|") {
				if strings.Contains(text, word) {
					fmt.Fprintf(&out, "#include <%s>\n", h[0])
					break
				}
			}
		}
		out.WriteByte('\n')
	}
	return strings.TrimRight(out.String(), "\n") + "\n\n"
}

// cppMath are the functions of <cmath> that are used.
var cppMath = strings.Fields("abs acos asin atan cos cosh exp log log1p pow sin sinh sqrt tan tanh")

func isMatrixFunction(v *plan.Value) bool {
	switch v.Func {
	case expr.Expm, expr.Logm, expr.Sqrtm, expr.DExpm, expr.DLogm:
		return true
	}
	return v.Op == plan.MatrixPower && v.Num.Num().Int64() > cppPower
}

// cppPower is the highest power of a matrix that is written as a product.
const cppPower = 3

// arguments checks the shapes of the arguments and takes the sizes that are needed from them.
func (e *cppWriter) arguments() {
	if !e.NoChecks {
		for _, c := range e.Checks {
			e.dimension(c.Want)
		}
	}
	for _, x := range e.Params {
		if x.Value == nil || x.Value.Kind == plan.Scalar {
			continue
		}
		for i, d := range [2]expr.Dim{x.Shape.Rows, x.Shape.Cols} {
			extent := x.Name + "." + [...]string{"rows", "cols"}[i] + "()"
			if x.Value.Kind == plan.Vector {
				extent = x.Name + ".size()"
			}
			for _, s := range e.Sizes {
				if s.Of.Name == x.Name && s.Index == i && e.used[s.Name] {
					e.line("  const Eigen::Index %s = %s;", s.Name, extent)
				}
			}
			if e.NoChecks || !e.isChecked(x, i) {
				continue
			}
			want := e.dimension(d)
			message := fmt.Sprintf("%q", x.Name+" must have "+extentOf(x, i, d, "%d")+", not ")
			message = strings.Replace(message, "%d", `" + std::to_string(`+want+`) + "`, 1)
			e.line("  if (%s != %s) {", extent, want)
			e.line("    throw std::invalid_argument(%s + std::to_string(%s));", message, extent)
			e.line("  }")
		}
	}
}

// cppWriter writes expressions. Eigen's matrices and arrays do not mix: what is done entry by entry is an expression of
// arrays, all else one of matrices.
type cppWriter struct {
	*function
	text
}

// fresh names the variable that v is about to be computed into.
func (e *cppWriter) fresh(v *plan.Value) string {
	if e.names[v] == "" {
		e.names[v] = e.numbered(stem(v))
	}
	return e.names[v]
}

func (e *cppWriter) temporary() string { return e.numbered("T") }

// compute writes the statement that gives v its variable.
func (e *cppWriter) compute(v *plan.Value) {
	if v.Kind == plan.Factors {
		e.factorise(v)
		return
	}
	text := e.operation(v).text
	e.line("  const %s %s = %s;", cppTypes[v.Kind], e.fresh(v), text)
}
