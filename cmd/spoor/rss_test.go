package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// peakRSS is the most memory this process has had resident, in bytes.
func peakRSS() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss << 10
}

// cpuTime is the processor time this process has used. On a busy machine it says more
// of what something costs than the clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// forgetPeak makes the system forget the most memory that this process has had resident
// (proc(5), clear_refs).
func forgetPeak(tb testing.TB) {
	tb.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		tb.Fatal(err)
	}
}

// peakSince is the most memory that this process has had resident since forgetPeak, in
// bytes.
func peakSince(tb testing.TB) int64 {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kib int64
	if _, err := fmt.Sscan(string(rest[:min(len(rest), 40)]), &kib); err != nil {
		tb.Fatal(err)
	}
	return kib << 10
}
