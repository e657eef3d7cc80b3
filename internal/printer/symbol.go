package printer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// greekLetters are the Greek letters that have a name of their own in LaTeX and in Typst, which share them for the most
// part. Package parser takes the lower-case names for scalars.
var greekLetters = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
	"theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
	"omicron": "ο", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
	"upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
	"Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
	"Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}

var greekNames = func() map[string]string {
	names := map[string]string{"µ": "mu"} // the micro sign
	for name, letter := range greekLetters {
		names[letter] = name
	}
	return names
}()

// symbols gives names their boxes.
type symbols struct {
	arrays map[string]bool // the names of vectors and matrices
	given  map[string]*box
}

// newSymbols returns the symbols of the names given. Where some would look alike, as W1, W_1 and W₁, those but the last
// by their codes are written in one piece.
func newSymbols(names []string, arrays map[string]bool) *symbols {
	s := &symbols{arrays, map[string]*box{}}
	taken := map[string]bool{}
	names = slices.Clone(names)
	slices.Sort(names)
	for _, name := range slices.Backward(slices.Compact(names)) {
		b := symbol(name, arrays[name])
		looks := latex.text(PlainStyle(), b)
		if taken[looks] {
			b = word(name, arrays[name])
		}
		taken[looks] = true
		s.given[name] = b
	}
	return s
}

func (s *symbols) name(name string) *box {
	if b, ok := s.given[name]; ok {
		return b
	}
	return symbol(name, s.arrays[name])
}

// symbol writes W1, W_1 and W₁ as W with the index 1, alpha as the letter, dX with an upright d, and other words in one
// piece.
func symbol(name string, array bool) *box {
	if l, ok := oneLetter(name, array); ok {
		return l
	}
	if rest, ok := strings.CutPrefix(name, "d"); ok && rest != "" {
		if b := symbol(rest, array); b.kind != wordBox && !strings.HasPrefix(rest, "_") && !isDigit(rest[0]) {
			return row(leaf(uprightBox, "d"), b)
		}
	}
	base := strings.TrimRight(name, numerals)
	index := name[len(base):]
	base = strings.TrimSuffix(base, "_")
	if index == "" {
		base, index, _ = strings.Cut(name, "_")
	}
	of, isLetter := oneLetter(base, array)
	switch {
	case index == "" || !isLetter && (base == "" || !isNumeral(index)):
		return word(name, array)
	case !isLetter:
		of = word(base, array)
	}
	if isNumeral(index) {
		return subscript(of, digits(lowered.Replace(index)))
	}
	if l, ok := oneLetter(index, false); ok {
		return subscript(of, l)
	}
	return subscript(of, word(index, false))
}

// oneLetter writes a single letter with its accents, or one that is spelled out.
func oneLetter(name string, array bool) (*box, bool) {
	if l, ok := greekLetters[name]; ok {
		return letter(l, array), true
	}
	first, size := utf8.DecodeRuneInString(name)
	for _, r := range name[size:] {
		if !unicode.Is(unicode.Mn, r) {
			return nil, false
		}
	}
	return letter(name, array), unicode.IsLetter(first)
}

func word(name string, array bool) *box { return &box{kind: wordBox, text: name, array: array} }

const numerals = "0123456789₀₁₂₃₄₅₆₇₈₉"

var lowered = strings.NewReplacer("₀", "0", "₁", "1", "₂", "2", "₃", "3", "₄", "4", "₅", "5", "₆", "6", "₇", "7", "₈", "8", "₉", "9")

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNumeral(s string) bool { return strings.Trim(s, numerals) == "" }
