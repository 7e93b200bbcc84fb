package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

func TestOpen_Refused(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + path
	}
	taken := "sqlite:" + filepath.Join(dir, "taken.db")
	open(t, taken)
	if err := os.Symlink(filepath.Join(dir, "taken.db"), filepath.Join(dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ address, want string }{
		"an unknown engine":       {"mysql:x", "must be sqlite:PATH"},
		"no path":                 {"sqlite:", "must be sqlite:PATH"},
		"a file in use":           {taken, "is open in another process (pid "},
		"a file in use by a link": {"sqlite:" + filepath.Join(dir, "link.db"), "is open in another process"},
		"a folder that is gone":   {"sqlite:" + filepath.Join(dir, "no", "such", "ecsd.db"), "is the folder there?"},
		"a folder":                {"sqlite:" + dir, "is a folder"},
		"a path through a file":   {file("plain", "text") + "/ecsd.db", "not a directory"},
		"a folder without rights": {"sqlite:/proc/self/ecsd.db", "cannot be locked"},
		"a file of another kind":  {file("letter.db", strings.Repeat("Dear operator, ", 100)), "is not a SQLite database"},
		"no server":               {"postgres://ecsd@127.0.0.1:1/ecsd", "connect"},
		"a port that is none":     {"postgres://ecsd@h:x/ecsd", "must be"},
		"an unknown option":       {"postgres://ecsd@h/ecsd?sslmode=sometimes", "sslmode"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, c.address, c.want)
		})
	}
}

// refused opens a database that must not open.
func refused(t *testing.T, address, want string) {
	t.Helper()
	s, err := store.Open(t.Context(), address)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
}

// A file goes to the next process when the first has ended, and by any path.
func TestClose_FreesFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ecsd.db", "with ?question&mark=1#and%20more.db", "ecsd.db"} {
		s := open(t, "sqlite:"+filepath.Join(dir, name))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the database is not where it was asked for: %v", err)
		}
	}
}

// The password of an invalid address is never shown.
func TestAddress_PasswordHidden(t *testing.T) {
	for _, address := range []string{
		"postgres://ecsd:s3cr%2Ft@127.0.0.1:1/ecsd",
		"postgres://ecsd:s3cr%2Ft@127.0.0.1:x/ecsd",
		"postgres://ecsd:s3cr%2Ft@127.0.0.1:1/ecsd?sslmode=sometimes",
		"postgres://ecsd:s3cr%zzt@127.0.0.1:1/ecsd",
		"postgres://ecsd:s3cr@t@127.0.0.1:1/ecsd",
		"postgres://ecsd:s3cr/t@127.0.0.1:1/ecsd",
		"postgres://127.0.0.1:1/ecsd?user=ecsd&password=s3cret",
		"postgresql://ecsd:s3cret@[::1/ecsd",
		"mysql://ecsd:s3cret@h/ecsd",
		"postgres://ecsd:1/s3cret@h/ecsd",
		"host=db user=ecsd password=s3cret dbname=ecsd",
		"postgres:ecsd:s3cret@h/d",
		"ecsd:s3cret@h/d",
		"postgres:///ecsd?user=ecsd&sslpassword=s3cret&host=127.0.0.1&port=1",
	} {
		_, err := store.Open(t.Context(), address)
		for _, text := range []string{store.Redact(address), err.Error()} {
			if strings.Contains(text, "s3cr") {
				t.Errorf("%s shows the password: %s", address, text)
			}
		}
		if err := store.CheckAddress(address); err != nil && strings.Contains(err.Error(), "s3cr") {
			t.Errorf("checking %s shows the password: %v", address, err)
		}
	}
	for address, want := range map[string]string{
		"sqlite:ecsd.db":                        "sqlite:ecsd.db",
		"postgres://ecsd:s3cret@h:5432/ecsd":    "postgres://ecsd:xxxxx@h:5432/ecsd",
		"postgres://h/ecsd?user=u&password=pwd": "postgres://h/ecsd?password=xxxxx&user=u",
	} {
		if got := store.Redact(address); got != want {
			t.Errorf("Redact(%s) = %s, want %s", address, got, want)
		}
	}
}

// A server that may lose commits is refused with the name of the setting.
func TestPostgres_MustBeDurable(t *testing.T) {
	for _, setting := range []string{"synchronous_commit", "fsync", "full_page_writes"} {
		t.Run(setting, func(t *testing.T) {
			address := postgres.Database(t)
			postgres.Set(t, setting, "off")
			refused(t, address, "setting "+setting+" is off, must be on")
		})
	}
}
