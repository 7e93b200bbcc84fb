// Package batch combines concurrent requests for single keys into calls for
// many.
//
// It takes keys, each with the context of its caller, makes calls of up to Max
// keys, and returns to each caller the outcomes of its keys. The rules:
//
//   - A lone request leaves at once. While a call that was not full is in
//     progress, requests gather; they leave when it returns, or a hundred at a
//     time. So a burst of n costs about n/Max + 1 calls, and an idle group waits
//     for nothing.
//   - A request is never served by a call that began before it arrived.
//   - A key requested by many callers is sent once per call.
//   - A caller that leaves does not affect the others: a call lives while one of
//     its callers does, and until the latest of their deadlines.
//   - A call that is held (by a rate budget) delays no caller beyond its
//     deadline: a caller with a deadline before the end of the hold gets the
//     error at once.
//
// Its owner runs its goroutines, only for calls in progress, and waits for
// them. It never retries: one call is one call.
package batch
