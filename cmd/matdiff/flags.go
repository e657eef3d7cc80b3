package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"matdiff/internal/parser"
)

// Output formats.
const (
	outputText    = "text"
	outputUnicode = "unicode"
	outputLaTeX   = "latex"
	outputMathML  = "mathml"
	outputTypst   = "typst"
	outputJSON    = "json"
)

// addInput gives c the flags of the commands that read expressions.
func (s *session) addInput(c *cobra.Command) {
	c.Flags().StringArrayVarP(&s.declarations, "var", "v", nil, "`DECLARATION` of a name: X: n×n symmetric, or Y = tanh(W*X) (repeatable)")
	c.Flags().BoolVar(&s.quiet, "quiet", false, "no notes on standard error; check prints no line for what holds")
	s.addRules(c)
}

// addRules gives c the flag of the commands that read the rule book.
func (s *session) addRules(c *cobra.Command) {
	c.Flags().StringArrayVar(&s.ruleFiles, "rules", nil, "add the functions and rules of `FILE` (repeatable)")
}

// addSeed gives c the flag of the commands that draw random points.
func (s *session) addSeed(c *cobra.Command) {
	c.Flags().Uint64Var(&s.seed, "seed", 1, "seed `N` of the random points at which results are checked")
}

// addFormulaOutput gives c, whose results are expressions, the choice between their notations, and more outputs.
func (s *session) addFormulaOutput(c *cobra.Command, more ...string) {
	s.addOutput(c, append([]string{outputText, outputUnicode, outputLaTeX, outputMathML, outputTypst, outputJSON}, more...)...)
	s.addDisplay(c)
}

// addOutput gives c the choice between formats, of which the first is the default.
func (s *session) addOutput(c *cobra.Command, formats ...string) {
	s.output = formats[0]
	c.Flags().VarP(&choice{&s.output, formats}, "output", "o", "`FORMAT` of the result: "+strings.Join(formats, ", "))
	c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// choice is a flag whose value is one of a few words.
type choice struct {
	value *string
	words []string
}

func (c *choice) String() string { return *c.value }
func (c *choice) Type() string   { return "string" }
func (c *choice) Set(v string) error {
	if !slices.Contains(c.words, v) {
		return errors.New("one of " + strings.Join(c.words, ", ") + " is needed")
	}
	*c.value = v
	return nil
}

// variables is a flag whose values are names or entries of them, with commas between.
type variables []string

func (v *variables) String() string { return strings.Join(*v, ",") }
func (v *variables) Type() string   { return "names" }
func (v *variables) Set(text string) error {
	for _, name := range splitOutside(text) {
		if name = strings.TrimSpace(name); name == "" {
			return errors.New("a name is missing")
		}
		*v = append(*v, name)
	}
	return nil
}

// flagError says what is wrong with a flag of c.
func flagError(c *cobra.Command, err error) *parser.Diagnostic {
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &unknown):
		if unknown.GetSpecifiedShortnames() != "" {
			return unknownFlag(c, "-"+unknown.GetSpecifiedName())
		}
		return unknownFlag(c, "--"+unknown.GetSpecifiedName())
	case errors.As(err, &invalid):
		flag := invalid.GetFlag()
		if choice, ok := flag.Value.(*choice); ok {
			return &parser.Diagnostic{
				Message: fmt.Sprintf("%s has no --%s %s", c.CommandPath(), flag.Name, invalid.GetValue()),
				Hint:    "available: " + strings.Join(choice.words, ", "),
				Exit:    exitInput,
			}
		}
		return wrong("--%s needs a %s, not %q", flag.Name, flagTypes[flag.Value.Type()], strings.TrimPrefix(invalid.GetValue(), " "))
	case errors.As(err, &missing):
		return wrong("--%s needs a value", missing.GetFlag().Name)
	}
	return wrong("%v", err)
}

// unknownFlag is the error for a flag, written with its dashes, that c does not have.
func unknownFlag(c *cobra.Command, flag string) *parser.Diagnostic {
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	d := wrong("%s has no flag %s", c.CommandPath(), flag)
	d.Hint = suggestion("--"+strings.TrimLeft(flag, "-"), known, c.CommandPath()+" --help lists the flags")
	return d
}

// flagTypes are the types of flags in words.
var flagTypes = map[string]string{"names": "variable, or several with commas between them", "uint64": "whole number", "uint": "whole number", "int": "whole number", "duration": "time such as 10s", "bool": "true or false"}

// suggestion asks whether one of the known words was meant by word, or says what else can be done.
func suggestion(word string, known []string, otherwise string) string {
	words := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, k := range known {
		words.AddCommand(&cobra.Command{Use: k, Run: func(*cobra.Command, []string) {}})
	}
	near := words.SuggestionsFor(word)
	if len(near) == 0 || strings.Trim(word, "-") == "" {
		return otherwise
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// shorthands are the flags of one letter.
const shorthands = "fhjov"

// protectExpressions puts a space before the arguments that begin with a minus sign but are expressions, such as
// -logdet(X) or -v'*x, so that they are not taken for flags of one letter.
func protectExpressions(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		if a == "--" {
			break
		}
		if len(a) < 2 || a[0] != '-' || a[1] == '-' {
			continue
		}
		rest := a[2:]
		isFlag := strings.IndexByte(shorthands, a[1]) >= 0 && (rest == "" || rest[0] == '=' ||
			a[1] == 'v' && strings.Contains(rest, ":") ||
			a[1] == 'j' && !strings.ContainsFunc(rest, func(r rune) bool { return r < '0' || r > '9' }) ||
			a[1] == 'o' && !strings.ContainsFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' }))
		if !isFlag {
			args[i] = " " + a
		}
	}
	return args
}

// oneExpression is the argument check of the commands that take one expression.
func oneExpression(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 1:
		return nil
	case len(args) == 0:
		d := wrong("%s needs an expression", c.CommandPath())
		d.Hint = "for example: " + firstLine(c.Example)
		return d
	}
	for _, a := range args {
		if len(a) == len(" -x") && strings.HasPrefix(a, " -") {
			return unknownFlag(c, a[1:])
		}
	}
	d := wrong("%s takes one expression, not %d", c.CommandPath(), len(args))
	d.Hint = fmt.Sprintf("put the expression in quotes: %s %q", c.CommandPath(), strings.Join(args, " "))
	return d
}

// atMost is the argument check of the commands that take up to n words.
func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		d := wrong("unexpected argument %q", args[n])
		d.Hint = "usage: " + c.UseLine()
		return d
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
