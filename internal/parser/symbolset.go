package parser

import (
	"encoding/binary"
	"math/bits"
)

// symbolSet is a set of symbols, by number.
type symbolSet []uint64

func (s symbolSet) has(i int32) bool { return int(i/64) < len(s) && s[i/64]>>(i%64)&1 != 0 }

// with returns s with more symbols; s stays as it is.
func (s symbolSet) with(symbols ...int32) symbolSet {
	n := len(s)
	for _, i := range symbols {
		n = max(n, int(i/64)+1)
	}
	t := make(symbolSet, n)
	copy(t, s)
	for _, i := range symbols {
		t[i/64] |= 1 << (i % 64)
	}
	return t
}

// add puts i into s, and reports whether it was not there.
func (s *symbolSet) add(i int32) bool {
	for int(i/64) >= len(*s) {
		*s = append(*s, 0)
	}
	if s.has(i) {
		return false
	}
	(*s)[i/64] |= 1 << (i % 64)
	return true
}

func (s symbolSet) remove(i int32) { s[i/64] &^= 1 << (i % 64) }

func (s symbolSet) size() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// key is the same for equal sets, and for these only.
func (s symbolSet) key() string {
	for len(s) > 0 && s[len(s)-1] == 0 {
		s = s[:len(s)-1]
	}
	key := make([]byte, 0, 8*len(s))
	for _, word := range s {
		key = binary.LittleEndian.AppendUint64(key, word)
	}
	return string(key)
}
