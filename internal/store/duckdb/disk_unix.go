//go:build unix

package duckdb

import (
	"os"

	"golang.org/x/sys/unix"
)

// freeDisk is how many bytes an ordinary user can still write to the folder's disk.
func freeDisk(dir string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, os.NewSyscallError("statfs", err)
	}
	return int64(fs.Bavail) * fs.Bsize, nil
}
