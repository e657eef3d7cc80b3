package numcheck

import (
	"testing"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// TestRecoverPanic: panics of gonum become errors, runtime errors of our own stay panics.
func TestRecoverPanic(t *testing.T) {
	var none []float64
	for _, c := range []struct {
		what string
		do   func()
		bug  bool
	}{
		{"our index", func() { none[len(none)] = 1 }, true},
		{"our nil", func() { var c *cell; c.val = nil }, true},
		{"a shape in gonum", func() { new(mat.Dense).Mul(mat.NewDense(2, 3, nil), mat.NewDense(2, 3, nil)) }, false},
		{"a nil in gonum", func() { var m *mat.Dense; m.At(0, 0) }, false},
		{"a string of gonum", func() { blas64.Nrm2(blas64.Vector{N: 2, Inc: 0}) }, false},
	} {
		var err error
		panicked := func() (panicked bool) {
			defer func() { panicked = recover() != nil }()
			defer recoverPanic(&err)
			c.do()
			return false
		}()
		if panicked != c.bug || (err == nil) != c.bug {
			t.Errorf("%s: panics %v, error %v", c.what, panicked, err)
		}
	}
}
