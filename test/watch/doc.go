// Package watch checks a real server, in its own process, against the promises of a watch: while it is killed and
// restarted, while the network is cut, and while the cloud throttles, stalls and omits instances from its responses.
package watch
