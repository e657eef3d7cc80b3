package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"
	"github.com/owenrumney/go-sarif/v2/sarif"
)

// reporters write what check found in the formats of other programs.
var reporters = map[string]func(io.Writer, outcomes) error{
	"json":   reportJSON,
	"jsonl":  reportLines,
	"junit":  reportJUnit,
	"sarif":  reportSARIF,
	"github": reportGitHub,
}

func reportFormats() []string { return slices.Sorted(maps.Keys(reporters)) }

// writeReports writes the reports that the flags ask for, and annotations where check runs as a GitHub action.
func (k *checking) writeReports() error {
	all := k.found()
	for _, r := range k.reports {
		format, name, ok := strings.Cut(r, "=")
		write := reporters[format]
		if !ok || name == "" || write == nil {
			d := wrong("--report needs FORMAT=FILE, not %q", r)
			d.Hint = "available: " + strings.Join(reportFormats(), ", ")
			return d
		}
		var b bytes.Buffer
		if err := write(&b, all); err != nil {
			return wrong("the report %s cannot be made: %v", format, err)
		}
		if name == "-" && format == "github" {
			if _, err := k.commands().Write(b.Bytes()); err != nil {
				return wrong("the report cannot be written: %v", reason(err))
			}
		} else if name == "-" {
			if _, err := k.stdout.Write(b.Bytes()); err != nil {
				return wrong("the report cannot be written: %v", reason(err))
			}
		} else if err := k.writeFile(name, b.Bytes()); err != nil {
			return err
		}
		if format == "github" {
			if err := k.summarize(all); err != nil {
				return err
			}
		}
	}
	if os.Getenv("GITHUB_ACTIONS") == "true" && len(k.reports) == 0 && k.output != outputJSON {
		if err := reportGitHub(k.commands(), all); err != nil {
			return wrong("the report cannot be written: %v", reason(err))
		}
		return k.summarize(all)
	}
	return nil
}

func reportJSON(w io.Writer, all outcomes) error {
	line, err := encode(all)
	if err == nil {
		_, err = fmt.Fprintln(w, line)
	}
	return err
}

func reportLines(w io.Writer, all outcomes) error {
	for _, o := range all.Equations {
		line, err := encode(o)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// isFinding reports whether something is to be done about the equation.
func (o *outcome) isFinding() bool { return o.Verdict != holds && (o.Verdict != unread || o.fault) }

// message says in one line how an equation stands.
func (o *outcome) message() string {
	if len(o.Reasons) > 0 && o.Verdict != undecided {
		return strings.Join(o.Reasons, "; ")
	}
	if o.Verdict == holds && o.Expected {
		return "wrong, as expected"
	}
	return o.finding()
}

func reportJUnit(w io.Writer, all outcomes) error {
	var suites junit.Testsuites
	suites.Name = "matdiff"
	index := map[string]int{}
	for _, o := range all.Equations {
		name := o.File
		if name == "" {
			name = "command line"
		}
		if _, ok := index[name]; !ok {
			index[name] = len(suites.Suites)
			suites.Suites = append(suites.Suites, junit.Testsuite{Name: name, ID: len(suites.Suites)})
		}
		c := junit.Testcase{Name: o.Text, Classname: fmt.Sprintf("%s:%d", name, o.Line)}
		switch result := (&junit.Result{Message: o.message(), Data: o.Text}); o.Verdict {
		case fails:
			c.Failure = result
		case undecided:
			c.Skipped = result
		case faulty:
			c.Error = result
		case unread:
			if o.fault {
				c.Error = result
			} else {
				c.Skipped = result
			}
		}
		suites.Suites[index[name]].AddTestcase(c)
	}
	for _, s := range suites.Suites {
		suites.Tests += s.Tests
		suites.Failures += s.Failures
		suites.Errors += s.Errors
		suites.Skipped += s.Skipped
	}
	var b strings.Builder
	if err := suites.WriteXML(&b); err != nil {
		return err
	}
	_, err := io.WriteString(w, escapedXML(b.String()))
	return err
}

// levels are the levels of SARIF and the commands of GitHub for the verdicts.
var levels = map[string]string{fails: "error", undecided: "warning", faulty: "error", unread: "error"}

func reportSARIF(w io.Writer, all outcomes) error {
	report, err := sarif.New(sarif.Version210)
	if err != nil {
		return err
	}
	run := sarif.NewRunWithInformationURI("matdiff", "https://pkg.go.dev/matdiff")
	run.Tool.Driver.Version = &all.Program
	run.ColumnKind = "unicodeCodePoints"
	for _, rule := range []struct{ id, text string }{
		{fails, "An equation does not hold"}, {undecided, "An equation could not be decided"}, {faulty, "An equation cannot be read"}, {unread, "An equation of a document cannot be read, and has to be"},
	} {
		run.AddRule(rule.id).WithDescription(rule.text)
	}
	for _, o := range all.Equations {
		if !o.isFinding() {
			continue
		}
		result := run.CreateResultForRule(o.Verdict).WithLevel(levels[o.Verdict]).WithMessage(sarif.NewTextMessage(o.Text + ": " + o.message()))
		if o.File != "" {
			region := sarif.NewRegion().WithStartLine(o.Line).WithStartColumn(o.Column).WithEndLine(o.EndLine).WithEndColumn(o.EndColumn)
			result.AddLocation(sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().
				WithArtifactLocation(sarif.NewSimpleArtifactLocation(filepath.ToSlash(o.File))).WithRegion(region)))
		}
	}
	report.AddRun(run)
	var b strings.Builder
	if err := report.PrettyWrite(&b); err != nil {
		return err
	}
	_, err = io.WriteString(w, escapedJSON(b.String()))
	return err
}
