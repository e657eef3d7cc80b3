//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience tells a run that was stopped from one that came to its end, on machines with other work too; the times themselves are
// logged.
const patience = 5 * time.Second

// longJobs take longer than that.
func longJobs() map[string]struct {
	args  []string
	stdin string // "" for one that stays open
} {
	var many strings.Builder
	for i := range 40_000 {
		many.WriteString(strings.ReplaceAll("tr((A# + B#)*(A# - B#)*X*(A# + X)) + ", "#", strconv.Itoa(i)))
	}
	many.WriteString("tr(X)")
	claims := strings.Repeat("grad(logdet(X'*X + A'*A), X) = 2*X*inv(X'*X + A'*A)\n", 100_000)
	return map[string]struct {
		args  []string
		stdin string
	}{
		"parser and simplifier": {[]string{"simplify", "-"}, many.String()},
		"derivative":            {[]string{"grad", "-", "--wrt", "X"}, many.String()},
		"checker":               {[]string{"check", "-", "--report", "json=report.json"}, claims},
		"large matrices":        {[]string{"check", "det(A*B) = det(A)*det(B)", "--var", "A: 1400×1400"}, " "},
		"standard input":        {[]string{"grad", "-", "--wrt", "X"}, ""},
	}
}

// TestSignal stops the program in the middle of its work: it ends at once, as programs do that a signal ends, says nothing more
// and leaves nothing behind.
func TestSignal(t *testing.T) {
	for name, job := range longJobs() {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(name+" "+sig.String(), func(t *testing.T) {
				folder := t.TempDir()
				cmd := exec.Command("matdiff", job.args...)
				cmd.Dir = folder
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				stdin, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = stdin.Close() }()
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				if job.stdin != "" {
					go func() {
						// The program may end before it has read all.
						_, _ = stdin.Write([]byte(job.stdin))
						_ = stdin.Close()
					}()
				}
				time.Sleep(200 * time.Millisecond)
				start := time.Now()
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				err = cmd.Wait()
				took := time.Since(start)
				t.Logf("ended after %v", took)
				if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 128+int(sig) {
					t.Errorf("ended with %v, want status %d; %.200s", err, 128+int(sig), stderr.String())
				}
				if took > patience {
					t.Errorf("took %v", took)
				}
				if files, _ := os.ReadDir(folder); len(files) > 0 {
					t.Errorf("left %v", files)
				}
			})
		}
	}
}

// TestTimeout gives the same jobs a time in which they cannot be done.
func TestTimeout(t *testing.T) {
	for name, job := range longJobs() {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			cmd := exec.Command("matdiff", append(job.args, "--timeout", "200ms")...)
			cmd.Dir = folder
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stdin.Close() }()
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			start := time.Now()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if job.stdin != "" {
				go func() {
					_, _ = stdin.Write([]byte(job.stdin))
					_ = stdin.Close()
				}()
			}
			err = cmd.Wait()
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != exitUnknown {
				t.Errorf("ended with %v, want status %d", err, exitUnknown)
			}
			if took := time.Since(start); took > patience {
				t.Errorf("took %v", took)
			}
			const said = "matdiff: stopped after 200ms, as --timeout demands, before there was an answer\n"
			if !strings.HasSuffix(stderr.String(), said) || strings.Count(stderr.String(), "stopped") != 1 {
				t.Errorf("said %.300q", stderr.String())
			}
			if files, _ := os.ReadDir(folder); len(files) > 0 {
				t.Errorf("left %v", files)
			}
		})
	}
}

// TestReportsAreWhole writes reports where they cannot be, and over what is there.
func TestReportsAreWhole(t *testing.T) {
	folder := t.TempDir()
	check := func(file string) (int, string) {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), []string{"check", "tr(A) = tr(A')", "--report", "json=" + file}, strings.NewReader(""), &stdout, &stderr)
		return status, stderr.String()
	}
	old := filepath.Join(folder, "old.json")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link.json")
	if err := os.Symlink(old, link); err != nil {
		t.Fatal(err)
	}
	if status, said := check(link); status != exitDone {
		t.Errorf("status %d: %s", status, said)
	}
	text, err := os.ReadFile(old)
	if err != nil || !bytes.HasPrefix(text, []byte("{")) || !bytes.HasSuffix(text, []byte("}\n")) {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(old); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode has become %v", info.Mode())
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link has been replaced")
	}
	if os.Getuid() != 0 {
		if err := os.Chmod(folder, 0o500); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.Chmod(folder, 0o700) }()
		if status, said := check(old); status != exitInput || !strings.Contains(said, "cannot be written: permission denied") {
			t.Errorf("status %d: %s", status, said)
		}
	}
	if files, _ := os.ReadDir(folder); len(files) != 2 {
		t.Errorf("left %v", files)
	}
}

// TestDocumentsStayInTheirFolder has documents name files that they must not see: a macro in them would make an equation
// readable. Reading the pipe or the device would not end.
func TestDocumentsStayInTheirFolder(t *testing.T) {
	top := t.TempDir()
	folder := filepath.Join(top, "paper")
	for _, d := range []string{folder, filepath.Join(folder, "below"), filepath.Join(top, ".git")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const macros = `\newcommand{\answer}{2x}`
	for _, name := range []string{filepath.Join(top, "outside.tex"), filepath.Join(folder, "below", "inside.tex")} {
		if err := os.WriteFile(name, []byte(macros), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../outside.tex", filepath.Join(folder, "link.tex")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..", filepath.Join(folder, "up")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(folder, "zero.tex")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe.tex"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", top)
	for name, seen := range map[string]bool{
		"below/inside": true, "below/inside.tex": true, "./below/inside": false,
		"../outside": false, filepath.Join(top, "outside.tex"): false, "~/outside": false, "below/../../outside": false,
		"link": false, "up/outside": false, "zero": false, "pipe": false, "/dev/zero": false, "below": false,
	} {
		document := filepath.Join(folder, "a.tex")
		settings := filepath.Join(folder, "matdiff.toml")
		for _, by := range []string{"input", "settings"} {
			text := `$\nabla_x x^\top x = \answer$`
			if by == "input" {
				text = `\input{` + name + "}\n" + text
				_ = os.Remove(settings)
			} else if err := os.WriteFile(settings, []byte(`macros = ["`+name+`"]`), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			run(t.Context(), []string{"check", document, "--verbose", "--timeout", "10s"}, strings.NewReader(""), &stdout, &stderr)
			want := seen && (by == "input" || strings.HasSuffix(name, ".tex"))
			if got := strings.Contains(stdout.String(), ": ok: "); got != want || strings.Contains(stderr.String(), "stopped") {
				t.Errorf("%s by %s: seen is %v, want %v\n%s%s", name, by, got, want, stdout.String(), stderr.String())
			}
		}
	}
}
