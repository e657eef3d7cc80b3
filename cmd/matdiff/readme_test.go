package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestReadme runs the commands of README.md, which stand after $ in its console blocks, and compares their output.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are written for a POSIX shell")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	environment := withMatdiff(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}

	var out strings.Builder
	commands, inBlock, output := 0, false, false
	for line := range strings.Lines(string(readme)) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inBlock, output = line == "```console\n", false
			out.WriteString(line)
		case inBlock && isCommand:
			out.WriteString(line)
			c := exec.Command("sh", "-c", command)
			c.Dir = root
			c.Env = environment
			printed, _ := c.CombinedOutput() // that some fail is what they show
			out.Write(printed)
			commands++
			output = true
		case !output:
			out.WriteString(line)
		}
	}
	if commands == 0 {
		t.Error("README.md has no commands")
	}
	if *update {
		if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compareLines(t, "README.md", string(readme), out.String())
}

// compareLines fails at the first line in which a file is not what it should be.
func compareLines(t *testing.T, name, is, should string) {
	t.Helper()
	want, got := strings.Split(is, "\n"), strings.Split(should, "\n")
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("%s:%d:\n is  %s\nnow %s", name, i+1, want[i], got[i])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s has %d lines, and should have %d", name, len(want), len(got))
	}
}

// withMatdiff returns an environment in which matdiff is a command.
func withMatdiff(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "matdiff")); err != nil { // see testscript.Main
		t.Fatal(err)
	}
	return append(os.Environ(), "GITHUB_ACTIONS=", "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}
