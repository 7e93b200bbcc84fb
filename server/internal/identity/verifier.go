package identity

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxVerified bounds the verified credentials that are retained.
const maxVerified = 65_536

// Credential is what a call presents. A bearer token wins over a certificate:
// whoever sends both wants the token to count.
type Credential struct {
	// Bearer is the token of the authorization metadata, "" if there is none.
	Bearer string
	// Malformed reports authorization metadata of another form.
	Malformed bool
	// Chain is the certificate of the client and its intermediates, nil if the
	// connection has none.
	Chain []*x509.Certificate
}

// Config configures a Verifier.
type Config struct {
	// Path is the access file.
	Path string
	// Material has the authorities of client certificates; nil if the port has no
	// TLS.
	Material *Material
	Logger   *slog.Logger
	// Client fetches the keys of issuers; nil means one with fetchTimeout.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Verifier verifies credentials against the access file in force. Its methods
// are safe for concurrent use.
type Verifier struct {
	cfg      Config
	path     watched
	file     atomic.Pointer[access.File]
	epoch    atomic.Uint64
	verified *lru.Cache[[sha256.Size]byte, verified]

	mu       sync.Mutex
	issuers  map[string]*issuer
	fetching sync.WaitGroup
}

// Close waits for the fetches in progress.
func (v *Verifier) Close() { v.fetching.Wait() }

// verified is the result of a verification, valid in one epoch.
type verified struct {
	identity *access.Identity
	epoch    uint64
}

// Open reads the access file. An error of its content is an *access.Error.
func Open(cfg Config) (*Verifier, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: fetchTimeout}
	}
	cache, err := lru.New[[sha256.Size]byte, verified](maxVerified)
	if err != nil {
		return nil, err
	}
	v := &Verifier{cfg: cfg, path: watched{path: cfg.Path}, verified: cache, issuers: map[string]*issuer{}}
	if cfg.Material != nil {
		cfg.Material.changed = func() { v.epoch.Add(1) }
	}
	text, _, err := v.path.read()
	if err != nil {
		return nil, err
	}
	file, err := access.Parse(text, cfg.Now())
	if err != nil {
		return nil, err
	}
	v.replace(file)
	return v, nil
}

// File returns the access file in force.
func (v *Verifier) File() *access.File { return v.file.Load() }

// Epoch returns a number that rises whenever a credential may have lost its
// right: with a new access file, new keys of an issuer, or new authorities.
func (v *Verifier) Epoch() uint64 { return v.epoch.Load() }

func (v *Verifier) replace(file *access.File) {
	v.mu.Lock()
	for url := range file.Issuers() {
		if v.issuers[url] == nil {
			v.issuers[url] = newIssuer(url, v)
		}
	}
	v.mu.Unlock()
	v.file.Store(file)
	v.epoch.Add(1) // after the file: a verification of the old one belongs to the old epoch
}

// Errors of a credential; only the log shows them.
var (
	errMissing   = errors.New("no credential")
	errMalformed = errors.New("the authorization metadata is not one value \"Bearer TOKEN\"")
	errUnknown   = errors.New("the access file names no caller with this credential")
)

// Verify returns the caller of a credential.
func (v *Verifier) Verify(ctx context.Context, c Credential) (*access.Identity, error) {
	switch {
	case c.Malformed:
		return nil, Unauthenticated(errMalformed)
	case c.Bearer != "":
		return v.cached(sha256.Sum256([]byte(c.Bearer)), func(file *access.File) (*access.Identity, error) {
			if strings.HasPrefix(c.Bearer, access.TokenPrefix) {
				return v.token(file, c.Bearer)
			}
			return v.jwt(ctx, file, c.Bearer)
		})
	case len(c.Chain) > 0:
		return v.cached(sha256.Sum256(c.Chain[0].Raw), func(file *access.File) (*access.Identity, error) {
			return v.certificate(file, c.Chain)
		})
	}
	return nil, Unauthenticated(errMissing)
}

// cached returns the identity of a credential by its hash. Only successes are
// retained, so that wrong credentials do not displace them.
func (v *Verifier) cached(key [sha256.Size]byte, verify func(*access.File) (*access.Identity, error)) (*access.Identity, error) {
	epoch := v.epoch.Load()
	found, ok := v.verified.Get(key)
	if !ok || found.epoch != epoch {
		id, err := verify(v.file.Load())
		if err != nil {
			return nil, err
		}
		found = verified{id, epoch}
		v.verified.Add(key, found)
	}
	if found.identity.ExpiredAt(v.cfg.Now()) {
		v.verified.Remove(key)
		return nil, Expired(fmt.Errorf("the credential %s of caller %s ended at %s", found.identity.Credential, found.identity.Caller.Name, found.identity.Expires.UTC().Format(time.RFC3339)))
	}
	return found.identity, nil
}

// token verifies a static token.
func (v *Verifier) token(file *access.File, text string) (*access.Identity, error) {
	owner, ok := file.Token(access.TokenID(text))
	switch {
	case !ok:
		return nil, Unauthenticated(errUnknown)
	case !owner.Token.Matches(text):
		return nil, Unauthenticated(fmt.Errorf("the secret of token %s is wrong", owner.Token.ID))
	}
	return &access.Identity{
		Caller: owner.Caller, Method: access.MethodToken, Credential: owner.Token.ID, Expires: owner.Token.NotAfter, Version: file.Version,
	}, nil
}

// Unauthenticated returns the error of a missing or invalid credential. Its
// text is the same for all of them; the cause is for the log.
func Unauthenticated(cause error) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonUnauthenticated, "the call needs a valid credential; send a token or a client certificate that this server accepts")
	e.Cause = cause
	return e
}

// Expired returns the error of a credential that was valid.
func Expired(cause error) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonAuthExpired, "the credential has expired; get a new one, then retry")
	e.Cause = cause
	return e
}

// unavailable returns the error of a credential that cannot be verified now.
func unavailable(cause error) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonIdentityUnavailable, "the credential cannot be verified at the moment")
	e.Retry, e.RetryAfter, e.Cause = ecs.RetryBackoff, keyFetchPause, cause
	return e
}
