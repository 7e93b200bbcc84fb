// Package inventory reads instances: by ID, and by query over many regions at
// once.
//
// It returns instances as the cloud shows them now, in pages of a bounded size,
// and names the regions that could not be read. It changes nothing, stores
// nothing, and its memory does not grow with the fleet.
package inventory
