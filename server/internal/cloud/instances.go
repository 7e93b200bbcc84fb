package cloud

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/batch"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxIDs is how many instance ids one call takes.
	maxIDs = 100
	// maxBatches is how many batched calls of a region are in progress at most.
	maxBatches = 16
	// batchPatience is how long a batched call in progress keeps others gathering;
	// about the slowest response that is still usual.
	batchPatience = time.Second
	// A burst of reads may fill its call for some milliseconds, which is less
	// than the cloud's own time and shows only against a simulator.
	batchBurst  = 32
	batchLinger = 20 * time.Millisecond
)

// instanceGroup gathers the reads of single instances of a region.
type instanceGroup = batch.Group[string, ecs.Instance]

// Instances reads any number of instances of a region: one result per ID, in
// request order. Concurrent reads of all callers share calls of up to 100 IDs.
// An ID that the cloud does not list returns INSTANCE_NOT_FOUND; if a whole
// call found none, a proof of permission that is newer than the call must exist
// or be made, else the result is CLOUD_PERMISSION_DENIED.
func (e *Edge) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	results := make([]ecs.Result[ecs.Instance], len(ids))
	var (
		asked []string
		index []int
	)
	for i, id := range ids {
		results[i].ID = id
		if err := checkInstanceID(regionID, id); err != nil {
			results[i].Err = err
			continue
		}
		asked, index = append(asked, id), append(index, i)
	}
	if len(asked) == 0 {
		return results
	}
	if !e.served[regionID] {
		for _, i := range index {
			results[i].Err = unknownRegion(regionID).On(regionID, ids[i])
		}
		return results
	}
	for n, outcome := range e.group(regionID).Do(ctx, asked) {
		result := &results[index[n]]
		if outcome.Err != nil {
			result.Err = e.failureOf(ctx, "DescribeInstances", regionID, outcome.Err).On(regionID, asked[n])
			continue
		}
		result.Value = outcome.Value
	}
	return results
}

// group returns the region's group, made on first use.
func (e *Edge) group(regionID string) *instanceGroup {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.groups[regionID]
	if g == nil {
		g = batch.New(batch.Config[string, ecs.Instance]{
			Max: maxIDs, MaxCalls: maxBatches, Patience: batchPatience, Burst: batchBurst, Linger: batchLinger, Start: e.run,
			Refused: e.closedError("DescribeInstances", regionID),
			Call: func(ctx context.Context, ids []string, callers *batch.Callers) map[string]batch.Outcome[ecs.Instance] {
				return e.readBatch(ctx, regionID, ids, callers)
			},
		})
		e.groups[regionID] = g
	}
	return g
}

// readBatch is one call for many.
func (e *Edge) readBatch(ctx context.Context, regionID string, ids []string, callers *batch.Callers) map[string]batch.Outcome[ecs.Instance] {
	outcomes := make(map[string]batch.Outcome[ecs.Instance], len(ids))
	ctx, links := together(ctx, callers)
	failed := func(ids []string, err error) {
		for _, id := range ids {
			outcomes[id] = batch.Outcome[ecs.Instance]{Err: err}
		}
	}
	e.bisect(ids, func(ids []string) error {
		began := time.Now()
		found, err := e.describeIDs(ctx, regionID, ids, callers, links)
		if err != nil {
			return err
		}
		for _, instance := range found {
			outcomes[instance.ID] = batch.Outcome[ecs.Instance]{Value: instance}
		}
		absent := ids
		if len(found) > 0 {
			absent = nil
			for _, id := range ids {
				if _, ok := outcomes[id]; !ok {
					absent = append(absent, id)
				}
			}
		} else if err := e.mayRead(ctx, regionID, began); err != nil {
			failed(ids, err)
			return nil
		}
		failed(absent, notFound(regionID))
		return nil
	}, failed)
	return outcomes
}

// describeIDs reads up to 100 instances by ID. The response is one page, unless
// the cloud ends it early.
func (e *Edge) describeIDs(ctx context.Context, regionID string, ids []string, callers *batch.Callers, links []trace.Link) ([]ecs.Instance, error) {
	var found []ecs.Instance
	cursor := ""
	for {
		page, err := e.describeInstances(ctx, nil, regionID, ecs.Query{IDs: ids}, cursor, maxPage, shared{callers, links})
		if err != nil {
			return nil, err
		}
		found = append(found, page.Instances...)
		if page.Next == "" || len(found) >= len(ids) {
			return found, nil
		}
		cursor = page.Next
	}
}

// together sets the lane of a batched call to the most urgent of its callers,
// and its trace to that of the first; the traces of the others are linked.
func together(ctx context.Context, callers *batch.Callers) (context.Context, []trace.Link) {
	lane := call.Poll
	var links []trace.Link
	for i, caller := range callers.Contexts() {
		lane = max(lane, call.LaneOf(caller))
		span := trace.SpanFromContext(caller)
		switch {
		case !span.SpanContext().IsValid():
		case i == 0:
			ctx = trace.ContextWithSpan(ctx, span)
		default:
			links = append(links, trace.LinkFromContext(caller))
		}
	}
	return call.InLane(ctx, lane), links
}

// shared is the additional state of a batched call.
type shared struct {
	callers *batch.Callers
	links   []trace.Link
}

// count counts an HTTP call for each caller that waits for it.
func (s shared) count(ctx context.Context, regionID string) {
	if s.callers == nil {
		call.From(ctx).CountCloudCall(regionID)
		return
	}
	counted := make(map[*call.Call]bool)
	for _, caller := range s.callers.Contexts() {
		if c := call.From(caller); c != nil && !counted[c] {
			counted[c] = true
			c.CountCloudCall(regionID)
		}
	}
}

func notFound(regionID string) *ecs.Error {
	return &ecs.Error{Reason: ecs.ReasonInstanceNotFound, Message: fmt.Sprintf("the cloud lists no such instance in %s", regionID), RegionID: regionID}
}

func unknownRegion(regionID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonUnknownRegion, "region %q is not one that this server serves", shortID(regionID)).On(shortID(regionID), "")
}

// failureOf converts the error of a batch to an *ecs.Error: its own, or the end
// of the caller's context.
func (e *Edge) failureOf(ctx context.Context, action, regionID string, err error) *ecs.Error {
	if failure := ecs.AsError(err); failure != nil {
		return failure
	}
	return e.silent(ctx, operation{action: action, region: regionID}, silence{cause: err}).failure
}
