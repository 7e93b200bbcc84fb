package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// newChroot installs a minimal Debian with systemd from the mirror of this machine's apt, while the test continues. The
// result waits for it. It is nil if the tools are missing.
func newChroot(t *testing.T) func() (root string) {
	t.Helper()
	if _, err := exec.LookPath("debootstrap"); err != nil || os.Getuid() != 0 {
		return nil
	}
	targets := command(t, "apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages", "Component: main")
	source := strings.Fields(targets)
	if len(source) < 2 {
		t.Fatalf("apt has no mirror:\n%s", targets)
	}
	root := filepath.Join(t.TempDir(), "chroot")
	var log strings.Builder
	cmd := exec.CommandContext(t.Context(), "debootstrap", "--variant=minbase", "--include=systemd", source[1], root, source[0])
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return func() string {
		if err := <-ended; err != nil {
			t.Fatalf("debootstrap: %v\n%s", err, &log)
		}
		return root
	}
}

// checkInstalled installs the package in a Debian of its own, runs its program as its user, rates its unit, and removes it.
func checkInstalled(t *testing.T, b builder, chroot func() string) {
	needsRoot(t)
	needs(t, "debootstrap", "debootstrap")
	root := chroot()
	reachable(t, root)
	deb := b.base(platform{"linux", "amd64"}) + ".deb"
	if err := os.WriteFile(filepath.Join(root, deb), readFile(t, filepath.Join(b.out, deb)), 0o644); err != nil {
		t.Fatal(err)
	}
	inside := func(args ...string) string { return command(t, "chroot", append([]string{root}, args...)...) }
	inside("dpkg", "--install", "/"+deb)
	if status := inside("dpkg-query", "--show", "--showformat", "${Status} ${Version}", "ecsd"); status != "install ok installed 1.2.3-1" {
		t.Errorf("status %q", status)
	}
	if owner := inside("stat", "--format", "%U %G %a", "/etc/ecsd/ecsd.yaml"); owner != "root ecsd 640\n" {
		t.Errorf("owner of the settings: %q", owner)
	}
	inside("systemd-analyze", "security", "--offline=yes", "--threshold=15", "ecsd.service")
	user := inside("id", "--user", "ecsd")
	inside("install", "--directory", "--owner", "ecsd", "--group", "ecsd", "/var/lib/ecsd")
	start := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "/usr/bin/ecsd", args...)
		cmd.Dir, cmd.Env = "/var/lib/ecsd", []string{"HOME=/var/lib/ecsd"}
		id := uint32(number(t, user))
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: id, Gid: id}}
		return cmd
	}
	serveDemo(t, start, "sqlite:/var/lib/ecsd/ecsd.db")
	if err := os.WriteFile(filepath.Join(root, "etc/ecsd/ecsd.yaml"), []byte("region: [cn-beijing]\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	inside("dpkg", "--install", "/"+deb)
	if settings := inside("cat", "/etc/ecsd/ecsd.yaml"); settings != "region: [cn-beijing]\n" {
		t.Errorf("an upgrade replaced the settings: %q", settings)
	}
	inside("dpkg", "--remove", "ecsd")
	inside("test", "-s", "/var/lib/ecsd/ecsd.db")
	if _, err := os.Stat(filepath.Join(root, "usr/bin/ecsd")); err == nil {
		t.Error("the program is still there after the removal")
	}
}
