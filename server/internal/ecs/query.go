package ecs

import "slices"

// Query selects the instances of a region. Its parts are combined with AND; an
// empty part matches all. The cloud filters, except by tag.
type Query struct {
	// IDs names up to 100 instances.
	IDs []string
	// Name may hold the wildcard *.
	Name            string
	Status          Status
	ChargeType      ChargeType
	Tags            []Tag
	SecurityGroupID string
	VPCID           string
	VSwitchID       string
	ZoneID          string
	Type            string
	Lock            LockReason
	// Expiry keeps subscriptions that end in the window. The cloud compares
	// whole minutes; the edge compares again, exactly.
	Expiry Window
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
