package credential

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// Issuer is an OIDC issuer on this machine.
type Issuer struct {
	// URL is the name of the issuer.
	URL string

	mu      sync.Mutex
	keys    []issuerKey
	next    int
	down    bool
	fetches int
}

type issuerKey struct {
	id      string
	private *rsa.PrivateKey
}

// NewIssuer starts an issuer with one key.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{}
	i.AddKey(t)
	server := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// AddKey adds a key, which signs from now on.
func (i *Issuer) AddKey(t testing.TB) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.next++
	i.keys = append(i.keys, issuerKey{fmt.Sprintf("key-%d", i.next), key})
}

// WithdrawOldKey removes the oldest key.
func (i *Issuer) WithdrawOldKey() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = i.keys[1:]
}

// SetDown has the issuer refuse every request, or serve again.
func (i *Issuer) SetDown(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Fetches is how often its keys were requested.
func (i *Issuer) Fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var body any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		body = map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256"},
		}
	case "/keys":
		i.fetches++
		set := jose.JSONWebKeySet{}
		for _, k := range i.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id, Algorithm: "RS256", Use: "sig"})
		}
		body = set
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// Claims are the claims of a token.
type Claims map[string]any

// Sign signs claims with the newest key.
func (i *Issuer) Sign(t testing.TB, claims Claims) string {
	t.Helper()
	i.mu.Lock()
	key := i.keys[len(i.keys)-1]
	i.mu.Unlock()
	return sign(t, jose.RS256, key.private, key.id, claims)
}

// SignUnknown signs claims with a key that the issuer does not have, under an
// ID, which may be one of its keys.
func (i *Issuer) SignUnknown(t testing.TB, keyID string, claims Claims) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, jose.RS256, key, keyID, claims)
}

// SignSymmetric signs claims with HS256 under a secret that everyone knows: the
// public key of the issuer.
func (i *Issuer) SignSymmetric(t testing.TB, claims Claims) string {
	t.Helper()
	i.mu.Lock()
	key := i.keys[len(i.keys)-1]
	i.mu.Unlock()
	return sign(t, jose.HS256, key.private.N.Bytes(), key.id, claims)
}

func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, id string, claims Claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
