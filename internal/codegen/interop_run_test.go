//go:build interop

package codegen_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// generated is the code of a case in the language of a target.
type generated struct {
	*interopCase
	name    string // of the function, and of its file
	source  string
	params  []parameter
	results int
	wrt     int // which of the parameters the derivative is by; -1 if it is by an entry
}

type parameter struct {
	name  string
	shape expr.Shape
	size  bool // a dimension that follows from no other parameter
}

// reply is what a driver printed for one case.
type reply struct {
	results [][]float64 // row by row
	dims    [][2]int
	failure string
}

// language is how generated code of a target is run.
type language struct {
	target     string
	extension  string
	flatVector bool // vectors have one dimension
	rows       bool // what is a row in the expression is a row
	columns    bool // vectors are matrices, though the target has others: --vectors column
	run        func(l *language, t *testing.T, work string, cases []*generated) error
}

var languages = []*language{
	{target: "numpy", extension: ".py", flatVector: true, run: runPython},
	{target: "torch", extension: ".py", flatVector: true, run: runPython},
	{target: "jax", extension: ".py", flatVector: true, run: runPython},
	{target: "numpy", extension: ".py", rows: true, columns: true, run: runPython},
	{target: "torch", extension: ".py", rows: true, columns: true, run: runPython},
	{target: "jax", extension: ".py", rows: true, columns: true, run: runPython},
	{target: "r", extension: ".R", rows: true, columns: true, run: runR},
	{target: "octave", extension: ".m", rows: true, run: runOctave},
	{target: "matlab", extension: ".m", rows: true, run: runOctave},
	{target: "r", extension: ".R", flatVector: true, run: runR},
	{target: "gonum", extension: ".go", run: runGo},
	{target: "eigen", extension: ".hpp", run: runCPP},
}

// name is what the language is called in the tests.
func (l *language) name() string {
	if l.columns {
		return l.target + "-columns"
	}
	return l.target
}

// execute writes the code and the input of all cases, runs them as one program, or a few where compilers are slow, and
// returns what they replied.
func (l *language) execute(t *testing.T, cases []*generated) []reply {
	t.Helper()
	work := t.TempDir()
	for _, c := range cases {
		write(t, filepath.Join(work, c.name+l.extension), strings.Replace(c.source, "package gradient", "package main", 1))
	}
	if err := l.run(l, t, work, cases); err != nil {
		t.Fatalf("%s: %v", l.target, err)
	}
	replies := make([]reply, len(cases))
	outputs, err := filepath.Glob(filepath.Join(work, "*.output"))
	if err != nil {
		t.Fatal(err)
	}
	for _, output := range outputs {
		readReplies(t, output, replies)
	}
	return replies
}

// writeInput writes what the drivers read for the given cases.
func (l *language) writeInput(t *testing.T, file string, first int, cases []*generated) {
	var in strings.Builder
	for i, c := range cases {
		wrt := -1
		if c.hasAutograd() {
			wrt = c.wrt
		}
		calls := 0
		for _, p := range c.points {
			calls += len(p.envs)
		}
		fmt.Fprintln(&in, "case", first+i, c.name, calls, len(c.params), wrt, c.results)
		for _, p := range c.points {
			for _, env := range p.envs {
				for _, a := range c.params {
					kind := "m"
					switch {
					case a.shape.IsScalar():
						kind = "s"
					case a.shape.IsColumn() && l.flatVector, a.shape.IsRow() && l.flatVector:
						kind = "v"
					}
					value, ok := env.Values[a.name]
					if !ok {
						value = mat.NewDense(1, 1, []float64{float64(env.Sizes[a.name])})
						kind = "n"
					}
					rows, cols := value.Dims()
					if a.shape.IsRow() && !l.rows {
						rows, cols = cols, rows
					}
					fmt.Fprint(&in, kind, " ", rows, " ", cols)
					for _, v := range value.RawMatrix().Data {
						fmt.Fprint(&in, " ", strconv.FormatFloat(v, 'g', -1, 64))
					}
					in.WriteByte('\n')
				}
			}
		}
	}
	write(t, file, in.String())
}

func readReplies(t *testing.T, file string, replies []reply) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var current *reply
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0:
			continue
		case words[0] == "case":
			index, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatal(err)
			}
			current = &replies[index]
			continue
		case words[0] == "error":
			current.failure = lines.Text()
			continue
		}
		numbers := make([]float64, len(words))
		for i, w := range words {
			if numbers[i], err = strconv.ParseFloat(strings.Replace(w, "NA", "NaN", 1), 64); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
		current.dims = append(current.dims, [2]int{int(numbers[0]), int(numbers[1])})
		current.results = append(current.results, numbers[2:])
	}
}

// compare says what is wrong with the reply for c; it is empty if nothing is.
func (l *language) compare(c *generated, r reply) string {
	if r.failure != "" {
		return r.failure
	}
	perCall := c.results
	if l.target == "torch" && c.hasAutograd() {
		perCall++
	}
	call := 0
	result := func(call, i int) []float64 { return r.results[call*perCall+i] }
	for n, p := range c.points {
		if len(r.results) < (call+len(p.envs))*perCall {
			return fmt.Sprintf("%d results of %d", len(r.results), (call+len(p.envs))*perCall)
		}
		for i, want := range p.want {
			at := call*perCall + i
			rows, cols := want.Dims()
			if rows == 1 && !l.rows {
				rows, cols = cols, rows
			}
			if r.dims[at] != [2]int{rows, cols} {
				return fmt.Sprintf("point %d: result %d is %v, want %d×%d", n, i+1, r.dims[at], rows, cols)
			}
			if entries := want.RawMatrix().Data; !near(r.results[at], entries, 1e-9*(1+size(p.value())), 1e-6) {
				return fmt.Sprintf("point %d: result %d is %v, want %v", n, i+1, r.results[at], entries)
			}
		}
		last := c.results - 1
		derivative := mat.NewDense(rowsOf(p.derivative()), colsOf(p.derivative()), result(call, last))
		if perCall > c.results {
			if g := c.autograd(result(call, c.results)); !near(g, result(call, 1), 1e-9*(1+size(p.value())), 1e-6) {
				return fmt.Sprintf("point %d: derivative %v, autograd %v", n, result(call, 1), g)
			}
		}
		for d, v := range p.directions {
			var values []*mat.Dense
			for s := range stencil {
				values = append(values, mat.NewDense(rowsOf(p.value()), colsOf(p.value()), result(call+1+d*len(stencil)+s, 0)))
			}
			along, measured := c.along(derivative, v), difference(values, p.step)
			if !near(along, measured, 1e-7*(1+size(p.value())), 1e-6) {
				return fmt.Sprintf("point %d: derivative along a direction is %v, by finite differences %v", n, along, measured)
			}
		}
		call += len(p.envs)
	}
	return ""
}

// hasAutograd reports whether the gradient of the value by autograd is the derivative of c, once it is projected.
func (c *generated) hasAutograd() bool {
	return c.wrt >= 0 && c.f.Shape.IsScalar() && !c.x.Props.Has(expr.Orthogonal)
}

// autograd is what the gradient g, taken entry by entry, is in the space in which a structured variable moves.
func (c *interopCase) autograd(g []float64) []float64 {
	n := 1
	for n*n < len(g) {
		n++
	}
	if n*n != len(g) {
		return g
	}
	out := make([]float64, len(g))
	for i := range n {
		for j := range n {
			v, w := g[i*n+j], g[j*n+i]
			switch p := c.x.Props; {
			case p.Has(expr.Diagonal) && i != j, p.Has(expr.Lower) && j > i, p.Has(expr.Upper) && j < i:
				v = 0
			case p.Has(expr.Skew):
				v = (v - w) / 2
			case p&(expr.Symmetric|expr.PosDef) != 0:
				v = (v + w) / 2
			}
			out[i*n+j] = v
		}
	}
	return out
}

func rowsOf(m *mat.Dense) int { r, _ := m.Dims(); return r }
func colsOf(m *mat.Dense) int { _, c := m.Dims(); return c }

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// driver is the path of a file of testdata/interop.
func driver(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "interop", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs a program in dir; its error has the end of what it printed.
func command(dir string, args ...string) error {
	c := exec.Command(args[0], args[1:]...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out[max(0, len(out)-2000):])
	}
	return nil
}

func runPython(l *language, t *testing.T, work string, cases []*generated) error {
	l.writeInput(t, filepath.Join(work, "input"), 0, cases)
	in, err := os.Open(filepath.Join(work, "input"))
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(work, "all.output"))
	if err != nil {
		return err
	}
	defer out.Close()
	var messages strings.Builder
	c := exec.Command(python, driver(t, "driver.py"), l.target, work)
	c.Stdin, c.Stdout, c.Stderr = in, out, &messages
	if err := c.Run(); err != nil {
		return fmt.Errorf("%w\n%s", err, messages.String())
	}
	return nil
}

// python is Debian's, which has numpy and torch, whatever else is first in the path.
const python = "/usr/bin/python3"

func runOctave(l *language, t *testing.T, work string, cases []*generated) error {
	l.writeInput(t, filepath.Join(work, "input"), 0, cases)
	return command(work, "octave", "--no-gui", "--quiet", "--norc", driver(t, "driver.m"), work, "input", "all.output")
}

func runR(l *language, t *testing.T, work string, cases []*generated) error {
	l.writeInput(t, filepath.Join(work, "input"), 0, cases)
	return command(work, "Rscript", "--vanilla", driver(t, "driver.R"), work, "input", "all.output")
}

// perFile is how many functions a C++ compiler is given at once.
const perFile = 30

func runCPP(l *language, t *testing.T, work string, cases []*generated) error {
	header, err := os.ReadFile(driver(t, "driver.hpp"))
	if err != nil {
		return err
	}
	write(t, filepath.Join(work, "driver.hpp"), string(header))
	flags := []string{"-std=c++17", "-O0", "-DEIGEN_DONT_VECTORIZE", "-Wall", "-Wextra", "-Werror", "-isystem", "/usr/include/eigen3"}
	if err := command(work, append([]string{"g++", "-x", "c++-header", "driver.hpp", "-o", "driver.hpp.gch"}, flags...)...); err != nil {
		return err
	}
	files := (len(cases) + perFile - 1) / perFile
	limit := make(chan struct{}, 2)
	failures := make(chan error, files)
	for k := range files {
		part := cases[k*perFile : min(len(cases), (k+1)*perFile)]
		name := fmt.Sprintf("part%d", k)
		var main strings.Builder
		main.WriteString("#include \"driver.hpp\"\n")
		for _, c := range part {
			fmt.Fprintf(&main, "#include \"%s.hpp\"\n", c.name)
		}
		main.WriteString("int main() {\n")
		for _, c := range part {
			main.WriteString(c.callCPP())
		}
		main.WriteString("}\n")
		write(t, filepath.Join(work, name+".cpp"), main.String())
		l.writeInput(t, filepath.Join(work, name+".input"), k*perFile, part)
		go func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			err := command(work, append([]string{"g++", name + ".cpp", "-o", name}, flags...)...)
			if err == nil {
				err = command(work, "sh", "-c", fmt.Sprintf("./%s <%s.input >%s.output", name, name, name))
			}
			failures <- err
		}()
	}
	for range files {
		err = errors.Join(err, <-failures)
	}
	return err
}

// callCPP is the call of the function for driver.hpp.
func (c *generated) callCPP() string {
	var out strings.Builder
	out.WriteString("  run([](bool failed) {\n")
	var names []string
	for i, p := range c.params {
		kind := "Eigen::MatrixXd"
		switch {
		case p.size:
			kind = "Eigen::Index"
		case p.shape.IsScalar():
			kind = "double"
		case p.shape.IsColumn() || p.shape.IsRow():
			kind = "Eigen::VectorXd"
		}
		names = append(names, fmt.Sprintf("p%d", i))
		fmt.Fprintf(&out, "    %s p%d;\n    read(p%d);\n", kind, i, i)
	}
	out.WriteString("    if (failed) return;\n")
	fmt.Fprintf(&out, "    const auto results = %s(%s);\n", c.name, strings.Join(names, ", "))
	out.WriteString("    std::apply([](const auto&... r) { (show(r), ...); }, results);\n  });\n")
	return out.String()
}

func runGo(l *language, t *testing.T, work string, cases []*generated) error {
	text, err := os.ReadFile(driver(t, "driver.go.txt"))
	if err != nil {
		return err
	}
	write(t, filepath.Join(work, "driver.go"), string(text))
	for _, name := range []string{"go.mod", "go.sum"} {
		module, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			return err
		}
		write(t, filepath.Join(work, name), string(module))
	}
	var main strings.Builder
	main.WriteString("package main\n\nfunc main() {\n\tdefer output.Flush()\n")
	for _, c := range cases {
		main.WriteString(c.callGo())
	}
	main.WriteString("}\n")
	write(t, filepath.Join(work, "main.go"), main.String())
	l.writeInput(t, filepath.Join(work, "input"), 0, cases)
	if err := command(work, "go", "vet", "."); err != nil {
		return err
	}
	if err := command(work, "go", "build", "-o", "all", "."); err != nil {
		return err
	}
	return command(work, "sh", "-c", "./all <input >all.output")
}

// callGo is the call of the function for driver.go.txt.
func (c *generated) callGo() string {
	var out strings.Builder
	out.WriteString("\trun(func() error {\n")
	var names []string
	for i, p := range c.params {
		read := "readMatrix"
		switch {
		case p.size:
			read = "readSize"
		case p.shape.IsScalar():
			read = "readScalar"
		case p.shape.IsColumn() || p.shape.IsRow():
			read = "readVector"
		}
		names = append(names, fmt.Sprintf("p%d", i))
		fmt.Fprintf(&out, "\t\tp%d := %s()\n", i, read)
	}
	var results []string
	for i := range c.results {
		results = append(results, fmt.Sprintf("r%d", i))
	}
	if strings.Contains(c.source, "error) {") {
		fmt.Fprintf(&out, "\t\t%s, err := %s(%s)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n", strings.Join(results, ", "), c.name, strings.Join(names, ", "))
	} else {
		fmt.Fprintf(&out, "\t\t%s := %s(%s)\n", strings.Join(results, ", "), c.name, strings.Join(names, ", "))
	}
	for _, r := range results {
		fmt.Fprintf(&out, "\t\tshow(%s)\n", r)
	}
	out.WriteString("\t\treturn nil\n\t})\n")
	return out.String()
}
