package identity

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// keyFetchPause is the least time between two fetches of an issuer's keys that
	// tokens with unknown keys cause, and the pause after a failed one.
	keyFetchPause = 10 * time.Second
	// keyRefresh is the age at which keys are fetched again, so that a key that the
	// issuer has withdrawn is refused.
	keyRefresh = time.Minute
	// fetchTimeout bounds one request to an issuer.
	fetchTimeout = 5 * time.Second
	// maxKeySetBytes bounds the keys of an issuer.
	maxKeySetBytes = 1 << 20
	// maxJWTBytes bounds a token; the metadata of a call has less.
	maxJWTBytes = 16 << 10
)

// algorithms are the accepted ones: signatures with a private key of the
// issuer. A symmetric one could be forged with its public key.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
}

// issuer has the keys of one OIDC issuer.
type issuer struct {
	url      string
	verifier *Verifier

	mu   sync.Mutex
	keys *keySet // nil until the first fetch has succeeded
	// fetched is when the last fetch began, and failure its error.
	fetched time.Time
	failure error
	pending chan struct{} // closed when the fetch in progress ends; nil if there is none
}

// keySet is one version of an issuer's keys.
type keySet struct {
	keys       []jose.JSONWebKey
	algorithms []string
	sum        [sha256.Size]byte
}

func newIssuer(url string, v *Verifier) *issuer { return &issuer{url: url, verifier: v} }

// jwtClaims are read before the signature is verified, only to select the
// issuer, the key and the audience.
type jwtClaims struct {
	Issuer   string   `json:"iss"`
	Audience audience `json:"aud"`
}

// audience is one text or a list.
type audience []string

// UnmarshalJSON takes both forms.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// jwt verifies a token of an issuer.
func (v *Verifier) jwt(ctx context.Context, file *access.File, token string) (*access.Identity, error) {
	var head struct {
		KeyID string `json:"kid"`
	}
	var claims jwtClaims
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxJWTBytes || !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) {
		return nil, Unauthenticated(errors.New("the bearer token is neither a token of ecsd nor a JWT"))
	}
	var wanted string
	for _, accepted := range file.Issuers()[claims.Issuer] {
		if slices.Contains(claims.Audience, accepted) {
			wanted = accepted
			break
		}
	}
	if wanted == "" {
		return nil, Unauthenticated(errNoEntry)
	}
	v.mu.Lock()
	from := v.issuers[claims.Issuer]
	v.mu.Unlock()
	keys, err := from.keysWith(ctx, head.KeyID)
	if err != nil {
		return nil, unavailable(err)
	}
	verified, err := oidc.NewVerifier(claims.Issuer, &oidc.StaticKeySet{PublicKeys: keys.named(head.KeyID)}, &oidc.Config{
		ClientID: wanted, SupportedSigningAlgs: keys.algorithms, Now: v.cfg.Now,
	}).Verify(ctx, token)
	if err != nil {
		var expired *oidc.TokenExpiredError
		if errors.As(err, &expired) {
			return nil, Expired(err)
		}
		return nil, Unauthenticated(err)
	}
	var values map[string]any
	if err := verified.Claims(&values); err != nil {
		return nil, Unauthenticated(err)
	}
	for _, caller := range file.Callers {
		for _, entry := range caller.OIDC {
			value, ok := values[entry.Claim].(string)
			if ok && entry.Issuer == verified.Issuer && slices.Contains(verified.Audience, entry.Audience) && value == entry.Equals {
				return &access.Identity{
					Caller: caller, Method: access.MethodOIDC, Credential: entry.Claim + "=" + entry.Equals, Expires: verified.Expiry, Version: file.Version,
				}, nil
			}
		}
	}
	return nil, Unauthenticated(errUnknown)
}

var errNoEntry = errors.New("the access file has no entry for the issuer and the audience of the token")

func decodePart(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

// named returns the public keys with an ID; all keys for a token without one.
func (s *keySet) named(id string) []crypto.PublicKey {
	var keys []crypto.PublicKey
	for _, k := range s.keys {
		if id == "" || k.KeyID == id {
			keys = append(keys, k.Key)
		}
	}
	return keys
}

// keysWith returns the keys of the issuer. If none has the ID, it fetches them,
// unless it did so within keyFetchPause. An error means that there are no keys
// to verify with, or none that could have the ID.
func (i *issuer) keysWith(ctx context.Context, id string) (*keySet, error) {
	for {
		i.mu.Lock()
		keys, pending := i.keys, i.pending
		if keys != nil && len(keys.named(id)) > 0 {
			i.mu.Unlock()
			return keys, nil
		}
		if pending == nil {
			recent := !i.fetched.IsZero() && i.verifier.cfg.Now().Sub(i.fetched) < keyFetchPause
			failure := i.failure
			if recent {
				i.mu.Unlock()
				if failure != nil {
					return nil, failure
				}
				return keys, nil // fetched just now: the key is unknown to the issuer
			}
			pending = i.begin()
		}
		i.mu.Unlock()
		select {
		case <-pending:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errPanicked is the result of a fetch that panicked, which was logged.
var errPanicked = errors.New("the fetch panicked; the log has the stack")

// begin begins a fetch, which does not end with the call that caused it. The
// mutex is held.
func (i *issuer) begin() chan struct{} {
	done := make(chan struct{})
	i.pending, i.fetched = done, i.verifier.cfg.Now()
	v := i.verifier
	v.fetching.Go(func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), 2*fetchTimeout)
		defer cancel()
		var keys *keySet
		err := errPanicked
		rescue.Once(v.cfg.Logger, "fetch of keys", func() { keys, err = i.fetch(ctx) })
		i.took(keys, err)
	})
	return done
}

// took takes the result of a fetch.
func (i *issuer) took(keys *keySet, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	before, failed := i.keys, i.failure != nil
	i.pending, i.failure = nil, err
	log := i.verifier.cfg.Logger
	switch {
	case err != nil && !failed:
		log.Warn("keys of the OIDC issuer not fetched, retrying", "issuer", i.url, "known", before != nil, "error", err.Error())
	case err == nil && failed:
		log.Info("keys of the OIDC issuer fetched", "issuer", i.url)
	}
	if err == nil && (before == nil || before.sum != keys.sum) {
		i.keys = keys
		i.verifier.epoch.Add(1)
	}
}

// fetch reads the description of the issuer and its keys.
func (i *issuer) fetch(ctx context.Context) (*keySet, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, i.verifier.cfg.Client), i.url)
	if err != nil {
		return nil, err
	}
	var description struct {
		KeysURL    string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&description); err != nil {
		return nil, err
	}
	if u, err := url.Parse(description.KeysURL); err != nil || u.Scheme != "https" && strings.HasPrefix(i.url, "https:") {
		return nil, errors.New("the issuer's jwks_uri is not an https URL")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, description.KeysURL, nil)
	if err != nil {
		return nil, err
	}
	response, err := i.verifier.cfg.Client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer's keys: %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxKeySetBytes))
	if err != nil {
		return nil, err
	}
	return parseKeys(text, description.Algorithms)
}

// parseKeys returns the keys for signatures, and the algorithms that both sides
// accept; RS256 if the issuer names none.
func parseKeys(text []byte, offered []string) (*keySet, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	}
	keys := &keySet{sum: sha256.Sum256(text)}
	for _, k := range set.Keys {
		if (k.Use == "" || k.Use == "sig") && k.Valid() && k.IsPublic() {
			keys.keys = append(keys.keys, k)
		}
	}
	if len(keys.keys) == 0 {
		return nil, errors.New("the issuer has no key for signatures")
	}
	for _, name := range offered {
		if slices.Contains(algorithms, name) {
			keys.algorithms = append(keys.algorithms, name)
		}
	}
	if len(keys.algorithms) == 0 {
		keys.algorithms = []string{oidc.RS256}
	}
	return keys, nil
}

// RefreshKeys fetches the keys of every issuer, and again when they are old,
// until ctx ends.
func (v *Verifier) RefreshKeys(ctx context.Context) {
	for {
		v.refresh(ctx)
		if sleep.For(ctx, keyFetchPause) != nil {
			return
		}
	}
}

// refresh begins the fetches that are due, and waits for them.
func (v *Verifier) refresh(ctx context.Context) {
	v.mu.Lock()
	used := v.File().Issuers()
	var due []*issuer
	for url, i := range v.issuers {
		if used[url] != nil {
			due = append(due, i)
		}
	}
	v.mu.Unlock()
	for _, i := range due {
		i.mu.Lock()
		age := v.cfg.Now().Sub(i.fetched)
		pending := i.pending
		if pending == nil && (i.fetched.IsZero() || age >= keyRefresh || i.failure != nil && age >= keyFetchPause) {
			pending = i.begin()
		}
		i.mu.Unlock()
		if pending == nil {
			continue
		}
		select {
		case <-pending:
		case <-ctx.Done():
			return
		}
	}
}
