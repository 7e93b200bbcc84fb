//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// locksDatabase reports that the database file itself is locked too. On other
// systems than Linux such a lock would conflict with SQLite's own.
const locksDatabase = runtime.GOOS == "linux"

func flock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

func lockDatabase(file *os.File) error {
	if !locksDatabase {
		return nil
	}
	return flock(file)
}

// onlyName refuses a file with several names (hard links): SQLite keeps a log
// for each name, and two logs for one file destroy it.
func onlyName(path string, info os.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return fmt.Errorf("has %d names (hard links): remove all but one (find -samefile %s), or copy the file", stat.Nlink, filepath.Base(path))
	}
	return nil
}
