package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// errLocked says that another open file holds the lock.
var errLocked = errors.New("locked")

// lockFile takes the file for this process and returns its path without
// symbolic links, so that one file has one lock. The system ends the lock with
// the process, however that ends. The lock is beside the file, because to close
// any descriptor of the database's own file would drop SQLite's locks on it.
func lockFile(path string) (real string, release func() error, err error) {
	real, err = realPath(path)
	if err != nil {
		return "", nil, err
	}
	lock, err := os.OpenFile(real+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", nil, fmt.Errorf("cannot be locked, is the folder there and writable? %w", err)
	}
	if err := flock(lock); err != nil {
		holder, _ := os.ReadFile(lock.Name())
		_ = lock.Close()
		if errors.Is(err, errLocked) {
			return "", nil, fmt.Errorf("is open in another process (pid %s); give each ecsd a database of its own, or share one on PostgreSQL", strings.TrimSpace(string(holder)))
		}
		return "", nil, fmt.Errorf("cannot be locked: %w", err)
	}
	// For whoever finds it locked; the lock does not rest on it.
	if err := lock.Truncate(0); err == nil {
		_, _ = lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return real, lock.Close, nil
}

// realPath follows the symbolic links of a file that may not be there yet.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		info, err := os.Stat(real)
		if err == nil && info.IsDir() {
			return "", errors.New("is a folder, must be a file")
		}
		return real, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot be opened: %w", err)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("cannot be made, is the folder there? %w", err)
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}
