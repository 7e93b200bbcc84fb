// Package budget shares out how many calls per minute the cloud takes.
//
// The cloud counts calls by account, region and action, in fixed windows of a
// minute, for all of an account's programs together, and publishes the numbers
// only to accounts with a permission for Quota Center: a program that is
// throttled in a minute is refused until the next. A Budget
// belongs to one account. A caller requests one call and gets a grant, at once
// or after a wait, or an error with the length of the wait if that would be too
// long.
//
// The rules, for each region and action:
//
//   - Nothing is limited until the cloud throttles, except by a configured rate
//     or by a limit that the cloud publishes. The lower of the two holds.
//   - The start is slow: of the calls past the most that ever passed in a window,
//     at most ten enter the cloud at a time, and one more for each eight calls
//     past the first 320 of the window. So an unknown limit of up to 300 calls
//     costs ten throttled calls at most. A configured rate and a published
//     limit have no slow start.
//   - After a throttle nothing leaves until the time that the cloud named, or
//     the next minute; then one call probes, and the others follow when it passed.
//   - The calls that passed in a throttled minute are the limit of the next ones.
//     It grows by a tenth in each minute in which a call had to wait for it.
//   - If less than half of the limit before passed, or less than ten, others
//     used the account: the limit is that half, or ten, and doubles in each
//     minute in which a call had to wait for it, until the next throttle.
//   - If there is a limit, Poll takes at most half of it and Poll with Read
//     at most four fifths; the rest is for Write. Each lane may take one call.
//   - Within a lane, each caller of the last minute keeps an equal part of the
//     calls for three quarters of the minute. After it, the rest is free for all.
//   - Within a lane callers take turns, whatever the number of their calls.
//     Higher lanes go first, but one grant in eight goes to the lowest.
//   - At most 1,000 calls wait in a lane. In a full lane, the caller with the
//     most waiting calls gives way to a caller with fewer.
//   - A grant may be kept for some seconds before its call leaves. It counts in
//     the minute in which the call leaves, is returned when its time is over,
//     and is void after a throttle. A key has at most 256 of them.
//   - A wait that cannot end before the caller's time is refused at once.
//
// A Line shares out the connections to one host in the same order. It refuses a
// call that would not have its response before its caller gives up.
//
// The package reads the clock, and runs a timer only while a call waits. It
// never calls the cloud.
package budget
