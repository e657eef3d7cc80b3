package expr

import (
	"sort"
	"strconv"
	"strings"
)

// Dim is one dimension of a shape: a positive whole number times a product of names, such as 3, n or 2*m*n.
// Two dimensions are known to be equal exactly when they are == to each other.
type Dim struct {
	factor int
	names  string // sorted, joined by "*"; empty for a plain number
}

// One is the dimension of a scalar.
var One = Dim{factor: 1}

// Fixed returns the dimension n, which must be positive.
func Fixed(n int) Dim { return Dim{factor: n} }

// Named returns the dimension called name.
func Named(name string) Dim { return Dim{factor: 1, names: name} }

// Times returns the product of two dimensions.
func (d Dim) Times(e Dim) Dim {
	names := append(d.Names(), e.Names()...)
	sort.Strings(names)
	return Dim{factor: d.factor * e.factor, names: strings.Join(names, "*")}
}

// Names returns the names that d is a product of, sorted, each as often as it occurs.
func (d Dim) Names() []string {
	if d.names == "" {
		return nil
	}
	return strings.Split(d.names, "*")
}

// Factor returns the whole number in d.
func (d Dim) Factor() int { return d.factor }

// Value returns d with its names replaced by sizes, no more than 2^30; ok is false if one of them is missing there.
func (d Dim) Value(sizes map[string]int) (value int, ok bool) {
	value = d.factor
	for _, name := range d.Names() {
		size, found := sizes[name]
		if !found {
			return 0, false
		}
		if value = value * size; value > 1<<30 {
			value = 1 << 30 // more than any matrix can have, and no overflow
		}
	}
	return value, true
}

// Replace returns d with its names replaced by the dimensions that to gives for them; others stay.
func (d Dim) Replace(to func(name string) (Dim, bool)) Dim {
	out := Fixed(d.factor)
	for _, name := range d.Names() {
		if e, ok := to(name); ok {
			out = out.Times(e)
		} else {
			out = out.Times(Named(name))
		}
	}
	return out
}

// String writes d as the language does, for example 2*m*n.
func (d Dim) String() string {
	switch {
	case d.names == "":
		return strconv.Itoa(d.factor)
	case d.factor == 1:
		return d.names
	}
	return strconv.Itoa(d.factor) + "*" + d.names
}

// Shape is rows by columns.
type Shape struct{ Rows, Cols Dim }

// Scalar is the shape 1×1.
var Scalar = Shape{One, One}

// Vector returns the shape n×1.
func Vector(n Dim) Shape { return Shape{n, One} }

// Square returns the shape n×n.
func Square(n Dim) Shape { return Shape{n, n} }

// T returns the shape of the transpose.
func (s Shape) T() Shape { return Shape{s.Cols, s.Rows} }

// Times returns the shape of a product of two factors; one that is 1×1 scales the other. They must conform.
func (s Shape) Times(t Shape) Shape {
	switch {
	case s.IsScalar():
		return t
	case t.IsScalar():
		return s
	}
	return Shape{s.Rows, t.Cols}
}

// IsScalar reports whether s is 1×1.
func (s Shape) IsScalar() bool { return s == Scalar }

// IsColumn reports whether s has one column and is not a scalar.
func (s Shape) IsColumn() bool { return s.Cols == One && s.Rows != One }

// IsRow reports whether s has one row and is not a scalar.
func (s Shape) IsRow() bool { return s.Rows == One && s.Cols != One }

// IsSquare reports whether rows and columns are known to be equal.
func (s Shape) IsSquare() bool { return s.Rows == s.Cols }

// Replace applies Dim.Replace to both dimensions.
func (s Shape) Replace(to func(name string) (Dim, bool)) Shape {
	return Shape{s.Rows.Replace(to), s.Cols.Replace(to)}
}

// String writes s as m×n.
func (s Shape) String() string { return s.Rows.String() + "×" + s.Cols.String() }
