package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// payloads are what somebody may put into a file that others check, to have it obeyed where matdiff quotes it.
var payloads = map[string]string{
	"terminal":       "\x1b[2J\x1b]0;title\a\x9b31m\u009b31m\b\b",
	"direction":      "\u202e\u2066gnp.\u2069",
	"HTML":           "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
	"Markdown":       "](http://example.com)|`<b>`|![x](http://example.com/x.png)",
	"XML":            "]]>\"'<!ENTITY x SYSTEM \"file:///etc/passwd\">&x;",
	"JSON":           "\",\"verdict\":\"holds\",\"x\":\"\\u0000",
	"workflow":       "::error file=a,line=1::b",
	"workflow lines": "%0A::set-output name=a::b%0D%0A::stop-commands::x",
	"old workflow":   "##[error]b ##[set-env name=PATH;]x",
	"TeX":            "\\input{/etc/passwd}\\write18{id}%\\end{document}",
	"separators":     "\u2028\u2029\u0085\v\f",
}

// quoted runs check on files that hold a payload, under GitHub Actions or not, and returns what was written.
func quoted(t *testing.T, payload string, workflow bool) map[string]string {
	folder := t.TempDir()
	t.Chdir(folder)
	summary := filepath.Join(folder, "summary.md")
	t.Setenv("GITHUB_ACTIONS", "")
	t.Setenv("GITHUB_STEP_SUMMARY", "")
	if workflow {
		t.Setenv("GITHUB_ACTIONS", "true")
		t.Setenv("GITHUB_STEP_SUMMARY", summary)
	}
	files := map[string]string{
		"claims.txt": payload + " = 1\ntr(A) = 2*tr(A) # " + payload + "\n" + payload + ": 2×2\ntr(X) = 1 where X: " + payload + "\n",
		"paper.tex":  "$\\nabla_x x^\\top x = 3x$ " + payload + "\n\n$\\nabla_x " + payload + " = 1$ % matdiff: " + payload + "\n",
		"notes.md":   payload + " $\\nabla_x x^\\top x = 3x$ " + payload + "\n<!-- matdiff: " + payload + " -->\n",
	}
	args := []string{"check", payload + " = 1", "no" + payload + ".tex", "--verbose", "--rules", "own.rules"}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if err := os.WriteFile("own.rules", []byte("def f(x) = x'*x # "+payload), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, f := range reportFormats() {
		args = append(args, "--report", f+"="+f)
	}
	var stdout, stderr bytes.Buffer
	run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	run(t.Context(), []string{"rules", "f", "--rules", "own.rules"}, strings.NewReader(""), &stdout, &stderr)
	run(t.Context(), []string{"grad", payload, "--wrt", payload, "--" + payload}, strings.NewReader(""), &stdout, &stderr)
	run(t.Context(), []string{"grad", payload, "--wrt", payload}, strings.NewReader(""), &stdout, &stderr)
	run(t.Context(), []string{payload}, strings.NewReader(""), &stdout, &stderr)
	out := map[string]string{"stdout": stdout.String(), "stderr": stderr.String()}
	written, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range written {
		if files[f.Name()] == "" && f.Name() != "own.rules" {
			text, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			out[f.Name()] = string(text)
		}
	}
	return out
}

// TestInjection quotes hostile texts in all that matdiff writes, and reads that as those would who are to be deceived.
func TestInjection(t *testing.T) {
	for name, payload := range payloads {
		for _, workflow := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				out := quoted(t, payload, workflow)
				for file, text := range out {
					for i, r := range text {
						if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
							t.Errorf("%s has %U in %q", file, r, text[max(0, i-20):min(len(text), i+20)])
						}
					}
				}
				checkCommands(t, out["stdout"]+out["stderr"], workflow)
				checkCommands(t, out["github"], true)
				for _, file := range []string{"json", "sarif"} {
					if !json.Valid([]byte(out[file])) {
						t.Errorf("%s is no JSON", file)
					}
				}
				for line := range strings.Lines(out["jsonl"]) {
					var o outcome
					if err := json.Unmarshal([]byte(line), &o); err != nil || o.Verdict == holds {
						t.Errorf("%s: %v", line, err)
					}
				}
				decoder := xml.NewDecoder(strings.NewReader(out["junit"]))
				for {
					token, err := decoder.Token()
					if errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatal(err)
					}
					switch token := token.(type) {
					case xml.Directive:
						t.Errorf("junit has the directive %s", token)
					case xml.StartElement:
						switch token.Name.Local {
						case "testsuites", "testsuite", "testcase", "failure", "error", "skipped":
						default:
							t.Errorf("junit has the element %s", token.Name.Local)
						}
					}
				}
				checkSummary(t, out["summary.md"])
			})
		}
	}
}

var annotation = regexp.MustCompile(`^::(error|warning) file=[^:,]*(,(line|endLine|col|endColumn)=\d+)*,title=matdiff%3A (fails|error|undecided|unread)::`)

// checkCommands demands that a workflow finds no command in its log but matdiff's own annotations.
func checkCommands(t *testing.T, log string, workflow bool) {
	if !workflow {
		return
	}
	if strings.Contains(log, "##[") {
		t.Error("the log has ##[")
	}
	for line := range strings.Lines(log) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "::") && !annotation.MatchString(line) {
			t.Errorf("the log has the command %s", line)
		}
	}
}

// checkSummary demands that the summary has no markup but matdiff's own.
func checkSummary(t *testing.T, text string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| verdict") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 {
			t.Errorf("%d cells in %s", len(cells), line)
		}
		line = strings.NewReplacer("<code>", "", "</code>", "").Replace(line)
		if strings.ContainsAny(line, "<>`[]!*_\\") {
			t.Errorf("the summary has markup: %s", line)
		}
	}
}

// TestLaTeXOfNames prints expressions of every name that the language allows as LaTeX: letters and digits alone reach it.
func TestLaTeXOfNames(t *testing.T) {
	allowed := regexp.MustCompile(`^(\\[a-zA-Z]+|\\[,;{}_]|[\pL\pN\pM {}^_+*/=()\[\]|.,-])*$`)
	for _, name := range []string{"X", "a_b", "__", "x_1_2", "Σ", "ß", "X\u0301", "input", "end", "d", "T", "אב", "𝐗"} {
		var stdout, stderr bytes.Buffer
		run(t.Context(), []string{"grad", "sum(sin(" + name + "))", "--wrt", name, "-o", "latex"}, strings.NewReader(""), &stdout, &stderr)
		if s := strings.TrimSpace(stdout.String()); !allowed.MatchString(s) || s == "" {
			t.Errorf("%q gives %q, %s", name, s, stderr.String())
		}
	}
}
