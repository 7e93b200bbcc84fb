// Package store remembers what ecsd promised: today the ledger of renewals.
//
// What comes in and goes out are values of package ecs; what it writes is on
// disk before it answers. It never calls the cloud and knows no rule of
// renewing: which move of a state is allowed is the business of its callers,
// that a move starts from the state it was read in is its own.
package store
