package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// ACS3 is the name of the signature algorithm of the current SDKs.
const ACS3 = "ACS3-HMAC-SHA256"

// Authorization is the header of an ACS3 signature.
type Authorization struct {
	KeyID     string
	Signed    []string // names of the signed headers, in lower case
	Signature string
}

// ParseAuthorization parses "ACS3-HMAC-SHA256 Credential=ID,SignedHeaders=a;b,Signature=HEX".
func ParseAuthorization(text string) (Authorization, bool) {
	var a Authorization
	algorithm, rest, _ := strings.Cut(text, " ")
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			a.KeyID = value
		case "SignedHeaders":
			a.Signed = strings.Split(strings.ToLower(value), ";")
		case "Signature":
			a.Signature = value
		}
	}
	return a, algorithm == ACS3 && a.KeyID != "" && len(a.Signed) > 0 && a.Signature != ""
}

// UnsignedHeader returns the name of a header that the request has and that must be signed, but is not: Host,
// Content-Type and all that begin with x-acs-. It returns "" if there is none.
func (r *Request) UnsignedHeader(signed []string) string {
	if !slices.Contains(signed, "host") {
		return "host"
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		if (name == "content-type" || strings.HasPrefix(name, "x-acs-")) && !slices.Contains(signed, name) {
			return name
		}
	}
	return ""
}

// CanonicalRequest returns the text that an ACS3 signature covers. It ends with the hash of the received body, not with
// the hash in the header.
func (r *Request) CanonicalRequest(signed []string) string { return r.canonical(signed, nil) }

// RedactedCanonicalRequest is [Request.CanonicalRequest] with secret values masked.
func (r *Request) RedactedCanonicalRequest(signed []string) string {
	return r.canonical(signed, secretParameter)
}

func (r *Request) canonical(signed []string, secret func(name string) bool) string {
	b := make([]byte, 0, 1024)
	b = append(b, r.Method...)
	b = append(b, '\n')
	b = append(b, r.Path...)
	b = append(b, '\n')
	b = appendCanonicalQuery(b, r.Query, "", secret)
	b = append(b, '\n')
	names := slices.Compact(slices.Sorted(slices.Values(signed)))
	for _, name := range names {
		b = append(b, name...)
		b = append(b, ':')
		if secret != nil && secret(name) {
			b = append(b, "***"...)
		} else {
			b = append(b, r.headerValue(name)...)
		}
		b = append(b, '\n')
	}
	b = append(b, '\n')
	b = append(b, strings.Join(names, ";")...)
	b = append(b, '\n')
	return string(append(b, ContentHash(r.Body)...))
}

func (r *Request) headerValue(name string) string {
	if name == "host" {
		return r.Host
	}
	values := slices.Clone(r.Header.Values(name))
	for n := range values {
		values[n] = strings.TrimSpace(values[n])
	}
	slices.Sort(values)
	return strings.Join(values, ",")
}

// ContentHash returns the hash of a body in the header x-acs-content-sha256.
func ContentHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// ACS3StringToSign returns the signed string of a canonical request.
func ACS3StringToSign(canonicalRequest string) string {
	return ACS3 + "\n" + ContentHash([]byte(canonicalRequest))
}

// SignACS3 returns the signature of a string to sign under an access key's secret.
func SignACS3(secret, stringToSign string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stringToSign))
	return hex.EncodeToString(mac.Sum(nil))
}

// VerifyACS3 compares a signature with the correct one in constant time.
func VerifyACS3(secret, stringToSign, signature string) bool {
	return hmac.Equal([]byte(SignACS3(secret, stringToSign)), []byte(signature))
}
