package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"matdiff/internal/expr"
)

// TestHostileInput gives the program input that is far too much: it must answer in time, with the right exit status,
// and with a message of a few lines.
func TestHostileInput(t *testing.T) {
	if testing.Short() {
		t.Skip("the time allowed is that of a build without instrumentation")
	}
	const (
		mebibyte = 1 << 20
		patience = 8 * time.Second // four times what is allowed, for machines with other work
	)
	for _, c := range []struct {
		name, text string
		status     int
	}{
		{"nested parentheses", "tr(" + strings.Repeat("(", 100_000) + "X" + strings.Repeat(")", 100_000) + ")", exitInput},
		{"open parentheses", strings.Repeat("(", 100_000), exitInput},
		{"nested functions", strings.Repeat("sin(", 100_000) + "x", exitInput},
		{"minus signs", "tr(" + strings.Repeat("-", 100_000) + "X)", exitDone},
		{"transposes", "tr(X" + strings.Repeat("'", 100_000) + ")", exitInput},
		{"powers", "x" + strings.Repeat("^2", 50_000), exitInput},
		{"long name", strings.Repeat("x", mebibyte), exitInput},
		{"long number", "tr(X)*" + strings.Repeat("9", mebibyte), exitInput},
		{"long sum", "tr(X" + strings.Repeat("+X", mebibyte/2) + ")", exitDone},
		{"long product", "tr(X" + strings.Repeat("*X", mebibyte/2) + ")", exitUnknown},
		{"nothing but noise", strings.Repeat("\xff\x00(", mebibyte/3), exitInput},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			start := time.Now()
			status := run(t.Context(), []string{"grad", "-", "--wrt", "X"}, strings.NewReader(c.text), &stdout, &stderr)
			if took := time.Since(start); took > patience {
				t.Errorf("took %v", took)
			}
			if status != c.status {
				t.Errorf("exit status %d, want %d", status, c.status)
			}
			if s := stdout.String(); s != "\n" && status != exitDone {
				t.Errorf("standard output %.200q", s)
			}
			if stderr.Len() > 4000 {
				t.Errorf("%d bytes of messages, beginning with %.200q", stderr.Len(), stderr.String())
			}
		})
	}
}

// TestLongLine gives a line that is longer than is read, and one after it.
func TestLongLine(t *testing.T) {
	stdin := strings.Repeat("x", expr.UsualLimits().Input+3) + "\ntr(X)\n"
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{"grad", "-", "--wrt", "X"}, strings.NewReader(stdin), &stdout, &stderr)
	if want := "<stdin>:1: the line is longer than 16777216 bytes\n  hint: --max-input allows more\n"; stderr.String() != want || stdout.String() != "\nI\n" || status != exitInput {
		t.Errorf("exit status %d, standard output %q, standard error %q", status, stdout.String(), stderr.String())
	}
}
