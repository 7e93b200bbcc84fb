package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// repository is the product's folder.
const repository = "../.."

var commitTime = time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)

// commit is a commit's name that no repository has.
const commit = "0123456789abcdef0123456789abcdef01234567"

// built is one release for linux/amd64 that the tests read.
func built(t *testing.T) builder {
	t.Helper()
	b := builder{
		root: repository, out: filepath.Join(t.TempDir(), "dist"),
		version: "v1.2.3", commit: commit, time: commitTime, log: t.Output(),
	}
	if err := b.build(t.Context(), []platform{{"linux", "amd64"}}); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRelease builds twice, because a build is the slow part, and checks
// everything that needs the whole release.
func TestRelease(t *testing.T) {
	chroot := newChroot(t)
	first := built(t)
	t.Run("SecondRun", func(t *testing.T) {
		// What differs between machines and must not be in a file.
		t.Setenv("TZ", "Asia/Shanghai")
		t.Setenv("TMPDIR", t.TempDir())
		t.Setenv("GOFLAGS", "-buildvcs=true")
		sameFiles(t, first.out, built(t).out)
	})
	t.Run("Checksums", func(t *testing.T) {
		cmd := exec.Command("sha256sum", "--check", "--strict", checksumsFile)
		cmd.Dir = first.out
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sha256sum: %v\n%s", err, out)
		}
		lines := strings.Count(string(readFile(t, filepath.Join(first.out, checksumsFile))), "\n")
		if entries, err := os.ReadDir(first.out); err != nil || lines != len(entries)-1 {
			t.Errorf("%d checksums of %d files beside theirs, %v", lines, len(entries)-1, err)
		}
	})
	t.Run("Archive", func(t *testing.T) { checkArchive(t, first) })
	t.Run("Deb", func(t *testing.T) { checkDeb(t, first) })
	t.Run("Installed", func(t *testing.T) { checkInstalled(t, first, chroot) })
	t.Run("OpenAPI", func(t *testing.T) { checkOpenAPI(t, first) })
	t.Run("RPM", func(t *testing.T) { checkRPM(t, first) })
	t.Run("Chart", func(t *testing.T) {
		chart := untar(t, readFile(t, filepath.Join(first.out, "ecsd-1.2.3.tgz")))
		if got := string(chart["ecsd/Chart.yaml"].content); strings.Count(got, "ersion: 1.2.3\n") != 2 {
			t.Errorf("Chart.yaml lacks the version:\n%s", got)
		}
		if len(chart["ecsd/values.schema.json"].content) == 0 {
			t.Error("the chart has no schema")
		}
	})
	t.Run("SBOM", func(t *testing.T) { checkSBOM(t, first) })
	t.Run("Image", func(t *testing.T) { checkImage(t, first) })
}

// checkArchive unpacks the archive and runs its program.
func checkArchive(t *testing.T, b builder) {
	p := platform{"linux", "amd64"}
	items := untar(t, readFile(t, filepath.Join(b.out, b.base(p)+".tar.gz")))
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		if got := items[b.base(p)+"/"+name].content; !bytes.Equal(got, readFile(t, filepath.Join(repository, name))) {
			t.Errorf("%s of the archive differs from the repository's", name)
		}
	}
	program := items[b.base(p)+"/ecsd"]
	if program.mode != 0o755 {
		t.Errorf("mode of ecsd: %o, want 755", program.mode)
	}
	paths, err := exec.Command("go", "env", "GOROOT", "GOMODCACHE", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(paths)) {
		if bytes.Contains(program.content, []byte(path)) {
			t.Errorf("ecsd contains the path %s of this machine", path)
		}
	}
	if runtime.GOOS != p.os || runtime.GOARCH != p.arch {
		t.Skipf("cannot run ecsd for linux/amd64 on %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	path := filepath.Join(t.TempDir(), "ecsd")
	if err := os.WriteFile(path, program.content, 0o755); err != nil {
		t.Fatal(err)
	}
	serveDemo(t, func(args ...string) *exec.Cmd { return exec.CommandContext(t.Context(), path, args...) }, "sqlite::memory:")
	for _, arg := range []string{"version", "--version"} {
		out, err := exec.Command(path, arg).CombinedOutput()
		if want := "ecsd v1.2.3 commit " + commit + " " + runtime.Version() + " linux/amd64\n"; err != nil || string(out) != want {
			t.Errorf("ecsd %s: %v, %q, want %q", arg, err, out, want)
		}
	}
}

// TestArchive_Windows checks the zip with a program of a few bytes.
func TestArchive_Windows(t *testing.T) {
	out := t.TempDir()
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("program"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := builder{root: repository, out: out, version: "v1.2.3", time: commitTime, log: io.Discard}
	if err := b.archive(platform{"windows", "arm64"}, program); err != nil {
		t.Fatal(err)
	}
	content := readFile(t, filepath.Join(out, "ecsd_1.2.3_windows_arm64.zip"))
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open("ecsd_1.2.3_windows_arm64/ecsd.exe")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(file); err != nil || string(got) != "program" {
		t.Errorf("ecsd.exe: %q, %v", got, err)
	}
	for _, f := range archive.File {
		if !f.Modified.Equal(commitTime) {
			t.Errorf("time of %s: %v, want %v", f.Name, f.Modified, commitTime)
		}
	}
}

func TestRelease_InvalidVersion(t *testing.T) {
	for _, version := range []string{"", "1.2.3", "v1.2", "v1.2.3+build", "v1.2.3/..", "latest"} {
		err := release(t.Context(), repository, version, "", "yes")
		if err == nil || !strings.Contains(err.Error(), "want vX.Y.Z") {
			t.Errorf("version %q: %v", version, err)
		}
	}
}

func TestHead_ChangedTree(t *testing.T) {
	root := t.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "--date", "@1", "-m", "first"},
	} {
		if _, err := git(t.Context(), root, args...); err != nil {
			t.Fatal(err)
		}
	}
	if name, when, err := head(t.Context(), root); err != nil || len(name) != 40 || when.IsZero() {
		t.Errorf("head: %q %v %v", name, when, err)
	}
	if err := os.WriteFile(filepath.Join(root, "new.go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := head(t.Context(), root); err == nil || !strings.Contains(err.Error(), "new.go") {
		t.Errorf("head of a changed tree: %v", err)
	}
}

// sameFiles compares two folders, byte by byte.
func sameFiles(t *testing.T, first, second string) {
	t.Helper()
	a, b := os.DirFS(first), os.DirFS(second)
	entries, err := os.ReadDir(first)
	if err != nil {
		t.Fatal(err)
	}
	if others, _ := os.ReadDir(second); len(others) != len(entries) {
		t.Errorf("%d files, then %d", len(entries), len(others))
	}
	for _, entry := range entries {
		one, err1 := fs.ReadFile(a, entry.Name())
		two, err2 := fs.ReadFile(b, entry.Name())
		if err := errors.Join(err1, err2); err != nil {
			t.Error(err)
		} else if !bytes.Equal(one, two) {
			t.Errorf("%s differs between two runs", entry.Name())
		}
	}
}
