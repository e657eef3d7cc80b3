package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/diagnose"
)

func newExplain(s *session) *cobra.Command {
	pages := diagnose.Pages()
	var codes []string
	for _, p := range pages {
		codes = append(codes, p.Code)
	}
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain a diagnosis or a message, with a wrong and a right example",
		Long: `explain prints what a code means. The codes of diagnoses stand in brackets in what check prints. Without a
code all are listed, those of messages about input too.`,
		Example: `  matdiff explain symmetrise`,
		Args:    atMost(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return s.result(listed(pages))
			}
			for _, p := range pages {
				if p.Code == args[0] {
					return s.result(explanation(p))
				}
			}
			d := wrong("there is no code %q", args[0])
			d.Hint = suggestion(args[0], codes, "matdiff explain lists the codes")
			return d
		},
	}
}

// listed gives each code a line with the first sentence of its page.
func listed(pages []diagnose.Page) string {
	var lines []string
	for _, p := range pages {
		sentence, _, _ := strings.Cut(strings.ReplaceAll(p.Text, "\n", " "), ". ")
		lines = append(lines, fmt.Sprintf("%-26s %s", p.Code, strings.TrimSuffix(sentence, ".")))
	}
	return strings.Join(lines, "\n")
}

// exampleWords say what the kinds of examples are.
var exampleWords = map[string]string{"wrong": "wrong  ", "right": "right  ", "rules": "rules  ", "rule": "rule   "}

func explanation(p diagnose.Page) string {
	lines := []string{p.Code + ": " + p.Text}
	for _, e := range p.Examples {
		word, ok := exampleWords[e.Kind]
		if !ok {
			word = "example"
		}
		text := e.Text
		if name, by := strings.CutPrefix(e.Kind, "by "); by {
			text += " by " + name
		}
		lines = append(lines, "  "+word+"  "+text)
	}
	return strings.Join(lines, "\n")
}
