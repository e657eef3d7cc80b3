package numfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The format of .npy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const npyMagic = "\x93NUMPY"

// npyHeader is what finds the three entries of the dictionary in a header.
var npyHeader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`['"](descr|fortran_order|shape)['"]\s*:\s*(?:['"]([^'"]*)['"]|(True|False)|\(([^)]*)\)|(\[))`)
})

// readNpy reads what follows the magic string.
func readNpy(data []byte) (*Matrix, error) {
	damaged := errors.New("its header is damaged")
	if len(data) < 4 {
		return nil, damaged
	}
	length, start := int(binary.LittleEndian.Uint16(data[2:])), 4
	switch major := data[0]; {
	case major < 1 || major > 3:
		return nil, fmt.Errorf("version %d of the format is not known", major)
	case major > 1:
		if len(data) < 6 {
			return nil, damaged
		}
		length, start = int(binary.LittleEndian.Uint32(data[2:])), 6
	}
	if length > len(data)-start {
		return nil, damaged
	}
	var kind string
	var fortran bool
	var dims []string
	found := 0
	for _, m := range npyHeader().FindAllStringSubmatch(string(data[start:start+length]), -1) {
		switch found++; m[1] {
		case "descr":
			if m[5] != "" {
				return nil, errors.New("its entries are records, not numbers")
			}
			kind = m[2]
		case "fortran_order":
			fortran = m[3] == "True"
		case "shape":
			dims = strings.FieldsFunc(m[4], func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	if found != 3 || kind == "" {
		return nil, damaged
	}
	m := &Matrix{Rows: 1, Cols: 1, Flat: len(dims) == 1}
	for i, d := range dims {
		n, err := strconv.Atoi(strings.TrimSuffix(d, "L"))
		switch {
		case err != nil:
			return nil, damaged
		case i > 1:
			return nil, fmt.Errorf("it has %d dimensions; a matrix has two", len(dims))
		case i == 0:
			m.Rows = n
		default:
			m.Cols = n
		}
	}
	n, err := entries(m.Rows, m.Cols)
	if err != nil {
		return nil, err
	}
	size, decode, err := decoder(kind)
	if err != nil {
		return nil, err
	}
	body := data[start+length:]
	if len(body)/size < n {
		return nil, fmt.Errorf("it ends after %d of %d entries", len(body)/size, n)
	}
	m.Values = make([]float64, n)
	for i := range m.Values {
		from := i
		if fortran {
			from = i%m.Cols*m.Rows + i/m.Cols
		}
		m.Values[i] = decode(body[from*size:])
	}
	return m, nil
}

// decoder returns the size of an entry of the given type, such as <f8, and what reads one.
func decoder(kind string) (size int, decode func([]byte) float64, err error) {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case strings.HasPrefix(kind, ">"):
		order = binary.BigEndian
	case strings.HasPrefix(kind, "="):
		order = binary.NativeEndian
	}
	switch strings.TrimLeft(kind, "<>=|") {
	case "f8":
		return 8, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }, nil
	case "f4":
		return 4, func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }, nil
	case "f2":
		return 2, func(b []byte) float64 { return half(order.Uint16(b)) }, nil
	case "i8":
		return 8, func(b []byte) float64 { return float64(int64(order.Uint64(b))) }, nil
	case "i4":
		return 4, func(b []byte) float64 { return float64(int32(order.Uint32(b))) }, nil
	case "i2":
		return 2, func(b []byte) float64 { return float64(int16(order.Uint16(b))) }, nil
	case "i1":
		return 1, func(b []byte) float64 { return float64(int8(b[0])) }, nil
	case "u8":
		return 8, func(b []byte) float64 { return float64(order.Uint64(b)) }, nil
	case "u4":
		return 4, func(b []byte) float64 { return float64(order.Uint32(b)) }, nil
	case "u2":
		return 2, func(b []byte) float64 { return float64(order.Uint16(b)) }, nil
	case "u1", "b1":
		return 1, func(b []byte) float64 { return float64(b[0]) }, nil
	case "c8", "c16", "c32":
		return 0, nil, errors.New("its entries are complex; only real numbers are read")
	}
	return 0, nil, fmt.Errorf("its entries are of type %q; integers and floats of up to 64 bits are read", kind)
}

// half is the number that IEEE 754 writes in 16 bits.
func half(bits uint16) float64 {
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	fraction := float64(bits & 0x3ff)
	switch exponent := int(bits >> 10 & 0x1f); exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 0x1f:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	default:
		return sign * math.Ldexp(1024+fraction, exponent-25)
	}
}
