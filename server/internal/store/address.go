package store

import (
	"errors"
	"net/url"
	"strings"
)

// errAddress names the forms of an address.
var errAddress = errors.New("must be sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE")

const memory = ":memory:"

// parseAddress picks the engine that an address names. Its errors, like all
// of this package, hold no password.
func parseAddress(address string) (opener, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		return sqliteFile{path: path}, nil
	}
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return parsePostgres(address)
	}
	return nil, errAddress
}

// CheckAddress returns an error if an address is invalid, without opening it.
func CheckAddress(address string) error {
	_, err := parseAddress(address)
	return err
}

// Redact returns an address that may be shown. It shows only a readable path of
// SQLite or URL of PostgreSQL, the latter without its password: any other text
// may hold a password anywhere.
func Redact(address string) string {
	if strings.HasPrefix(address, "sqlite:") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || strings.Contains(u.Path, "@") || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "(not shown, it may hold a password)"
	}
	values := u.Query()
	for name := range values {
		if strings.Contains(strings.ToLower(name), "password") {
			values.Set(name, "xxxxx")
		}
	}
	if u.RawQuery != "" {
		u.RawQuery = values.Encode()
	}
	return u.Redacted()
}
