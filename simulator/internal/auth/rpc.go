package auth

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// required are the required parameters of every request of the older style, in the order in which they are checked,
// with the texts of the cloud.
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

// checkRPC checks a request of the older style, whose signature is a parameter.
func (a *Authenticator) checkRPC(r *wire.Request) (Key, *wire.Error) {
	p := r.Params
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
	return a.admit(proof{
		keyID: p.Get("AccessKeyId"), securityToken: p.Get("SecurityToken"),
		nonce: p.Get("SignatureNonce"), timestamp: p.Get("Timestamp"),
		verify: func(secret string) *wire.Error {
			if wire.Verify(secret, wire.StringToSign(r.Method, p), p.Get("Signature")) {
				return nil
			}
			return wire.Refuse(400, "SignatureDoesNotMatch",
				"Specified signature is not matched with our calculation. server string to sign is:"+
					wire.RedactedStringToSign(r.Method, p))
		},
	})
}
