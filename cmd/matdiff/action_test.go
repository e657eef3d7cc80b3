package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"matdiff/internal/document"
)

// TestAction runs the last step of action.yml as GitHub does.
func TestAction(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	action, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(action), "      run: |\n")
	if !found {
		t.Fatal("action.yml ends in no script")
	}
	var script strings.Builder
	for line := range strings.Lines(block) {
		text, ok := strings.CutPrefix(line, "        ")
		if !ok {
			t.Fatalf("action.yml: the script has the line %q", line)
		}
		script.WriteString(text)
	}
	bin, docs := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "matdiff")); err != nil { // see testscript.Main
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"one.md":     "$\\nabla_x x^T S x = 2 S x$",
		"two two.md": "$\\nabla_x x^T x = 2 x$",
		"wrong.tex":  "$\\nabla_x x^T x = x$",
	} {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		files, arguments string
		fails            bool
		want             string
	}{
		{"*.md\n", "--var\nS: symmetric\n--verbose\n", false, "two two.md:1:2: ok"},
		{"one.md\nwrong.tex", "--var\nS: symmetric", true, "::error file=wrong.tex,line=1"},
		{"one.md", "", true, "right only if S is symmetric"},
		{"none*.md", "", true, "none*.md cannot be read"},
		{"two two.md", "x = x; rm *.md", true, "unexpected character"},
	} {
		c := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script.String())
		c.Dir = docs
		c.Env = append(os.Environ(), "RUNNER_TEMP="+bin, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=", "FILES="+test.files, "ARGUMENTS="+test.arguments)
		out, err := c.CombinedOutput()
		if (err != nil) != test.fails || !strings.Contains(string(out), test.want) {
			t.Errorf("files %q, arguments %q: %v\n%s", test.files, test.arguments, err, out)
		}
	}
}

// TestPreCommitHook holds the hook to the files that are documents.
func TestPreCommitHook(t *testing.T) {
	hooks, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hook := map[string]string{}
	for line := range strings.Lines(string(hooks)) {
		key, value, ok := strings.Cut(strings.TrimLeft(line, "- "), ": ")
		if !ok {
			t.Fatalf("no key in the line %q", line)
		}
		hook[key] = strings.TrimSpace(value)
	}
	if hook["entry"] != "matdiff check" || hook["language"] != "golang" {
		t.Errorf("the hook is %v", hook)
	}
	files, err := regexp.Compile(hook["files"])
	if err != nil {
		t.Fatal(err)
	}
	for _, ext := range []string{".tex", ".Rnw", ".md", ".qmd", ".Rmd", ".rst", ".go", ".pdf"} {
		if got := files.MatchString("notes" + ext); got != document.Known(ext) {
			t.Errorf("the hook takes %s files: %t", ext, got)
		}
	}
}
