package document

import (
	"regexp"
	"slices"
	"strings"
)

// knowledge is what a document says about its names, and where.
type knowledge struct {
	text         string
	declarations []statement       // shapes
	definitions  []definition      // f = …, in order
	layouts      []statement       // numerator or denominator
	bolds        bool              // vectors are bold
	vectors      map[string]bool   // lower-case names that are transposed somewhere
	explained    []definition      // z, in: …, where z = Xw
	written      []definition      // every f = … or f(x) = … of the document, whether it is reached yet or not
	expansions   []definition      // what a definition is written out as, in sums over indices
	aliases      map[string]string // y for f where y = f(x) is all that is said
	inlined      int               // terms so far, of one equation
	loose        bool              // shapes that the document gives are disregarded
	wrt          []statement       // what is differentiated by
	apply        map[string]bool   // functions
}

// statement is something said of a name.
type statement struct {
	name, what string
	at         int
	until      int // where it ends to hold; 0 for the end of the file
}

// definition is name = body, perhaps with indices or parameters.
type definition struct {
	name   string
	subs   []string
	params []string
	body   *term
	at     int
	until  int // where it ends to hold; 0 for the end of the file
}

// applies reports whether a function is meant where it is applied to args: f(X) is not the f of f(x) = x'x.
func (d *definition) applies(args []*term) bool {
	for i, a := range args {
		switch {
		case a.op != opName || d.body == nil:
		case i >= len(d.params):
			if !occurs(d.body, a.text) {
				return false
			}
		case d.params[i] != a.text && strings.EqualFold(d.params[i], a.text):
			return false
		}
	}
	return true
}

// holding returns the statement on name that holds at a place: the last before it, or else the first after it.
func holding(all []statement, name string, at int) string {
	found := ""
	for _, s := range all {
		if s.name != name || s.until > 0 && at > s.until {
			continue
		}
		if s.at > at && (found != "" || s.until > 0) {
			break
		}
		found = s.what
		if s.at > at {
			break
		}
	}
	return found
}

func (k *knowledge) declaration(name string, at int) string {
	d := holding(k.declarations, name, at)
	if size, property, _ := strings.Cut(d, " "); k.loose && strings.Contains(size, "×") {
		return property
	}
	return d
}

// expansion returns the sum over indices that name was last written out as.
func (k *knowledge) expansion(name string, at int) *term {
	d := k.definition(name, at)
	for _, e := range slices.Backward(k.expansions) {
		if e.name == name && e.at <= at && d != nil && e.at >= d.at {
			return e.body
		}
	}
	return nil
}

func (k *knowledge) declaredScalar(name string, at int) bool {
	return k.declaration(name, at) == "scalar"
}

func (k *knowledge) declare(name, what string, at, until int) {
	k.declarations = append(k.declarations, statement{name, what, at, until})
}

func (k *knowledge) numerator(at int) bool { return holding(k.layouts, "", at) == "numerator" }

// variable returns what is differentiated by around a place.
func (k *knowledge) variable(at int) string {
	before, after := "", ""
	for _, s := range k.wrt {
		if s.at <= at {
			before = s.name
		} else if s.at-at < 1500 {
			after = s.name
			break
		}
	}
	if after != "" {
		return after
	}
	return before
}

// functionOf reports whether the document says that name is a function of the variable x.
func (k *knowledge) functionOf(name, x string) bool {
	return regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b[^.]{0,60}(function of|depends? on)[^.]{0,40}\b` + regexp.QuoteMeta(x) + `\b`).MatchString(k.text)
}

// definition returns what name is defined by at a place, nil if nothing.
func (k *knowledge) definition(name string, at int) *definition {
	for _, d := range slices.Backward(k.definitions) {
		if d.name == name && d.at <= at && (d.until == 0 || at <= d.until) {
			if d.body == nil {
				return nil
			}
			return &d
		}
	}
	for _, d := range k.explained {
		if d.name == name && d.at > at && d.at-at < explanation {
			return &d
		}
	}
	return nil
}

// explanation is how far behind a formula its names may be explained, in bytes.
const explanation = 400

// later returns the definition of f that follows a place in its paragraph: ∂L/∂x = 2x for L = x'x.
func (k *knowledge) later(f string, at int) *definition {
	for _, d := range k.written {
		if d.name == f && d.at > at && d.at-at < explanation && !strings.Contains(k.text[at:d.at], "\n\n") {
			return &d
		}
	}
	return nil
}

// defines reports whether the document defines f anywhere.
func (k *knowledge) defines(f string) bool {
	return slices.ContainsFunc(k.written, func(d definition) bool { return d.name == f })
}

// latest returns the last definition before a place of a scalar, judged by its name, in which x occurs.
func (k *knowledge) latest(at int, x string) *definition {
	for _, d := range slices.Backward(k.definitions) {
		if d.at <= at && d.body != nil && len(d.subs) == 0 && (!upper(d.name) || strings.Contains("LJEF", d.name)) && d.body.op != opName {
			body := d.body
			attempt(func() { body = k.inline(d.body, at, nil) })
			if !occurs(body, x) && !occurs(body, strings.ToUpper(x)) {
				continue
			}
			return &d
		}
	}
	return nil
}

func (k *knowledge) define(d definition) { k.definitions = append(k.definitions, d) }

// maxInlining bounds definitions in definitions.
const maxInlining = 20

// inline puts the definitions that hold at a place into t, except for the names to keep.
func (k *knowledge) inline(t *term, at int, keep map[string]bool) *term {
	k.inlined = 0
	return k.inlineTo(t, at, keep, maxInlining)
}

// argument returns what f in ∇f is a function of, if that is one variable: x of f(x), as it is written or as f is defined.
func (k *knowledge) argument(t *term, at int) *term {
	if t.op != opNabla || len(t.args) != 1 {
		return nil
	}
	switch f := t.args[0]; f.op {
	case opApply:
		if len(f.args) == 1 && f.args[0].op == opName && len(f.args[0].subs) == 0 && f.ops == "" {
			return f.args[0]
		}
	case opName:
		if d := k.definition(f.text, at); d != nil && len(d.params) == 1 && len(f.subs) == 0 {
			return &term{op: opName, text: d.params[0]}
		}
	}
	return nil
}

func (k *knowledge) inlineTo(t *term, at int, keep map[string]bool, depth int) *term {
	if depth == 0 {
		panic(unread("definitions are nested too deep"))
	}
	return t.replace(func(t *term) *term {
		if k.inlined++; k.inlined > maxTerms {
			panic(unread("the formula is too large with its definitions"))
		}
		if x := k.argument(t, at); x != nil {
			c := *t
			c.args = []*term{t.args[0], x}
			t = &c
		}
		if (t.op == opPartial || t.op == opNabla) && len(t.args) > 1 { // what is differentiated by stays, unless it is renamed
			c := *t
			c.args = []*term{k.inlineTo(t.args[0], at, keep, depth)}
			for _, by := range t.args[1:] {
				if d := k.definition(by.text, at); by.op == opName && len(by.subs) == 0 && d != nil && d.body.op == opName && !keep[by.text] {
					by = d.body
				}
				c.args = append(c.args, by)
			}
			return &c
		}
		if t.op != opName && t.op != opApply || keep[t.text] || t.op == opApply && t.ops != "" {
			return nil
		}
		d := k.definition(t.text, at)
		if d == nil {
			return nil
		}
		body := d.body
		switch {
		case t.op == opApply && len(d.params) == len(t.args):
			args := map[string]*term{}
			for i, p := range d.params {
				args[p] = k.inlineTo(t.args[i], at, keep, depth-1)
			}
			body = body.replace(func(t *term) *term {
				if t.op == opName && len(t.subs) == 0 {
					return args[t.text]
				}
				return nil
			})
		case t.op == opApply && len(d.params) > 0:
			return nil
		case len(t.subs) > 0 && len(t.subs) == len(d.subs):
			names := map[string]string{}
			for i, s := range d.subs {
				names[s] = t.subs[i]
			}
			body = rename(body, names)
		case len(t.subs) > 0 && len(d.subs) == 0:
			if k.definition(fullName(t), at) == nil && !upper(t.text) && isDigit(t.subs[0][0]) {
				return nil
			}
			return &term{op: opIndexed, args: []*term{k.inlineTo(body, d.at-1, keep, depth-1)}, subs: t.subs, start: t.start, end: t.end}
		case len(d.subs) > 0 && len(t.subs) == 0:
			c := *body
			c.square = true
			body = &c
		case len(t.subs) > 0:
			return nil
		}
		c := *k.inlineTo(body, d.at-1, keep, depth-1)
		c.start, c.end = t.start, t.end
		return &c
	})
}

// The words of prose that say what a name is.
var (
	mathName    = `(?:\$|\\\(|:math:` + "`" + `)?\s*(?:\\(?:mathbf|boldsymbol|bm|mathrm|mathcal)\s*\{?\s*)?(\\?[A-Za-z]+)\s*\}?\s*(?:\$|\\\)|` + "`" + `)?`
	saidAfter   = lazily(`(?i)(\w+)?\s*` + mathName + `\s+(?:is|are|be|denotes?|is assumed to be|being)\s+(?:also\s+|both\s+)?(?:an?\s+|the\s+)?((?:(?:constant|given|real|known|square|invertible|full|column|row|symmetric|skew-symmetric|positive|definite|positive-definite|diagonal|orthogonal|scalar|scaler|vector|matrix|lower|upper|triangular|function)s?[\s,-]*(?:and\s+)?)+)`)
	saidBefore  = lazily(`(?i)(\w+)?\s*\b(symmetric positive[- ]definite|positive[- ]definite|symmetric|diagonal|orthogonal|scalar|constant scalar|column vector|vector)s?(?:\s+(?:matrix|matrices|vectors?|constants?|parameters?|variables?))?\s+` + mathName)
	layout      = lazily(`(?i)\b(?:we|adopt|using|throughout|always)\s+(?:will\s+)?(?:use\s+|follow\s+|adopt\s+)?(?:the\s+)?(numerator|denominator)[- ]layout`)
	conditional = words(`if when whenever for assuming suppose case`)
)

// property turns words of prose into a declaration, "" if they say nothing that matters.
func property(text string) string {
	text = strings.ToLower(text)
	switch {
	case strings.Contains(text, "function"):
		return ""
	case strings.Contains(text, "scalar"), strings.Contains(text, "scaler"):
		return "scalar"
	case strings.Contains(text, "positive") && strings.Contains(text, "definite"):
		return "posdef"
	case strings.Contains(text, "skew"):
		return "skew"
	case strings.Contains(text, "symmetric"):
		return "symmetric"
	case strings.Contains(text, "diagonal"):
		return "diagonal"
	case strings.Contains(text, "orthogonal"):
		return "orthogonal"
	case strings.Contains(text, "vector") && !strings.Contains(text, "row"):
		return "vector"
	}
	return ""
}

// prose reads what sentences say of names.
func (k *knowledge) prose() {
	for _, m := range saidAfter().FindAllStringSubmatchIndex(k.text, -1) {
		k.said(m, 2, 4, k.text[m[6]:m[7]])
	}
	for _, m := range saidBefore().FindAllStringSubmatchIndex(k.text, -1) {
		k.said(m, 2, 6, k.text[m[4]:m[5]])
	}
	for _, m := range layout().FindAllStringSubmatchIndex(k.text, -1) {
		k.layouts = append(k.layouts, statement{"", strings.ToLower(k.text[m[2]:m[3]]), m[0], 0})
	}
}

func (k *knowledge) said(m []int, before, name int, what string) {
	word := strings.TrimPrefix(k.text[m[name]:m[name+1]], `\`)
	whole := k.text[m[0]:m[1]]
	p := property(what)
	marked := strings.ContainsAny(whole, `$\`+"`") // a single letter in prose is a word
	if p == "" || !marked || len(word) > 1 && !greekLetters[word] {
		return
	}
	until := 0
	if said := strings.ToLower(submatch(k.text, m, before)); conditional[said] || said == "where" {
		until = m[1]
		if i := strings.Index(k.text[m[1]:], "\n\n"); i >= 0 {
			until += i
		} else {
			until = len(k.text)
		}
	}
	at := m[0]
	if until > 0 { // the sentence holds for its paragraph
		at = max(strings.LastIndex(k.text[:m[0]], "\n\n"), 0)
	}
	k.declare(word, p, at, until)
}

// submatch returns the text of a submatch, "" if there is none.
func submatch(text string, m []int, at int) string {
	if m[at] < 0 {
		return ""
	}
	return text[m[at]:m[at+1]]
}

// membership reads A, B \in \mathbb{R}^{m \times n}.
func (k *knowledge) membership(tokens []token) {
	for i, t := range tokens {
		if !t.command("in") && !t.is("∈") || i == 0 || i+1 >= len(tokens) {
			continue
		}
		set, next := setName(tokens, i+1)
		if set == "" {
			continue
		}
		var power []token
		sign := ""
		for next+1 < len(tokens) && (tokens[next].is("^") || tokens[next].is("_")) {
			script, after := group(tokens, next+1)
			if tokens[next].is("^") {
				power = script
			} else {
				sign = plain(script)
			}
			next = after
		}
		what := shape(set, sign, power)
		if what == "" {
			continue
		}
		for _, name := range namesBefore(tokens[:i]) {
			k.declare(name, what, t.start, 0)
		}
	}
}

// setName reads \mathbb{R}, R or \R.
func setName(tokens []token, at int) (string, int) {
	t := tokens[at]
	switch {
	case isFont(t) || t.command("Bbb"):
		inside, next := group(tokens, at+1)
		if name := plain(inside); name == "R" || name == "S" {
			return name, next
		}
	case t.kind == tokenLetter && (t.text == "R" || t.text == "S") || t.is("ℝ") || t.kind == tokenLetter && t.text == "ℝ":
		return strings.Replace(t.text, "ℝ", "R", 1), at + 1
	case t.kind == tokenCommand && (t.text == "R" || t.text == "S" || t.text == "Re" || t.text == "reals" || t.text == "RR"):
		return strings.ToUpper(t.text[:1]), at + 1
	}
	return "", at
}

// shape turns R^{m×n} into the language; sizes that are more than a name or a number are left open.
func shape(set, sign string, power []token) string {
	sizes := []string{""}
	for _, t := range power {
		switch {
		case t.command("times") || t.is("×"):
			sizes = append(sizes, "")
		case t.kind == tokenLetter || t.kind == tokenNumber:
			if sizes[len(sizes)-1] != "" {
				sizes[len(sizes)-1] += "*"
			}
			sizes[len(sizes)-1] += t.text
		default:
			sizes[len(sizes)-1] = "?"
		}
	}
	open := slices.ContainsFunc(sizes, func(s string) bool { return strings.Contains(s, "?") || s == "" })
	switch {
	case set == "S":
		p := "symmetric"
		if strings.Contains(sign, "+") {
			p = "posdef"
		}
		if len(power) > 0 && strings.Contains(plain(power), "+") {
			p = "posdef"
		}
		if open || len(sizes) != 1 {
			return p
		}
		return sizes[0] + "×" + sizes[0] + " " + p
	case len(power) == 0:
		return "scalar"
	case len(sizes) == 1 && open:
		return "vector"
	case len(sizes) == 1:
		return "vector(" + sizes[0] + ")"
	case len(sizes) == 2 && !open && sizes[1] == "1" && !strings.Contains(sizes[0], "*"):
		return "vector(" + sizes[0] + ")"
	case len(sizes) == 2 && !open:
		return sizes[0] + "×" + sizes[1]
	case len(sizes) == 2:
		return "matrix"
	}
	return ""
}

// namesBefore returns the names of a list such as \mathbf{a}, \mathbf{b}.
func namesBefore(tokens []token) (names []string) {
	for i := len(tokens) - 1; i >= 0; i-- {
		t := tokens[i]
		switch {
		case t.kind == tokenLetter, t.kind == tokenCommand && greekLetters[t.text]:
			if len(names) > 0 && i+1 < len(tokens) && (tokens[i+1].kind == tokenLetter) {
				return names
			}
			names = append(names, t.text)
		case t.is(",") || t.is("{") || t.is("}") || isFont(t) || t.kind == tokenCommand && ignored[t.text]:
		case t.kind == tokenCommand:
			if _, ok := ignored[t.text]; !ok {
				return names
			}
		default:
			return nil // f(x), x_i, …
		}
	}
	return names
}
