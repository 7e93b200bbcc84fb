package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// TokenPrefix begins every static token.
const TokenPrefix = "ecsd_"

// secretLength is the number of base62 digits of 32 random bytes.
const secretLength = 43

var (
	tokenID    = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)
	tokenForm  = regexp.MustCompile(`^` + TokenPrefix + `([A-Za-z0-9-]{1,32})_[A-Za-z0-9]{43}$`)
	claimName  = regexp.MustCompile(`^[A-Za-z0-9_.:/-]{1,128}$`)
	hashOfText = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

// TokenID returns the ID in a static token, "" if the text has another form.
func TokenID(token string) string {
	if found := tokenForm.FindStringSubmatch(token); found != nil {
		return found[1]
	}
	return ""
}

// ValidTokenID reports whether a text can be the ID of a token.
func ValidTokenID(id string) bool { return tokenID.MatchString(id) }

// ValidCallerName reports whether a text can be the name of a caller.
func ValidCallerName(name string) bool { return callerName.MatchString(name) }

// NewToken returns the token with an ID and 32 random bytes.
func NewToken(id string, random [32]byte) string {
	return TokenPrefix + id + "_" + base62(random)
}

// base62 writes 32 bytes with a fixed number of digits.
func base62(random [32]byte) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	text := make([]byte, secretLength)
	for i := range text {
		remainder := 0
		for j, b := range random {
			value := remainder<<8 | int(b)
			random[j], remainder = byte(value/len(digits)), value%len(digits)
		}
		text[secretLength-1-i] = digits[remainder]
	}
	return string(text)
}

func (r *reader) tokens(node *yaml.Node, field string, now time.Time) []Token {
	var tokens []Token
	live := 0
	for _, at := range r.list(node, field) {
		fields := r.fields(at.node, at.field, "id", "sha256", "not_after")
		token := Token{}
		if node := r.need(at, fields, "id"); node != nil {
			if id, ok := r.text(node, at.field+".id"); ok && !tokenID.MatchString(id) {
				r.refuse(node, at.field+".id", "must be 1 to 32 letters, digits and hyphens: the part of the token between its underscores")
			} else {
				token.ID = id
			}
		}
		if node := r.need(at, fields, "sha256"); node != nil {
			text, ok := r.text(node, at.field+".sha256")
			switch {
			case ok && strings.HasPrefix(text, TokenPrefix):
				r.refuse(node, at.field+".sha256", "is a token in clear text: put its SHA-256 there, and replace the token, which the file has shown")
			case ok && !hashOfText.MatchString(text):
				r.refuse(node, at.field+".sha256", "must be the SHA-256 of the token, 64 hexadecimal digits")
			case ok:
				_, _ = hex.Decode(token.SHA256[:], []byte(text)) // the form was checked
			}
		}
		if node := fields["not_after"]; node != nil {
			if text, ok := r.text(node, at.field+".not_after"); ok {
				end, err := time.Parse(time.RFC3339, text)
				if err != nil {
					r.refuse(node, at.field+".not_after", "must be a time such as 2027-06-01T00:00:00Z; got %q", clip(text))
				}
				token.NotAfter = end
			}
		}
		if token.NotAfter.IsZero() || now.Before(token.NotAfter) {
			live++
		}
		tokens = append(tokens, token)
	}
	if live > maxLiveTokens {
		r.refuse(node, field, "must hold at most %d tokens that have not ended; got %d", maxLiveTokens, live)
	}
	return tokens
}

// Matches reports whether a text is the token, by its hash, in constant time.
func (t Token) Matches(text string) bool {
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], t.SHA256[:]) == 1
}

func (r *reader) certificates(node *yaml.Node, field string) []Name {
	var names []Name
	for _, at := range r.list(node, field) {
		fields := r.fields(at.node, at.field, "uri", "dns")
		if fields == nil {
			continue
		}
		if len(fields) != 1 {
			r.refuse(at.node, at.field, "must have one of uri and dns")
			continue
		}
		var name Name
		if node := fields["uri"]; node != nil {
			text, ok := r.text(node, at.field+".uri")
			if u, err := url.Parse(text); ok && (err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "") {
				r.refuse(node, at.field+".uri", "must be a URI such as spiffe://corp/platform; got %q", clip(text))
			}
			name.URI = text
		} else {
			text, ok := r.text(fields["dns"], at.field+".dns")
			if ok && (strings.ContainsAny(text, "*/: ") || net.ParseIP(text) != nil) {
				r.refuse(fields["dns"], at.field+".dns", "must be a full name such as platform.corp, without a wildcard; got %q", clip(text))
			}
			name.DNS = strings.ToLower(text)
		}
		if slices.Contains(names, name) {
			r.refuse(at.node, at.field, "%s is there twice", clip(name.String()))
			continue
		}
		names = append(names, name)
	}
	return names
}

// oidc reads one entry, or a list of them.
func (r *reader) oidc(node *yaml.Node, field string) []OIDC {
	entries := []entry{{node, field}}
	if node.Kind == yaml.SequenceNode {
		entries = r.list(node, field)
	}
	var list []OIDC
	for _, at := range entries {
		fields := r.fields(at.node, at.field, "issuer", "audience", "claim", "equals")
		if fields == nil {
			continue
		}
		entry := OIDC{Claim: "sub"}
		if node := r.need(at, fields, "issuer"); node != nil {
			text, ok := r.text(node, at.field+".issuer")
			if ok && !validIssuer(text) {
				r.refuse(node, at.field+".issuer", "must be an https URL without a query, such as https://idp.corp; http only for this machine")
			}
			entry.Issuer = text
		}
		if node := fields["audience"]; node != nil {
			entry.Audience, _ = r.text(node, at.field+".audience")
		} else {
			r.refuse(at.node, at.field+".audience", "is missing: without it, a token that the issuer signed for another service would be accepted")
		}
		if node := fields["claim"]; node != nil {
			text, ok := r.text(node, at.field+".claim")
			if ok && !claimName.MatchString(text) {
				r.refuse(node, at.field+".claim", "must be the name of a claim, such as sub; got %q", clip(text))
			}
			entry.Claim = text
		}
		if node := r.need(at, fields, "equals"); node != nil {
			entry.Equals, _ = r.text(node, at.field+".equals")
		}
		list = append(list, entry)
	}
	return list
}

func validIssuer(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}
