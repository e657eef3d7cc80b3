package document

import (
	"slices"
	"strings"
)

// Binding strengths of texts in the language.
const (
	looseSum = iota
	looseProduct
	loosePower
	atomic
)

// tensor is an expression of the language with names for its rows and columns: A_{ij} is A with the indices i, j.
type tensor struct {
	text  string
	binds int
	idx   []string // none, one (a column vector) or two
}

// bracketed returns the text in brackets if it binds less than needed.
func (t tensor) bracketed(needed int) string {
	if t.binds < needed {
		return "(" + t.text + ")"
	}
	return t.text
}

func (t tensor) transposed() tensor {
	out := tensor{text: t.bracketed(atomic) + "'", binds: atomic}
	if len(t.idx) == 2 {
		out.idx = []string{t.idx[1], t.idx[0]}
	}
	return out
}

func times(a, b tensor) string { return a.bracketed(looseProduct) + "*" + b.bracketed(loosePower) }

// arranged returns t with its indices in the order of idx.
func (t tensor) arranged(idx []string) tensor {
	switch {
	case slices.Equal(t.idx, idx):
		return t
	case len(t.idx) == 2 && len(idx) == 2 && t.idx[0] == idx[1] && t.idx[1] == idx[0]:
		return t.transposed()
	}
	panic(unread("the indices %s and %s do not agree", strings.Join(t.idx, ""), strings.Join(idx, "")))
}

// entrywise returns the entrywise product of two tensors with the same indices.
func entrywise(a, b tensor) tensor {
	b = b.arranged(a.idx)
	return tensor{a.bracketed(looseProduct) + ".*" + b.bracketed(loosePower), looseProduct, a.idx}
}

func call(name string, args ...string) tensor {
	return tensor{text: name + "(" + strings.Join(args, ", ") + ")", binds: atomic}
}

// scaled returns t times the scalars.
func scaled(scalars []tensor, t tensor) tensor {
	for i := len(scalars) - 1; i >= 0; i-- {
		if scalars[i].text != "1" {
			t = tensor{scalars[i].bracketed(looseProduct) + "*" + t.bracketed(loosePower), looseProduct, t.idx}
		}
	}
	return t
}

// parts splits a product into its scalars and the factors that have indices.
func parts(p []tensor) (scalars, indexed []tensor) {
	for _, t := range p {
		if len(t.idx) == 0 {
			scalars = append(scalars, t)
		} else {
			indexed = append(indexed, t)
		}
	}
	return scalars, indexed
}

// contract sums a product over an index. What is left of it is a product again.
func contract(p []tensor, s string) []tensor {
	var rest, with []tensor
	for _, t := range p {
		if slices.Contains(t.idx, s) {
			with = append(with, t)
		} else {
			rest = append(rest, t)
		}
	}
	if len(with) == 0 {
		panic(unread("the sum over %s has terms without %s", shown(s), shown(s)))
	}
	with = merged(with)
	var vectors, matrices []tensor
	for _, t := range with {
		if len(t.idx) == 1 {
			vectors = append(vectors, t)
		} else {
			matrices = append(matrices, t)
		}
	}
	// Matrices get s as their row, then as their column: M' and N of (M'*N).
	leading := func(t tensor) tensor { // s is the column
		if t.idx[1] == s {
			return t
		}
		return t.transposed()
	}
	trailing := func(t tensor) tensor { // s is the row
		if t.idx[0] == s {
			return t
		}
		return t.transposed()
	}
	var out tensor
	switch {
	case len(matrices) == 0 && len(vectors) == 1:
		out = call("sum", vectors[0].text)
	case len(matrices) == 1 && matrices[0].idx[0] == matrices[0].idx[1]:
		m := matrices[0]
		out = call("tr", m.text)
		if len(vectors) == 1 {
			out = tensor{text: vectors[0].transposed().text + "*diag(" + m.text + ")", binds: looseProduct}
		}
	case len(matrices) == 1 && len(vectors) == 1:
		m := leading(matrices[0])
		out = tensor{times(m, vectors[0]), looseProduct, m.idx[:1]}
	case len(matrices) == 1:
		m := leading(matrices[0])
		out = tensor{text: m.bracketed(looseProduct) + "*vector(1)", binds: looseProduct, idx: m.idx[:1]}
	case len(matrices) == 2:
		a, b := leading(matrices[0]), trailing(matrices[1])
		middle := ""
		if len(vectors) == 1 {
			middle = "*diag(" + vectors[0].text + ")"
		}
		out = tensor{a.bracketed(looseProduct) + middle + "*" + b.bracketed(loosePower), looseProduct, []string{a.idx[0], b.idx[1]}}
	default:
		panic(unread("a sum over %s of %d factors is no product of matrices", shown(s), len(with)))
	}
	return append(rest, out)
}

// merged multiplies vectors with the same index, and matrices with the same pair of indices where a product of matrices
// would have more than two factors.
func merged(with []tensor) []tensor {
	var out []tensor
	for _, t := range with {
		done := false
		for i, o := range out {
			if len(t.idx) == 1 && len(o.idx) == 1 || len(with) > 2 && len(t.idx) == 2 && len(o.idx) == 2 && sameIndices(t, o) {
				out[i], done = entrywise(o, t), true
				break
			}
		}
		if !done {
			out = append(out, t)
		}
	}
	return out
}

func sameIndices(a, b tensor) bool {
	return slices.Equal(a.idx, b.idx) || len(a.idx) == 2 && len(b.idx) == 2 && a.idx[0] == b.idx[1] && a.idx[1] == b.idx[0]
}

// shown returns an index as its author wrote it.
func shown(index string) string {
	name, _, _ := strings.Cut(index, "#")
	return name
}

// single multiplies a product out: what is left has at most two indices.
func single(p []tensor) tensor {
	scalars, factors := parts(p)
	if len(factors) == 0 {
		if len(scalars) == 0 {
			return tensor{text: "1", binds: atomic}
		}
		return scaled(scalars[:len(scalars)-1], scalars[len(scalars)-1])
	}
	out := factors[0]
	for _, f := range factors[1:] {
		switch {
		case sameIndices(out, f):
			out = entrywise(out, f)
		case len(out.idx) == 1 && len(f.idx) == 1:
			out = tensor{out.bracketed(looseProduct) + "*" + f.bracketed(atomic) + "'", looseProduct, []string{out.idx[0], f.idx[0]}}
		case len(out.idx) == 2 && len(f.idx) == 1:
			out = weighted(out, f)
		case len(out.idx) == 1 && len(f.idx) == 2:
			out = weighted(f, out)
		default:
			panic(unread("a product with more than two free indices is no matrix"))
		}
	}
	return scaled(scalars, out)
}

// weighted returns the entries M_{ij} v_i or M_{ij} v_j.
func weighted(m, v tensor) tensor {
	switch v.idx[0] {
	case m.idx[0]:
		return tensor{"diag(" + v.text + ")*" + m.bracketed(loosePower), looseProduct, m.idx}
	case m.idx[1]:
		return tensor{m.bracketed(looseProduct) + "*diag(" + v.text + ")", looseProduct, m.idx}
	}
	panic(unread("a product with more than two free indices is no matrix"))
}
