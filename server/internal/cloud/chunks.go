package cloud

import (
	"slices"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// maxChunks is how many calls of one request on many ids run side by side.
const maxChunks = 4

// inChunks asks for ids 100 at a time, and finds bad ones by halving. Where
// ask fails, its error is that of each id it was asked for.
func inChunks[V any](e *Edge, ids []string, regionID string, ask func(ids []string, give func(string, V, error)) error) []ecs.Result[V] {
	return chunked(ids, regionID, maxIDs, func(ids []string, give func(string, V, error)) {
		e.isolate(ids,
			func(ids []string) error { return ask(ids, give) },
			func(ids []string, err error) { giveAll(ids, give, err) })
	})
}

// chunked hands ids on, size at a time, some chunks side by side, and collects
// what is given for each: one result an id, in the order asked. An id that is
// no id is never handed on, one that is asked twice is handed on once, and
// work must give something for every id it gets.
func chunked[V any](ids []string, regionID string, size int, work func(ids []string, give func(string, V, error))) []ecs.Result[V] {
	results := make([]ecs.Result[V], len(ids))
	places := make(map[string][]int, len(ids))
	var unique []string
	for i, id := range ids {
		results[i].ID = id
		if err := checkInstanceID(regionID, id); err != nil {
			results[i].Err = err
			continue
		}
		if places[id] == nil {
			unique = append(unique, id)
		}
		places[id] = append(places[id], i)
	}
	var mu sync.Mutex
	give := func(id string, value V, err error) {
		mu.Lock()
		defer mu.Unlock()
		for _, i := range places[id] {
			results[i].Value, results[i].Err = value, nil
			if failure := ecs.AsError(err); failure != nil {
				results[i].Err = failure.On(regionID, id)
			}
		}
	}
	var chunks rescue.Group
	chunks.SetLimit(maxChunks)
	for chunk := range slices.Chunk(unique, size) {
		chunks.Go(func() error {
			work(chunk, give)
			return nil
		})
	}
	_ = chunks.Wait() // no chunk returns an error: each id has its own
	return results
}

// giveAll gives every id the same error, or the zero value where it is nil.
func giveAll[V any](ids []string, give func(string, V, error), err error) {
	var none V
	for _, id := range ids {
		give(id, none, err)
	}
}
