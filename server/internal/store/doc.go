// Package store keeps the state of ecsd: its promises (renewal jobs, renewals,
// requests, desired auto-renew settings), its observations (instances, the log
// of their changes, automatic renewals), and the roles of the processes
// (leases).
//
// It takes and returns values of packages ecs and ledger. Every write that has
// returned is on disk; Open refuses a database that may lose a commit. A state
// is changed only from the state in which it was read, and a process that has
// lost its lease writes nothing. The callers define the order of states and the
// encoding of changes. The package never calls the cloud.
//
// There is one set of statements and migrations for two engines, SQLite and
// PostgreSQL, and one test suite that both pass. engine.go holds the
// differences; sqlite.go and postgres.go open a database; pool.go bounds every
// wait; explain.go turns driver errors into reasons, without names of the
// database in any text; schema.go applies migrations/ (its README.md has the
// rule by which two releases share a database); file_lock.go guards a SQLite
// file.
//
// Lock order: a transaction of PostgreSQL locks its lease row first, then the row
// of one job, then instances by ascending key, then renewals. Claims skip renewals
// that are locked, and nothing locks a second job, so that no two transactions wait
// for each other. On SQLite each transaction that writes has the database alone.
// No mutex of the package is held across a statement.
package store
