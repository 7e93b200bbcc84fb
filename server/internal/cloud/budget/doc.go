// Package budget shares out how many calls a minute the cloud takes.
//
// The cloud counts calls by account, region and action, in fixed windows of a
// minute, for all of an account's programs together, and publishes no numbers:
// who is throttled in a minute is refused until the next. A Budget is one
// account's; what comes in is a wish to make a call, and what goes out is a
// grant, at once or after a wait, or the word that the wait would be too long,
// with how long it would be.
//
// The rules, for each region and action:
//
//   - Nothing is limited until the cloud throttles, but for a configured rate.
//   - After a throttle nothing leaves until the time that the cloud named, or
//     the next minute; then one call probes, and the others follow when it passed.
//   - What passed in a throttled minute is the limit of the next ones. It grows
//     by a tenth in each minute in which it was felt.
//   - Where less than half of the limit before passed, or less than ten, others
//     used the account: the limit is that half, or ten, and doubles in each
//     minute in which it is felt, until the next throttle.
//   - Where there is a limit, Poll takes at most half of it and Poll with Read
//     at most four fifths; the rest is for Write. Each lane may take one call.
//   - Within a lane callers take turns, whatever the number of their calls.
//     Higher lanes go first, but one grant in eight goes to the lowest.
//   - A grant may be kept for some seconds before its call leaves. It counts in
//     the minute in which the call leaves, is given back when its time is over,
//     and is void after a throttle. A key has at most 256 of them.
//   - A wait that cannot end before the caller's time is refused at once.
//
// It reads the clock, and runs a timer only while somebody waits. It must
// never call the cloud.
package budget
