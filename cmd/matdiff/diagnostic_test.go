package main

import (
	"strings"
	"testing"

	"matdiff/internal/parser"
)

// TestMarkers draws lines in which columns, characters and bytes differ.
func TestMarkers(t *testing.T) {
	for _, c := range []struct{ name, source, at, line, marks string }{
		{"ASCII", "tr(A + B)", "A + B", "tr(A + B)", "   ~~~~~"},
		{"Greek", "σ*αβ + x", "αβ", "σ*αβ + x", "  ~~"},
		{"wide", "行列*B", "B", "行列*B", "     ~"},
		{"wide marked", "A*行列", "行列", "A*行列", "  ~~~~"},
		{"combining", "x\u0302*B", "B", "x\u0302*B", "  ~"},
		{"tab", "A\t+ B", "B", "A + B", "    ~"},
		{"control", "A\x00+ B", "\x00", "A␀+ B", " ~"},
		{"invalid", "A\xff+ B", "\xff", "A\uFFFD+ B", " ~"},
		{"second line", "A +\nB*C", "C", "B*C", "  ~"},
	} {
		start := strings.Index(c.source, c.at)
		line, marks := window(c.source, []parser.Span{{Start: start, End: start + len(c.at)}})
		if line != c.line || marks != c.marks {
			t.Errorf("%s:\n%s\n%s, want\n%s\n%s", c.name, line, marks, c.line, c.marks)
		}
	}
}

// TestMarkerAtEnd marks the place after the last character.
func TestMarkerAtEnd(t *testing.T) {
	line, marks := window("tr(A*", []parser.Span{{Start: 5, End: 5}})
	if line != "tr(A*" || marks != "     ~" {
		t.Errorf("%q\n%q", line, marks)
	}
}

// TestWindow cuts a long line on both sides of the main span, under which the markers stay.
func TestWindow(t *testing.T) {
	source := strings.Repeat("a + ", 1000) + "BAD" + strings.Repeat(" + a", 1000)
	line, marks := window(source, []parser.Span{{Start: 4000, End: 4003}, {Start: 0, End: 1}})
	cells := []rune(line)
	if len(cells) > maxColumns+2 || cells[0] != '…' || cells[len(cells)-1] != '…' {
		t.Errorf("%d columns: %s", len(cells), line)
	}
	if at := strings.Index(marks, "~"); string(cells[at:at+3]) != "BAD" || strings.Count(marks, "~") != 3 {
		t.Errorf("\n%s\n%s", line, marks)
	}
}

// TestPosition counts columns in code points, in the whole line.
func TestPosition(t *testing.T) {
	d := &parser.Diagnostic{Message: "m", Source: "σ*B", Spans: []parser.Span{{Start: len("σ*"), End: len("σ*B")}}}
	at := place{name: "claims.txt", line: 3, text: "αβ = σ*B"}
	if got := at.position(d); got != "claims.txt:3:8: " {
		t.Error(got)
	}
}

// TestWorse holds the order of exit statuses.
func TestWorse(t *testing.T) {
	order := []int{exitDone, exitUnknown, exitFails, exitInput, exitBug}
	for i, a := range order {
		for j, b := range order {
			if got, want := worse(a, b), order[max(i, j)]; got != want {
				t.Errorf("worse(%d, %d) = %d, want %d", a, b, got, want)
			}
		}
	}
}

// TestProtectExpressions tells expressions that begin with a minus sign from flags.
func TestProtectExpressions(t *testing.T) {
	for arg, expression := range map[string]bool{
		"-logdet(X)": true, "-2*x": true, "-v'*x": true, "-f*x": true, "-α*x": true, "-X": true, "-ones(3)'*x": true,
		"-v": false, "-ojson": false, "-o=json": false, "-vA: 3x4": false, "-h": false, "-f": false, "-": false, "--wrt": false,
	} {
		if got := protectExpressions([]string{arg})[0] != arg; got != expression {
			t.Errorf("%s taken for an expression: %v", arg, got)
		}
	}
}
