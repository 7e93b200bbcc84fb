// Package batch turns requests for single keys that come at the same time into
// calls for many.
//
// What comes in are keys, each with the context of who asks; what goes out are
// calls of up to Max keys, and to each asker the outcomes of its own keys. The
// rules:
//
//   - A lone request leaves at once. While a call that was not full is under
//     way, requests gather; they leave when it is back, or a hundred at a time.
//     So a burst of n costs about n/Max + 1 calls, and an idle group waits for
//     nothing.
//   - A request is never answered by a call that began before it came.
//   - A key asked by many is sent once a call.
//   - An asker that leaves takes nobody along: a call lives while one of those
//     who asked for it does, and until the latest of their deadlines.
//   - A call that is held (by a rate budget) holds no one longer than he can
//     wait: whose deadline is before the end of it is told at once.
//
// It starts goroutines only for calls under way, through its owner, who waits
// for them. It must never retry: one call is one call.
package batch
