package proctime

import (
	"syscall"
	"time"
)

// Thread returns the processor time of the calling thread.
func Thread() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	return used(thread)
}

// Process returns the processor time of all threads of the process.
func Process() time.Duration { return used(syscall.RUSAGE_SELF) }

func used(by int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(by, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
