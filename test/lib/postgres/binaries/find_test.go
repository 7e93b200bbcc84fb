package binaries

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
)

// mirror is a repository that serves one file under every path, and counts its requests.
type mirror struct {
	content  []byte // nil means 404
	requests []string
}

// newMirror starts a mirror, which Maven's settings in a new home name, and moves the test to a new repository.
func newMirror(t *testing.T, content []byte) *mirror {
	t.Helper()
	m := &mirror{content: content}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.requests = append(m.requests, r.URL.Path)
		if m.content == nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(m.content)
	}))
	t.Cleanup(server.Close)
	settings(t, fmt.Sprintf("<mirror><mirrorOf>*,!other</mirrorOf><url>%s/maven/</url></mirror>", server.URL))
	repo := t.TempDir()
	if err := os.WriteFile(filepath.Join(repo, "go.mod"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(repo, "some", "package")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	return m
}

// settings writes Maven's settings into a new home.
func settings(t *testing.T, mirrors string) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.Mkdir(filepath.Join(home, ".m2"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := `<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>` + mirrors + `</mirrors></settings>`
	if err := os.WriteFile(filepath.Join(home, ".m2", "settings.xml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// jar returns a package with the two programs and a link.
func jar(t *testing.T) ([]byte, string) {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	file, err := archive.Create("postgres-test.txz")
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := xz.NewWriter(file)
	if err != nil {
		t.Fatal(err)
	}
	items := tar.NewWriter(compressed)
	for _, h := range []*tar.Header{
		{Typeflag: tar.TypeDir, Name: "./bin/", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "./bin/postgres", Mode: 0o755, Size: 1},
		{Typeflag: tar.TypeReg, Name: "./bin/initdb", Mode: 0o755, Size: 1},
		{Typeflag: tar.TypeSymlink, Name: "./lib/libpq.so", Linkname: "libpq.so.5"},
	} {
		if err := items.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			_, _ = items.Write([]byte("x"))
		}
	}
	for _, c := range []interface{ Close() error }{items, compressed, archive} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256(out.Bytes())
	return out.Bytes(), hex.EncodeToString(sum[:])
}

func TestFolder_Downloads(t *testing.T) {
	content, sum := jar(t)
	m := newMirror(t, content)
	var lines []string
	for range 2 {
		folder, err := archive{"test", sum}.folder(t.Context(), func(line string) { lines = append(lines, line) })
		if err != nil {
			t.Fatal(err)
		}
		if !isProgram(folder, "postgres") || !isProgram(folder, "initdb") {
			t.Errorf("%s lacks a program", folder)
		}
		if target, err := os.Readlink(filepath.Join(folder, "../lib/libpq.so")); err != nil || target != "libpq.so.5" {
			t.Errorf("link to %q: %v", target, err)
		}
	}
	const want = "/maven/io/zonky/test/postgres/embedded-postgres-binaries-test/" + version + "/embedded-postgres-binaries-test-" + version + ".jar"
	if len(m.requests) != 1 || m.requests[0] != want {
		t.Errorf("requests %q, want one of %s", m.requests, want)
	}
	if len(lines) != 1 {
		t.Errorf("reports %q, want one line", lines)
	}
	if left, _ := os.ReadDir("../../.cache/postgres"); len(left) != 1 {
		t.Errorf("the cache has %d entries, want the package only", len(left))
	}
}

func TestFolder_OtherContent(t *testing.T) {
	content, _ := jar(t)
	newMirror(t, content)
	_, err := archive{"test", strings.Repeat("0", 64)}.folder(t.Context(), func(string) {})
	if err == nil || !strings.Contains(err.Error(), "want 000") {
		t.Errorf("a package with another checksum: %v", err)
	}
	if left, _ := os.ReadDir("../../.cache/postgres"); len(left) != 0 {
		t.Errorf("the cache has %d entries after a failed download", len(left))
	}
}

// TestFind_NoPackage covers a machine that cannot download.
func TestFind_NoPackage(t *testing.T) {
	newMirror(t, nil)
	installation := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(installation, name), nil, 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", installation)
	var lines []string
	report := func(line string) { lines = append(lines, line) }
	folder, err := Find(t.Context(), "", report)
	if err != nil || folder != installation {
		t.Errorf("with an installed PostgreSQL: %q, %v", folder, err)
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, installation) || !strings.Contains(last, "404") || strings.Contains(last, "\n") {
		t.Errorf("the last line %q does not name the installation and the reason", last)
	}
	if _, err := Find(t.Context(), Package, report); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("with %s: %v", Package, err)
	}
	if folder, err := Find(t.Context(), Machine, nil); err != nil || folder != installation {
		t.Errorf("with %s: %q, %v", Machine, folder, err)
	}
}

func TestFind_InvalidValue(t *testing.T) {
	_, err := Find(t.Context(), "yes", nil)
	if err == nil || !strings.Contains(err.Error(), "want package, machine, skip or nothing") {
		t.Errorf("invalid value: %v", err)
	}
}

func TestRepository(t *testing.T) {
	const url = "<url>http://localhost/x/</url></mirror>"
	for mirrors, want := range map[string]string{
		"": central,
		"<mirror><mirrorOf>external:http:*</mirrorOf>" + url:   central,
		"<mirror><mirrorOf>*,!central</mirrorOf>" + url:        central,
		"<mirror><mirrorOf>other, central</mirrorOf>" + url:    "http://localhost/x",
		"<mirror><mirrorOf>external:*,!other</mirrorOf>" + url: "http://localhost/x",
	} {
		settings(t, mirrors)
		if got, err := repository(); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", mirrors, got, err, want)
		}
	}
}
