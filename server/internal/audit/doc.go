// Package audit holds the records of the audit as values: what was decided about
// a call, the blocks that seal the records by a chain of hashes, and the check of
// the chain.
//
// Records come in and hashes and verdicts come out. The store writes a record in
// the transaction of its effect and seals blocks; the Recorder writes those that
// have no transaction. The chain makes a change of the records evident to whoever
// kept a later hash. It does not prevent one: whoever can write the database can
// build another chain.
//
// The package must not put a body of a request or a secret into a record.
package audit
