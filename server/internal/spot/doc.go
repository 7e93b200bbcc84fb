// Package spot tells what spot (preemptible) capacity there is and what it
// cost: the zones and types that sell it, the history of prices, and what the
// cloud says of interruptions.
//
// What comes in is a question about one region; what goes out are values of
// this package, with sums that are exact decimals. A history is read page by
// page and summed as it comes, its zones side by side, so that a summary of
// any length takes no more memory than a page a zone. The package changes
// nothing and keeps nothing.
package spot
