package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/diagnose"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

// checking is one run of check.
type checking struct {
	*session
	documentFlags
	functions []*expr.Op
	workers   uint
	jobs      *jobs
	worker    *worker
	files     []string
	outcomes  []outcome
	unread    []unreadEquation
}

func newCheck(s *session) *cobra.Command {
	k := &checking{session: s, outcomes: []outcome{}}
	c := &cobra.Command{
		Use:   "check EQUATION… | FILE…",
		Short: "Verify equations at random points",
		Long: `check decides whether equations hold: both sides are compared at random points of random sizes, and
derivatives in them, such as grad(f, X), are measured by finite differences. Of an equation that does not hold
it says what is wrong, if that is a small thing: matdiff explain has more on the code in brackets.

An argument that names a file is read: one equation or declaration a line, with # for comments, or, from .tex, .Rnw, .md,
.qmd, .Rmd and .rst files and from .txt files with formulas, the equations between the text that state derivatives. Comments
such as % matdiff: X: m×n symmetric, and a file matdiff.toml beside the document or above, tell it more: see README.md.
- is standard input. The exit status is 0 if every equation holds, 1 if one does not, 2 if one cannot be read and 3 if
one could not be decided.`,
		Example: `  matdiff check "grad(tr(A*X*B), X) = A'*B'"
  matdiff check --var "S: symmetric" "grad(x'*S*x, x) = 2*S*x"
  matdiff check claims.txt -o json`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args)+len(k.files) == 0 {
				d := wrong("check needs an equation or a file")
				d.Hint = "for example: " + firstLine(c.Example)
				return d
			}
			var err error
			if k.functions, err = s.functions(); err != nil {
				return err
			}
			if err := k.run(args); err != nil {
				return err
			}
			if err := k.writeReports(); err != nil {
				return err
			}
			return k.required()
		},
	}
	c.Flags().StringArrayVarP(&k.files, "file", "f", nil, "read equations from `FILE` (repeatable)")
	c.Flags().UintVarP(&k.workers, "jobs", "j", 0, "check `N` equations at a time; 0 stands for the number of processors")
	k.addDocument(c)
	s.addSeed(c)
	s.addInput(c)
	s.addOutput(c, outputText, outputJSON)
	return c
}

// run checks what the arguments and flags give and prints what is to be said of all together.
func (k *checking) run(args []string) error {
	if err := k.together(func() error { return k.read(args) }); err != nil {
		return err
	}
	if k.output == outputJSON {
		line, err := encode(k.found())
		if err != nil {
			return err
		}
		return k.result(line)
	}
	k.summary()
	return nil
}

// read adds the equations that the arguments give, in order, then those of the files given by flag.
func (k *checking) read(args []string) error {
	for _, arg := range args {
		var err error
		switch arg = strings.TrimPrefix(arg, " "); {
		case arg == "-":
			err = k.claims(k.stdin, "<stdin>")
		case namesFile(arg):
			err = k.file(arg)
		default:
			err = k.add(func(k *checking) error { return k.equation(place{}, arg, k.declarations) })
		}
		if err != nil {
			return err
		}
	}
	for _, name := range k.files {
		if err := k.file(name); err != nil {
			return err
		}
	}
	return nil
}

// namesFile reports whether arg is a file, or can only be meant as one.
func namesFile(arg string) bool {
	if _, err := os.Stat(arg); err == nil {
		return true
	}
	return !strings.ContainsAny(arg, "=()*+^' ") && len(filepath.Ext(arg)) > 1
}

// equation checks one equation and says how it stands. Its error is that nothing can be written; what is wrong with the
// equation is reported.
func (k *checking) equation(at place, text string, declarations []string) error {
	o := outcome{Text: strings.TrimSpace(text), File: at.name, Line: at.line, Verdict: faulty}
	k.guard(at, func() error {
		b := k.builder()
		e, err := parser.ParseEquation(b, text, parser.Options{Declarations: declarations, Functions: k.functions})
		if err != nil {
			o.Reasons = []string{err.Error()}
			return err
		}
		for _, n := range e.Notes {
			k.note(at, "%s", n)
		}
		r, err := numcheck.Equal(e.Left, e.Right, k.comparison(numcheck.Options{Depends: e.Depends}))
		if err != nil {
			o.Reasons = []string{err.Error()}
			return err
		}
		o.decide(r)
		k.fail(exitOf[o.Verdict])
		if r.Verdict == numcheck.Fails {
			return k.diagnose(b, e, &o)
		}
		return nil
	})
	k.outcomes = append(k.outcomes, o)
	if o.Verdict == faulty || k.output == outputJSON || k.quiet && o.Verdict == holds {
		return nil
	}
	return k.result(o.line(coloured(k.stdout)))
}

// diagnose enters what is wrong with the equation e, which does not hold.
func (k *checking) diagnose(b *expr.Builder, e *parser.Equation, o *outcome) error {
	if k.worker.book == nil {
		var err error
		if k.worker.book, err = k.session.book(); err != nil {
			return err
		}
	}
	d, err := diagnose.Explain(b, k.worker.book, diagnose.Equation{Left: e.Left, Right: e.Right, Depends: e.Depends, Seed: k.seed})
	if wrong := (*diagnose.Contradiction)(nil); errors.As(err, &wrong) {
		found := bug(wrong.Error(), "equation "+strings.TrimSpace(e.Text), difference(wrong.Report, "left", "right"), fmt.Sprintf("seed %d", k.seed))
		return k.doubtRules(found)
	}
	o.diagnose(d)
	return err
}

// exitOf is the exit status for a verdict; a faulty equation has one of its own.
var exitOf = map[string]int{holds: exitDone, fails: exitFails, undecided: exitUnknown}

// summary counts the outcomes where there are several.
func (k *checking) summary() {
	if len(k.outcomes) < 2 && len(k.unread) == 0 || k.quiet {
		return
	}
	fmt.Fprintln(k.stderr, k.found().count())
}

// found returns what is known at the end.
func (k *checking) found() outcomes { return outcomes{version(), k.seed, k.outcomes, k.unread} }

// count says how many equations there are of each verdict.
func (all outcomes) count() string {
	var counts []string
	for _, v := range []string{holds, fails, undecided, faulty} {
		n := 0
		for _, o := range all.Equations {
			if o.Verdict == v {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, summaryWords[v]))
		}
	}
	if n := len(all.Unread); n > 0 {
		counts = append(counts, fmt.Sprintf("%d not read", n))
	}
	return fmt.Sprintf("%d equations: %s", len(all.Equations), strings.Join(counts, ", "))
}

var summaryWords = map[string]string{holds: "ok", fails: "wrong", undecided: "not decided", faulty: "not readable"}
