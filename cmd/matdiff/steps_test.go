package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDerivations holds the derivations in testdata/steps as they are printed. A line that is not indented is an
// expression, then --wrt, then flags; what is printed as text, Unicode and LaTeX stands below it.
func TestDerivations(t *testing.T) {
	for _, style := range []string{styleDifferential, styleIndex} {
		file := "../../testdata/steps/" + style + ".txt"
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for line := range strings.Lines(string(content)) {
			if strings.HasPrefix(line, "\t") {
				continue
			}
			got.WriteString(line)
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			expression, wrt, _ := strings.Cut(line, " | ")
			for _, output := range []string{outputText, outputUnicode, outputLaTeX} {
				var out, problems bytes.Buffer
				status := run(t.Context(), []string{"steps", expression, "--wrt", wrt, "--style", style, "-o", output}, nil, &out, &problems)
				if status != exitDone || problems.Len() > 0 {
					t.Errorf("%s: exit status %d: %s", expression, status, problems.String())
				}
				for l := range strings.Lines(out.String()) {
					fmt.Fprintf(&got, "\t%s", l)
				}
			}
		}
		if got.String() == string(content) {
			continue
		}
		if !*update {
			t.Errorf("%s is not what is printed: go test -update rewrites it", file)
			continue
		}
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
