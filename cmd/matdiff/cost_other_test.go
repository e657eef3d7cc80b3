//go:build !unix

package main

import "os"

// largestMemory is not known on this system.
func largestMemory(*os.ProcessState) int { return 0 }
