package document

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// translator turns the terms of one equation into text of the language.
type translator struct {
	known        *knowledge
	at           int  // of the equation in the file
	transpose    bool // derivatives of vectors by vectors are read in denominator layout
	byFactor     bool // terms of the product rule are derivatives by one factor
	expm         bool // exp of a matrix is the matrix exponential
	greekVectors bool // Greek letters are vectors
	scalars      bool // names are scalars unless they are declared or bold
	square       bool // [a_{ij}] is the matrix of these entries, not its entry
	notes        []string
	warnings     []string

	declared map[string]string // NAME: …, of the names met
	names    map[string]bool
	moving   map[string]bool   // what d(…) differentiates by; nil for what the equation suggests
	vectors  map[string]bool   // lower-case names that are bold, indexed or transposed here
	literal  map[string]bool   // indices that stay in the text: i and j of a derivative by X[i,j]
	opaque   map[string]*term  // functions that nothing defines, and what they are functions of
	bound    int               // sums so far
	asked    int               // shapes so far
	alias    map[string]string // functions that are others under a second name: dy is df
	unitOf   string            // X, if E_{ij} stands for the derivative of X by X_{ij}
}

func (c *translator) warn(format string, args ...any) {
	c.warnings = union(c.warnings, []string{fmt.Sprintf(format, args...)})
}

func (c *translator) note(format string, args ...any) {
	c.notes = union(c.notes, []string{fmt.Sprintf(format, args...)})
}

// one returns t as a single tensor.
func (c *translator) one(t *term) tensor { return single(c.product(t)) }

// matrix returns t as text; it must have no free indices.
func (c *translator) matrix(t *term) tensor {
	v := c.one(t)
	if len(v.idx) > 0 {
		panic(unread("the index %s is free in one place only", shown(v.idx[0])))
	}
	return v
}

func (c *translator) product(t *term) []tensor {
	p := c.bare(t)
	if c.square && t.square && t.op != opIndexed {
		if v := single(p); len(v.idx) > 0 { // [a_{ij}] is A
			v.idx = nil
			return []tensor{v}
		}
	}
	return p
}

func (c *translator) bare(t *term) []tensor {
	switch t.op {
	case opNumber:
		return []tensor{{text: t.text, binds: atomic}}
	case opName:
		return []tensor{c.name(t)}
	case opSum:
		return []tensor{c.sum(t)}
	case opProduct:
		return c.factors(t)
	case opPower, opElementPower:
		base, exponent := c.one(t.args[0]), c.matrix(t.args[1])
		operator := "^"
		if len(base.idx) > 0 || t.op == opElementPower {
			operator = ".^"
		}
		return []tensor{{base.bracketed(atomic) + operator + exponent.bracketed(atomic), loosePower, base.idx}}
	case opTranspose:
		v := c.one(t.args[0])
		if len(v.idx) == 1 {
			return []tensor{v}
		}
		if len(v.idx) == 2 { // A_{ij}^T is (A^T)_{ij}
			return []tensor{{v.text, v.binds, []string{v.idx[1], v.idx[0]}}}
		}
		return []tensor{v.transposed()}
	case opInverse:
		v := c.one(t.args[0])
		if len(v.idx) > 0 {
			return []tensor{{v.bracketed(atomic) + ".^-1", loosePower, v.idx}}
		}
		if c.kind(v.text) == kindMatrix {
			return []tensor{call("inv", v.text)}
		}
		return []tensor{{text: v.bracketed(atomic) + "^-1", binds: loosePower}}
	case opCall:
		return []tensor{c.call(t)}
	case opApply:
		return []tensor{c.applied(t)}
	case opBars:
		v := c.one(t.args[0])
		name := "abs"
		if len(v.idx) == 0 {
			name = map[kind]string{kindScalar: "abs", kindVector: "norm", kindMatrix: "det"}[c.kind(v.text)]
		}
		out := call(name, v.text)
		out.idx = v.idx
		return []tensor{out}
	case opBig:
		return c.big(t)
	case opPartial, opNabla:
		return []tensor{c.derivative(t)}
	case opD:
		return []tensor{c.differential(t)}
	case opIndexed:
		return []tensor{c.indexed(c.matrix(t.args[0]), t.subs)}
	case opMatrix:
		return []tensor{c.pattern(t)}
	case opDots:
		panic(unread("dots are read only between the first and the last term of a sum"))
	}
	panic(unread("the formula is not understood"))
}

// indexLetters are the letters that are indices as subscripts.
const indexLetters = "ijklmnpqrstuvabc"

// indices reports whether subs are indices of a name of that case.
func (c *translator) indices(t *term) bool {
	lower := !upper(t.text)
	for _, s := range t.subs {
		if base, _, _ := strings.Cut(s, "#"); len(base) != 1 || !strings.Contains(indexLetters, base) && !isDigit(base[0]) {
			return false
		}
	}
	digits := slices.ContainsFunc(t.subs, func(s string) bool { return isDigit(s[0]) })
	switch len(t.subs) {
	case 1:
		return !digits && lower && !t.bold && !c.known.declaredScalar(t.text, c.at)
	case 2:
		return true
	}
	return false
}

func upper(name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(r)
}

// name reads a name with its subscript.
func (c *translator) name(t *term) tensor {
	if t.text == "I" || t.text == "pi" {
		if len(t.subs) == 2 && t.text == "I" {
			return c.unit(t)
		}
		return tensor{text: t.text, binds: atomic}
	}
	if len(t.subs) == 0 {
		return tensor{text: c.use(t.text, t.bold, false), binds: atomic}
	}
	if !c.indices(t) {
		var plain []string
		for _, s := range t.subs {
			plain = append(plain, shown(s))
		}
		return tensor{text: c.use(t.text+"_"+strings.Join(plain, ""), t.bold, false), binds: atomic}
	}
	if len(t.subs) == 2 && c.literal[t.subs[0]] && c.literal[t.subs[1]] && strings.Contains("EJS", t.text) {
		return c.unit(t)
	}
	text := t.text
	if len(t.subs) == 2 && !upper(text) && len(text) == 1 { // a_{ij} is an entry of A
		text = strings.ToUpper(text)
	}
	return c.indexed(tensor{text: c.use(text, t.bold, true), binds: atomic}, t.subs)
}

// unit reads E_{ij}, the matrix with 1 in one place, next to a derivative by X_{ij}.
func (c *translator) unit(t *term) tensor {
	v := c.unitOf
	if v == "" || !c.literal[t.subs[0]] || !c.literal[t.subs[1]] {
		panic(unread("%s_{%s} is not defined", t.text, strings.Join(t.subs, "")))
	}
	return call("E", t.subs[0], t.subs[1], "rows("+v+")", "cols("+v+")")
}

// indexed gives v indices; numbers, and the indices of a derivative by an entry, select the entry.
func (c *translator) indexed(v tensor, subs []string) tensor {
	if len(subs) == 0 || len(subs) > 2 {
		panic(unread("%d indices are not understood", len(subs)))
	}
	literal := 0
	for _, s := range subs {
		if isDigit(s[0]) || c.literal[s] {
			literal++
		}
	}
	if literal == len(subs) {
		return tensor{text: v.bracketed(atomic) + "[" + strings.Join(subs, ",") + "]", binds: atomic}
	} else if literal > 0 {
		panic(unread("a row or a column of a matrix is not understood"))
	}
	v.idx = subs
	return v
}

// use enters a name as one of the equation's.
func (c *translator) use(name string, bold, indexed bool) string {
	if name == "where" || name == "d" {
		name += "_"
	}
	if c.names[name] {
		return name
	}
	c.names[name] = true
	d := c.known.declaration(name, c.at)
	if strings.HasPrefix(d, "vector") && c.known.bolds && !bold && !indexed && !c.vectors[name] {
		d = "" // x is not the vector that is set in bold
	}
	if d != "" {
		c.declared[name] = d
	} else if !upper(name) {
		switch {
		case c.scalars && !bold:
			c.declared[name] = "scalar"
		case c.greekVectors && greekLetters[name]:
			c.declared[name] = "vector"
		case bold || indexed || (c.vectors[name] || c.known.vectors[name] && !c.known.bolds) && !greekLetters[name]:
			c.declared[name] = "vector"
		case c.known.bolds && !c.vectors[name]:
			c.declared[name] = "scalar"
		}
	}
	return name
}

func (c *translator) sum(t *term) tensor {
	if i := slices.IndexFunc(t.args, func(a *term) bool { return a.op == opDots }); i > 0 && i == len(t.args)-2 {
		return c.series(t)
	}
	var out tensor
	var terms []tensor
	var idx []string
	for _, a := range t.args {
		v := c.one(a)
		if len(v.idx) > 0 && idx == nil {
			idx = v.idx
		}
		terms = append(terms, v)
	}
	var b strings.Builder
	for i, v := range terms {
		if len(v.idx) > 0 {
			v = v.arranged(idx)
		}
		switch sign := t.ops[i]; {
		case i == 0 && sign == '-':
			b.WriteString("-")
		case i > 0:
			b.WriteString(" " + string(sign) + " ")
		}
		if needed := looseSum; t.ops[i] == '-' {
			needed = looseProduct
			b.WriteString(v.bracketed(needed))
		} else {
			b.WriteString(v.text)
		}
	}
	out = tensor{b.String(), looseSum, idx}
	return out
}

func (c *translator) factors(t *term) []tensor {
	var all [][]tensor
	indexed := false
	for _, a := range t.args {
		p := c.product(a)
		for _, v := range p {
			indexed = indexed || len(v.idx) > 0
		}
		all = append(all, p)
	}
	if !indexed {
		out := single(all[0])
		for i, p := range all[1:] {
			v := single(p)
			switch t.ops[i] {
			case '*':
				out = tensor{text: times(out, v), binds: looseProduct}
			case '.':
				out = tensor{text: out.bracketed(looseProduct) + " .* " + v.bracketed(loosePower), binds: looseProduct}
			case 'd':
				out = tensor{text: out.bracketed(looseProduct) + " ./ " + v.bracketed(loosePower), binds: looseProduct}
			case '/':
				out = tensor{text: out.bracketed(looseProduct) + "/" + v.bracketed(loosePower), binds: looseProduct}
			case 'x':
				out = call("kron", out.text, v.text)
			}
		}
		return []tensor{out}
	}
	var out []tensor
	for i, p := range all {
		for _, v := range p {
			if len(v.idx) == 0 {
				c.mustBeScalar(v)
			}
			if i > 0 && (t.ops[i-1] == '/' || t.ops[i-1] == 'd') {
				d := single(p)
				out = append(out, tensor{"1./" + d.bracketed(atomic), looseProduct, d.idx})
				break
			} else if i > 0 && t.ops[i-1] == 'x' {
				panic(unread("a Kronecker product of entries is not understood"))
			}
			out = append(out, v)
		}
	}
	return out
}

// mustBeScalar checks a factor without indices among factors with them.
func (c *translator) mustBeScalar(v tensor) {
	if c.names[v.text] && !upper(v.text) && c.declared[v.text] == "" {
		c.declared[v.text] = "scalar"
	}
	if c.kind(v.text) != kindScalar {
		panic(unread("%s has no index among factors that have", v.text))
	}
}

// elementwiseFunctions work on entries.
var elementwiseFunctions = words(`log exp sin cos tan asin acos atan sinh cosh tanh sigmoid relu sign sqrt abs softplus`)

func (c *translator) call(t *term) tensor {
	if t.text == "log" {
		switch a := t.args[0]; {
		case a.op == opCall && a.text == "det":
			return call("logdet", c.matrix(a.args[0]).text)
		case a.op == opBars:
			if v := c.one(a.args[0]); len(v.idx) == 0 && c.kind(v.text) == kindMatrix {
				return call("logdet", v.text)
			}
		}
	}
	var args []string
	var idx []string
	for _, a := range t.args {
		v := c.one(a)
		if len(v.idx) > 0 && !elementwiseFunctions[t.text] {
			panic(unread("%s of entries is not understood", t.text))
		}
		idx = v.idx
		args = append(args, v.text)
	}
	name := t.text
	if name == "tr" && t.args[0].op == opCall && elementwiseFunctions[t.args[0].text] && t.args[0].text != "exp" && t.args[0].text != "log" {
		panic(unread("%s of a matrix may be meant entry by entry or as a function of the matrix", t.args[0].text))
	}
	if name == "exp" && c.expm && len(idx) == 0 && c.kind(args[0]) == kindMatrix {
		name = "expm"
	}
	if name == "norm_2" {
		name = "norm"
		if c.kind(args[0]) == kindMatrix {
			name = "spectral"
		}
	}
	out := call(name, args...)
	out.idx = idx
	return out
}

func (c *translator) big(t *term) []tensor {
	subs := t.subs
	body := t.args[0]
	if len(subs) == 0 {
		subs = repeated(body)
		if len(subs) == 0 {
			panic(unread("a sum without indices"))
		}
	}
	// The indices of a sum get names of their own, for the same letter may be an index elsewhere.
	renamed := map[string]string{}
	var bound []string
	for _, s := range subs {
		c.bound++
		renamed[s] = fmt.Sprintf("%s#%d", s, c.bound)
		bound = append(bound, renamed[s])
	}
	p := c.product(rename(body, renamed))
	for _, s := range slices.Backward(bound) {
		p = contract(p, s)
	}
	return p
}

// rename gives indices other names.
func rename(t *term, names map[string]string) *term {
	return t.replace(func(t *term) *term {
		if len(t.subs) == 0 {
			return nil
		}
		c := *t
		c.subs = slices.Clone(t.subs)
		inner := names
		if t.op == opBig { // its own indices hide those outside
			inner = maps.Clone(names)
			for _, s := range t.subs {
				delete(inner, s)
			}
		} else {
			for i, s := range c.subs {
				if n, ok := names[s]; ok {
					c.subs[i] = n
				}
			}
		}
		c.args = nil
		for _, a := range t.args {
			c.args = append(c.args, rename(a, inner))
		}
		return &c
	})
}

// repeated returns the indices that occur twice in t.
func repeated(t *term) (out []string) {
	count := map[string]int{}
	t.walk(func(p *term) bool {
		if p.op != opBig {
			for _, s := range p.subs {
				if count[s]++; count[s] == 2 {
					out = append(out, s)
				}
			}
		}
		return true
	})
	return out
}
