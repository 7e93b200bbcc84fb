package access

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// File is one version of an access file. It is immutable.
type File struct {
	// Version identifies the content: two files with the same text have the same.
	Version string
	// Callers in the order of the file.
	Callers []*Caller

	byName        map[string]*Caller
	byToken       map[string]TokenOwner
	byCertificate map[Name]*Caller
	tagKeys       map[string]bool
}

// Caller is one entry of an access file.
type Caller struct {
	Name         string
	Tokens       []Token
	Certificates []Name
	OIDC         []OIDC
	Scopes       Scopes
	Limits       Limits
	Spend        []Cap

	// Line is that of the entry in the file.
	Line int
}

// Token is a static token, of which the file has only the hash.
type Token struct {
	// ID is the part of the token that is no secret.
	ID string
	// SHA256 is the hash of the whole token.
	SHA256 [32]byte
	// NotAfter is the end of the token; zero means it has none.
	NotAfter time.Time
}

// TokenOwner is a token with its caller.
type TokenOwner struct {
	Token  Token
	Caller *Caller
}

// Name is a subject alternative name of a certificate. One of the two is set.
type Name struct{ URI, DNS string }

// String returns the name with its kind, such as "dns:platform.corp".
func (n Name) String() string {
	if n.URI != "" {
		return n.URI
	}
	return "dns:" + n.DNS
}

// OIDC identifies a caller by a claim of a token that an issuer signed for an
// audience.
type OIDC struct {
	Issuer, Audience, Claim, Equals string
}

// Cap bounds what a caller may spend in one currency and period.
type Cap struct {
	// Limit bounds the sum of a period.
	Limit ecs.Money
	Per   ecs.Span
	// Zone is the time zone in which periods begin and end; never nil.
	Zone *time.Location
	// MaxEach bounds one payment; the zero value is no bound.
	MaxEach ecs.Money
}

// Caller returns a caller by its name, nil if the file has none.
func (f *File) Caller(name string) *Caller { return f.byName[name] }

// Token returns a token by its ID.
func (f *File) Token(id string) (TokenOwner, bool) {
	owner, ok := f.byToken[id]
	return owner, ok
}

// Certificate returns the caller with a name of a certificate, nil if there is
// none.
func (f *File) Certificate(name Name) *Caller { return f.byCertificate[name] }

// TagKey reports whether the limits of a caller use a tag key. Only access.admin
// may change such a tag.
func (f *File) TagKey(key string) bool { return f.tagKeys[key] }

// Issuers returns the OIDC issuers of the file, each once, with the audiences
// that its callers accept.
func (f *File) Issuers() map[string][]string {
	issuers := map[string][]string{}
	for _, caller := range f.Callers {
		for _, entry := range caller.OIDC {
			if !slices.Contains(issuers[entry.Issuer], entry.Audience) {
				issuers[entry.Issuer] = append(issuers[entry.Issuer], entry.Audience)
			}
		}
	}
	return issuers
}

// Problem is one thing that is wrong with an access file.
type Problem struct {
	// Line is counted from 1.
	Line int
	// Field is the path of the value, such as callers[2].tokens[0].sha256.
	Field string
	// Rule says what is wrong, without the value of a credential.
	Rule string
}

// Error are the problems of an access file, in its order.
type Error struct{ Problems []Problem }

// Error joins the problems, one per line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// String returns the problem as "line 4: callers[0].scopes[1]: ...".
func (p Problem) String() string {
	text := "line " + strconv.Itoa(p.Line)
	if p.Field != "" {
		text += ": " + p.Field
	}
	return text + ": " + p.Rule
}
