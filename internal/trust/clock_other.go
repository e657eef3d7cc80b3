//go:build !linux

package main

import "time"

var begin = time.Now()

// clock returns the time since the program began: the processor time of a thread is not known everywhere.
func clock() time.Duration { return time.Since(begin) }
