package printer

import (
	"math/big"
	"strconv"
	"strings"

	"matdiff/internal/expr"
)

// A number is written p/q while p and q are short, because x/2 and 3*X/4 are how people write them; else as the decimal
// that it is exactly, such as 0.001 or 2.5066282746310; else, as 1/97 has no decimal, p/q again.
const (
	shortNumerator   = 1000
	shortDenominator = 100
	shortBinary      = 4096 // powers of two, whose decimals are long
	plainDigits      = 15   // a whole number longer than this may be written 1e20
	plainZeros       = 4    // zeros after the point before 1e-8 is clearer than 0.00000001
)

// fraction splits the absolute value of v for printing: v is p/q, or p alone when q is "".
func fraction(v *big.Rat) (p, q string) {
	v = new(big.Rat).Abs(v)
	if v.IsInt() {
		return integer(v.Num()), ""
	}
	if !isShort(v) {
		if d, ok := decimal(v); ok {
			return d, ""
		}
	}
	return v.Num().String(), v.Denom().String()
}

func isShort(v *big.Rat) bool {
	if v.Num().Cmp(big.NewInt(shortNumerator)) >= 0 || v.Denom().Cmp(big.NewInt(shortBinary)) > 0 {
		return false
	}
	q := v.Denom().Int64()
	return q < shortDenominator || q&(q-1) == 0
}

func integer(v *big.Int) string {
	s := v.String()
	digits := strings.TrimRight(s, "0")
	if len(digits) != 1 || len(s) <= plainDigits {
		return s
	}
	return digits + "e" + strconv.Itoa(len(s)-1)
}

// decimal writes v, which is positive, exactly, if it has a finite decimal that is not much longer than the fraction.
func decimal(v *big.Rat) (text string, ok bool) {
	places, exact := v.FloatPrec()
	if fractionLength := len(v.Num().String()) + len(v.Denom().String()); !exact || places > 2*fractionLength {
		return "", false
	}
	s := v.FloatString(places)
	digits := strings.TrimLeft(strings.Replace(s, ".", "", 1), "0")
	zeros := places - len(digits)
	if zeros < plainZeros {
		return s, true
	}
	exponent := "e-" + strconv.Itoa(zeros+1)
	if len(digits) == 1 {
		return digits + exponent, true
	}
	return digits[:1] + "." + digits[1:] + exponent, true
}

// number is the form of v.
func (fs *forms) number(v *big.Rat) *form {
	p, q := fraction(v)
	f := fs.atom(numberAtom, p)
	if q != "" {
		f = fs.make(quotient, "", f, fs.atom(numberAtom, q))
	}
	if v.Sign() < 0 {
		f = fs.negate(f)
	}
	return f
}

// dimension is the form of a size such as 2*m*n.
func (fs *forms) dimension(d expr.Dim) *form {
	var factors []*form
	if d.Factor() != 1 || len(d.Names()) == 0 {
		factors = append(factors, fs.atom(numberAtom, strconv.Itoa(d.Factor())))
	}
	for _, name := range d.Names() {
		factors = append(factors, fs.atom(nameAtom, name))
	}
	return fs.from(product, factors)
}
