package access

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Method is how a caller was identified, as the audit and the log write it.
type Method string

// The ways in which a caller is identified.
const (
	// MethodNone is a server that identifies nobody: on loopback without an access
	// file, or with --allow-anonymous. The name is the caller's own word.
	MethodNone        Method = "none"
	MethodToken       Method = "token"
	MethodCertificate Method = "certificate"
	MethodOIDC        Method = "oidc"
)

// Identity is the verified caller of one call. It is immutable, and shared by
// calls with the same credential.
type Identity struct {
	// Caller has the rights; never nil.
	Caller *Caller
	Method Method
	// Credential names the credential, without a secret: the ID of the token, the
	// name in the certificate, or the value of the OIDC claim.
	Credential string
	// Expires is the end of the credential; zero if it has none.
	Expires time.Time
	// Version is that of the access file that the rights are from.
	Version string
}

// How returns how the caller was identified; MethodNone for a nil identity.
func (i *Identity) How() Method {
	if i == nil {
		return MethodNone
	}
	return i.Method
}

// Has reports whether the caller has a scope. A nil identity has none.
func (i *Identity) Has(scope Scope) bool { return i != nil && i.Caller.Scopes.Has(scope) }

// ExpiredAt reports whether the credential has ended at a time.
func (i *Identity) ExpiredAt(now time.Time) bool {
	return !i.Expires.IsZero() && !now.Before(i.Expires)
}

// Limits returns the limits of the caller. A nil identity has none: it is work
// that ecsd started, or a call of a server that identifies nobody.
func (i *Identity) Limits() Limits {
	if i == nil {
		return Limits{}
	}
	return i.Caller.Limits
}

// Limits narrow what a caller sees and changes. The zero value is no limit.
type Limits struct {
	// Regions are the regions that the caller sees; empty means all.
	Regions []string
	// Tags are the tags that an instance must have; all of them.
	Tags []ecs.Tag
}

// None reports whether there is no limit.
func (l Limits) None() bool { return len(l.Regions) == 0 && len(l.Tags) == 0 }

// Equal reports whether two limits are the same.
func (l Limits) Equal(o Limits) bool {
	return slices.Equal(l.Regions, o.Regions) && slices.Equal(l.Tags, o.Tags)
}

// SeesRegion reports whether a region is within the limits.
func (l Limits) SeesRegion(regionID string) bool {
	return len(l.Regions) == 0 || slices.Contains(l.Regions, regionID)
}

// SeesTags reports whether an object with the given tags is within the limits.
func (l Limits) SeesTags(tags []ecs.Tag) bool {
	for _, want := range l.Tags {
		if !slices.Contains(tags, want) {
			return false
		}
	}
	return true
}
