package diagnose

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed pages.txt
var pagesText string

// Page explains a code: one of a diagnosis, or one of a message about input.
type Page struct {
	Code     string
	Text     string    // what it means
	Examples []Example // of a diagnosis: a wrong equation, then a right one
}

// Example is an input: wrong and right are equations; expression, equation, scalar (what a gradient is asked for of), by X
// (what is differentiated by X) and rule get the code as a message, after rules, which are the lines of a rule file.
type Example struct{ Kind, Text string }

// Pages lists the pages: those of diagnoses first.
func Pages() (pages []Page) {
	for _, section := range strings.Split(pagesText, "== ")[1:] {
		code, body, _ := strings.Cut(section, "\n")
		p := Page{Code: code}
		var text []string
		for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
			kind, example, ok := strings.Cut(line, ":")
			if ok && isExample(kind) {
				p.Examples = append(p.Examples, Example{kind, strings.TrimSpace(example)})
			} else {
				text = append(text, line)
			}
		}
		p.Text = strings.Join(text, "\n")
		pages = append(pages, p)
	}
	return pages
}

func isExample(kind string) bool {
	return slices.Contains([]string{"wrong", "right", "expression", "equation", "scalar", "rules", "rule"}, kind) || strings.HasPrefix(kind, "by ")
}
