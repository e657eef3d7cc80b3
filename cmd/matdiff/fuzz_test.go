package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"matdiff/internal/proctime"
)

// fuzzed runs the program on a text from standard input. It must end in time, find no bug in itself, and write nothing that
// a terminal would obey.
func fuzzed(t *testing.T, text string, args ...string) {
	const patience = 20 * time.Second
	if len(text) > 2_000 {
		return
	}
	var stdout, stderr bytes.Buffer
	done := proctime.Bound(t, patience, text)
	status := run(t.Context(), append(args, "--timeout", "5s"), strings.NewReader(text), &stdout, &stderr)
	done()
	if status == exitBug || worse(status, exitDone) != status {
		t.Errorf("exit status %d: %s", status, stderr.String())
	}
	for _, said := range []string{stdout.String(), stderr.String()} {
		if i := strings.IndexFunc(said, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }); i >= 0 {
			t.Errorf("%q would be obeyed in %.200q", said[i:min(i+4, len(said))], said)
		}
	}
}

// seeds adds the golden inputs; only some of them where nothing is fuzzed, since other tests read them.
func seeds(f *testing.F, inputs []string) {
	step := 10
	if flag.Lookup("test.fuzz").Value.String() != "" {
		step = 1
	}
	for i := 0; i < len(inputs); i += step {
		f.Add(inputs[i])
	}
}

// FuzzClaims reads claims files.
func FuzzClaims(f *testing.F) {
	var inputs []string
	for _, pattern := range []string{"notes/*.claims", "example.txt"} {
		files, _ := filepath.Glob(filepath.Join("../../testdata", pattern))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			inputs = append(inputs, strings.Split(string(text), "\n\n")...)
		}
	}
	for _, file := range []string{"right.jsonl", "wrong.jsonl"} {
		text, err := os.ReadFile(filepath.Join("../../testdata/claims", file))
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.SplitAfter(string(text), "\n") {
			if _, rest, ok := strings.Cut(line, `"equation": "`); ok {
				equation, _, _ := strings.Cut(rest, `"`)
				inputs = append(inputs, equation)
			}
		}
	}
	seeds(f, inputs)
	f.Fuzz(func(t *testing.T, text string) { fuzzed(t, text, "check", "-") })
}

// FuzzGrad takes gradients by x and simplifies.
func FuzzGrad(f *testing.F) {
	var inputs []string
	for _, file := range []string{"corpus.txt", "forms.txt"} {
		text, err := os.ReadFile(filepath.Join("../../testdata/grad", file))
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if line, _, ok := strings.Cut(line, " wrt "); ok {
				inputs = append(inputs, line)
			}
		}
	}
	seeds(f, inputs)
	f.Fuzz(func(t *testing.T, text string) {
		fuzzed(t, text, "grad", "-", "--wrt", "X")
		fuzzed(t, text, "simplify", "-")
	})
}
