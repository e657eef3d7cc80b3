package parser

import (
	"fmt"
	"sync"

	"matdiff/internal/expr"
)

// function is what users may write before a parenthesis.
type function struct {
	name      string
	min, max  int
	op        *expr.Op // infer and lower follow from its table row
	sizes     int      // arguments from this one on are sizes; -1 for none
	indexes   int      // arguments up to this one are indexes
	variables int      // arguments from this one on are variables to differentiate by; 0 for none
	equation  bool
	infer     func(r *run, n *node) shape
	lower     func(l *lowerer, n *node) *expr.Node
	signature signature
}

func (f *function) arity() string {
	switch {
	case f.max == 1:
		return "one argument"
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	}
	return fmt.Sprintf("%d or %d arguments", f.min, f.max)
}

// signature is the shape of an operation's arguments and result: numbers of unknowns, or -1 for 1.
type signature struct {
	unknowns int
	in       [][2]int
	out      [2][]int // factors
}

func signatureOf(op *expr.Op) (s signature) {
	number := map[string]int{}
	of := func(d expr.Dim) int {
		names := d.Names()
		if len(names) == 0 {
			return -1
		}
		k, ok := number[names[0]]
		if !ok {
			k = len(number)
			number[names[0]] = k
		}
		return k
	}
	for _, in := range op.In {
		s.in = append(s.in, [2]int{of(in.Rows), of(in.Cols)})
	}
	for i, d := range [2]expr.Dim{op.Out.Rows, op.Out.Cols} {
		for _, name := range d.Names() {
			s.out[i] = append(s.out[i], of(expr.Named(name)))
		}
	}
	s.unknowns = len(number)
	return s
}

// squareArgument reports whether the only demand is that the only argument is square.
func (s signature) squareArgument() bool {
	return len(s.in) == 1 && s.in[0][0] == s.in[0][1] && s.in[0][0] >= 0
}

// functionTable is the functions of the language, and the user's own.
type functionTable struct {
	own map[string]*function
}

func newFunctionTable(own []*expr.Op) *functionTable {
	t := &functionTable{}
	for _, op := range own {
		if t.own == nil {
			t.own = map[string]*function{}
		}
		t.own[op.Name] = applied(op)
	}
	return t
}

// declare adds an unknown function and its gradient.
func (t *functionTable) declare(name string) {
	if t.own == nil {
		t.own = map[string]*function{}
	}
	f := expr.NewUnknown(name)
	t.own[f.Name], t.own[f.Slope.Name] = applied(f), applied(f.Slope)
}

func (t *functionTable) find(name string) *function {
	if f, ok := t.own[name]; ok {
		return f
	}
	return theFunctions()[name]
}

// taken reports whether name cannot be a variable's, and what it is the name of.
func (t *functionTable) taken(name string) (what string, taken bool) {
	switch name {
	case "I":
		return "the identity matrix", true
	case "pi", "π":
		return "the number pi", true
	case "where":
		return "a word of the language", true
	case "E", "K", "d":
		return "", false
	}
	if t.find(name) != nil {
		return "a function", true
	}
	return "", false
}

func (t *functionTable) names(equation bool) []string {
	var names []string
	for name, f := range theFunctions() {
		if !f.equation || equation {
			names = append(names, name)
		}
	}
	for name := range t.own {
		names = append(names, name)
	}
	return names
}

func applied(op *expr.Op) *function {
	f := &function{name: op.UserName(), min: len(op.In), max: len(op.In), op: op, sizes: -1, signature: signatureOf(op)}
	f.infer = func(r *run, n *node) shape { return r.apply(f, n) }
	f.lower = func(l *lowerer, n *node) *expr.Node { return l.b.New(op, l.all(n.args)...) }
	return f
}

var aliases = map[string]string{
	"trace": "tr", "norm2": "norm", "normF": "norm", "norm_fro": "norm", "ln": "log", "heaviside": "step",
	"arcsin": "asin", "arccos": "acos", "arctan": "atan",
}

var (
	buildFunctions sync.Once
	builtin        map[string]*function
)

// theFunctions returns the functions of the language by name.
func theFunctions() map[string]*function {
	buildFunctions.Do(func() { builtin = builtinFunctions() })
	return builtin
}

func builtinFunctions() map[string]*function {
	all := map[string]*function{}
	for _, op := range expr.Functions {
		if op != expr.DiagMatrix && op != expr.DiagVector {
			all[op.Name] = applied(op)
		}
	}
	for alias, name := range aliases {
		all[alias] = all[name]
	}
	special := func(name string, min, max int, infer func(*run, *node) shape, lower func(*lowerer, *node) *expr.Node) *function {
		f := &function{name: name, min: min, max: max, sizes: -1, infer: infer, lower: lower}
		all[name] = f
		return f
	}
	special("diag", 1, 1, (*run).diag, (*lowerer).diag)
	special("transpose", 1, 1, (*run).transpose, (*lowerer).transpose)
	special("hadamard", 2, 2, (*run).entrywise, (*lowerer).hadamard)
	special("kron", 2, 2, (*run).kronecker, (*lowerer).kronecker)
	special("dot", 2, 2, (*run).inner, (*lowerer).inner)
	all["inner"] = all["dot"]
	special("sym", 1, 1, (*run).symmetricPart, (*lowerer).sym)
	special("skew", 1, 1, (*run).symmetricPart, (*lowerer).skew)
	special("vector", 1, 1, (*run).vectorOf, (*lowerer).filled)
	special("matrix", 1, 1, (*run).matrixOf, (*lowerer).filled)
	special("rows", 1, 1, (*run).sizeOf, (*lowerer).rows)
	special("cols", 1, 1, (*run).sizeOf, (*lowerer).cols)

	special("eye", 1, 1, (*run).eye, (*lowerer).eye).sizes = 0
	all["I"] = all["eye"]
	special("ones", 1, 2, (*run).filled, (*lowerer).ones).sizes = 0
	special("zeros", 1, 2, (*run).filled, (*lowerer).zeros).sizes = 0
	special("K", 2, 2, (*run).commutation, (*lowerer).commutation).sizes = 0
	unit := special("E", 4, 4, (*run).unit, (*lowerer).unit)
	unit.sizes, unit.indexes = 2, 2

	for _, f := range []*function{
		special("grad", 2, 2, (*run).gradient, (*lowerer).gradient),
		special("jacobian", 2, 2, (*run).jacobian, (*lowerer).jacobian),
		special("diff", 2, 2, (*run).jacobian, (*lowerer).jacobian),
		special("hessian", 2, 2, (*run).hessian, (*lowerer).hessian),
	} {
		f.equation, f.variables = true, 1
	}
	special("d", 1, 1, (*run).transparent, (*lowerer).differential).equation = true
	return all
}
