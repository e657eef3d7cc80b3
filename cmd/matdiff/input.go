package main

import (
	"bufio"
	"io"
	"iter"
	"strings"
)

// byteOrderMark begins the files of some editors.
const byteOrderMark = "\ufeff"

// lines yields the lines of r, which is called name in messages. A line that is too long comes as an error and is
// passed over; any other error is the last thing yielded.
func (s *session) lines(r io.Reader, name string) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		for n := 1; ; n++ {
			text, length, err := readLine(in, s.limits.Input)
			if err == io.EOF && length == 0 {
				return
			}
			if n == 1 {
				text = strings.TrimPrefix(text, byteOrderMark)
			}
			at := place{name: name, line: n, text: text}
			switch {
			case err != nil && err != io.EOF:
				yield(place{}, wrong("%s cannot be read: %v", name, reason(err)))
				return
			case len(text) > s.limits.Input:
				at.text, err = "", s.tooLong("the line")
			default:
				err = nil
			}
			if !yield(at, err) {
				return
			}
		}
	}
}

// tooLong is the error for an input that is longer than is read.
func (s *session) tooLong(what string) error {
	d := wrong("%s is longer than %d bytes", what, s.limits.Input)
	d.Hint = "--max-input allows more"
	return d
}

// readLine returns the next line of in without its end, and how many bytes were read for it; of a line longer than most
// only the beginning.
func readLine(in *bufio.Reader, most int) (text string, length int, err error) {
	var line strings.Builder
	for {
		part, err := in.ReadSlice('\n')
		length += len(part)
		if line.Len() <= most {
			line.Write(part)
		}
		if err != bufio.ErrBufferFull {
			return strings.TrimRight(line.String(), "\r\n"), length, err
		}
	}
}

// forEach gives the expression in arg, or for - every line of standard input, to answer, and prints the results that
// come back. A line of standard input is answered by exactly width lines, which are empty where there is no result.
func (s *session) forEach(arg string, width int, answer func(at place, text string) ([]shown, error)) error {
	if len(arg) > s.limits.Input {
		return s.tooLong("the expression")
	}
	if arg != "-" {
		results, err := answer(place{}, strings.TrimPrefix(arg, " "))
		for _, r := range s.texts(results, "\n") {
			if err := s.result(r); err != nil {
				return err
			}
		}
		return err
	}
	for at, err := range s.lines(s.stdin, "<stdin>") {
		results := make([]string, width)
		s.guard(at, func() error {
			if err == nil && !blank(at.text) {
				var found []shown
				found, err = answer(at, withoutComment(at.text))
				for i, r := range found {
					results[i] = strings.Join(s.texts([]shown{r}, " "), "")
				}
			}
			return err
		})
		if err := s.result(strings.Join(results, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// withoutComment returns line up to the # that begins a comment.
func withoutComment(line string) string {
	text, _, _ := strings.Cut(line, "#")
	return text
}

func blank(line string) bool { return strings.TrimSpace(withoutComment(line)) == "" }
