// Package promise holds what a watcher recorded against what a watch promises.
//
// What comes in is the history of the watched instances, revision by revision,
// and the streams that one client received, in order; what goes out are the
// promises that were broken, in words. Everything is a pure function, so that
// the same checks judge generated histories in virtual time and a real server
// that is killed and cut off.
package promise
