package server

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/api"
)

// NewToken makes a static token for a caller. It writes the token, which is
// stored nowhere, and the entry for the caller's tokens in the access file. A
// zero end is none.
func NewToken(w io.Writer, caller string, end time.Time) error {
	token, entry, err := newToken(caller, end)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n%s # of caller %s\n", token, entry, caller)
	return err
}

// newToken returns a token and the line of the access file with its hash.
func newToken(caller string, end time.Time) (token, entry string, err error) {
	if !access.ValidCallerName(caller) {
		return "", "", &ConfigError{Rule: fmt.Sprintf("NAME %q: must be 1 to 64 letters, digits and . _ - : / @ +", caller)}
	}
	id, err := randomID()
	if err != nil {
		return "", "", err
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", "", err
	}
	token = access.NewToken(id, secret)
	sum := sha256.Sum256([]byte(token))
	entry = fmt.Sprintf("tokens: [{id: %s, sha256: %q", id, hex.EncodeToString(sum[:]))
	if !end.IsZero() {
		entry += ", not_after: " + end.UTC().Format(time.RFC3339)
	}
	return token, entry + "}]", nil
}

// randomID returns the ID of a token: eight letters and digits.
func randomID() (string, error) {
	const digits, length = "0123456789abcdefghijklmnopqrstuvwxyz", 8
	id := make([]byte, length)
	for i := range id {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(digits))))
		if err != nil {
			return "", err
		}
		id[i] = digits[n.Int64()]
	}
	return string(id), nil
}

// readAccess reads an access file. What is wrong with it is a ConfigError.
func readAccess(path string) (*access.File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &ConfigError{Rule: err.Error()}
	}
	file, err := access.Parse(text, time.Now())
	if err != nil {
		return nil, &ConfigError{Rule: accessFileError(path, err)}
	}
	return file, nil
}

// LintAccess checks an access file, and writes what it has.
func LintAccess(w io.Writer, path string) error {
	file, err := readAccess(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: valid, version %s\n", path, file.Version)
	now := time.Now()
	for _, caller := range file.Callers {
		fmt.Fprintf(w, "  %s (line %d): %s\n", caller.Name, caller.Line, caller.Scopes)
		for _, token := range caller.Tokens {
			if !token.NotAfter.IsZero() && !now.Before(token.NotAfter) {
				fmt.Fprintf(w, "    token %s ended at %s: remove it\n", token.ID, token.NotAfter.UTC().Format(time.RFC3339))
			}
		}
	}
	return nil
}

// Decision is a question about an access file.
type Decision struct {
	// As is the name of a caller, RPC that of a method with or without its
	// service, and Region a region or "".
	As, RPC, Region string
}

// ExplainAccess writes whether a caller may call an RPC, and why. It reports
// whether the caller may.
func ExplainAccess(w io.Writer, path string, d Decision) (allowed bool, err error) {
	file, err := readAccess(path)
	if err != nil {
		return false, err
	}
	caller := file.Caller(d.As)
	if caller == nil {
		names := make([]string, 0, len(file.Callers))
		for _, c := range file.Callers {
			names = append(names, c.Name)
		}
		return false, &ConfigError{Rule: fmt.Sprintf("--as %q: the access file has no such caller; it has %s", d.As, strings.Join(names[:min(20, len(names))], ", "))}
	}
	method, err := findMethod(d.RPC)
	if err != nil {
		return false, err
	}
	scope := api.Scope(method)
	switch {
	case !caller.Scopes.Has(scope):
		fmt.Fprintf(w, "no: %s requires the scope %s; %s has %s (PERMISSION_DENIED)\n", method[1:], scope, caller.Name, caller.Scopes)
		return false, nil
	case d.Region != "" && !caller.Limits.SeesRegion(d.Region):
		fmt.Fprintf(w, "no: %s sees the regions %s, not %s (INSTANCE_NOT_FOUND; UNKNOWN_REGION if the call names no instance)\n", caller.Name, strings.Join(caller.Limits.Regions, ", "), d.Region)
		return false, nil
	}
	fmt.Fprintf(w, "yes: %s requires the scope %s, which %s has\n", method[1:], scope, caller.Name)
	if len(caller.Limits.Regions) > 0 {
		fmt.Fprintf(w, "  regions: %s\n", strings.Join(caller.Limits.Regions, ", "))
	}
	for _, tag := range caller.Limits.Tags {
		fmt.Fprintf(w, "  only instances with the tag %s=%s; any other is INSTANCE_NOT_FOUND\n", tag.Key, tag.Value)
	}
	for _, limit := range caller.Spend {
		fmt.Fprintf(w, "  spends at most %s per %s in %s", limit.Limit, limit.Per, limit.Zone)
		if !limit.MaxEach.IsZero() {
			fmt.Fprintf(w, ", at most %s each", limit.MaxEach)
		}
		fmt.Fprintln(w)
	}
	return true, nil
}

// findMethod returns the full name of an RPC.
func findMethod(name string) (string, error) {
	var names []string
	for _, method := range api.Methods() {
		if method == name || strings.HasSuffix(method, "/"+name) || strings.HasSuffix(method, "."+name) {
			return method, nil
		}
		names = append(names, method[strings.LastIndex(method, "/")+1:])
	}
	slices.Sort(names)
	return "", &ConfigError{Rule: fmt.Sprintf("--rpc %q: there is no such RPC; the RPCs are %s", name, strings.Join(names, ", "))}
}
