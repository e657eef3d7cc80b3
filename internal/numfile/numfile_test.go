package numfile_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"matdiff/internal/numfile"
)

// npy writes a file of version 1 with the given dictionary and entries.
func npy(header string, entries any) string {
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(header)+1)))
	b.WriteString(header + "\n")
	if err := binary.Write(&b, binary.LittleEndian, entries); err != nil {
		panic(err)
	}
	return b.String()
}

func dictionary(kind, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", kind, order, shape)
}

var files = []struct{ name, text, want string }{
	{"two by three", npy(dictionary("<f8", "False", "2, 3"), []float64{1, 2, 3, 4, 5, 6}), "2×3 [1 2 3 4 5 6]"},
	{"by columns", npy(dictionary("<f8", "True", "2, 3"), []float64{1, 4, 2, 5, 3, 6}), "2×3 [1 2 3 4 5 6]"},
	{"a list", npy(dictionary("<f4", "False", "3,"), []float32{1, 2, 3.5}), "3×1 [1 2 3.5] flat"},
	{"a number", npy(dictionary("<i8", "False", ""), []int64{-7}), "1×1 [-7]"},
	{"bytes", npy(dictionary("|u1", "False", "1, 2"), []uint8{200, 3}), "1×2 [200 3]"},
	{"truth", npy(dictionary("|b1", "False", "1, 2"), []uint8{1, 0}), "1×2 [1 0]"},
	{"halves", npy(dictionary("<f2", "False", "4,"), []uint16{0x3c00, 0xc000, 0x0001, 0x3555}), "4×1 [1 -2 5.960464477539063e-08 0.333251953125] flat"},
	{"another order of keys", npy("{'shape': (1L, 1L), 'descr': '<i2', 'fortran_order': False}", []int16{-2}), "1×1 [-2]"},
	{"complex", npy(dictionary("<c16", "False", "1,"), []float64{1, 2}), "its entries are complex; only real numbers are read"},
	{"strings", npy(dictionary("<U3", "False", "1,"), []float64{1, 2}), `its entries are of type "<U3"; integers and floats of up to 64 bits are read`},
	{"records", npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", []float64{1}), "its entries are records, not numbers"},
	{"three dimensions", npy(dictionary("<f8", "False", "1, 1, 1"), []float64{1}), "it has 3 dimensions; a matrix has two"},
	{"empty", npy(dictionary("<f8", "False", "0, 3"), []float64{}), "it is empty (0×3)"},
	{"truncated", npy(dictionary("<f8", "False", "2, 3"), []float64{1, 2}), "it ends after 2 of 6 entries"},
	{"too large", npy(dictionary("<f8", "False", "100000, 10000"), []float64{1}), "a 100000×10000 matrix is too large: more than 16777216 entries are not read"},
	{"overflowing", npy(dictionary("<f8", "False", "4294967296, 4294967296"), []float64{1}), "a 4294967296×4294967296 matrix is too large: more than 16777216 entries are not read"},
	{"negative", npy(dictionary("<f8", "False", "-1, 2"), []float64{1}), "dimensions -1×2 are negative"},
	{"not finite", npy(dictionary("<f8", "False", "1, 2"), []float64{1, math.Inf(-1)}), "entry (1,2) is -Inf, not a finite number"},
	{"no header", "\x93NUMPY\x02\x00\xff\xff\xff\xff", "its header is damaged"},
	{"half a header", "\x93NUMPY\x01", "its header is damaged"},
	{"a future version", "\x93NUMPY\x09\x00\x00\x00", "version 9 of the format is not known"},
	{"an archive", "PK\x03\x04", "it is an archive, such as .npz; save one array with numpy.save"},

	{"an array", "%%MatrixMarket matrix array real general\n% a comment\n\n2 3\n1\n4\n2\n5\n3\n6\n", "2×3 [1 2 3 4 5 6]"},
	{"a symmetric array", "%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n", "2×2 [1 2 2 3]"},
	{"a skew array", "%%MatrixMarket matrix array real skew-symmetric\n2 2\n2\n", "2×2 [0 -2 2 0]"},
	{"coordinates", "%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 1.5\n2 1 -2e1\n2 1 1\n", "2×2 [1.5 0 -19 0]"},
	{"a symmetric pattern", "%%matrixmarket MATRIX Coordinate pattern symmetric\n2 2 1\n2 1\n", "2×2 [0 1 1 0]"},
	{"a complex array", "%%MatrixMarket matrix array complex general\n1 1\n1 2\n", "its entries are complex; only real numbers are read"},
	{"an entry outside", "%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1\n", "there is no entry (3,1)"},
	{"too few entries", "%%MatrixMarket matrix array real general\n2 2\n1\n", "4 numbers are needed, and there are 1"},
	{"a lie", "%%MatrixMarket matrix coordinate real general\n2 2 4611686018427387904\n", "it has fewer than 4611686018427387904 entries"},
	{"a large lie", "%%MatrixMarket matrix array real general\n100000 10000\n1\n", "a 100000×10000 matrix is too large: more than 16777216 entries are not read"},
	{"an asymmetric symmetry", "%%MatrixMarket matrix array real symmetric\n2 3\n", "a symmetric matrix cannot be 2×3"},
	{"a vector", "%%MatrixMarket vector array real general\n2\n", "its first line is not %%MatrixMarket matrix FORMAT FIELD SYMMETRY"},

	{"commas", "1,2,3\r\n4,5,6\r\n", "2×3 [1 2 3 4 5 6]"},
	{"names above", "a,b\n# a comment\n1, -2e-3\n\n", "1×2 [1 -0.002]"},
	{"semicolons", "\uFEFF1;2\n3;4", "2×2 [1 2 3 4]"},
	{"spaces", "  1   2\n 3 4 \n", "2×2 [1 2 3 4]"},
	{"a column", "1\n2\n3\n", "3×1 [1 2 3]"},
	{"ragged", "1,2\n3\n", "line 2: row 2 has 1 numbers, the rows before have 2"},
	{"a word", "1,2\n3,x\n", `line 2: "x" is not a number`},
	{"a gap", "1,2\n3,,4\n", "line 2: row 2 has 3 numbers, the rows before have 2"},
	{"not a number", "1,nan\n", "entry (1,2) is NaN, not a finite number"},
	{"nothing", "", "it has no numbers"},
	{"a picture", "\x89PNG\r\n\x1a\n\x00", "it is neither .npy nor MatrixMarket nor text"},
}

func describe(m *numfile.Matrix, err error) string {
	if err != nil {
		return err.Error()
	}
	s := fmt.Sprintf("%d×%d %v", m.Rows, m.Cols, m.Values)
	if m.Flat {
		s += " flat"
	}
	return s
}

func TestRead(t *testing.T) {
	for _, f := range files {
		if got := describe(numfile.Read(strings.NewReader(f.text))); got != f.want {
			t.Errorf("%s: %s, not %s", f.name, got, f.want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"[1 2; 3 4]":      "2×2 [1 2 3 4]",
		"[1, -2.5e3,\t3]": "1×3 [1 -2500 3]",
		"[1;2;]":          "2×1 [1 2]",
		" -2.5 ":          "1×1 [-2.5]",
		"[1 2; 3]":        "row 2 has 1 numbers, the rows before have 2",
		"[1 x]":           `"x" is not a number`,
		"[]":              "the matrix is empty",
		"[1":              `"[" is never closed`,
		"[1e999]":         "1e999 is too large a number",
		"x.csv":           "no matrix",
	} {
		m, ok, err := numfile.Parse(text)
		got := "no matrix"
		if ok {
			got = describe(m, err)
		}
		if got != want {
			t.Errorf("%s: %s, not %s", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range files {
		f.Add([]byte(file.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := numfile.Read(bytes.NewReader(data))
		if err == nil && (m.Rows < 1 || m.Cols < 1 || len(m.Values) != m.Rows*m.Cols) {
			t.Errorf("%d×%d with %d entries", m.Rows, m.Cols, len(m.Values))
		}
	})
}
