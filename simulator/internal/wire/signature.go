package wire

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
)

const upperHex = "0123456789ABCDEF"

// StringToSign returns the signed string: the method, and every parameter except Signature, sorted by key and
// percent-encoded twice, as the cloud documents for RPC-style requests.
func StringToSign(method string, p Params) string {
	return string(stringToSign(method, p, nil))
}

// RedactedStringToSign is [StringToSign] with secret values (session token, passwords, user data) masked.
func RedactedStringToSign(method string, p Params) string {
	return string(stringToSign(method, p, secretParameter))
}

func stringToSign(method string, p Params, secret func(key string) bool) []byte {
	canonical := appendCanonicalQuery(make([]byte, 0, 512), p, "Signature", secret)
	out := make([]byte, 0, len(method)+8+len(canonical)*3/2)
	out = append(out, method...)
	out = append(out, "&%2F&"...)
	return appendEscaped(out, string(canonical))
}

// appendCanonicalQuery appends every parameter except one, sorted by key and percent-encoded.
func appendCanonicalQuery(b []byte, p Params, except string, secret func(key string) bool) []byte {
	start := len(b)
	for _, e := range p.list {
		if e.key == except {
			continue
		}
		if len(b) > start {
			b = append(b, '&')
		}
		b = appendEscaped(b, e.key)
		b = append(b, '=')
		if value := e.value; value != "" && secret != nil && secret(e.key) {
			b = append(b, "***"...)
		} else {
			b = appendEscaped(b, value)
		}
	}
	return b
}

func secretParameter(key string) bool {
	switch key {
	case "SecurityToken", "BearerToken", "Password", "UserData", "x-acs-security-token", "x-acs-bearer-token":
		return true
	}
	return false
}

// Sign returns the base64 HMAC-SHA1 of a string to sign under an access key's
// secret.
func Sign(secret, stringToSign string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify compares a signature with the correct one in constant time.
func Verify(secret, stringToSign, signature string) bool {
	return hmac.Equal([]byte(Sign(secret, stringToSign)), []byte(signature))
}

// appendEscaped percent-encodes everything except the unreserved characters of RFC 3986.
func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return b
}
