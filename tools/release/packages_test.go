package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sassoftware/go-rpmutils"
)

// needs skips the test if a program is missing, and fails it if CI installs it.
func needs(t *testing.T, program, debian string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: apt-get install %s", program, debian)
	}
	t.Skipf("%s is missing: apt-get install %s", program, debian)
}

// packaged are the files that both packages install, with their modes.
var packaged = map[string]os.FileMode{
	"/usr/bin/ecsd":                        0o755,
	"/usr/lib/systemd/system/ecsd.service": 0o644,
	"/usr/lib/sysusers.d/ecsd.conf":        0o644,
	"/etc/ecsd/ecsd.yaml":                  0o640,
	"/usr/share/doc/ecsd/LICENSE":          0o644,
}

func checkDeb(t *testing.T, b builder) {
	needs(t, "dpkg-deb", "dpkg")
	deb := filepath.Join(b.out, b.base(platform{"linux", "amd64"})+".deb")
	root := t.TempDir()
	command(t, "dpkg-deb", "--extract", deb, root)
	command(t, "dpkg-deb", "--control", deb, filepath.Join(root, "control"))
	for name, mode := range packaged {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != mode {
			t.Errorf("mode of %s: %o, want %o", name, info.Mode().Perm(), mode)
		}
	}
	if got := string(readFile(t, filepath.Join(root, "control/conffiles"))); got != "/etc/ecsd/ecsd.yaml\n" {
		t.Errorf("conffiles: %q", got)
	}
	fields := command(t, "dpkg-deb", "--field", deb, "Package", "Version", "Architecture")
	if want := "Package: ecsd\nVersion: 1.2.3-1\nArchitecture: amd64\n"; fields != want {
		t.Errorf("fields %q, want %q", fields, want)
	}
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		command(t, "sh", "-n", filepath.Join(root, "control", script))
	}
	// The default settings are valid: the program gets as far as the address.
	out, err := exec.Command(filepath.Join(root, "usr/bin/ecsd"), "serve", "--config", filepath.Join(root, "etc/ecsd/ecsd.yaml"),
		"--database", "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"), "--listen", "192.0.2.1:1", "--allow-anonymous").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "192.0.2.1:1") {
		t.Errorf("serve with the packaged settings: %v\n%s", err, out)
	}
}

func checkRPM(t *testing.T, b builder) {
	content := readFile(t, filepath.Join(b.out, b.base(platform{"linux", "amd64"})+".rpm"))
	rpm, err := rpmutils.ReadRpm(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	name, err := rpm.Header.GetNEVRA()
	if err != nil || name.Name != "ecsd" || name.Version != "1.2.3" || name.Release != "1" || name.Arch != "x86_64" {
		t.Errorf("name: %+v, %v", name, err)
	}
	if host, err := rpm.Header.GetString(rpmutils.BUILDHOST); err != nil || host != "ecsd" {
		t.Errorf("build host: %q, %v", host, err)
	}
	files, err := rpm.Header.GetFiles()
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]os.FileMode{}
	for _, file := range files {
		modes[file.Name()] = os.FileMode(file.Mode()).Perm()
	}
	for name, mode := range packaged {
		if got, ok := modes[name]; !ok || got != mode {
			t.Errorf("mode of %s: %o (there: %t), want %o", name, got, ok, mode)
		}
	}
}

// TestUnit_Exposure bounds the exposure of the unit at 1.5 of 10, as
// systemd-analyze rates it.
func TestUnit_Exposure(t *testing.T) {
	needs(t, "systemd-analyze", "systemd")
	command(t, "systemd-analyze", "security", "--offline=yes", "--threshold=15", filepath.Join(repository, "deploy/systemd/ecsd.service"))
}

// command runs a program and returns its standard output.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &out, &errs)
	}
	return out.String()
}
