package identity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/identity"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

func oidcFile(url string) string {
	return "callers:\n  - name: ci\n    scopes: [instances.read]\n    oidc: {issuer: \"" + url + "\", audience: ecsd, equals: \"repo:corp/infra\"}\n" +
		"  - name: ops\n    scopes: [instances.read]\n    oidc: [{issuer: \"" + url + "\", audience: ecsd-ops, claim: role, equals: ops}]\n"
}

func claims(i *credential.Issuer, more ...any) credential.Claims {
	c := credential.Claims{"iss": i.URL, "aud": "ecsd", "sub": "repo:corp/infra", "exp": time.Now().Add(time.Hour).Unix()}
	for n := 0; n < len(more); n += 2 {
		c[more[n].(string)] = more[n+1]
	}
	return c
}

func TestVerify_OIDC(t *testing.T) {
	issuer, other := credential.NewIssuer(t), credential.NewIssuer(t)
	b := open(t, oidcFile(issuer.URL), nil)
	valid := issuer.Sign(t, claims(issuer))
	b.wants("a token", b.bearer(valid), "ci")
	b.wants("one of several audiences", b.bearer(issuer.Sign(t, claims(issuer, "aud", []string{"x", "ecsd-ops"}, "role", "ops"))), "ops")
	for name, token := range map[string]string{
		"a wrong audience":            issuer.Sign(t, claims(issuer, "aud", "other")),
		"no audience":                 issuer.Sign(t, claims(issuer, "aud", []string{})),
		"the audience of another":     issuer.Sign(t, claims(issuer, "aud", "ecsd-ops")),
		"a wrong subject":             issuer.Sign(t, claims(issuer, "sub", "repo:corp/other")),
		"a claim that is no text":     issuer.Sign(t, claims(issuer, "aud", "ecsd-ops", "role", []string{"ops"})),
		"another issuer":              other.Sign(t, claims(other)),
		"the issuer's name, not key":  other.SignUnknown(t, "key-1", claims(issuer)),
		"an unknown key":              issuer.SignUnknown(t, "key-9", claims(issuer)),
		"a symmetric algorithm":       issuer.SignSymmetric(t, claims(issuer)),
		"no signature":                valid[:strings.LastIndex(valid, ".")+1],
		"algorithm none":              "eyJhbGciOiJub25lIn0" + valid[strings.Index(valid, "."):strings.LastIndex(valid, ".")+1],
		"a changed signature":         valid[:len(valid)-6] + "AAAAAA",
		"not yet valid":               issuer.Sign(t, claims(issuer, "nbf", time.Now().Add(time.Hour).Unix())),
		"an expired one of no caller": issuer.Sign(t, claims(issuer, "aud", "other", "exp", time.Now().Add(-time.Hour).Unix())),
		"an expired one, wrong key":   issuer.SignUnknown(t, "key-1", claims(issuer, "exp", time.Now().Add(-time.Hour).Unix())),
		"no end":                      issuer.Sign(t, claims(issuer, "exp", nil)),
		"no JWT":                      "abc",
		"an empty JWT":                "..",
	} {
		b.wants(name, b.bearer(token), "UNAUTHENTICATED")
	}
	b.wants("an expired token", b.bearer(issuer.Sign(t, claims(issuer, "exp", time.Now().Add(-time.Hour).Unix()))), "AUTH_EXPIRED")
	id, err := b.Verify(t.Context(), identity.Credential{Bearer: valid})
	if err != nil {
		t.Fatal(err)
	}
	if id.Method != access.MethodOIDC || id.Credential != "sub=repo:corp/infra" || id.Expires.IsZero() {
		t.Errorf("the identity is %+v", id)
	}
	b.pass(2 * time.Hour)
	b.wants("a token that was verified, after its end", b.bearer(valid), "AUTH_EXPIRED")
}

// Tokens with unknown keys cause one fetch per ten seconds, however many there
// are.
func TestVerify_UnknownKeys(t *testing.T) {
	issuer := credential.NewIssuer(t)
	b := open(t, oidcFile(issuer.URL), nil)
	unknown := issuer.SignUnknown(t, "key-9", claims(issuer))
	for range 20 {
		b.wants("an unknown key", b.bearer(unknown), "UNAUTHENTICATED")
	}
	if n := issuer.Fetches(); n != 1 {
		t.Errorf("20 tokens with an unknown key caused %d fetches, want 1", n)
	}
	issuer.AddKey(t)
	rotated := issuer.Sign(t, claims(issuer))
	b.pass(9 * time.Second)
	b.wants("a new key within the pause", b.bearer(rotated), "UNAUTHENTICATED")
	b.pass(time.Second)
	b.wants("a new key after the pause", b.bearer(rotated), "ci")
	if n := issuer.Fetches(); n != 2 {
		t.Errorf("the new key caused %d fetches, want 2 in all", n)
	}
}

// A withdrawn key is refused after the next refresh, also for tokens that were
// verified before.
func TestVerify_WithdrawnKey(t *testing.T) {
	issuer := credential.NewIssuer(t)
	b := open(t, oidcFile(issuer.URL), nil)
	old := issuer.Sign(t, claims(issuer))
	b.wants("the old key", b.bearer(old), "ci")
	issuer.AddKey(t)
	issuer.WithdrawOldKey()
	epoch := b.Epoch()
	b.pass(time.Minute)
	b.Refresh(t.Context())
	if b.Epoch() == epoch {
		t.Error("new keys are no new version")
	}
	b.wants("the withdrawn key", b.bearer(old), "UNAUTHENTICATED")
	b.wants("the new key", b.bearer(issuer.Sign(t, claims(issuer))), "ci")
	epoch = b.Epoch()
	b.pass(time.Minute)
	b.Refresh(t.Context())
	if b.Epoch() != epoch {
		t.Error("the same keys are a new version")
	}
}

// Without the issuer, tokens cannot be verified at the start, which is not
// their fault; later, the known keys are enough.
func TestVerify_IssuerDown(t *testing.T) {
	issuer := credential.NewIssuer(t)
	issuer.SetDown(true)
	b := open(t, oidcFile(issuer.URL), nil)
	b.Refresh(t.Context())
	valid := issuer.Sign(t, claims(issuer))
	b.wants("a token at the start", b.bearer(valid), "IDENTITY_UNAVAILABLE")
	issuer.SetDown(false)
	b.wants("a token within the pause", b.bearer(valid), "IDENTITY_UNAVAILABLE")
	b.pass(10 * time.Second)
	b.wants("a token when the issuer is back", b.bearer(valid), "ci")
	issuer.SetDown(true)
	b.pass(time.Minute)
	b.Refresh(t.Context())
	b.wants("another token while it is down again", b.bearer(issuer.Sign(t, claims(issuer, "jti", "2"))), "ci")
	b.wants("an unknown key while it is down", b.bearer(issuer.SignUnknown(t, "key-9", claims(issuer))), "IDENTITY_UNAVAILABLE")
	if n := strings.Count(b.log.String(), "keys of the OIDC issuer not fetched"); n != 2 {
		t.Errorf("two outages are logged %d times: %s", n, b.log)
	}
}
