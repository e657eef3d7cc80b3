//go:build !linux

package proctime

import "time"

var begin = time.Now()

// Thread returns the time since the program began: the processor time of a thread is not known everywhere.
func Thread() time.Duration { return time.Since(begin) }

// Process returns the time since the program began.
func Process() time.Duration { return time.Since(begin) }
