package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a hostile input may cost.
const (
	hostileTime   = 2 * time.Second // of the clock, or of the processor where other programs need it too
	hostileMemory = 512 << 20
	hostileCases  = 200
)

// hostileCase is a section of a file in testdata/hostile. After --- and a name it has lines:
//
//	$ matdiff grad - --wrt X   the command line; 'single' and "double" quotes, with escapes as in Go within the latter
//	stdin: tr(X)               what it reads, with the same escapes; no standard input at all is stdin closed
//	file x.tex: \\[ ... \\]    a file in the folder in which it runs; dir NAME and link NAME: TARGET likewise
//	exit 2                     what is expected: the exit status, and the beginnings of what is written
//	stdout: …
//	stderr: …
//
// {TEXT*1000} stands for TEXT a thousand times, in which # is the number of the repetition.
type hostileCase struct {
	name, command string
	input         []string // lines stdin:, file, dir and link
	want          []string // the other lines
}

func readHostile(t *testing.T, file string) (head []string, cases []*hostileCase) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var c *hostileCase
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		name, ok := strings.CutPrefix(line, "--- ")
		switch {
		case ok:
			c = &hostileCase{name: name}
			cases = append(cases, c)
		case c == nil:
			head = append(head, line)
		case strings.HasPrefix(line, "$ matdiff"):
			c.command = line
		case strings.HasPrefix(line, "stdin") || strings.HasPrefix(line, "file ") || strings.HasPrefix(line, "dir ") || strings.HasPrefix(line, "link "):
			c.input = append(c.input, line)
		case line != "":
			c.want = append(c.want, line)
		}
	}
	return head, cases
}

// TestHostileInput runs the program, as a process of its own, on what is meant to break it.
func TestHostileInput(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/hostile/*.txt")
	count := 0
	for _, file := range files {
		head, cases := readHostile(t, file)
		count += len(cases)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					got := c.run(t)
					if *update {
						c.want = got
					} else if !slices.Equal(got, c.want) {
						t.Errorf("%s\n%s\nis\n%s\nwant\n%s", c.command, strings.Join(c.input, "\n"), strings.Join(got, "\n"), strings.Join(c.want, "\n"))
					}
				})
			}
		})
		if *update {
			var out strings.Builder
			out.WriteString(strings.Join(head, "\n"))
			for _, c := range cases {
				fmt.Fprintf(&out, "\n--- %s\n%s\n%s\n", c.name, c.command, strings.Join(slices.Concat(c.input, c.want), "\n"))
			}
			if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if count < hostileCases {
		t.Errorf("%d cases, want %d", count, hostileCases)
	}
}

// run returns what the program does, as the file states it.
func (c *hostileCase) run(t *testing.T) []string {
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 15*hostileTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "matdiff", commandLine(t, c.command)[2:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GITHUB_ACTIONS=", "GITHUB_STEP_SUMMARY=")
	if err := os.Mkdir(filepath.Join(folder, ".git"), 0o755); err != nil { // settings are looked for up to here
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader("")
	for _, line := range c.input {
		kind, text, _ := strings.Cut(line, ": ")
		word, name, _ := strings.Cut(kind, " ")
		path := filepath.Join(folder, name)
		var err error
		switch word {
		case "stdin":
			cmd.Stdin = strings.NewReader(spelled(t, text))
		case "file":
			if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
				err = os.WriteFile(path, []byte(spelled(t, text)), 0o644)
			}
		case "dir":
			err = os.MkdirAll(path, 0o755)
		case "link":
			err = os.Symlink(text, path)
		default:
			closed := exec.CommandContext(ctx, "sh", append([]string{"-c", `exec "$@" <&-`, "sh"}, cmd.Args...)...)
			closed.Dir, closed.Env = cmd.Dir, cmd.Env
			cmd = closed
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if !instrumented {
		if cost := min(took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()); cost > hostileTime {
			t.Errorf("took %v", cost)
		}
		if memory := largestMemory(cmd.ProcessState); memory > hostileMemory {
			t.Errorf("took %d MiB", memory>>20)
		}
	}
	got := []string{fmt.Sprintf("exit %d", cmd.ProcessState.ExitCode())}
	for _, stream := range []struct{ name, text string }{{"stdout", stdout.String()}, {"stderr", stderr.String()}} {
		if line := beginning(stream.text); line != "" {
			got = append(got, stream.name+": "+strings.ReplaceAll(line, folder, "DIR"))
		}
	}
	if stderr.Len() > 5000 {
		t.Errorf("%d bytes of messages", stderr.Len())
	}
	return got
}

// beginning returns the first line of a text that says something, and of messages the hint, as far as they are not too long.
func beginning(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(lines) == 0 && line != "" || strings.HasPrefix(line, "hint: ") {
			lines = append(lines, shortened(line, 160))
		}
	}
	return strings.Join(lines[:min(len(lines), 2)], " | ")
}

// commandLine takes a command line apart.
func commandLine(t *testing.T, line string) (args []string) {
	for _, m := range regexp.MustCompile(`'[^']*'|"(?:[^"\\]|\\.)*"|[^ ]+`).FindAllString(line, -1) {
		switch m[0] {
		case '\'':
			m = m[1 : len(m)-1]
		case '"':
			m = spelled(t, m[1:len(m)-1])
		}
		args = append(args, m)
	}
	return args
}

var repetition = regexp.MustCompile(`\{([^{}]+)\*(\d+)\}`)

// spelled replaces escapes and repetitions.
func spelled(t *testing.T, text string) string {
	text = repetition.ReplaceAllStringFunc(text, func(m string) string {
		parts := repetition.FindStringSubmatch(m)
		n, err := strconv.Atoi(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(parts[1], "#", strconv.Itoa(i)))
		}
		return b.String()
	})
	if !strings.Contains(text, `\`) {
		return text
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(text, `\"`, `"`), `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%.100q: %v", text, err)
	}
	return text
}
