package parser

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nature is what a name is when nothing declares it.
type nature uint8

const (
	natureMatrix nature = iota // starts with an upper-case letter
	natureScalar               // spells a Greek letter
	natureVector               // a column vector, or a scalar where only a scalar fits
)

var greek = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa
		lambda mu nu xi omicron rho varrho sigma varsigma tau upsilon phi varphi chi psi omega`) {
		greek[name] = true
	}
}

func natureOf(name string) nature {
	first, size := utf8.DecodeRuneInString(name)
	switch {
	case greek[name], size == len(name) && unicode.Is(unicode.Greek, first) && !unicode.IsUpper(first):
		return natureScalar
	case unicode.IsUpper(first):
		return natureMatrix
	}
	return natureVector
}

// base returns what name is the differential of by its spelling: X for dX.
func base(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "d")
	if !ok || rest == "" {
		return "", false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest, startsName(r)
}

// natureOfDifferential is natureOf, except that a name such as dX or dlambda is what X or lambda is.
func natureOfDifferential(name string) nature {
	if n := natureOf(name); n != natureVector {
		return n
	}
	if rest, ok := base(name); ok {
		return natureOf(rest)
	}
	return natureVector
}

// dimensionNames gives names to dimensions that nothing ties to a declared one, passing over names in use.
type dimensionNames struct {
	taken map[string]bool
	given map[dim]string
	next  int
}

const dimensionLetters = "mnpqrstuvwklh"

func (d *dimensionNames) name(free dim) string {
	if name, ok := d.given[free]; ok {
		return name
	}
	for {
		name := dimensionLetters[d.next%len(dimensionLetters):][:1]
		if round := d.next / len(dimensionLetters); round > 0 {
			name += strconv.Itoa(round)
		}
		d.next++
		if !d.taken[name] {
			d.given[free] = name
			return name
		}
	}
}
