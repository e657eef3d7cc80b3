//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// largestMemory returns how much memory a process took at most, in bytes.
func largestMemory(p *os.ProcessState) int {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin":
		return int(usage.Maxrss)
	}
	return int(usage.Maxrss) << 10
}
