// Package market is the spot market: what an hour of a type costs in a zone
// at any moment, past or future.
//
// A price is a function of the seed, the zone, the type and the time, and of
// nothing else, so that a history is the same whenever and in whatever order
// it is read, and takes no memory. It wanders between a tenth of the list
// price and somewhat over half of it, changes on the hour, not every hour,
// and on some days stands at the list price for an hour or a few. The market
// does not know who bids.
package market
