package auth

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// Key is a known access key.
type Key struct {
	// ID and Secret are the key pair.
	ID, Secret string
	// SecurityToken, if set, is required in every request of the key, as with the temporary keys of STS. If it is
	// empty, a request may carry any token, which is signed but not checked.
	SecurityToken string
	// Denied makes the owner a RAM user without permission.
	Denied bool
	// EmptyLists makes a denied owner's lists empty; the cloud did so until 2025-12-20.
	EmptyLists bool
	// Role is set for a temporary key.
	Role *Role
}

// Authenticator checks requests. It is safe for concurrent use.
type Authenticator struct {
	keys   map[string]Key
	skew   time.Duration
	wall   func() time.Time
	nonces *nonces

	mu        sync.RWMutex
	temporary map[string]temporaryKey // by ID
}

// New returns an Authenticator. skew is the permitted difference between a timestamp and the wall clock, in either
// direction.
func New(keys []Key, skew time.Duration, wall func() time.Time) (*Authenticator, error) {
	a := &Authenticator{keys: make(map[string]Key, len(keys)), skew: skew, wall: wall, nonces: newNonces(2 * skew), temporary: map[string]temporaryKey{}}
	for _, k := range keys {
		if k.ID == "" || k.Secret == "" {
			return nil, errors.New("an access key needs an id and a secret")
		}
		if _, ok := a.keys[k.ID]; ok {
			return nil, fmt.Errorf("access key %q is listed twice", k.ID)
		}
		a.keys[k.ID] = k
	}
	return a, nil
}

// Check returns the key that signed the request, or the error.
func (a *Authenticator) Check(r *wire.Request) (Key, *wire.Error) {
	if r.IsACS3() {
		return a.checkACS3(r)
	}
	return a.checkRPC(r)
}

// proof holds the signer, the time and the nonce of a request in either style.
type proof struct {
	keyID, securityToken, nonce, timestamp string
	// verify returns the error for a signature that another secret made.
	verify func(secret string) *wire.Error
}

// admit checks time, key, token, signature and nonce, in this order.
func (a *Authenticator) admit(p proof) (Key, *wire.Error) {
	now := a.wall()
	sent, err := time.Parse("2006-01-02T15:04:05Z", p.timestamp)
	if err != nil {
		return Key{}, wire.Refuse(400, "InvalidTimeStamp.Format",
			"Specified time stamp or date value is not well formatted.")
	}
	if d := now.Sub(sent); d > a.skew || -d > a.skew {
		return Key{}, wire.Refuse(400, "InvalidTimeStamp.Expired",
			"Specified time stamp or date value is expired.")
	}
	key, ok := a.keys[p.keyID]
	expired := false
	if !ok {
		key, expired, ok = a.issued(p.keyID, now)
	}
	if !ok {
		return Key{}, wire.Refuse(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	}
	if key.SecurityToken != "" && p.securityToken != key.SecurityToken {
		return Key{}, wire.Refuse(400, "InvalidSecurityToken.MismatchWithAccessKey",
			"Specified SecurityToken mismatch with the AccessKey.")
	}
	if expired {
		return Key{}, wire.Refuse(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	if refusal := p.verify(key.Secret); refusal != nil {
		return Key{}, refusal
	}
	// Only a request with a valid signature may consume a nonce.
	if !a.nonces.use(key.ID, p.nonce, now) {
		return Key{}, wire.Refuse(400, "SignatureNonceUsed", "The request signature nonce has been used.")
	}
	return key, nil
}
