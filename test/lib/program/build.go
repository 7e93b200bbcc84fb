package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build builds ecsd, as it is released, into a new folder, which remove removes.
func Build() (path string, remove func(), err error) {
	folder, err := os.MkdirTemp("", "ecsd-program")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(folder) }
	path = filepath.Join(folder, "ecsd")
	command := exec.Command("go", "build", "-o", path, "github.com/ecsd-io/ecsd/server/cmd/ecsd")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		remove()
		return "", nil, fmt.Errorf("build ecsd: %w\n%s", err, out)
	}
	return path, remove, nil
}
