package printer

import (
	"strings"
	"unicode/utf8"
)

var greek = map[string]string{
	"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
	"ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
	"τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "ϑ": "vartheta", "ϕ": "phi",
	"Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
	"Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}

var greekNames = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range greek {
		names[name] = true
	}
	return names
}()

// latexName writes W1 and W_1 as W_{1}, alpha as \alpha, dX as \mathrm{d}X, and other words in one piece.
func latexName(name string) string {
	if symbol, ok := latexSymbol(name); ok {
		return symbol
	}
	if rest, ok := strings.CutPrefix(name, "d"); ok && rest != "" {
		if s := latexName(rest); !strings.HasPrefix(s, `\mathit`) && rest[0] != '_' && !isDigit(rest[0]) {
			return `\mathrm{d}` + s
		}
	}
	base := strings.TrimRight(name, "0123456789")
	index := name[len(base):]
	base = strings.TrimSuffix(base, "_")
	if index == "" {
		base, index, _ = strings.Cut(name, "_")
	}
	symbol, ok := latexSymbol(base)
	switch {
	case index == "" || !ok && (base == "" || !isNumeral(index)):
		return word(name)
	case !ok:
		symbol = word(base)
	}
	if s, ok := latexSymbol(index); ok {
		index = s
	} else if !isNumeral(index) {
		index = word(index)
	}
	return symbol + "_{" + index + "}"
}

// latexSymbol writes a single letter.
func latexSymbol(name string) (string, bool) {
	if g, ok := greek[name]; ok {
		return `\` + g, true
	}
	if greekNames[name] {
		return `\` + name, true
	}
	return name, utf8.RuneCountInString(name) == 1 && name != "_"
}

func word(name string) string {
	return `\mathit{` + strings.ReplaceAll(name, "_", `\_`) + "}"
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNumeral(s string) bool { return strings.Trim(s, "0123456789") == "" }
