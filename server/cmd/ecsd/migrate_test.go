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

// The password of a database is shown in no error, wherever it comes from.
func TestDatabasePasswordIsNotShown(t *testing.T) {
	const service = "serve --simulate --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0"
	for _, c := range []struct {
		args, database string
		code           int
	}{
		{"migrate", "postgres://ecsd:s3cret@127.0.0.1:1/ecsd", exitFailed},
		{"migrate", "postgres://ecsd:s3cret@127.0.0.1:x/ecsd", exitUsage},
		{service, "postgres://ecsd:s3cret@127.0.0.1:1/ecsd", exitFailed},
		{"serve", "postgres://ecsd:s3cret@127.0.0.1:x/ecsd", exitUsage},
		{"serve", "mysql://ecsd:s3cret@127.0.0.1/ecsd", exitUsage},
	} {
		for _, flag := range []bool{false, true} {
			args, code := strings.Fields(c.args), c.code
			if flag {
				t.Setenv("ECSD_DATABASE", "")
				args, code = append(args, "--database", c.database), exitUsage
			} else {
				t.Setenv("ECSD_DATABASE", c.database)
			}
			var stdout, stderr strings.Builder
			if got := run(t.Context(), args, &stdout, &stderr); got != code {
				t.Errorf("%v: exit code %d, want %d\n%s", args, got, code, &stderr)
			}
			text := stdout.String() + stderr.String()
			if strings.Contains(text, "s3cret") || !strings.Contains(text, "--database") {
				t.Errorf("%v says:\n%s", args, text)
			}
		}
	}
}

// An address without a password may be a flag.
func TestDatabaseFlag_WithoutPassword(t *testing.T) {
	for address, holds := range map[string]bool{
		"postgres://ecsd@127.0.0.1:1/ecsd": false, "postgres:///ecsd?host=/tmp&user=ecsd": false, "sqlite:a:b@password.db": false,
		"postgres://ecsd:@127.0.0.1:1/ecsd": false, "http://127.0.0.1:4318": false, "": false, "mysql://h/d": false,
		"postgres://ecsd:1/s3cret@h/ecsd": true, "postgres://ecsd:s3cr%zzt@h/ecsd": true, "postgres:u:pw@h/d": true, "u:pw@h/d": true, "host=h PASSWORD=x": true,
	} {
		if err := refusePasswords([]string{"serve", "--database", address}); (err != nil) != holds {
			t.Errorf("%s: %v", address, err)
		}
	}
}
