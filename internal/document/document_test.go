package document_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"matdiff/internal/document"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const documents = "../../testdata/documents"

// verdict says how an equation stands, and in which reading.
func verdict(t testing.TB, e document.Equation) (string, document.Reading) {
	if e.Clash != "" {
		return "wrong", document.Reading{Claim: e.Clash}
	}
	said, reading := "", document.Reading{}
	for _, r := range e.Readings {
		eq, err := parser.ParseEquation(expr.NewBuilder(), r.Claim, parser.Options{Declarations: r.Declarations, Moving: r.Moving})
		if err != nil {
			t.Errorf("%s:%d: the reading %s: %v", e.File, e.Line, r.Claim, err)
			continue
		}
		report, err := numcheck.Equal(eq.Left, eq.Right, numcheck.Options{Seed: 1, Depends: eq.Depends})
		if err != nil {
			t.Errorf("%s:%d: the reading %s: %v", e.File, e.Line, r.Claim, err)
			continue
		}
		word := map[numcheck.Verdict]string{numcheck.Holds: "ok", numcheck.Fails: "wrong", numcheck.Undecided: "undecided"}[report.Verdict]
		if said == "" || word == "ok" || said == "undecided" {
			said, reading = word, r
		}
		if word == "ok" {
			break
		}
	}
	return said, reading
}

// misprints are the lines of the user's documents on which something is wrong.
var misprints = map[string][]int{
	"notes/matrix-variable.txt": {218},                     // ((X'X)^-1 X)' for ((X'X)^-1 X')'
	"notes/differentials.txt":   {110, 111, 112, 113, 118}, // a' ⊙ e^{Xb} for a ⊙ e^{Xb}
}

// TestDocuments reads the documents in testdata: what is right holds, what is marked or known to be wrong does not, and how
// everything is read is in a golden file.
func TestDocuments(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.*", "notes/*.*"} {
		found, err := filepath.Glob(filepath.Join(documents, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if filepath.Ext(file) == ".golden" {
			continue
		}
		name, _ := filepath.Rel(documents, file)
		name = filepath.ToSlash(name)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			equations, problems := document.Read(name, text, document.Options{Folder: os.DirFS(filepath.Dir(file))})
			var out strings.Builder
			for _, e := range equations {
				said, r := verdict(t, e)
				fmt.Fprintf(&out, "%d:%d %s %s %q\n", e.Line, e.Column, said, r.Claim, append(r.Declarations, r.Moving...))
				for _, w := range e.Warnings {
					fmt.Fprintf(&out, "  warning: %s\n", w)
				}
				wrong := e.Expect == "wrong"
				for _, line := range misprints[name] {
					wrong = wrong || e.Line == line && (line != 218 || e.Column == 3)
				}
				if (said == "wrong") != wrong || said != "ok" && said != "wrong" {
					t.Errorf("%s:%d:%d: %s is %s: read as %s %q", name, e.Line, e.Column, e.Text, said, r.Claim, r.Declarations)
				}
			}
			for _, p := range problems {
				fmt.Fprintf(&out, "%d:%d not read: %s\n", p.Line, p.Column, p.Reason)
			}
			fmt.Fprintf(&out, "%d equations, %d not read\n", len(equations), len(problems))
			if 10*len(problems) > 3*(len(equations)+len(problems)) {
				t.Errorf("%d of %d equations could not be read", len(problems), len(equations)+len(problems))
			}
			golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != out.String() {
				t.Errorf("is\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}

// TestRepeatable reads a document several times: the answer must not depend on the order of maps.
func TestRepeatable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(documents, "notes/matrix-variable.txt"))
	if err != nil {
		t.Fatal(err)
	}
	first := ""
	for range 5 {
		equations, problems := document.Read("x.md", text, document.Options{})
		now := fmt.Sprint(equations, problems)
		if first == "" {
			first = now
		} else if now != first {
			t.Fatal("the second reading differs from the first")
		}
	}
}
