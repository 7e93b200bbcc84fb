// Package promise checks the records of a watcher against the promises of a watch.
//
// The history of the watched instances, revision by revision, and the streams that one client received, in order, come
// in; the broken promises go out, as text. Everything is a pure function, so the same checks serve generated histories
// in virtual time and a real server that is killed and cut off.
package promise
