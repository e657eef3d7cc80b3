// Package numfile reads matrices of numbers: NumPy's .npy, MatrixMarket's .mtx, text with numbers between commas, semicolons,
// tabs or spaces, and matrices as they are written on a command line, [1 2; 3 4].
//
// A file is what its contents say, whatever its name. What is read is checked first: no more is allocated than a file of
// its size can fill, and numbers that are not finite, complex numbers and truncated files are errors. The readers of .npy
// that exist take a truncated file for one that ends in zeros, or panic on a damaged header.
package numfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of what is read.
const (
	maxBytes   = 512 << 20
	maxEntries = 1 << 24 // of a matrix, those that are 0 as well
)

// Matrix is a matrix, row by row.
type Matrix struct {
	Rows, Cols int
	Values     []float64
	Flat       bool // a list of numbers: neither row nor column, though Cols is 1
}

// Read reads the matrix in r.
func Read(r io.Reader) (*Matrix, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("it is larger than %d MiB", maxBytes>>20)
	}
	var m *Matrix
	switch {
	case bytes.HasPrefix(data, []byte(npyMagic)):
		m, err = readNpy(data[len(npyMagic):])
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return nil, errors.New("it is an archive, such as .npz; save one array with numpy.save")
	case hasPrefixFold(data, mtxMagic):
		m, err = readMtx(string(data))
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return nil, errors.New("it is neither .npy nor MatrixMarket nor text")
	default:
		m, err = readText(string(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	}
	if err != nil {
		return nil, err
	}
	return m, m.check()
}

func hasPrefixFold(data []byte, prefix string) bool {
	return len(data) >= len(prefix) && strings.EqualFold(string(data[:len(prefix)]), prefix)
}

// check says where a number is not finite.
func (m *Matrix) check() error {
	for i, x := range m.Values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("entry (%d,%d) is %v, not a finite number", i/m.Cols+1, i%m.Cols+1, x)
		}
	}
	return nil
}

// entries returns how many entries a matrix of these dimensions has, if that is between 1 and maxEntries.
func entries(rows, cols int) (int, error) {
	switch {
	case rows < 0 || cols < 0:
		return 0, fmt.Errorf("dimensions %d×%d are negative", rows, cols)
	case rows == 0 || cols == 0:
		return 0, fmt.Errorf("it is empty (%d×%d)", rows, cols)
	case rows > maxEntries || cols > maxEntries || rows*cols > maxEntries:
		return 0, fmt.Errorf("a %d×%d matrix is too large: more than %d entries are not read", rows, cols, maxEntries)
	}
	return rows * cols, nil
}

// Parse reads a number or a matrix as it is written on a command line: rows between semicolons, entries between commas or
// spaces. Ok is false if text does not look like one.
func Parse(text string) (m *Matrix, ok bool, err error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") {
		x, err := number(text)
		return &Matrix{1, 1, []float64{x}, false}, err == nil, nil
	}
	inner, closed := strings.CutSuffix(text[1:], "]")
	if !closed {
		return nil, true, errors.New(`"[" is never closed`)
	}
	m = &Matrix{}
	for row := range strings.FieldsFuncSeq(inner, func(r rune) bool { return r == ';' || r == '\n' }) {
		if fields := strings.FieldsFunc(row, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }); len(fields) > 0 {
			if err := m.add(fields); err != nil {
				return nil, true, err
			}
		}
	}
	if m.Rows == 0 {
		return nil, true, errors.New("the matrix is empty")
	}
	return m, true, m.check()
}

// add appends a row.
func (m *Matrix) add(fields []string) error {
	if m.Rows > 0 && len(fields) != m.Cols {
		return fmt.Errorf("row %d has %d numbers, the rows before have %d", m.Rows+1, len(fields), m.Cols)
	}
	for _, f := range fields {
		x, err := number(f)
		if err != nil {
			return err
		}
		m.Values = append(m.Values, x)
	}
	m.Rows, m.Cols = m.Rows+1, len(fields)
	if m.Rows*m.Cols > maxEntries {
		_, err := entries(m.Rows, m.Cols)
		return err
	}
	return nil
}

func number(text string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is too large a number", text)
	case err != nil || strings.ContainsAny(text, "_xX"):
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return x, nil
}
