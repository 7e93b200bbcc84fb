package cloud

import (
	"slices"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// maxChunks is how many calls of one request on many ids run concurrently.
const maxChunks = 4

// inChunks requests IDs in chunks of 100, and bisects to find bad ones. If ask
// fails, its error applies to each requested ID.
func inChunks[V any](e *Edge, ids []string, regionID string, ask func(ids []string, give func(string, V, error)) error) []ecs.Result[V] {
	return chunked(ids, regionID, maxIDs, func(ids []string, give func(string, V, error)) {
		e.bisect(ids,
			func(ids []string) error { return ask(ids, give) },
			func(ids []string, err error) { giveAll(ids, give, err) })
	})
}

// chunked passes IDs to work in chunks of size, some concurrently, and collects
// one result per ID, in request order. An invalid ID is never passed on, a
// repeated ID is passed on once, and work must give a result for every ID that
// it gets.
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

// giveAll gives every ID the same error, or the zero value if err is nil.
func giveAll[V any](ids []string, give func(string, V, error), err error) {
	var none V
	for _, id := range ids {
		give(id, none, err)
	}
}
