package auth

import (
	"fmt"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// requiredHeaders are the required headers of every ACS3 request, in the order in which they are checked. The cloud
// publishes no code for a missing one.
var requiredHeaders = []string{
	"x-acs-action", "x-acs-version", "Authorization", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256",
}

// checkACS3 checks a request with a signature in its headers.
func (a *Authenticator) checkACS3(r *wire.Request) (Key, *wire.Error) {
	for _, name := range requiredHeaders {
		if r.Header.Get(name) == "" {
			return Key{}, wire.Refuse(400, "MissingParameter",
				fmt.Sprintf("The header `%s` that is required for processing this request is not supplied.", name))
		}
	}
	signature, ok := wire.ParseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return Key{}, wire.Refuse(400, "IncompleteSignature",
			"The request signature does not conform to Aliyun standards. Authorization must be "+
				wire.ACS3+" Credential=...,SignedHeaders=...,Signature=....")
	}
	if name := r.UnsignedHeader(signature.Signed); name != "" {
		return Key{}, wire.Refuse(400, "IncompleteSignature",
			"The request signature does not conform to Aliyun standards. SignedHeaders must have "+name+".")
	}
	return a.admit(proof{
		keyID: signature.KeyID, securityToken: r.Header.Get("x-acs-security-token"),
		nonce: r.Header.Get("x-acs-signature-nonce"), timestamp: r.Header.Get("x-acs-date"),
		verify: func(secret string) *wire.Error {
			// The header is signed, and the canonical request has the hash of the received body: both must agree.
			toSign := wire.ACS3StringToSign(r.CanonicalRequest(signature.Signed))
			if r.Header.Get("x-acs-content-sha256") == wire.ContentHash(r.Body) &&
				wire.VerifyACS3(secret, toSign, signature.Signature) {
				return nil
			}
			return wire.Refuse(400, "SignatureDoesNotMatch", strings.ReplaceAll(fmt.Sprintf(
				"Specified signature does not match our calculation. server StringToSign is [%s] server CanonicalRequest is [%s]",
				toSign, r.RedactedCanonicalRequest(signature.Signed)), "\n", `\n`))
		},
	})
}
