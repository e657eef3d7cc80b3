package proctime_test

import (
	"testing"
	"time"

	"matdiff/internal/proctime"
)

// failures counts what would fail a test.
type failures int

func (f *failures) Errorf(string, ...any) { *f++ }

func TestBound(t *testing.T) {
	const allowed = 100 * time.Millisecond
	var idle, busy failures
	proctime.Bound(&idle, allowed, "")()
	if idle > 0 {
		t.Error("nothing took too long")
	}
	done := proctime.Bound(&busy, allowed, "")
	for start := proctime.Process(); proctime.Process()-start < 2*allowed; {
	}
	done()
	if busy == 0 {
		t.Error("work of twice the time allowed did not take too long")
	}
}
