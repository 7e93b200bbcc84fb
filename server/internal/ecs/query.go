package ecs

import (
	"slices"
	"strings"
)

// Query selects the instances of a region. Its parts are combined with AND, the
// values of one part with OR; an empty part matches all.
type Query struct {
	// IDs names up to 100 instances.
	IDs []string
	// Name may hold the wildcard *.
	Name            string
	Statuses        []Status
	ChargeTypes     []ChargeType
	Tags            []Tag
	SecurityGroupID string
	VPCID           string
	VSwitchID       string
	ZoneIDs         []string
	Types           []string
	Locks           []LockReason
	ResourceGroupID string
	PrivateIPs      []string
	// PublicIPs match the public addresses of an instance and its elastic address.
	PublicIPs []string
	// Expiry keeps subscriptions that end in the window.
	Expiry Window
	// AutoRenew keeps subscriptions with one of these settings. An Instance does
	// not carry its setting, so Matches does not compare it.
	AutoRenew []AutoRenewStatus
}

// Matches reports whether the query selects the instance, as far as the instance
// itself shows: IDs and AutoRenew are not compared.
func (q *Query) Matches(i *Instance) bool {
	return isOneOf(q.Statuses, i.Status) && isOneOf(q.ChargeTypes, i.ChargeType) &&
		isOneOf(q.ZoneIDs, i.ZoneID) && isOneOf(q.Types, i.Type) &&
		isOneOf(q.PrivateIPs, i.Network.PrivateIPAddresses...) &&
		(isOneOf(q.PublicIPs, i.Network.PublicIPAddresses...) || slices.Contains(q.PublicIPs, i.Network.EIPAddress)) &&
		(len(q.Locks) == 0 || slices.ContainsFunc(q.Locks, i.LockedFor)) &&
		is(q.SecurityGroupID, i.SecurityGroupIDs...) && is(q.ResourceGroupID, i.ResourceGroupID) &&
		is(q.VPCID, i.Network.VPCID) && is(q.VSwitchID, i.Network.VSwitchID) &&
		(q.Name == "" || matchesName(q.Name, i.Name)) &&
		(q.Expiry.IsZero() || q.Expiry.Contains(i.ExpireTime)) &&
		CarriesTags(i.Tags, q.Tags)
}

// isOneOf reports whether one of the values is wanted; no wanted value means any.
func isOneOf[T comparable](want []T, has ...T) bool {
	return len(want) == 0 || slices.ContainsFunc(has, func(v T) bool { return slices.Contains(want, v) })
}

func is(want string, has ...string) bool { return want == "" || slices.Contains(has, want) }

// matchesName compares as the cloud does: each * matches any characters.
func matchesName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// Page is one page of a Query.
type Page struct {
	Instances []Instance
	// Next continues the query, "" at its end.
	Next string
}

// Result is the outcome for one ID in a call on many.
type Result[T any] struct {
	ID    string
	Value T
	// Err is an *Error if the ID failed; Value is then zero.
	Err error
}

// CarriesTags reports whether a resource with these tags has all wanted tags. A
// wanted tag with an empty value matches the key with any value.
func CarriesTags(tags, wanted []Tag) bool {
	for _, want := range wanted {
		if !slices.ContainsFunc(tags, func(t Tag) bool {
			return t.Key == want.Key && (want.Value == "" || t.Value == want.Value)
		}) {
			return false
		}
	}
	return true
}
