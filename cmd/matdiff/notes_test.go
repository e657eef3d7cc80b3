package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// The equations of five documents of lecture notes hold, and their misprints do not.
func TestNotes(t *testing.T) {
	check := func(file string) (status int, stdout, stderr string) {
		var out, errs bytes.Buffer
		status = run(t.Context(), []string{"check", "-f", file}, strings.NewReader(""), &out, &errs)
		return status, out.String(), errs.String()
	}
	files, err := filepath.Glob("../../testdata/notes/[0-9].claims")
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if status, stdout, stderr := check(file); status != exitDone {
			t.Errorf("%s: exit status %d\n%s%s", file, status, stdout, stderr)
		}
	}
	status, stdout, stderr := check("../../testdata/notes/misprints.claims")
	if status != exitInput || strings.Contains(stdout, "ok ") || !strings.Contains(stderr, "3 equations: 1 wrong, 2 not readable") {
		t.Errorf("misprints: exit status %d\n%s%s", status, stdout, stderr)
	}
}
