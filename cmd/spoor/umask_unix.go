//go:build unix

package main

import "golang.org/x/sys/unix"

// keepPrivate makes the files that are created from now on readable by their owner
// alone, those too that libraries create: the event store's log among them.
func keepPrivate() { unix.Umask(0o077) }
