// Package lifecycle makes, starts, stops and releases instances, and sets what
// a running one carries: its auto-release time, its public address, its
// protection, its tags.
//
// What comes in is a wish for one region; what goes out is what the cloud then
// shows, for each instance by itself. What makes or destroys has its effect
// once for its request id: the intent, with the token that makes the call
// idempotent in the cloud, is on disk before a byte leaves, and a call whose
// outcome is not known is settled by what the cloud shows and by the same token
// again, never by a second order. A release is judged by its guards from a read
// that is no older than the call, and a guard gives way only to the field that
// names it.
//
// The package stores no password and no user data, and knows no gRPC. A launch
// goes on when its caller leaves, because it may have been paid; a release that
// is not being sent yet ends with its caller.
package lifecycle
