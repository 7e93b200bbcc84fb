// Package market is the spot market: the price of an hour of a type in a zone at any moment, past or future.
//
// A price is a function of the seed, the zone, the type and the time, and of nothing else, so that a history is the
// same in any order of reads, and takes no memory. It moves between a tenth of the list price and somewhat over half of
// it, changes on the hour, not every hour, and on some days equals the list price for an hour or a few. The market does
// not know the bidders.
package market
