package watch

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A resume token is the revision up to where its watcher was told, and a seal
// over it, the store and the filter, so that a token of another store, for
// another filter or made up is refused. It holds no secret: who may watch is
// decided anew for each watch.
//
//	byte 0      version
//	1..8        revision, big endian
//	9..16       the store, a hash of its id
//	17..24      the filter, a hash
//	25..40      SHA-256 of a key and all before, cut to 16 bytes, which is a
//	            good seal because all tokens are equally long
const (
	tokenVersion = 1
	sealedLength = 25
	tokenLength  = sealedLength + 16
)

// tokenSeal makes the tokens of one watch.
type tokenSeal struct {
	key    [sha256.Size]byte
	prefix [sealedLength]byte
}

func newTokenSeal(storeID string, f *Filter) tokenSeal {
	key := sha256.Sum256([]byte("ecsd resume token " + storeID))
	store := sha256.Sum256([]byte("ecsd store " + storeID))
	filter := f.hash()
	t := tokenSeal{key: key}
	t.prefix[0] = tokenVersion
	copy(t.prefix[9:], store[:8])
	copy(t.prefix[17:], filter[:8])
	return t
}

// at is the token of a revision.
func (t *tokenSeal) at(revision int64) string {
	var token [tokenLength]byte
	copy(token[:], t.prefix[:])
	binary.BigEndian.PutUint64(token[1:], uint64(revision)) //nolint:gosec // a revision is never negative
	seal := t.seal(token[:sealedLength])
	copy(token[sealedLength:], seal[:])
	var text [(tokenLength*8 + 5) / 6]byte
	base64.RawURLEncoding.Encode(text[:], token[:])
	return string(text[:])
}

func (t *tokenSeal) seal(sealed []byte) [sha256.Size]byte {
	var text [sha256.Size + sealedLength]byte
	copy(text[:], t.key[:])
	copy(text[sha256.Size:], sealed)
	return sha256.Sum256(text[:])
}

// revision reads a token, and refuses one that is not for this watch.
func (t *tokenSeal) revision(text string) (int64, error) {
	token, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(token) != tokenLength || token[0] != tokenVersion {
		return 0, badToken("is not one that ecsd gave")
	}
	if string(token[9:17]) != string(t.prefix[9:17]) {
		return 0, badToken("is of another ecsd, or its database was replaced")
	}
	if seal := t.seal(token[:sealedLength]); subtle.ConstantTimeCompare(token[sealedLength:], seal[:tokenLength-sealedLength]) != 1 {
		return 0, badToken("was changed after ecsd gave it")
	}
	if string(token[17:25]) != string(t.prefix[17:25]) {
		return 0, badToken("was given for a watch of something else; its regions, ids and filter must be the same")
	}
	return int64(binary.BigEndian.Uint64(token[1:])), nil //nolint:gosec // sealed, so it was one
}

func badToken(rule string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonInvalidResumeToken, "resume_token %s", rule)
	e.Violations = []ecs.Violation{{Field: "resume_token", Rule: rule}}
	return e
}
