package identity_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/identity"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// bench is a verifier with a clock and a file that the test controls.
type bench struct {
	*identity.Verifier

	t    *testing.T
	path string
	log  *buffer
	mu   sync.Mutex
	now  time.Time
}

type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) write(text string) {
	b.t.Helper()
	next := b.path + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Rename(next, b.path); err != nil {
		b.t.Fatal(err)
	}
}

func open(t *testing.T, text string, material *identity.Material) *bench {
	t.Helper()
	b := &bench{t: t, path: filepath.Join(t.TempDir(), "access.yaml"), log: &buffer{}, now: time.Now()}
	b.write(text)
	v, err := identity.Open(identity.Config{
		Path: b.path, Material: material, Logger: slog.New(slog.NewTextHandler(b.log, nil)),
		Now: func() time.Time {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.now
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	b.Verifier = v
	return b
}

// bearer verifies a token and returns the name of the caller, or the reason.
func (b *bench) bearer(token string) string {
	b.t.Helper()
	return b.verify(identity.Credential{Bearer: token})
}

func (b *bench) verify(c identity.Credential) string {
	b.t.Helper()
	id, err := b.Verify(b.t.Context(), c)
	if err != nil {
		e := ecs.AsError(err)
		if e == nil {
			b.t.Fatalf("the error has no reason: %v", err)
		}
		if c.Bearer != "" && strings.Contains(fmt.Sprint(err, e.Cause), c.Bearer) {
			b.t.Errorf("the error has the credential: %v", err)
		}
		return string(e.Reason)
	}
	return id.Caller.Name
}

func (b *bench) wants(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func tokenFile(callers ...string) string {
	text := "callers:\n"
	for _, c := range callers {
		name, token, _ := strings.Cut(c, "=")
		token, end, _ := strings.Cut(token, "@")
		if end != "" {
			end = ", not_after: " + end
		}
		text += "  - name: " + name + "\n    scopes: [instances.read]\n    tokens: [{id: " + access.TokenID(token) + ", sha256: \"" + credential.Hash(token) + "\"" + end + "}]\n"
	}
	return text
}

func TestVerify_Token(t *testing.T) {
	good, ends := credential.Token("g", "good"), credential.Token("e", "ends")
	b := open(t, tokenFile("a="+good, "b="+ends+"@"+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)), nil)
	b.wants("a token", b.bearer(good), "a")
	b.wants("a token that ends", b.bearer(ends), "b")
	b.wants("no credential", b.verify(identity.Credential{}), "UNAUTHENTICATED")
	b.wants("another scheme", b.verify(identity.Credential{Malformed: true}), "UNAUTHENTICATED")
	b.wants("a wrong secret", b.bearer(credential.Token("g", "wrong")), "UNAUTHENTICATED")
	b.wants("an unknown token", b.bearer(credential.Token("x", "good")), "UNAUTHENTICATED")
	b.wants("a hash", b.bearer(credential.Hash(good)), "UNAUTHENTICATED")
	b.pass(2 * time.Hour)
	b.wants("an ended token that was verified", b.bearer(ends), "AUTH_EXPIRED")
	b.wants("an ended token", b.bearer(ends), "AUTH_EXPIRED")
	b.wants("a wrong secret of an ended token", b.bearer(credential.Token("e", "wrong")), "UNAUTHENTICATED")
	if _, err := b.Verify(t.Context(), identity.Credential{Bearer: credential.Token("g", "wrong")}); err.Error() != identity.Unauthenticated(nil).Error() {
		t.Errorf("the text of a wrong secret is %q, that of a missing credential %q", err, identity.Unauthenticated(nil))
	}
}

// A removed token is refused, although it was verified before; a broken file
// changes nothing and is logged with its line and field, once.
func TestVerify_FileChanges(t *testing.T) {
	first, second := credential.Token("x", "1"), credential.Token("y", "2")
	b := open(t, tokenFile("a="+first), nil)
	epoch := b.Epoch()
	b.wants("the first token", b.bearer(first), "a")
	b.write("callers:\n  - name: a\n    scopes: [instances.raed]\n    tokens: [{id: x, sha256: " + second + "}]\n")
	b.CheckTwice()
	b.wants("the first token, with a broken file", b.bearer(first), "a")
	if b.Epoch() != epoch {
		t.Error("a broken file is a new version")
	}
	text := b.log.String()
	if strings.Count(text, "line=3") != 1 || !strings.Contains(text, "field=callers[0].scopes[0]") || !strings.Contains(text, "instances.raed") {
		t.Errorf("the log does not name line and field once: %s", text)
	}
	if strings.Contains(text, second[8:]) {
		t.Errorf("the log has a token: %s", text)
	}
	b.write(tokenFile("b=" + second))
	b.Check()
	b.wants("the removed token", b.bearer(first), "UNAUTHENTICATED")
	b.wants("the new token", b.bearer(second), "b")
	if b.Epoch() == epoch {
		t.Error("a new file is no new version")
	}
	epoch = b.Epoch()
	if err := os.Remove(b.path); err != nil {
		t.Fatal(err)
	}
	b.Check()
	b.wants("the token, with no file", b.bearer(second), "b")
	if !strings.Contains(b.log.String(), "access file not read") {
		t.Errorf("the log does not have the missing file: %s", b.log)
	}
	b.write(tokenFile("b=" + second))
	b.Check()
	if b.Epoch() != epoch {
		t.Error("the same content is a new version")
	}
}

func TestOpen_BrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.yaml")
	if _, err := identity.Open(identity.Config{Path: path, Logger: slog.New(slog.DiscardHandler)}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if err := os.WriteFile(path, []byte("callers: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var refused *access.Error
	if _, err := identity.Open(identity.Config{Path: path, Logger: slog.New(slog.DiscardHandler)}); !errors.As(err, &refused) || refused.Problems[0].Line != 1 {
		t.Errorf("a broken file gives %v", err)
	}
}

func certificateFile(names ...string) string {
	text := "callers:\n"
	for _, c := range names {
		name, san, _ := strings.Cut(c, "=")
		text += "  - name: " + name + "\n    scopes: [instances.read]\n    certificates: [{" + san + "}]\n"
	}
	return text
}

// files are TLS files that a test replaces.
type files struct{ certificate, key, clients string }

func (f files) write(t *testing.T, pair credential.Pair, clients []byte) {
	t.Helper()
	for path, text := range map[string][]byte{f.certificate: pair.Certificate, f.key: pair.Key, f.clients: clients} {
		if err := os.WriteFile(path+".next", text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".next", path); err != nil {
			t.Fatal(err)
		}
	}
}

func newMaterial(t *testing.T, authority *credential.Authority) (*identity.Material, files, *buffer) {
	t.Helper()
	dir := t.TempDir()
	f := files{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "ca.pem")}
	f.write(t, authority.Issue(t, credential.Names{IP: "127.0.0.1"}, time.Now().Add(time.Hour)), authority.PEM)
	log := &buffer{}
	m, err := identity.OpenMaterial(f.certificate, f.key, f.clients, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return m, f, log
}

func chain(t *testing.T, pair credential.Pair) identity.Credential {
	t.Helper()
	leaf, err := x509.ParseCertificate(pair.TLS(t).Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return identity.Credential{Chain: []*x509.Certificate{leaf}}
}

func TestVerify_Certificate(t *testing.T) {
	ours, theirs := credential.NewAuthority(t), credential.NewAuthority(t)
	m, f, _ := newMaterial(t, ours)
	b := open(t, certificateFile("platform=uri: \"spiffe://corp/platform\"", "web=dns: web.corp"), m)
	day := time.Now().Add(24 * time.Hour)
	platform := chain(t, ours.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, day))
	b.wants("a URI", b.verify(platform), "platform")
	b.wants("a DNS name in capitals", b.verify(chain(t, ours.Issue(t, credential.Names{DNS: "WEB.corp"}, day))), "web")
	b.wants("an unknown name", b.verify(chain(t, ours.Issue(t, credential.Names{DNS: "other.corp"}, day))), "UNAUTHENTICATED")
	b.wants("another authority", b.verify(chain(t, theirs.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, day))), "UNAUTHENTICATED")
	b.wants("names of two callers", b.verify(chain(t, ours.Issue(t, credential.Names{URI: "spiffe://corp/platform", DNS: "web.corp"}, day))), "UNAUTHENTICATED")
	hour := time.Now().Add(-time.Hour)
	b.wants("an expired certificate", b.verify(chain(t, ours.Issue(t, credential.Names{DNS: "web.corp"}, hour))), "AUTH_EXPIRED")
	b.wants("an expired one of another authority", b.verify(chain(t, theirs.Issue(t, credential.Names{DNS: "web.corp"}, hour))), "UNAUTHENTICATED")
	b.wants("a wrong token beside it", b.verify(identity.Credential{Bearer: "x", Chain: platform.Chain}), "UNAUTHENTICATED")

	epoch := b.Epoch()
	f.write(t, theirs.Issue(t, credential.Names{IP: "127.0.0.1"}, day), theirs.PEM)
	m.Check()
	if b.Epoch() == epoch {
		t.Error("new authorities are no new version")
	}
	b.wants("a certificate of the old authority that was verified", b.verify(platform), "UNAUTHENTICATED")
	b.wants("one of the new", b.verify(chain(t, theirs.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, day))), "platform")
	b.pass(48 * time.Hour)
	b.wants("the end of a verified certificate", b.verify(chain(t, theirs.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, day))), "AUTH_EXPIRED")
}

// Files that do not fit leave the last pair in force, until both have changed.
func TestMaterial_Reload(t *testing.T) {
	authority := credential.NewAuthority(t)
	m, f, log := newMaterial(t, authority)
	serial := func() string {
		config, err := m.Config().GetConfigForClient(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return config.Certificates[0].Leaf.SerialNumber.String()
	}
	first := serial()
	next := authority.Issue(t, credential.Names{IP: "127.0.0.1"}, time.Now().Add(time.Hour))
	if err := os.WriteFile(f.certificate, next.Certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	m.Check()
	if serial() != first || !strings.Contains(log.String(), "last valid certificates stay in force") {
		t.Errorf("a certificate without its key is in force, or not logged: %s", log)
	}
	if err := os.WriteFile(f.key, next.Key, 0o600); err != nil {
		t.Fatal(err)
	}
	m.Check()
	if serial() == first {
		t.Errorf("the new pair is not in force: %s", log)
	}
}
