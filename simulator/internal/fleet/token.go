package fleet

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/fnv"
)

// ErrBadToken reports a page token that this package did not create.
var ErrBadToken = errors.New("not a page token")

// Token returns a cursor as 32 hexadecimal digits for clients; the zero cursor is "".
func (c Cursor) Token() string {
	if c.Zero() {
		return ""
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], c.After)
	binary.BigEndian.PutUint32(b[8:], c.Listed)
	seal := tokenSum(b[:12])
	copy(b[12:], seal[:])
	// The sum also hides the numbers, so that clients do not rely on them.
	for n := range 12 {
		b[n] ^= seal[n%4]
	}
	return hex.EncodeToString(b[:])
}

// ParseToken parses the result of [Cursor.Token]; "" is the zero cursor.
func ParseToken(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	var b [16]byte
	if len(s) != 2*len(b) {
		return Cursor{}, ErrBadToken
	}
	if _, err := hex.Decode(b[:], []byte(s)); err != nil {
		return Cursor{}, ErrBadToken
	}
	for n := range 12 {
		b[n] ^= b[12+n%4]
	}
	if seal := tokenSum(b[:12]); [4]byte(b[12:]) != seal {
		return Cursor{}, ErrBadToken
	}
	c := Cursor{After: binary.BigEndian.Uint64(b[:]), Listed: binary.BigEndian.Uint32(b[8:])}
	if c.Zero() {
		return Cursor{}, ErrBadToken
	}
	return c, nil
}

func tokenSum(b []byte) [4]byte {
	h := fnv.New32a()
	h.Write([]byte("page"))
	h.Write(b)
	return [4]byte(h.Sum(nil))
}
