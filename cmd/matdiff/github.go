package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxAnnotations is how many errors GitHub shows of a step of a workflow, and how many warnings.
const maxAnnotations = 10

// maxSummary is how many equations the summary of a step lists; GitHub shows none that is longer than 1 MiB.
const maxSummary = 200

// GitHub demands that these characters are escaped: in messages the first three, in properties all.
var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeMessage(text string) string  { return messageEscapes.Replace(mapObeyed(text)) }
func escapeProperty(text string) string { return propertyEscapes.Replace(mapObeyed(text)) }

// mapObeyed replaces what a log would obey, also ##[ within a line, but for ends of lines.
func mapObeyed(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\r' && obeyed(r) {
			return picture(r)
		}
		return r
	}, strings.ReplaceAll(text, "##[", "# #["))
}

// commands is where commands for the workflow are written: standard output as it is.
func (k *checking) commands() io.Writer { return unvoiced(k.stdout).(*terminal).to }

// severity orders the verdicts other than holds, the worst first.
var severity = []string{fails, faulty, unread, undecided}

// worstFirst returns the equations that do not hold.
func (all outcomes) worstFirst() []outcome {
	var found []outcome
	for _, o := range all.Equations {
		if o.isFinding() {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b outcome) int {
		return slices.Index(severity, a.Verdict) - slices.Index(severity, b.Verdict)
	})
	return found
}

// reportGitHub annotates the files as a workflow of GitHub does: the worst as far as they are shown.
func reportGitHub(w io.Writer, all outcomes) error {
	written := map[string]int{}
	for _, o := range all.worstFirst() {
		command := levels[o.Verdict]
		if o.File == "" || written[command] == maxAnnotations {
			continue
		}
		written[command]++
		properties := fmt.Sprintf("file=%s,line=%d", escapeProperty(filepath.ToSlash(o.File)), o.Line)
		properties += fmt.Sprintf(",endLine=%d,col=%d", o.EndLine, o.Column)
		if o.EndLine == o.Line {
			properties += fmt.Sprintf(",endColumn=%d", o.EndColumn)
		}
		if _, err := fmt.Fprintf(w, "::%s %s,title=%s::%s\n", command, properties, escapeProperty("matdiff: "+o.Verdict),
			escapeMessage(o.Text+": "+o.message())); err != nil {
			return err
		}
	}
	return nil
}

// summarize appends a table of what does not hold to the summary of the step of the workflow, if this is one.
func (k *checking) summarize(all outcomes) error {
	name := os.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return wrong("%s cannot be written: %v", name, reason(err))
	}
	_, err = io.WriteString(f, summaryTable(all))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return wrong("%s cannot be written: %v", name, reason(err))
	}
	return nil
}

// summaryTable returns the count of the equations, and in Markdown a table of those that do not hold.
func summaryTable(all outcomes) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### matdiff\n\n%s\n\n", all.count())
	found := all.worstFirst()
	if len(found) == 0 {
		return b.String()
	}
	b.WriteString("| verdict | place | equation | finding |\n| --- | --- | --- | --- |\n")
	for _, o := range found[:min(len(found), maxSummary)] {
		at := ""
		if o.File != "" {
			at = fmt.Sprintf("%s:%d", filepath.ToSlash(o.File), o.Line)
		}
		fmt.Fprintf(&b, "| %s | %s | <code>%s</code> | %s |\n", summaryWords[o.Verdict], escapeMarkdown(at),
			escapeMarkdown(shortened(o.Text, maxMessage)), escapeMarkdown(shortened(o.message(), maxMessage)))
	}
	if more := len(found) - maxSummary; more > 0 {
		fmt.Fprintf(&b, "\n… and %d more\n", more)
	}
	b.WriteString("\n")
	return b.String()
}

// escapeMarkdown returns text for a cell of a table: as a reference where it is ASCII and no letter, digit or space.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case obeyed(r):
			b.WriteRune(utf8.RuneError)
		case r > 0x7f || r == ' ' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}
