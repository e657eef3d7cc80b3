//go:build race

package main

// instrumented programs take more time and memory.
const instrumented = true
