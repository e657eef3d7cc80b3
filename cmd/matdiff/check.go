package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"matdiff/internal/diagnose"
	"matdiff/internal/document"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// checking is one run of check.
type checking struct {
	*session
	documentFlags
	functions []*expr.Op
	workers   uint
	set       []string
	values    []givenValue
	jobs      *jobs
	worker    *worker
	files     []string
	outcomes  []outcome
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
such as % matdiff: X: m×n symmetric, and a file matdiff.toml beside the file or above, tell it more: see README.md.
- is standard input. With --set, equations that have a name that is set are checked at its value as well. The exit status is 0 if every equation holds, 1 if one does not, 2 if one cannot be read and 3 if
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
			if k.values, err = readValues(k.set); err != nil {
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
	addSet(c, &k.set)
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
	for _, v := range k.values {
		if !slices.ContainsFunc(k.outcomes, func(o outcome) bool { return slices.Contains(o.names, v.name) }) {
			k.report(place{}, wrong("%s is set, but no equation that could be read has it", v.name))
		}
	}
	k.noteUnused(k.unused(), "any equation")
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

// unused returns the names that are declared on the command line for none of the equations there.
func (k *checking) unused() (names []string) {
	for i, o := range k.outcomes {
		if i == 0 {
			names = o.unused
		}
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(o.unused, name) })
	}
	return names
}

// read adds the equations that the arguments give, in order, then those of the files given by flag.
func (k *checking) read(args []string) error {
	for _, arg := range args {
		var err error
		switch arg = strings.TrimPrefix(arg, " "); {
		case arg == "-":
			err = k.claims(k.stdin, "<stdin>", k.declarations, k.strict)
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
	o := outcome{Text: strings.TrimSpace(text), Verdict: faulty}
	if at.name != "" {
		before, _, _ := strings.Cut(at.text, o.Text)
		column := 1 + utf8.RuneCountInString(before)
		o.place(document.Place{File: at.name, Line: at.line, Column: column, EndLine: at.line, EndColumn: column + utf8.RuneCountInString(o.Text)})
	}
	k.guard(at, func() error {
		b, e, err := k.parseEquation(text, parser.Options{Declarations: declarations, Functions: k.functions})
		if err != nil {
			o.Reasons = []string{err.Error()}
			return err
		}
		for _, n := range slices.Concat(e.Notes, constants(e)) {
			k.note(at, "%s", n)
		}
		if at.name == "" {
			o.unused = e.Unused
		}
		r, err := k.compare(e, &o)
		if err != nil {
			o.Reasons = []string{err.Error()}
			return err
		}
		o.decide(r)
		for _, n := range r.Notes {
			k.note(at, "%s", n)
		}
		k.fail(exitOf[o.Verdict])
		if r.Verdict == numcheck.Fails && !r.Given {
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

// constants says which variables do not move in a differential of the equation, as theirs does not stand on the other side.
func constants(e *parser.Equation) (notes []string) {
	for _, side := range []*expr.Node{e.Left, e.Right} {
		expr.Walk(side, func(n *expr.Node) {
			if n.Op != expr.Differential {
				return
			}
			var names []string
			for _, x := range expr.Variables(n.Args[0]) {
				if !slices.Contains(n.Args[1:], x) && !x.Props.Has(expr.Index) && e.Depends[x.Name] == "" {
					names = append(names, x.Name)
				}
			}
			if len(names) > 0 {
				verb := map[bool]string{true: "is", false: "are"}[len(names) == 1]
				notes = append(notes, fmt.Sprintf("%s %s taken as constant: no d%s on the other side of %s",
					strings.Join(names, ", "), verb, strings.Join(names, ", d"), printer.Text(n)))
			}
		})
	}
	return notes
}

// parseEquation reads an equation; a name that is set to a number is a scalar.
func (k *checking) parseEquation(text string, o parser.Options) (*expr.Builder, *parser.Equation, error) {
	b := k.builder()
	e, err := parser.ParseEquation(b, text, o)
	if err != nil {
		return nil, nil, err
	}
	if scalars := scalarsAmong(k.values, e.Names, o.Declarations); len(scalars) > 0 {
		b, o.Declarations = k.builder(), append(slices.Clone(o.Declarations), scalars...)
		e, err = parser.ParseEquation(b, text, o)
	}
	return b, e, err
}

// compare decides whether e holds: at random points, and at the values that are set.
func (k *checking) compare(e *parser.Equation, o *outcome) (numcheck.Report, error) {
	options := k.comparison(numcheck.Options{Depends: e.Depends})
	r, err := numcheck.Equal(e.Left, e.Right, options)
	if err != nil || len(k.values) == 0 {
		return r, err
	}
	o.Given, o.names = "", nil
	for _, v := range k.values {
		if e.Names[v.name] != nil {
			o.names = append(o.names, v.name)
		}
	}
	if options.Given, err = fit(k.values, e.Names); err != nil {
		return r, err
	}
	if len(o.names) == 0 || r.Verdict == numcheck.Fails {
		return r, nil
	}
	at, err := numcheck.Equal(e.Left, e.Right, options)
	switch {
	case err != nil:
		return r, err
	case at.Verdict == numcheck.Fails:
		return at, nil
	case at.Verdict == numcheck.Holds:
		o.Given = "agrees at the values given"
	default:
		o.Given = "not decided at the values given: " + strings.Join(at.Reasons, "; ")
	}
	return r, nil
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
	if len(k.outcomes) == 0 || len(k.outcomes) == 1 && k.outcomes[0].Verdict != unread || k.quiet {
		return
	}
	fmt.Fprintln(k.stderr, k.found().count())
}

// found returns what is known at the end.
func (k *checking) found() outcomes { return outcomes{outcomesVersion, version(), k.seed, k.outcomes} }

// count says how many equations there are of each verdict.
func (all outcomes) count() string {
	var counts []string
	read := len(all.Equations)
	for _, v := range []string{holds, fails, undecided, faulty, unread} {
		n := 0
		for _, o := range all.Equations {
			if o.Verdict == v {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, summaryWords[v]))
		}
		if v == unread {
			read -= n
		}
	}
	return fmt.Sprintf("%d equations: %s", read, strings.Join(counts, ", "))
}

var summaryWords = map[string]string{holds: "ok", fails: "wrong", undecided: "not decided", faulty: "not readable", unread: "not read"}
