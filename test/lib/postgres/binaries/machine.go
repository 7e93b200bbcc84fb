package binaries

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// errMissing names the packages to install.
var errMissing = errors.New("no PostgreSQL on this machine: install it (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql), or skip these tests with " + Variable + "=" + Skip)

// installations are the program folders of distributions, which are seldom on the PATH.
var installations = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"}

// installed returns the folder of this machine that holds initdb and postgres of one version.
func installed() (string, error) {
	var found []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			found = append(found, filepath.Dir(target))
		}
	}
	for _, pattern := range installations {
		matches, _ := filepath.Glob(pattern) // fails only on a bad pattern
		slices.Sort(matches)
		slices.Reverse(matches)
		found = append(found, matches...)
	}
	for _, folder := range found {
		if isProgram(folder, "initdb") && isProgram(folder, "postgres") {
			return folder, nil
		}
	}
	return "", errMissing
}

func isProgram(folder, name string) bool {
	info, err := os.Stat(filepath.Join(folder, name))
	return err == nil && info.Mode().IsRegular()
}
