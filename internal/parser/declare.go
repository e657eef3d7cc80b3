package parser

import (
	"strconv"
	"strings"

	"matdiff/internal/expr"
)

// declaration is what the user said about a name.
type declaration struct {
	name    string
	span    Span
	source  string
	shaped  bool         // a shape was given
	sizes   [2]*expr.Dim // of it; nil where any size will do
	scalar  bool
	props   expr.Props
	of      string // the scalar that it depends on
	unknown bool   // it is a function without a value
}

// definition is NAME = EXPR.
type definition struct {
	tree
	name  string
	span  Span // of the name
	index int
}

// declarations are all that --var and where say.
type declarations struct {
	declared map[string]*declaration
	defined  map[string]*definition
	order    []string         // declared names
	defs     []*definition    // in order
	dims     map[string]bool  // names used as dimensions
	scalars  map[string]bool  // names that others are declared to depend on
	where    map[string]place // of each name
}

type place struct {
	span   Span
	source string
}

func newDeclarations() *declarations {
	return &declarations{
		declared: map[string]*declaration{}, defined: map[string]*definition{}, dims: map[string]bool{}, scalars: map[string]bool{},
		where: map[string]place{},
	}
}

// text reads a --var argument or a line of a claims file. It throws a *Diagnostic.
func (d *declarations) text(source string, functions *functionTable) {
	list, err := read(theGrammar().items, source)
	if err != nil {
		panic(err)
	}
	d.add(list.Items, source, functions)
}

// add enters items of source. It throws a *Diagnostic.
func (d *declarations) add(list []*item, source string, functions *functionTable) {
	defer func() {
		if fault := recover(); fault != nil {
			if f, ok := fault.(*Diagnostic); ok {
				f.in(source)
			}
			panic(fault)
		}
	}()
	var waiting []*item // X and Y of X, Y, Z: m×n
	for _, it := range list {
		span := Span{it.Pos.Offset, it.Pos.Offset + len(it.Name)}
		d.enter(it.Name, place{span, source}, functions)
		switch {
		case it.Body != nil:
			if len(waiting) > 0 {
				panic(incomplete(waiting[0]))
			}
			def := &definition{tree: tree{it.Body.root, source}, name: it.Name, span: span, index: len(d.defs)}
			d.defined[it.Name] = def
			d.defs = append(d.defs, def)
		case len(it.Words) == 0:
			waiting = append(waiting, it)
		default:
			for _, w := range append(waiting, it) {
				decl := readWords(it)
				if decl.unknown {
					functions.declare(w.Name)
					continue
				}
				decl.name, decl.source = w.Name, source
				decl.span = Span{w.Pos.Offset, w.Pos.Offset + len(w.Name)}
				for _, size := range decl.sizes {
					if size != nil {
						for _, name := range size.Names() {
							d.dims[name] = true
						}
					}
				}
				if decl.of != "" {
					d.scalars[decl.of] = true
				}
				d.declared[w.Name] = decl
				d.order = append(d.order, w.Name)
			}
			waiting = nil
		}
	}
	if len(waiting) > 0 {
		panic(incomplete(waiting[0]))
	}
}

func (d *declarations) enter(name string, at place, functions *functionTable) {
	if what, taken := functions.taken(name); taken {
		panic(wrong("taken", at.span, "%s is the name of %s and cannot be declared", name, what).
			hint("use another name"))
	}
	if before, ok := d.where[name]; ok {
		f := wrong("declared-twice", at.span, "%s is declared twice", name).hint("keep one of the declarations")
		if before.source == at.source {
			f.also(before.span)
		} else {
			f.fact("it is also declared in %q", before.source)
		}
		panic(f)
	}
	d.where[name] = at
}

func incomplete(it *item) *Diagnostic {
	return wrong("declaration", Span{it.Pos.Offset, it.Pos.Offset + len(it.Name)}, "what is %s?", it.Name).hint(declarationForms, it.Name, it.Name)
}

const declarationForms = "declarations look like %s: m×n symmetric, definitions like %s = A*B"

// words reads what follows the colon of a declaration.
type words struct {
	it  *item
	all []*word
	at  int
	out *declaration
}

func readWords(it *item) *declaration {
	w := words{it: it, all: it.Words, out: &declaration{}}
	for w.at < len(w.all) {
		w.word()
	}
	w.combine()
	d := w.out
	if d.props&needSquare != 0 {
		if rows, cols := d.sizes[0], d.sizes[1]; rows != nil && cols != nil && *rows != *cols && len(rows.Names()) == 0 && len(cols.Names()) == 0 || rows == nil && cols != nil {
			panic(w.fault(w.all[0], "square", "%s matrices are square", firstProperty(d.props&needSquare)))
		}
	}
	return d
}

func (w *words) word() {
	t := w.all[w.at]
	switch {
	case properties[t.Text] != 0:
		w.out.props |= properties[t.Text]
	case t.Text == "of":
		if w.at+1 == len(w.all) {
			panic(w.fault(t, "declaration", "%s depends on what?", w.it.Name).hint("write %s: n×n of t", w.it.Name))
		}
		w.at++
		w.out.of = w.all[w.at].Text
	case t.Text == "function":
		if len(w.all) > 1 {
			panic(w.fault(t, "declaration", "nothing more can be said about a function").hint("write %s: function", w.it.Name))
		}
		w.out.unknown = true
	case t.Text == "scalar":
		w.shape(t)
		w.out.scalar = true
		w.out.sizes = [2]*expr.Dim{&expr.One, &expr.One}
	case t.Text == "vector":
		w.shape(t)
		w.out.sizes[1] = &expr.One
		if len(t.Args) == 1 {
			w.out.sizes[0] = w.size(t, t.Args[0])
		} else if len(t.Args) > 1 {
			panic(w.fault(t, "declaration", "a vector has one size"))
		}
	case t.Text == "matrix":
		w.shape(t)
		switch len(t.Args) {
		case 0:
		case 2:
			w.out.sizes = [2]*expr.Dim{w.size(t, t.Args[0]), w.size(t, t.Args[1])}
		default:
			panic(w.fault(t, "declaration", "a matrix has two sizes"))
		}
	default:
		w.product()
		return
	}
	w.at++
}

func (w *words) shape(t *word) {
	if w.out.shaped {
		panic(w.fault(t, "declaration", "%s has two shapes", w.it.Name))
	}
	w.out.shaped = true
}

// product reads m×n in its spellings: m × n, m x n, 3x4, 3xn, mxn.
func (w *words) product() {
	first := w.all[w.at]
	w.shape(first)
	rows, glued := w.dimension(true)
	if glued != "" {
		w.out.sizes = [2]*expr.Dim{rows, w.size(first, glued)}
	} else {
		if w.at >= len(w.all) || w.all[w.at].Text != "×" && w.all[w.at].Text != "x" || w.at+1 >= len(w.all) {
			panic(w.unreadable(first))
		}
		w.at++
		cols, _ := w.dimension(false)
		w.out.sizes = [2]*expr.Dim{rows, cols}
	}
	w.out.scalar = *w.out.sizes[0] == expr.One && *w.out.sizes[1] == expr.One
}

// dimension reads a product of names and numbers. If the columns may be and are glued to it, as in 3x4, it returns
// them too.
func (w *words) dimension(mayGlue bool) (d *expr.Dim, glued string) {
	for {
		t := w.all[w.at]
		if len(t.Args) > 0 || strings.ContainsAny(t.Text, "×*·") {
			panic(w.unreadable(t))
		}
		w.at++
		if mayGlue && w.at < len(w.all) {
			next := w.all[w.at]
			if rest, ok := strings.CutPrefix(next.Text, "x"); ok && rest != "" && isNumber(t.Text) && next.Pos.Offset == t.Pos.Offset+len(t.Text) {
				w.at++
				return times(d, w.size(t, t.Text)), rest
			}
		}
		separated := w.at < len(w.all) && (w.all[w.at].Text == "×" || w.all[w.at].Text == "x" || w.all[w.at].Text == "*")
		if before, after, ok := strings.Cut(t.Text, "x"); ok && before != "" && after != "" && mayGlue && !separated {
			return times(d, w.size(t, before)), after
		}
		d = times(d, w.size(t, t.Text))
		if w.at+1 >= len(w.all) || w.all[w.at].Text != "*" && w.all[w.at].Text != "·" {
			return d, ""
		}
		w.at++
	}
}

func times(d, e *expr.Dim) *expr.Dim {
	if d == nil {
		return e
	}
	product := d.Times(*e)
	return &product
}

func isNumber(s string) bool { return s != "" && isDigit(rune(s[0])) }

func (w *words) size(t *word, text string) *expr.Dim {
	if !isNumber(text) {
		d := expr.Named(text)
		return &d
	}
	d, ok := sizeNumber(text)
	if !ok {
		panic(w.fault(t, "size", "%s is no size", text).hint("sizes are whole numbers from 1"))
	}
	return &d
}

// maxSize is the largest size that a number may give; no larger matrix can be computed with.
const maxSize = 1_000_000

func sizeNumber(text string) (expr.Dim, bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxSize {
		return expr.Dim{}, false
	}
	return expr.Fixed(n), true
}

func (w *words) fault(t *word, code, format string, args ...any) *Diagnostic {
	return wrong(code, Span{t.Pos.Offset, t.Pos.Offset + len(t.Text)}, format, args...)
}

func (w *words) unreadable(t *word) *Diagnostic {
	d := w.fault(t, "declaration", "cannot read %q in the declaration of %s", t.Text, w.it.Name)
	known := []string{"scalar", "vector", "matrix"}
	for word := range properties {
		known = append(known, word)
	}
	if near := Nearest(t.Text, known); near != "" {
		return d.hint("did you mean %q?", near)
	}
	return d.hint("shapes are scalar, vector, vector(n), matrix, m×n, 3x4; properties are %s", strings.Join(expr.PropNames, ", "))
}
