package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// runImage unpacks the layout with umoci, which shares no code with the builder, and serves the demo fleet as the user of
// the image, with nothing of this machine in sight and a database in the volume.
func runImage(t *testing.T, layout string) {
	needsRoot(t)
	needs(t, "umoci", "umoci")
	bundle := filepath.Join(t.TempDir(), "bundle")
	command(t, "umoci", "unpack", "--image", layout+":1.2.3", bundle)
	var config struct {
		Process struct {
			User     struct{ UID, GID uint32 }
			Args     []string
			Env      []string
			Cwd      string
			Terminal bool
		}
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(bundle, "config.json")), &config); err != nil {
		t.Fatal(err)
	}
	process := config.Process
	if process.User.UID != imageUser || process.User.GID != imageUser {
		t.Errorf("user %+v, want %d", process.User, imageUser)
	}
	root := filepath.Join(bundle, "rootfs")
	reachable(t, root)
	start := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), process.Args[0], args...)
		cmd.Dir, cmd.Env = process.Cwd, process.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: process.User.UID, Gid: process.User.GID}}
		return cmd
	}
	out, err := start("version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "ecsd v1.2.3 commit "+commit) {
		t.Errorf("version: %v\n%s", err, out)
	}
	serveDemo(t, start, "sqlite:ecsd.db")
	info, err := os.Stat(filepath.Join(root, "data/ecsd.db"))
	if err != nil {
		t.Fatalf("the database is not in the volume: %v", err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != imageUser {
		t.Errorf("owner of the database: %d, want %d", owner, imageUser)
	}
}

// needsRoot skips a test that changes the root folder of a process.
func needsRoot(t *testing.T) {
	t.Helper()
	if runtime.GOARCH != "amd64" || os.Getuid() != 0 {
		t.Skip("needs root on linux/amd64")
	}
}

// reachable opens the folders of a test to other users.
func reachable(t *testing.T, folder string) {
	t.Helper()
	for ; folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
