package main

import (
	"errors"
	"fmt"
	"strconv"
	"unicode"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/index"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// expanded is what -o json prints for expand.
type expanded struct {
	Expression string            `json:"expression"`
	At         []string          `json:"at"`
	Sums       string            `json:"sums"`
	LaTeX      string            `json:"latex"`
	Shapes     map[string]string `json:"shapes"`
}

func newExpand(s *session) *cobra.Command {
	var at variables
	c := &cobra.Command{
		Use:   "expand F --at i,j",
		Short: "An entry of an expression as sums over indices",
		Long: `expand writes one entry of F as sums over indices: its row and its column, each a letter or a number from 1.
A vector has one index, a scalar none. sum(j, …) is the sum over all values of j. What is no sum, product, trace or
function of entries stands as it is: inv(X)[i,j]. Before they are printed the sums are evaluated at random points.

F may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff expand "A*B*C" --at i,l
  matdiff expand "norm(A*x - b)^2" -o unicode`,
		Args: oneExpression,
		RunE: func(c *cobra.Command, args []string) error {
			functions, err := s.functions()
			if err != nil {
				return err
			}
			return s.forEach(args[0], 1, func(p place, text string) ([]shown, error) {
				b := s.builder()
				typed, err := s.parse(p, b, text, parser.Options{Functions: functions})
				if err != nil {
					return nil, err
				}
				r, err := s.expand(p, b, text, typed, at)
				return []shown{r}, err
			})
		},
	}
	c.Flags().Var(&at, "at", "row and column `i,j` of the entry, letters or numbers from 1")
	s.addSeed(c)
	s.addInput(c)
	s.addOutput(c, outputText, outputUnicode, outputLaTeX, outputJSON)
	s.addDisplay(c)
	return c
}

// expand returns the entry of the expression as sums, once they are verified.
func (s *session) expand(p place, b *expr.Builder, text string, typed *parser.Typed, at []string) (shown, error) {
	f := typed.Expr
	row, col, err := entryAt(typed, at)
	if err != nil {
		return shown{}, err
	}
	e, err := index.Expand(b, f, row, col)
	if err != nil {
		return shown{}, &parser.Diagnostic{Code: "no-expansion", Message: err.Error(), Exit: exitUnknown}
	}
	undecided, err := index.Verify(b, f, row, col, e, s.comparison(numcheck.Options{}))
	if different := (*index.Difference)(nil); errors.As(err, &different) {
		return shown{}, bug("the sums differ from the expression, so they are not printed", "expression "+text, fmt.Sprintf("seed %d", s.seed), err.Error())
	} else if err != nil {
		return shown{}, err
	}
	if undecided {
		s.note(p, "the sums could not be compared with the expression: no random point is in the domain of both")
	}
	switch s.output {
	case outputUnicode:
		return shown{text: index.Unicode.Write(e)}, nil
	case outputLaTeX:
		return shown{rows: []printer.Row{{Right: index.LaTeX(s.display.style).Write(e)}}}, nil
	case outputJSON:
		return encoded(expanded{text, append([]string{}, at...), index.Text.Write(e), index.LaTeX(s.display.style).Write(e), shapesByName(typed)})
	}
	return shown{text: index.Text.Write(e)}, nil
}

// entryAt returns the row and the column that --at names.
func entryAt(typed *parser.Typed, at []string) (row, col index.Index, err error) {
	s := typed.Expr.Shape
	row, col = index.None, index.None
	var places []*index.Index
	var dims []expr.Dim
	for i, d := range []expr.Dim{s.Rows, s.Cols} {
		if d != expr.One {
			places = append(places, []*index.Index{&row, &col}[i])
			dims = append(dims, d)
		}
	}
	if len(at) != len(places) {
		kind := map[int]string{0: "a scalar, which has no indices", 1: "a vector, which has one index", 2: "a matrix, which has two indices"}[len(places)]
		e := wrong("the expression is %s: --at gives %d", kind, len(at))
		e.Facts = []string{"its shape is " + s.String()}
		e.Hint = map[int]string{0: "leave --at out", 1: "for example --at i", 2: "for example --at i,j"}[len(places)]
		return row, col, e
	}
	for i, name := range at {
		number, notNumber := strconv.Atoi(name)
		switch size, fixed := dims[i].Value(nil); {
		case notNumber == nil && (number < 1 || fixed && number > size):
			e := wrong("--at %s is out of range", name)
			e.Facts = []string{"the expression is " + s.String() + "; indices count from 1"}
			return row, col, e
		case notNumber == nil:
			*places[i] = index.Index{Number: number, Dim: dims[i]}
		case !isIndexName(name):
			return row, col, wrong("--at needs letters or numbers, not %q", name)
		case typed.Names[name] != nil:
			e := wrong("%s is a variable of the expression, so it cannot be an index", name)
			e.Hint = "choose another letter"
			return row, col, e
		default:
			*places[i] = index.Index{Name: name, Dim: dims[i]}
		}
	}
	if len(at) == 2 && at[0] == at[1] && dims[0] != dims[1] && row.Name != "" {
		return row, col, wrong("--at %s,%s names an entry on the diagonal, and the expression is not square: it is %s", at[0], at[1], s)
	}
	return row, col, nil
}

// isIndexName reports whether name is a letter with digits, or a word of letters and digits.
func isIndexName(name string) bool {
	for i, r := range name {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && r != '_') {
			return false
		}
	}
	return name != ""
}
