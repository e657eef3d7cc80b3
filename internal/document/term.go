package document

import "fmt"

// op is what a term is made by.
type op uint8

const (
	opNumber       op = iota // text
	opName                   // text; subs, if it has a subscript
	opSum                    // args with signs in ops
	opProduct                // args with an operator before each but the first in ops: * . (Hadamard) / ÷ (entrywise) x (Kronecker)
	opPower                  // args[0]^args[1]
	opElementPower           // entry by entry
	opTranspose              // args[0]
	opInverse                // args[0]
	opCall                   // text(args…)
	opApply                  // a function that the document names: text(args…); ops counts primes
	opBig                    // sum over subs of args[0]; over repeated indices if there are none
	opPartial                // derivative of args[0] by args[1:]; text is "d" if written so
	opNabla                  // gradient of args[0] by args[1], if it is given; text 2 for the second derivative
	opD                      // differential of args[0]
	opBars                   // |args[0]|
	opIndexed                // args[0] with indices subs
	opMatrix                 // rows of args, each an opRow
	opRow                    // entries of a row
	opDots                   // …
)

// term is a formula as its author wrote it, before names have a meaning.
type term struct {
	op     op
	text   string
	args   []*term
	ops    string
	subs   []string // indices
	bold   bool     // of a name
	square bool     // in square brackets, which may mean the matrix of these entries
	start  int      // where it stands in the file
	end    int
}

// failure is why a formula cannot be read. It is thrown and caught in this package.
type failure struct{ reason string }

func unread(format string, args ...any) *failure { return &failure{fmt.Sprintf(format, args...)} }

// attempt returns what do panics with, if that is a failure.
func attempt(do func()) (reason string) {
	defer func() {
		switch f := recover().(type) {
		case nil:
		case *failure:
			reason = f.reason
		default:
			panic(f)
		}
	}()
	do()
	return ""
}

// walk visits t and what it is made of, as long as visit returns true.
func (t *term) walk(visit func(*term) bool) {
	if t == nil || !visit(t) {
		return
	}
	for _, a := range t.args {
		a.walk(visit)
	}
}

// contains reports whether t or a part of it is such that.
func (t *term) contains(such func(*term) bool) bool {
	found := false
	t.walk(func(p *term) bool {
		found = found || such(p)
		return !found
	})
	return found
}

// ofScalars reports whether t can be meant of scalars alone, as in \frac{d}{dx} \sin x = \cos x: it has no matrices, transposes
// or names that are bold or have indices, and no functions but elementwise ones.
func (t *term) ofScalars() bool {
	return !t.contains(func(p *term) bool {
		switch p.op {
		case opNumber, opSum, opProduct, opPower, opPartial:
			return false
		case opName:
			return upper(p.text) || p.bold || len(p.subs) > 0
		case opCall:
			return !elementwiseFunctions[p.text]
		}
		return true
	})
}

// derives reports whether t states a derivative.
func (t *term) derives() bool {
	return t.contains(func(p *term) bool { return p.op == opPartial || p.op == opNabla || p.op == opD })
}

// replace returns t with the parts for which by returns another.
func (t *term) replace(by func(*term) *term) *term {
	if t == nil {
		return nil
	}
	if other := by(t); other != nil {
		return other
	}
	c := *t
	c.args = make([]*term, len(t.args))
	for i, a := range t.args {
		c.args[i] = a.replace(by)
	}
	return &c
}

// size counts the parts of t, up to a limit.
func (t *term) size() int {
	n := 0
	t.walk(func(*term) bool { n++; return n < maxTerms })
	return n
}

// maxTerms is the number of parts beyond which a formula is not read.
const maxTerms = 3_000
