// Package scrub removes secrets from text.
//
// It takes text from the SDK, the network or the cloud, and the secrets in use,
// and returns text that can be shown: known secrets are removed by value;
// signed queries, URLs, strings to sign and signatures are removed by form. It
// must never be the only guard: the edge does not copy a transport's error text
// to begin with.
package scrub

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Mask replaces a secret.
const Mask = "***"

const (
	// maxText is how many bytes of a text are kept, maxRead how many are looked
	// at for forms: a page of a proxy may be long, and patterns are slow.
	maxText = 512
	maxRead = 2048
	// minSecret is the shortest value that is masked; shorter ones would blank out
	// ordinary words.
	minSecret = 4
	// maxSecrets bounds the memory of a server with rotating temporary keys. A set
	// is at most four values, and only the last sets can still be in a text.
	maxSecrets = 64
)

// forms are the shapes of secrets, known or unknown.
var forms = []struct {
	pattern *regexp.Regexp
	with    string
}{
	// The cloud's SignatureDoesNotMatch quotes the whole request.
	{regexp.MustCompile(`(?is)(string\s*to\s*sign)\b.*`), "$1: " + Mask},
	{regexp.MustCompile(`(?i)\b(GET|POST|PUT|DELETE)&\S*`), Mask},
	{regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>]+`), Mask},
	// name=value, name%3Dvalue, "name":"value" for the secret parameters of the
	// API.
	{regexp.MustCompile(`(?i)((?:access_?key_?(?:id|secret)?|secret(?:_?key)?|security_?token|bearer_?token|signature(?:nonce)?|password|passwd|user_?data|authorization)["']?\s*(?:=|%3D|%253D|:)\s*["']?)[^&\s"',;}]+`), "${1}" + Mask},
	{regexp.MustCompile(`(?i)(/\?|\?)[a-z.0-9]+=[^\s"']*`), "$1" + Mask},
	{regexp.MustCompile(`\bLTAI[A-Za-z0-9]{8,}`), Mask},
	{regexp.MustCompile(`\bSTS\.[A-Za-z0-9]{6,}`), Mask},
	// Base64 of a SHA-1: a signature without its name.
	{regexp.MustCompile(`[A-Za-z0-9+/]{27}(?:=|%3D)`), Mask},
}

// Scrubber holds the secrets in use. The zero value holds none. It is safe for
// concurrent use.
type Scrubber struct {
	mu      sync.RWMutex
	secrets []string
}

// Know adds secrets to be taken out by value. The oldest are forgotten past a
// bound.
func (s *Scrubber) Know(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range secrets {
		for _, form := range written(secret) {
			if len(form) >= minSecret && !slices.Contains(s.secrets, form) {
				s.secrets = append(s.secrets, form)
			}
		}
	}
	if extra := len(s.secrets) - maxSecrets; extra > 0 {
		s.secrets = slices.Clone(s.secrets[extra:])
	}
}

// Without takes the secrets of one request out of a text, which a Scrubber does
// not need to know longer than that.
func Without(text string, secrets ...string) string {
	for _, secret := range secrets {
		for _, form := range written(secret) {
			if len(form) >= minSecret {
				text = strings.ReplaceAll(text, form, Mask)
			}
		}
	}
	return text
}

// written returns a secret in the forms that it may have in a text.
func written(secret string) []string {
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
}

// Text returns the text without secrets, on one line, in valid UTF-8, of a
// bounded length.
func (s *Scrubber) Text(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	s.mu.RLock()
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, Mask)
	}
	s.mu.RUnlock()
	text = begin(text)
	for _, form := range forms {
		text = form.pattern.ReplaceAllString(text, form.with)
	}
	return cut(strings.TrimSpace(text))
}

// begin bounds the text at a whole word, since half of a secret has no form.
func begin(text string) string {
	if len(text) <= maxRead {
		return text
	}
	end := strings.LastIndexByte(text[:maxRead], ' ')
	return text[:max(0, end)] + " …"
}

// cut bounds the text at a whole character.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
