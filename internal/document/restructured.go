package document

import (
	"sort"
	"strings"
)

var (
	mathRole     = lazily(":math:`([^`]*)`")
	mathBlock    = lazily(`(?m)^([ \t]*)\.\.[ \t]+math::[ \t]*(.*)$`)
	restComment  = lazily(`(?m)^[ \t]*\.\.([ \t]+matdiff:.*)$`)
	literalBlock = lazily(`(?m)^([ \t]*)(?:\.\.[ \t]+(?:code|code-block|sourcecode|literalinclude)::.*|(?:[^.\n \t].*)?::)[ \t]*$`)
	mathOption   = lazily(`^[ \t]*:[a-z]+:`)
)

// restructured finds the formulas of reStructuredText: the role and the directive math.
func restructured(source string) contents {
	var c contents
	var code []region
	for _, m := range literalBlock().FindAllStringSubmatchIndex(source, -1) {
		code = append(code, region{m[1], indented(source, m[1], m[3]-m[2])})
	}
	outside := func(at int) bool {
		for _, r := range code {
			if r.start <= at && at < r.end {
				return false
			}
		}
		return true
	}
	for _, m := range mathRole().FindAllStringSubmatchIndex(source, -1) {
		if outside(m[0]) && (m[0] == 0 || source[m[0]-1] != '`') {
			c.formulas = append(c.formulas, formula{m[2], m[3], m[0], m[1], false})
		}
	}
	for _, m := range mathBlock().FindAllStringSubmatchIndex(source, -1) {
		if !outside(m[0]) {
			continue
		}
		end := indented(source, m[1], m[3]-m[2])
		start := m[4]
		for start < end && mathOption().MatchString(strings.TrimLeft(source[start:end], "\n")) {
			line := strings.TrimLeft(source[start:end], "\n")
			i := strings.IndexByte(line, '\n')
			if i < 0 {
				break
			}
			start = end - len(line) + i + 1
		}
		// Formulas are separated by blank lines.
		for _, part := range paragraphs(source, start, end) {
			c.formulas = append(c.formulas, formula{part.start, part.end, part.start, part.end, true})
		}
	}
	for _, m := range restComment().FindAllStringSubmatchIndex(source, -1) {
		if outside(m[0]) {
			c.comments = append(c.comments, comment{m[2], m[3]})
		}
	}
	sort.Slice(c.formulas, func(i, j int) bool { return c.formulas[i].start < c.formulas[j].start })
	return c
}

// indented returns where the lines after at end that are indented by more than depth.
func indented(source string, at, depth int) int {
	end := at
	for at < len(source) {
		i := strings.IndexByte(source[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
		line, _, _ := strings.Cut(source[at:], "\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(line)-len(strings.TrimLeft(line, " \t")) <= depth {
			break
		}
		end = at + len(line)
	}
	return end
}

func paragraphs(source string, start, end int) (parts []region) {
	for start < end {
		stop := end
		if m := blankLine().FindStringIndex(source[start:end]); m != nil {
			start += m[1] - 1
			if start >= end {
				break
			}
		}
		for i := start + 1; i < end; i++ {
			if source[i] == '\n' && blankLine().MatchString(source[i:end]) {
				stop = i
				break
			}
		}
		if strings.TrimSpace(source[start:stop]) != "" {
			parts = append(parts, region{start, stop})
		}
		start = stop
		if stop == end {
			break
		}
	}
	return parts
}
