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

var (
	// errLocked reports that another open file holds the lock.
	errLocked = errors.New("locked")
	// errFileGone reports that writes are lost.
	errFileGone = errors.New("the database file was removed or replaced while ecsd runs: stop ecsd, put the file back or restore a copy, start ecsd")
)

// lockedFile is a database file that belongs to this process.
type lockedFile struct {
	// path has no symbolic links, so that one file has one lock.
	path string
	// lock is the file PATH.lock, which names the process. The system ends the
	// lock with the process, however that ends.
	lock *os.File
	// database is open for its identity and, on Linux, for a second lock, which
	// holds if PATH.lock is removed. Closing it would drop SQLite's locks on the
	// file, so it is closed last.
	database *os.File
	// seen are the files of the open database, by path. If one is missing or
	// replaced, a commit may be lost. It does not change after the database is
	// opened.
	seen map[string]os.FileInfo
}

// lockFile creates the file if it does not exist, readable for this user only,
// and locks it for this process. SQLite's own locking_mode=EXCLUSIVE would also
// keep out a second connection of this process, so that every read would wait
// for the writes.
func lockFile(path string) (_ *lockedFile, err error) {
	path, err = realPath(path)
	if err != nil {
		return nil, err
	}
	f := &lockedFile{path: path, seen: make(map[string]os.FileInfo)}
	if f.lock, err = os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("cannot be locked, is the folder there and writable? %w", err)
	}
	if err := flock(f.lock); err != nil {
		defer f.lock.Close()
		return nil, f.explain(err)
	}
	if err := f.take(); err != nil {
		return nil, errors.Join(err, f.lock.Close())
	}
	// For an operator that finds it locked; the lock does not depend on it.
	if err := f.lock.Truncate(0); err == nil {
		_, _ = f.lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return f, nil
}

// take opens and locks the database file itself.
func (f *lockedFile) take() (err error) {
	// Before it is opened: in this process, closing it again may drop locks.
	if info, err := os.Stat(f.path); err == nil {
		if err := onlyName(f.path, info); err != nil {
			return err
		}
	}
	if f.database, err = os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.database.Close())
		}
	}()
	if err := lockDatabase(f.database); err != nil {
		return f.explain(err)
	}
	if f.seen[f.path], err = f.database.Stat(); err != nil {
		return err
	}
	for _, path := range []string{f.path, f.path + "-wal", f.path + "-shm"} {
		keepFromOthers(path)
	}
	return f.check()
}

// remember records the files that SQLite has created beside the database, for
// check.
func (f *lockedFile) remember() error {
	beside := []string{f.path + "-wal", f.path + "-shm"}
	if !locksDatabase {
		beside = append(beside, f.lock.Name())
	}
	for _, path := range beside {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("cannot be watched: %w", err)
		}
		f.seen[path] = info
	}
	return nil
}

// keepFromOthers removes the rights of all other users from a file that an
// earlier release created. A file of another owner stays as it is.
func keepFromOthers(path string) {
	const others = 0o007
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&others != 0 {
		_ = os.Chmod(path, info.Mode().Perm()&^others)
	}
}

func (f *lockedFile) explain(err error) error {
	if !errors.Is(err, errLocked) {
		return fmt.Errorf("cannot be locked: %w", err)
	}
	by := "another process"
	if holder, _ := os.ReadFile(f.lock.Name()); len(holder) > 0 {
		by += fmt.Sprintf(" (pid %s)", strings.TrimSpace(string(holder)))
	}
	return fmt.Errorf("is open in %s; give each ecsd another database, or share one on PostgreSQL", by)
}

// check returns an error if a file of the database is no longer the open one:
// writes then go to a file without a name. It takes some microseconds, so every
// write begins and ends with it.
func (f *lockedFile) check() error {
	for path, before := range f.seen {
		now, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(before, now) {
			return fmt.Errorf("%s: %w", filepath.Base(path), errFileGone)
		}
		if err != nil {
			return fmt.Errorf("the database file cannot be checked: %w", err)
		}
	}
	return nil
}

// close releases the locks. The connections must be closed before.
func (f *lockedFile) close() error { return errors.Join(f.database.Close(), f.lock.Close()) }

// realPath follows the symbolic links of a file that may not be there yet.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err == nil {
		info, err := os.Stat(resolved)
		if err == nil && info.IsDir() {
			return "", errors.New("is a folder, must be a file")
		}
		return resolved, err
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
