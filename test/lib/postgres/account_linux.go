package postgres

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account returns the account that PostgreSQL runs under. PostgreSQL rejects root, so if the tests run as root it gets
// the folder and the system's unprivileged account. It ends with the tests, however they end.
func account(folder string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(folder, int(uid), int(gid))
}

// reachable returns a folder of programs that the account can run: bin, or a copy of its installation in folder. Tests of
// root may run in a checkout that only root can enter.
func reachable(bin, folder string) (string, error) {
	if os.Geteuid() != 0 {
		return bin, nil
	}
	const enter = 0o005
	for path := bin; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		if info.Mode().Perm()&enter != enter {
			break
		}
		if path == filepath.Dir(path) {
			return bin, nil
		}
	}
	copied := filepath.Join(folder, "postgresql")
	return filepath.Join(copied, filepath.Base(bin)), os.CopyFS(copied, os.DirFS(filepath.Dir(bin)))
}
