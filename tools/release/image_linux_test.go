package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// runImage serves the demo fleet from the image, with a database in its volume.
func runImage(t *testing.T, root string, config *v1.ConfigFile) {
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // the folder of a test is the user's own
			t.Fatal(err)
		}
	}
	start := func(args ...string) *exec.Cmd {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		t.Cleanup(cancel)
		cmd := exec.CommandContext(ctx, config.Config.Entrypoint[0], args...)
		cmd.Dir, cmd.Env = config.Config.WorkingDir, config.Config.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser}}
		return cmd
	}
	out, err := start("version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "ecsd v1.2.3 commit "+commit) {
		t.Errorf("version: %v\n%s", err, out)
	}
	server := start("serve", "--simulate", "--database", "sqlite:ecsd.db", "--listen", "127.0.0.1:0", "--simulator-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines, started := bufio.NewScanner(stdout), false
	for !started && lines.Scan() {
		started = strings.HasPrefix(lines.Text(), "gRPC API")
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := server.Wait(); err != nil || !started {
		t.Errorf("serve: started %t, ended with %v\n%s", started, err, &log)
	}
	info, err := os.Stat(filepath.Join(root, "data/ecsd.db"))
	if err != nil {
		t.Fatalf("the database is not in the volume: %v", err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != imageUser {
		t.Errorf("owner of the database: %d, want %d", owner, imageUser)
	}
}
