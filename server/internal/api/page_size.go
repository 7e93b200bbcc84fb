package api

import (
	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxPageBytes ends a page, however few entries it holds.
	maxPageBytes = 2 << 20
	// maxResponseBytes is the default limit of clients.
	maxResponseBytes = 4 << 20
	// maxItemErrorBytes bounds the error of one item of 1,000.
	maxItemErrorBytes = 2 << 10
	// fieldBytes is the minimum overhead of a list for each of its messages.
	fieldBytes = 6
)

// fitting returns how many items fit into a number of bytes, and how many bytes
// they take. The first of a page always fits, so that every list makes
// progress.
func fitting[M proto.Message](items []M, space int, first bool) (n, used int) {
	for i, item := range items {
		size := proto.Size(item) + fieldBytes
		if used+size > space && (i > 0 || !first) {
			return i, used
		}
		used += size
	}
	return len(items), used
}

// responseTooLarge is the error of a response, or of one item of it, for which
// there is no space.
func responseTooLarge(format string, args ...any) error {
	return ecs.Errorf(ecs.ReasonResponseTooLarge, format, args...)
}

// withinResponse refuses a response that clients would not accept: they would
// report RESOURCE_EXHAUSTED, for which programs repeat the call.
func withinResponse(response any) error {
	m, ok := response.(proto.Message)
	if !ok {
		return nil
	}
	if n := proto.Size(m); n > maxResponseBytes {
		return responseTooLarge("the response has %d bytes, and clients accept %d: ask for fewer items", n, maxResponseBytes)
	}
	return nil
}
