package auth

import (
	"errors"
	"fmt"
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
	// Denied makes the owner a RAM user without permission: lists are empty and everything else is Forbidden.RAM.
	Denied bool
}

// Authenticator checks requests. It is safe for concurrent use.
type Authenticator struct {
	keys   map[string]Key
	skew   time.Duration
	wall   func() time.Time
	nonces *nonces
}

// New returns an Authenticator. skew is the permitted difference between a timestamp and the wall clock, in either
// direction.
func New(keys []Key, skew time.Duration, wall func() time.Time) (*Authenticator, error) {
	a := &Authenticator{keys: make(map[string]Key, len(keys)), skew: skew, wall: wall, nonces: newNonces(2 * skew)}
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

// required are the required parameters of every request, in the order in which they are checked, with the texts of the
// cloud.
var required = []struct{ name, code, message string }{
	{"Action", "MissingParameter", "The input parameter `Action` that is required for processing this request is not supplied"},
	{"Version", "MissingParameter", "The input parameter `Version` that is required for processing this request is not supplied"},
	{"AccessKeyId", "MissingParameter", "The input parameter `AccessKeyId` that is required for processing this request is not supplied"},
	{"Signature", "MissingParameter", "The input parameter `Signature` that is required for processing the request is not supplied."},
	{"SignatureMethod", "MissingParameter", "The input parameter `SignatureMethod` that is required for processing this request is not supplied"},
	{"SignatureVersion", "MissingParameter", "The input parameter `SignatureVersion` that is required for processing this request is not supplied"},
	{"SignatureNonce", "MissingParameter", "The input parameter `SignatureNonce` that is required for processing this request is not supplied"},
	{"Timestamp", "MissingParameter", "The input parameter `TimeStamp` that is required for processing this request is not supplied"},
}

// Check returns the key that signed the request, or the error.
func (a *Authenticator) Check(method string, p wire.Params) (Key, *wire.Error) {
	for _, r := range required {
		if p.Get(r.name) == "" {
			return Key{}, wire.Refuse(400, r.code, r.message)
		}
	}
	if p.Get("SignatureMethod") != "HMAC-SHA1" {
		return Key{}, wire.Refuse(400, "InvalidParamater", "The specified parameter `SignatureMethod` is not valid.")
	}
	if p.Get("SignatureVersion") != "1.0" {
		return Key{}, wire.Refuse(400, "InvalidParamater", "The specified parameter `SignatureVersion` is not valid.")
	}
	now := a.wall()
	sent, err := time.Parse("2006-01-02T15:04:05Z", p.Get("Timestamp"))
	if err != nil {
		return Key{}, wire.Refuse(400, "InvalidTimeStamp.Format",
			"Specified time stamp or date value is not well formatted.")
	}
	if d := now.Sub(sent); d > a.skew || -d > a.skew {
		return Key{}, wire.Refuse(400, "InvalidTimeStamp.Expired",
			"Specified time stamp or date value is expired.")
	}
	key, ok := a.keys[p.Get("AccessKeyId")]
	if !ok {
		return Key{}, wire.Refuse(400, "InvalidAccessKeyId.NotFound", "The specified AccessKey ID does not exist.")
	}
	if key.SecurityToken != "" && p.Get("SecurityToken") != key.SecurityToken {
		return Key{}, wire.Refuse(400, "InvalidSecurityToken.MismatchWithAccessKey",
			"Specified SecurityToken mismatch with the AccessKey.")
	}
	if !wire.Verify(key.Secret, wire.StringToSign(method, p), p.Get("Signature")) {
		return Key{}, wire.Refuse(400, "SignatureDoesNotMatch",
			"Specified signature is not matched with our calculation. server string to sign is:"+
				wire.RedactedStringToSign(method, p))
	}
	// Only a request with a valid signature may consume a nonce.
	if !a.nonces.use(key.ID, p.Get("SignatureNonce"), now) {
		return Key{}, wire.Refuse(400, "SignatureNonceUsed", "The request signature nonce has been used.")
	}
	return key, nil
}
