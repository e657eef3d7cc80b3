package numfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// readText reads numbers, a row a line, with commas, semicolons, tabs or spaces between. Blank lines and what follows a #
// or % are passed over, and so is a first line of names.
func readText(text string) (*Matrix, error) {
	m := &Matrix{}
	first := true
	at := 0
	for line := range strings.Lines(text) {
		at++
		line = strings.TrimSpace(line)
		if i := strings.IndexAny(line, "#%"); i >= 0 {
			line = strings.TrimSpace(line[:i])
		}
		if line == "" {
			continue
		}
		fields := splitLine(line)
		if first && !anyNumber(fields) {
			first = false
			continue
		}
		first = false
		if err := m.add(fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", at, err)
		}
	}
	if m.Rows == 0 {
		return nil, errors.New("it has no numbers")
	}
	return m, nil
}

func splitLine(line string) []string {
	for _, separator := range []string{",", ";", "\t"} {
		if strings.Contains(line, separator) {
			return strings.Split(strings.TrimSuffix(line, separator), separator)
		}
	}
	return strings.Fields(line)
}

func anyNumber(fields []string) bool {
	for _, f := range fields {
		if _, err := number(f); err == nil {
			return true
		}
	}
	return false
}

// The format of MatrixMarket: https://math.nist.gov/MatrixMarket/formats.html

const mtxMagic = "%%MatrixMarket"

// readMtx reads a matrix of MatrixMarket; entries that are given more than once are added.
func readMtx(text string) (*Matrix, error) {
	header, rest, _ := strings.Cut(text, "\n")
	words := strings.Fields(strings.ToLower(header))
	if len(words) != 5 || words[1] != "matrix" {
		return nil, errors.New("its first line is not %%MatrixMarket matrix FORMAT FIELD SYMMETRY")
	}
	format, field, symmetry := words[2], words[3], words[4]
	sizes := 3
	switch format {
	case "coordinate":
	case "array":
		sizes = 2
	default:
		return nil, fmt.Errorf("the format %q is not known", format)
	}
	width := 1
	switch field {
	case "real", "integer", "double":
	case "pattern":
		width = 0
	case "complex":
		return nil, errors.New("its entries are complex; only real numbers are read")
	default:
		return nil, fmt.Errorf("the field %q is not known", field)
	}
	mirror := 0.0
	switch symmetry {
	case "general":
	case "symmetric":
		mirror = 1
	case "skew-symmetric":
		mirror = -1
	default:
		return nil, fmt.Errorf("the symmetry %q is not read", symmetry)
	}
	for strings.HasPrefix(strings.TrimSpace(rest), "%") {
		_, rest, _ = strings.Cut(strings.TrimLeft(rest, " \t\r\n"), "\n")
	}
	words = strings.Fields(rest)
	if len(words) < sizes {
		return nil, errors.New("its dimensions are missing")
	}
	var dims [3]int
	for i := range sizes {
		var err error
		if dims[i], err = strconv.Atoi(words[i]); err != nil {
			return nil, fmt.Errorf("the dimension %q is not a whole number", words[i])
		}
	}
	words = words[sizes:]
	m := &Matrix{Rows: dims[0], Cols: dims[1]}
	n, err := entries(m.Rows, m.Cols)
	switch {
	case err != nil:
		return nil, err
	case mirror != 0 && m.Rows != m.Cols:
		return nil, fmt.Errorf("a %s matrix cannot be %d×%d", symmetry, m.Rows, m.Cols)
	}
	need := dims[2] * (2 + width)
	if format == "array" {
		if width == 0 {
			return nil, errors.New("an array has entries, and is not a pattern")
		}
		need = n
		switch mirror {
		case 1:
			need = m.Rows * (m.Rows + 1) / 2
		case -1:
			need = m.Rows * (m.Rows - 1) / 2
		}
	}
	switch {
	case dims[2] < 0 || dims[2] > len(words):
		return nil, fmt.Errorf("it has fewer than %d entries", dims[2])
	case len(words) != need:
		return nil, fmt.Errorf("%d numbers are needed, and there are %d", need, len(words))
	}
	m.Values = make([]float64, n)
	if format == "array" {
		return m, m.fillColumns(words, mirror)
	}
	return m, m.fillCoordinates(words, width, mirror)
}

// fillColumns sets the entries column by column; of a matrix with a mirror image only those below the diagonal are given.
func (m *Matrix) fillColumns(words []string, mirror float64) error {
	for j := range m.Cols {
		top := 0
		switch mirror {
		case 1:
			top = j
		case -1:
			top = j + 1
		}
		for i := top; i < m.Rows; i++ {
			x, err := number(words[0])
			if err != nil {
				return err
			}
			words = words[1:]
			m.set(i, j, x, mirror)
		}
	}
	return nil
}

func (m *Matrix) fillCoordinates(words []string, width int, mirror float64) error {
	for ; len(words) > 0; words = words[2+width:] {
		i, err := strconv.Atoi(words[0])
		j, also := strconv.Atoi(words[1])
		if err != nil || also != nil || i < 1 || i > m.Rows || j < 1 || j > m.Cols {
			return fmt.Errorf("there is no entry (%s,%s)", words[0], words[1])
		}
		x := 1.0
		if width > 0 {
			if x, err = number(words[2]); err != nil {
				return err
			}
		}
		m.set(i-1, j-1, x, mirror)
	}
	return nil
}

func (m *Matrix) set(i, j int, x, mirror float64) {
	m.Values[i*m.Cols+j] += x
	if mirror != 0 && i != j {
		m.Values[j*m.Cols+i] += mirror * x
	}
}
