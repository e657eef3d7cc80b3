package codegen

import (
	"fmt"
	"strings"
)

// letters are the names of Greek letters.
var letters = map[rune]string{
	'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'ε': "epsilon", 'ϵ': "epsilon", 'ζ': "zeta", 'η': "eta", 'θ': "theta",
	'ϑ': "vartheta", 'ι': "iota", 'κ': "kappa", 'λ': "lambda", 'μ': "mu", 'ν': "nu", 'ξ': "xi", 'ο': "omicron", 'π': "pi",
	'ρ': "rho", 'ϱ': "varrho", 'σ': "sigma", 'ς': "varsigma", 'τ': "tau", 'υ': "upsilon", 'φ': "phi", 'ϕ': "phi", 'χ': "chi",
	'ψ': "psi", 'ω': "omega", 'Γ': "Gamma", 'Δ': "Delta", 'Θ': "Theta", 'Λ': "Lambda", 'Ξ': "Xi", 'Π': "Pi", 'Σ': "Sigma",
	'Υ': "Upsilon", 'Φ': "Phi", 'Ψ': "Psi", 'Ω': "Omega",
}

// ascii spells a name in ASCII, beginning with a letter.
func ascii(name string) string {
	var out strings.Builder
	for _, r := range name {
		switch word := letters[r]; {
		case r < 0x80:
			out.WriteRune(r)
		case word != "":
			out.WriteString(word)
		default:
			fmt.Fprintf(&out, "u%04x", r)
		}
	}
	if s := out.String(); s[0] != '_' && (s[0] < '0' || s[0] > '9') {
		return s
	}
	return "x" + out.String()
}
