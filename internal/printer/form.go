package printer

import (
	"encoding/binary"
	"slices"
)

// A form is an expression as a page shows it: what a node says in products, quotients, differences and brackets, before
// a notation is chosen. All notations draw the same forms, so that a quotient is one in all of them. Forms are
// hash-consed like nodes, so parts that look the same are one.
type form struct {
	kind    kind
	name    string  // atom, function: what is written
	args    []*form // operands
	id      int     // in the order of making, in which operands come first
	size    float64 // nodes of the text when it is parsed, no more than tooLarge
	letters int     // how many factors are not numbers, no more than many
	loose   bool    // may be a multiple of an I whose size its neighbours give
}

type kind byte

const (
	nameAtom      kind = iota // a variable or a dimension
	numberAtom                // digits
	constantAtom              // I, pi
	matrix                    // a constant one with its sizes: eye(n), ones(m, n), zeros(m, n), E(i, j, m, n), K(m, n)
	function                  // name(args)
	indexed                   // args[0][args[1],args[2]]
	negative                  // -a
	sum                       // a + b, or a - c where b is -c
	product                   // a*b
	quotient                  // a/b
	hadamard                  // a .* b
	entryQuotient             // a ./ b
	kronecker                 // kron(a, b)
	transposed                // a'
	inverse                   // inv(a)
	power                     // a^b
	elementPower              // a.^b
)

// tooLarge stands for every size that it is pointless to tell apart; products of two such numbers are still finite.
const tooLarge = 1e100

const many = 2

// ownSize is the size without the operands. The name before [ is no node of its own, nor is the minus of a difference.
func (f *form) ownSize() float64 {
	switch f.kind {
	case sum:
		if f.args[1].kind == negative {
			return 0
		}
	case indexed:
		return 0
	case matrix:
		size := 1.
		for _, a := range f.args {
			size += a.size
		}
		return size
	}
	return 1
}

func (f *form) countLetters() int {
	switch f.kind {
	case numberAtom:
		return 0
	case negative:
		return f.args[0].letters
	case product, quotient:
		return min(f.args[0].letters+f.args[1].letters, many)
	}
	return 1
}

func (f *form) isLoose() bool {
	switch f.kind {
	case constantAtom:
		return f.name == "I"
	case negative, transposed, inverse:
		return f.args[0].loose
	case sum:
		return f.args[0].loose && f.args[1].loose
	case product, quotient:
		return f.args[0].loose || f.args[1].loose
	}
	return false
}

// operands are what f is made of, as far as it can have other names. Sizes cannot.
func (f *form) operands() []*form {
	if f.kind == matrix {
		return nil
	}
	return f.args
}

// chain returns the operands of a*b…/c/d…, where times and over are the kinds of the operators.
func (f *form) chain(times, over kind) (args, den []*form) {
	for ; f.kind == over; f = f.args[0] {
		den = append(den, f.args[1])
	}
	for ; f.kind == times; f = f.args[0] {
		args = append(args, f.args[1])
	}
	args = append(args, f)
	slices.Reverse(args)
	slices.Reverse(den)
	return args, den
}

// isOne reports whether f is the number 1.
func (f *form) isOne() bool { return f.kind == numberAtom && f.name == "1" }

// forms makes forms and keeps them.
type forms struct {
	known map[string]*form
	key   []byte
}

func (fs *forms) make(k kind, name string, args ...*form) *form {
	key := append(fs.key[:0], byte(k))
	key = append(append(key, name...), 0)
	for _, a := range args {
		key = binary.AppendUvarint(key, uint64(a.id))
	}
	fs.key = key
	if f, ok := fs.known[string(key)]; ok {
		return f
	}
	f := &form{kind: k, name: name, args: args, id: len(fs.known)}
	f.size = f.ownSize()
	for _, o := range f.operands() {
		f.size += o.size
	}
	f.size = min(f.size, tooLarge)
	f.letters, f.loose = f.countLetters(), f.isLoose()
	fs.known[string(key)] = f
	return f
}

func (fs *forms) atom(k kind, name string) *form { return fs.make(k, name) }

// negate returns -f.
func (fs *forms) negate(f *form) *form {
	if f.kind == negative {
		return f.args[0]
	}
	return fs.make(negative, "", f)
}

func (fs *forms) one() *form { return fs.atom(numberAtom, "1") }

// from returns args[0]*args[1]… with k for *.
func (fs *forms) from(k kind, args []*form) *form {
	f := args[0]
	for _, a := range args[1:] {
		f = fs.make(k, "", f, a)
	}
	return f
}

// ratio returns args[0]*args[1]…/(den[0]*den[1]…).
func (fs *forms) ratio(args, den []*form) *form {
	if len(args) > 0 && args[0].kind == quotient {
		den = append([]*form{args[0].args[1]}, den...)
		args = append([]*form{args[0].args[0]}, args[1:]...)
	}
	args, den = fs.under(power, args, den)
	if len(args) > 1 && args[0].isOne() && len(den) > 0 { // 1/s*X
		args = args[1:]
	}
	if len(args) == 0 {
		args = []*form{fs.one()}
	}
	f := fs.from(product, args)
	if len(den) > 0 {
		f = fs.make(quotient, "", f, fs.ratio(den, nil))
	}
	return f
}

// under moves what is raised to a number below 0 from args to den, unless it is all there is.
func (fs *forms) under(k kind, args, den []*form) (_, _ []*form) {
	if len(args)+len(den) < 2 {
		return args, den
	}
	var rest []*form
	for _, a := range args {
		if a.kind == k && a.args[1].kind == negative && a.args[1].letters == 0 {
			den = append(den, fs.make(k, "", a.args[0], a.args[1].args[0]))
		} else {
			rest = append(rest, a)
		}
	}
	return rest, den
}

// entrywise returns args[0] .* args[1]… ./ den[0] ./ den[1]….
func (fs *forms) entrywise(args, den []*form) *form {
	if len(args) == 0 {
		args = []*form{fs.one()}
	}
	if args[0].kind == negative && len(args)+len(den) > 1 {
		return fs.negate(fs.entrywise(append([]*form{args[0].args[0]}, args[1:]...), den))
	}
	first, before := args[0].chain(hadamard, entryQuotient)
	args, den = fs.under(elementPower, append(first, args[1:]...), append(before, den...))
	if len(args) == 0 {
		args = []*form{fs.one()}
	}
	return fs.from(entryQuotient, append([]*form{fs.from(hadamard, args)}, den...))
}
