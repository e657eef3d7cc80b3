package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"matdiff/internal/document"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

// documentFlags are what the flags of check say about documents.
type documentFlags struct {
	macros  []string // files
	layout  string
	strict  bool
	require uint
	verbose bool
	reports []string
	given   func(flag string) bool // on the command line, and not in a settings file
}

func (k *checking) addDocument(c *cobra.Command) {
	k.given = c.Flags().Changed
	c.Flags().StringArrayVar(&k.macros, "macros", nil, "read the TeX macros of `FILE` first (repeatable)")
	c.Flags().Var(&choice{&k.layout, layouts}, "layout", "`LAYOUT` of gradients in documents that do not say: denominator for columns (the default), numerator for rows")
	c.Flags().BoolVar(&k.strict, "strict", false, "equations of documents that cannot be read count as faults, and so do claims files without equations")
	c.Flags().UintVar(&k.require, "require", 0, "fail if fewer than `N` equations were decided")
	c.Flags().BoolVar(&k.verbose, "verbose", false, "of documents, show what holds, how it was read, and what could not be read")
	c.Flags().StringArrayVar(&k.reports, "report", nil, "write a report, `FORMAT=FILE`: "+strings.Join(reportFormats(), ", ")+" (repeatable)")
}

// layouts are the layouts of gradients in documents.
var layouts = []string{layoutDenominator, layoutNumerator}

// isDocument reports whether the equations of a file stand among text. A text file is a document if it has formulas.
func isDocument(name string, f io.ReaderAt) bool {
	ext := filepath.Ext(name)
	if !strings.EqualFold(ext, ".txt") {
		return document.Known(ext)
	}
	head := make([]byte, 1<<20)
	n, _ := f.ReadAt(head, 0)
	return document.Formulas(string(head[:n]))
}

// document checks the equations of a document.
func (k *checking) document(f io.Reader, name string) error {
	text, err := k.readWhole(f, name)
	if err != nil {
		return err
	}
	set, err := k.settingsFor(name)
	if err != nil {
		return err
	}
	strict := k.isStrict(set)
	k.demand(set)
	o := document.Options{Declarations: override(set.Declarations, k.declarations), Macros: set.Macros, Layout: set.Layout, Context: k.ctx}
	if k.layout != "" {
		o.Layout = k.layout
	}
	for _, m := range k.macros {
		text, err := k.readFile(m)
		if err != nil {
			return err
		}
		o.Macros = append(o.Macros, string(text))
	}
	if root, err := os.OpenRoot(filepath.Dir(name)); err == nil { // for \input, which must not lead out of it
		defer root.Close()
		o.Folder = root.FS()
	}
	equations, problems := document.Read(name, text, o)
	if len(equations)+len(problems) == 0 && k.verbose {
		k.note(place{}, "%s: no equation found", name)
	}
	lines := strings.Split(string(text), "\n")
	for len(equations)+len(problems) > 0 {
		if len(problems) == 0 || len(equations) > 0 && before(equations[0].Place, problems[0].Place) {
			q := &equations[0]
			if err := k.add(func(k *checking) error { return k.stated(q, lines) }); err != nil {
				return err
			}
			equations = equations[1:]
			continue
		}
		if err := k.unreadable(problems[0], lines, strict); err != nil {
			return err
		}
		problems = problems[1:]
	}
	return nil
}

// isStrict reports whether what cannot be read is a fault, as the flag says or else the settings.
func (k *checking) isStrict(set settings) bool {
	if k.given("strict") {
		return k.strict
	}
	return set.Strict
}

// demand raises the number of equations that have to be decided to that of the settings, unless a flag gives it.
func (k *checking) demand(set settings) {
	if !k.given("require") {
		k.require = max(k.require, uint(set.Require))
	}
}

func before(a, b document.Place) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column <= b.Column
}

// stated checks an equation of a document. It holds if one of its readings does; it fails if all do, and one by all rules.
func (k *checking) stated(q *document.Equation, lines []string) error {
	o := outcome{Text: q.Text, Verdict: faulty}
	o.place(q.Place)
	at := place{name: q.File, line: q.Line, text: q.Text}
	k.guard(at, func() error {
		var failed *parser.Equation
		var builder *expr.Builder
		for _, r := range q.Readings {
			b, e, err := k.parseEquation(r.Claim, parser.Options{Declarations: r.Declarations, Moving: r.Moving, Functions: k.functions})
			if err != nil {
				o.Reasons = append(o.Reasons, err.Error())
				continue
			}
			report, err := k.compare(e, &o)
			if err != nil {
				o.Reasons = append(o.Reasons, err.Error())
				continue
			}
			verdict := report.Verdict
			better := o.Verdict == undecided || o.Verdict == fails && o.report.Mismatch && !report.Mismatch
			if verdict == numcheck.Holds || o.Verdict == faulty || better && verdict == numcheck.Fails {
				o.decide(report)
				o.Read = strings.Join(append([]string{r.Claim}, r.Declarations...), "; ")
				failed, builder = e, b
			}
			if verdict == numcheck.Holds {
				break
			}
		}
		switch {
		case q.Clash != "":
			o.Verdict, o.Reasons = fails, []string{q.Clash}
		case o.Verdict == fails && q.Expect != "wrong" && !o.report.Given:
			return k.diagnose(builder, failed, &o)
		}
		return nil
	})
	o.Warnings, o.Notes = q.Warnings, append(o.Notes, q.Notes...)
	switch {
	case q.Expect == "wrong" && o.Verdict == fails:
		o.Verdict, o.Expected = holds, true
	case q.Expect == "wrong" && o.Verdict == holds:
		o.Verdict, o.Reasons = fails, []string{"it holds, but the document expects it to be wrong"}
	}
	k.fail(exitOf[o.Verdict])
	if o.Verdict == faulty && q.Must {
		k.fail(exitInput)
	}
	k.outcomes = append(k.outcomes, o)
	if k.output == outputJSON {
		return nil
	}
	if !k.quiet {
		for _, w := range q.Warnings {
			if err := k.result(fmt.Sprintf("%s:%d:%d: warning: %s", oneLine(o.File), o.Line, o.Column, shortened(w, maxMessage))); err != nil {
				return err
			}
		}
	}
	if !k.verbose && o.Verdict == holds {
		return nil
	}
	return k.result(o.inFile(lines, k.verbose, coloured(k.stdout)))
}

// inFile says how an equation of a document stands: its place, the finding, and the line with a caret.
func (o *outcome) inFile(lines []string, verbose, colour bool) string {
	word := strings.TrimSpace(verdictWords[o.Verdict].word)
	if o.Verdict == faulty {
		word = "not readable"
	}
	finding := ""
	switch {
	case o.Expected:
		finding = "wrong, as expected"
	case len(o.Reasons) > 0:
		finding = strings.Join(o.Reasons, "; ")
	default:
		finding = o.finding()
	}
	if code := verdictWords[o.Verdict].colour; colour && code != "" {
		word = "\x1b[" + code + "m" + word + "\x1b[0m"
	}
	s := fmt.Sprintf("%s:%d:%d: %s: %s", oneLine(o.File), o.Line, o.Column, word, finding)
	s += excerptOf(document.Place{File: o.File, Line: o.Line, Column: o.Column, EndLine: o.EndLine, EndColumn: o.EndColumn}, lines)
	if verbose {
		if o.Read != "" {
			s += "\n  read as " + shortened(o.Read, maxMessage)
		}
		for _, n := range o.Notes {
			s += "\n  note: " + shortened(n, maxMessage)
		}
	} else if o.Verdict == fails && o.Read != "" {
		s += "\n  read as " + shortened(o.Read, maxMessage)
	}
	return s
}

// excerptOf shows the line of a place and marks the place in it.
func excerptOf(at document.Place, lines []string) string {
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	line := strings.TrimRight(lines[at.Line-1], "\r")
	offset := func(column int) int {
		for i := range line {
			if column--; column == 0 {
				return i
			}
		}
		return len(line)
	}
	end := len(line)
	if at.EndLine == at.Line {
		end = offset(at.EndColumn)
	}
	text, marks := window(line, []parser.Span{{Start: offset(at.Column), End: end}})
	return "\n  " + text + "\n  " + marks
}

// unreadable counts what looks like an equation but cannot be read, and says why if that matters.
func (k *checking) unreadable(p document.Problem, lines []string, strict bool) error {
	o := outcome{Text: p.Text, Verdict: unread, Reasons: []string{p.Reason}, fault: p.Fault || p.Must || strict}
	o.place(p.Place)
	k.jobs.checked = append(k.jobs.checked, &checking{session: &session{status: new(atomic.Int32)}, outcomes: []outcome{o}})
	if o.fault {
		k.fail(exitInput)
	} else if !k.verbose {
		return nil
	}
	if k.output == outputJSON {
		return nil
	}
	return k.result(fmt.Sprintf("%s:%d:%d: not read: %s%s", oneLine(p.File), p.Line, p.Column, shortened(p.Reason, maxMessage), excerptOf(p.Place, lines)))
}

// required checks that enough equations were decided.
func (k *checking) required() error {
	decided := uint(0)
	for _, o := range k.outcomes {
		if o.Verdict == holds || o.Verdict == fails {
			decided++
		}
	}
	if decided < k.require {
		return wrong("%d equations were decided; --require demands %d", decided, k.require)
	}
	return nil
}
