package watch

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A resume token is the position that its watcher has and how fresh that was,
// sealed together with the store and the filter, so that a token of another
// store, for another filter or made up is refused. The ID of the position
// refuses a token of another copy of the same store. The token holds no secret:
// each watch is authorised again.
//
//	byte 0      version
//	1..16       revision and its ID, big endian
//	17..24      observed time in nanoseconds of Unix time, 0 if unknown
//	25..32      the store, a hash of its ID
//	33..40      the filter, a hash
//	41..56      SHA-256 of a key and all before, cut to 16 bytes, which is a
//	            good seal because all tokens are equally long
const (
	tokenVersion = 2
	sealedLength = 41
	tokenLength  = sealedLength + 16

	// firstVersion is that of tokens without an ID, and firstLength their length.
	firstVersion = 1
	firstLength  = 41
)

// storeSeal is the common part of the tokens of one store.
type storeSeal struct {
	key   [sha256.Size]byte
	store [8]byte
}

func newStoreSeal(storeID string) *storeSeal {
	store := sha256.Sum256([]byte("ecsd store " + storeID))
	return &storeSeal{key: sha256.Sum256([]byte("ecsd resume token " + storeID)), store: [8]byte(store[:8])}
}

// tokenSeal makes the tokens of one watch. Each of ten thousand watches has one,
// so it is small.
type tokenSeal struct {
	*storeSeal

	filter [8]byte
}

func newTokenSeal(store *storeSeal, f *selection) tokenSeal {
	filter := f.hash()
	return tokenSeal{storeSeal: store, filter: [8]byte(filter[:8])}
}

// seal makes the token of a position and its observed time.
func (t *tokenSeal) seal(at changelog.Position, observed time.Time) string {
	var token [tokenLength]byte
	token[0] = tokenVersion
	copy(token[25:], t.store[:])
	copy(token[33:], t.filter[:])
	binary.BigEndian.PutUint64(token[1:], uint64(at.Revision)) //nolint:gosec // never negative
	binary.BigEndian.PutUint64(token[9:], uint64(at.ID))       //nolint:gosec // never negative
	if !observed.IsZero() {
		binary.BigEndian.PutUint64(token[17:], uint64(observed.UnixNano())) //nolint:gosec // read back as int64
	}
	sum := t.sum(token[:sealedLength])
	copy(token[sealedLength:], sum[:])
	var text [(tokenLength*8 + 5) / 6]byte
	base64.RawURLEncoding.Encode(text[:], token[:])
	return string(text[:])
}

func (t *storeSeal) sum(sealed []byte) [sha256.Size]byte {
	var text [sha256.Size + sealedLength]byte
	copy(text[:], t.key[:])
	copy(text[sha256.Size:], sealed)
	return sha256.Sum256(text[:])
}

// open reads a token, and refuses one that is not for this watch.
func (t *tokenSeal) open(text string) (at changelog.Position, observed time.Time, err error) {
	token, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(token) == firstLength && token[0] == firstVersion {
		return at, observed, expired() // it cannot be compared with a restored copy
	}
	if err != nil || len(token) != tokenLength || token[0] != tokenVersion {
		return at, observed, badToken("is not one that ecsd gave")
	}
	if string(token[25:33]) != string(t.store[:]) {
		return at, observed, badToken("is of another ecsd, or its database was replaced")
	}
	if sum := t.sum(token[:sealedLength]); subtle.ConstantTimeCompare(token[sealedLength:], sum[:tokenLength-sealedLength]) != 1 {
		return at, observed, badToken("was changed after ecsd gave it")
	}
	if string(token[33:41]) != string(t.filter[:]) {
		return at, observed, badToken("was given for a watch of something else; its regions, ids and filter must be the same")
	}
	at.Revision = int64(binary.BigEndian.Uint64(token[1:]))              //nolint:gosec // sealed, so it was one
	at.ID = int64(binary.BigEndian.Uint64(token[9:]))                    //nolint:gosec // sealed, so it was one
	if nanos := int64(binary.BigEndian.Uint64(token[17:])); nanos != 0 { //nolint:gosec // sealed, so it was one
		observed = time.Unix(0, nanos)
	}
	return at, observed, nil
}

func badToken(rule string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonInvalidResumeToken, "resume_token %s", rule)
	e.Violations = []ecs.Violation{{Field: "resume_token", Rule: rule}}
	return e
}
