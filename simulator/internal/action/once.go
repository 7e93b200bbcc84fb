package action

import (
	"crypto/sha256"
	"errors"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// tokenWords are an action's errors for a used client token.
type tokenWords struct{ mismatch, processing *wire.Error }

var (
	generalTokenWords  = tokenWords{errIdempotentMismatch, errIdempotentProcessing}
	renewTokenWords    = tokenWords{errTokenMismatch, errTokenProcessing}
	snapshotTokenWords = tokenWords{errSnapshotTokenUsed, errIdempotentProcessing}
)

// once passes the call's gate and acts, or repeats the stored response if the request's client token is complete. A
// token whose request was rejected can be used again, unless the stock was empty: the cloud then requires a new token.
func once(w *World, c *Call, words tokenWords, act func(token string) (answer string, refusal *wire.Error)) (string, *wire.Error) {
	token := c.Params.Get("ClientToken")
	if !validToken(token) {
		return "", errToken
	}
	var claim account.Claim
	var answer string
	var replay bool
	if token != "" {
		var err error
		claim, answer, replay, err = w.Tokens.Claim(c.Name+" "+token, fingerprint(c), c.Now)
		switch {
		case errors.Is(err, account.ErrTokenMismatch):
			return "", words.mismatch
		case errors.Is(err, account.ErrTokenProcessing):
			return "", words.processing
		case err != nil:
			return "", errTokenPoisoned
		}
	}
	gate := c.Gate()
	end := func() { claim.Done(answer) }
	var refusal *wire.Error
	switch {
	case gate.Refusal != nil:
		refusal, end = gate.Refusal, claim.Release
	case replay:
		return answer, nil
	default:
		if answer, refusal = act(token); refusal == errNoStock {
			end = claim.Poison
		} else if refusal != nil {
			end = claim.Release
		}
	}
	if gate.Poison && (refusal == nil || refusal == gate.Refusal) {
		end = claim.Poison
	}
	end()
	return answer, refusal
}

func validToken(token string) bool {
	if len(token) > 64 {
		return false
	}
	for n := range len(token) {
		if token[n] > 0x7e || token[n] < 0x20 {
			return false
		}
	}
	return true
}

// perRequest are the parameters that differ between two transmissions of the same request, and so are not part of a
// client token's fingerprint.
var perRequest = map[string]bool{
	"AccessKeyId": true, "Format": true, "SecurityToken": true, "Signature": true,
	"SignatureMethod": true, "SignatureNonce": true, "SignatureType": true,
	"SignatureVersion": true, "Timestamp": true, "ClientToken": true,
	"Action": true, "Version": true, "RegionId": true,
}

// fingerprint identifies a request: its action, its region, whether named or not, and its parameters.
func fingerprint(c *Call) string {
	h := sha256.New()
	h.Write([]byte(c.Name + "\x00" + c.Region.ID + "\x00"))
	c.Params.Each(func(key, value string) {
		if !perRequest[key] {
			h.Write([]byte(key))
			h.Write([]byte{0})
			h.Write([]byte(value))
			h.Write([]byte{0})
		}
	})
	return string(h.Sum(nil))
}
