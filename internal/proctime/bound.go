// Package proctime measures processor time, which other programs on the machine do not lengthen.
package proctime

import "time"

// hopeless is how many times the time allowed a test may take before it is ended: it would not come to its end by itself.
const hopeless = 6

// Bound reports, as a failed test t, that what is done until its result is called took more processor time than allowed. What
// hangs is ended by a panic.
func Bound(t interface{ Errorf(string, ...any) }, allowed time.Duration, input string) (done func()) {
	start := Process()
	stop := make(chan struct{})
	go func() {
		ticker := time.NewTicker(allowed / 10)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				if Process()-start > hopeless*allowed {
					panic("hangs")
				}
			}
		}
	}()
	return func() {
		close(stop)
		if took := Process() - start; took > allowed {
			t.Errorf("%d bytes took %v", len(input), took)
		}
	}
}
