// Package inventory reads instances: by id, and by query over many regions at
// once.
//
// What comes in is a region or a query with a cursor; what goes out are
// instances as the cloud shows them now, in pages of a bounded size, with the
// regions that could not be read named beside them. It changes nothing, keeps
// nothing, and its memory does not grow with the fleet.
package inventory
