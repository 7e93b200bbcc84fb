package identity_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/identity"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

// BenchmarkVerify compares the verification of credentials that were verified
// before with that of a JWT that was not.
func BenchmarkVerify(b *testing.B) {
	issuer := credential.NewIssuer(b)
	token := credential.Token("g", "good")
	path := filepath.Join(b.TempDir(), "access.yaml")
	text := tokenFile("a="+token) + oidcFile(issuer.URL)[len("callers:\n"):]
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	v, err := identity.Open(identity.Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(v.Close)
	verify := func(b *testing.B, bearer string) {
		if _, err := v.Verify(b.Context(), identity.Credential{Bearer: bearer}); err != nil {
			b.Fatal(err)
		}
	}
	jwt := issuer.Sign(b, claims(issuer))
	verify(b, jwt)
	for name, bearer := range map[string]string{"token": token, "jwt": jwt} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				verify(b, bearer)
			}
		})
	}
	b.Run("jwt-cold", func(b *testing.B) {
		for b.Loop() {
			v.Forget()
			verify(b, jwt)
		}
	})
}
