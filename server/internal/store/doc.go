// Package store remembers: what ecsd promised (renewals, requests), what it saw
// (instances and the log of their changes, automatic renewals), and which process
// does what (leases). It is one set of statements on two engines, SQLite and
// PostgreSQL, and one suite of tests that both pass.
//
// What comes in and goes out are values of package ecs; what it writes is on
// disk before it answers, and it refuses a database that would not keep it so.
// It never calls the cloud and knows no rule of renewing or watching: which
// move of a state is allowed, and what the bytes of a change mean, is the
// business of its callers; that a move starts from the state it was read in,
// and that a lease which was lost writes nothing, is its own.
//
// engine.go says what differs between the engines; sqlite.go and postgres.go
// open them; schema.go and migrations/ make the tables.
package store
