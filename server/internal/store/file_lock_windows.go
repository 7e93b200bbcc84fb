package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// locksDatabase is false: the system keeps open files from being removed.
const locksDatabase = false

// flock locks a byte far behind the text, so that the text can be read.
func flock(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

func lockDatabase(*os.File) error { return nil }

// onlyName accepts every file: the lock and the names of SQLite's files are by path.
func onlyName(string, os.FileInfo) error { return nil }
