package document

import (
	"slices"
	"strings"
)

// big reads a sum over indices.
func (r *reader) big() *term {
	s := &term{op: opBig}
	for {
		if r.accept("_") {
			tokens, next := r.script()
			r.at = next
			for i := 0; i < len(tokens); i++ {
				if tokens[i].is("=") { // i=1
					for i++; i < len(tokens) && !tokens[i].is(","); i++ {
					}
					continue
				}
				switch {
				case tokens[i].kind == tokenLetter:
					s.subs = append(s.subs, tokens[i].text)
				case tokens[i].is(",") || tokens[i].is("{") || tokens[i].is("}"):
				default:
					panic(unread("a sum over %q is not understood", plain(tokens)))
				}
			}
			continue
		}
		if r.accept("^") {
			_, r.at = r.script()
			continue
		}
		break
	}
	s.args = []*term{r.rest(true)}
	return s
}

// matrix reads an environment of rows.
func (r *reader) matrix() *term {
	name, next := group(r.tokens, r.at)
	r.at = next
	env := plain(name)
	if env == "array" {
		_, r.at = group(r.tokens, r.at)
	} else if !strings.HasSuffix(env, "matrix") {
		panic(unread("the environment %s is not understood", env))
	}
	m := &term{op: opMatrix}
	row := &term{op: opRow}
	var entry []token
	depth := 0
	flush := func() {
		for len(entry) > 0 && entry[len(entry)-1].is(",") {
			entry = entry[:len(entry)-1]
		}
		for len(entry) > 0 && entry[0].is(",") {
			entry = entry[1:]
		}
		if len(entry) == 0 {
			return
		}
		if !slices.ContainsFunc(entry, func(t token) bool { return !t.is(".") }) { // ...
			row.args = append(row.args, &term{op: opDots})
		} else {
			row.args = append(row.args, r.inside(entry))
		}
		entry = nil
	}
	for ; r.at < len(r.tokens); r.at++ {
		t := r.tokens[r.at]
		switch {
		case t.is("{") || t.command("begin"):
			depth++
		case t.is("}") || t.command("end") && depth > 0:
			depth--
		case depth == 0 && t.is("&"):
			flush()
			continue
		case depth == 0 && t.command("\\"), depth == 0 && t.command("end"):
			flush()
			if len(row.args) > 0 {
				m.args = append(m.args, row)
			}
			row = &term{op: opRow}
			if t.text == "end" {
				_, r.at = group(r.tokens, r.at+1)
				return m
			}
			continue
		}
		entry = append(entry, t)
	}
	panic(unread("\\begin{%s} is not closed", env))
}
