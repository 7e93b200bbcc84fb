// Package spot reports spot (preemptible) capacity and its prices: the zones
// and types that sell it, the history of prices, and the interruption rates
// that the cloud publishes.
//
// A query is about one region; the results are values of this package, with
// sums that are exact decimals. A history is read page by page and summed as it
// arrives, its zones concurrently, so that a summary of any length takes no
// more memory than one page per zone. The package changes nothing and stores
// nothing.
package spot
