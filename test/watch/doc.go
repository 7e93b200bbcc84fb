// Package watch holds a real server, as a process of its own, to the promises
// of a watch: while it is killed and started again, while the network is cut,
// and while the cloud throttles, stalls and leaves instances out of an answer.
package watch
