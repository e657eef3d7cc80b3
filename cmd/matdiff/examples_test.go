package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestExamples prints the formulas of the documents in examples again, and has matdiff check the documents.
func TestExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the documents are filled by a POSIX shell")
	}
	const folder = "../../examples"
	fill, err := filepath.Abs(filepath.Join(folder, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	environment := withMatdiff(t)
	for _, name := range []string{"gradients.tex", "attention.md"} {
		original, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		commands := strings.Count(string(original), "$ matdiff ")
		document := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(document, original, 0o644); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("sh", "-c", fmt.Sprintf(`%s "$0" && matdiff check --strict --require %d "$0"`, fill, commands-2), document)
		c.Env = environment
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		filled, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(filepath.Join(folder, name), filled, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		compareLines(t, name, string(original), string(filled))
	}
}
