// Package changelog holds the terms of the change log: what the polls of the
// cloud found, as numbered revisions of changes. They are pure values.
//
// Package watch writes the log and follows it, package store keeps it. A
// revision holds the changes of one poll of one region and is read whole. A
// position is the point after a revision, in one line of history: a copy of the
// database that continues on its own has other positions. The package must do
// no I/O, and import no package of the server but ecs.
package changelog
