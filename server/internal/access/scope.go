package access

import "strings"

// Scope is a right that can be given to a caller, by its name in an access
// file, such as instances.read.
type Scope string

// The scopes of the contract; its enum Scope describes them.
const (
	InstancesRead    Scope = "instances.read"
	InstancesOperate Scope = "instances.operate"
	InstancesLaunch  Scope = "instances.launch"
	InstancesRelease Scope = "instances.release"
	RenewalsRead     Scope = "renewals.read"
	RenewalsPay      Scope = "renewals.pay"
	RenewalsResolve  Scope = "renewals.resolve"
	AccessAdmin      Scope = "access.admin"
)

// AllScopes is the entry of an access file that stands for every scope.
const AllScopes = "*"

// scopes lists every scope; its order is that of the bits of Scopes.
var scopes = [...]Scope{
	InstancesRead, InstancesOperate, InstancesLaunch, InstancesRelease,
	RenewalsRead, RenewalsPay, RenewalsResolve, AccessAdmin,
}

// EveryScope returns all scopes.
func EveryScope() []Scope { return append([]Scope(nil), scopes[:]...) }

// Scopes is a set of scopes. The zero value is empty.
type Scopes uint16

// ScopesOf returns the set of the given scopes; unknown ones are left out.
func ScopesOf(list ...Scope) Scopes {
	var set Scopes
	for _, s := range list {
		set |= bit(s)
	}
	return set
}

func bit(s Scope) Scopes {
	for i, known := range scopes {
		if s == known {
			return 1 << i
		}
	}
	return 0
}

// Has reports whether the set contains a scope. No set contains an unknown one.
func (s Scopes) Has(scope Scope) bool {
	b := bit(scope)
	return b != 0 && s&b == b
}

// List returns the scopes of the set in a fixed order.
func (s Scopes) List() []Scope {
	var list []Scope
	for i, scope := range scopes {
		if s&(1<<i) != 0 {
			list = append(list, scope)
		}
	}
	return list
}

// String joins the names of the scopes.
func (s Scopes) String() string {
	names := make([]string, 0, len(scopes))
	for _, scope := range s.List() {
		names = append(names, string(scope))
	}
	return strings.Join(names, ", ")
}
