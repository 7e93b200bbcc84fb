package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestMigrate(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")
	migrate := func() string {
		t.Helper()
		var stdout, stderr strings.Builder
		if code := run(t.Context(), []string{"migrate", "--database", address}, &stdout, &stderr); code != 0 {
			t.Fatalf("exit code %d, %s", code, &stderr)
		}
		return stdout.String()
	}
	if got := migrate(); !regexp.MustCompile(`: schema 0 is now \d+\n$`).MatchString(got) {
		t.Errorf("a new database: %q", got)
	}
	if got := migrate(); !regexp.MustCompile(` has schema \d+ already\n$`).MatchString(got) {
		t.Errorf("again: %q", got)
	}
	t.Setenv("ECSD_DATABASE", address)
	var stdout, stderr strings.Builder
	if code := run(t.Context(), []string{"migrate"}, &stdout, &stderr); code != 0 || !strings.HasPrefix(stdout.String(), address) {
		t.Errorf("by the environment: exit code %d, %s%s", code, &stdout, &stderr)
	}
}

// The password of a database is shown in no error.
func TestServe_DatabasePasswordHidden(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
	}{
		{"migrate --database postgres://ecsd:s3cret@127.0.0.1:1/ecsd", exitFailed},
		{"migrate --database postgres://ecsd:s3cret@127.0.0.1:x/ecsd", exitUsage},
		{"serve --simulate --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0 --database postgres://ecsd:s3cret@127.0.0.1:1/ecsd", exitFailed},
		{"serve --database postgres://ecsd:s3cret@127.0.0.1:x/ecsd", exitUsage},
		{"serve --database mysql://ecsd:s3cret@127.0.0.1/ecsd", exitUsage},
	} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), strings.Fields(c.args), &stdout, &stderr); code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s", c.args, code, c.code, &stderr)
		}
		text := stdout.String() + stderr.String()
		if strings.Contains(text, "s3cret") || !strings.Contains(text, "--database") {
			t.Errorf("%s says:\n%s", c.args, text)
		}
	}
}
