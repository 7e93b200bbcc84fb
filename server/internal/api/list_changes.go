package api

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/history"
)

// ListChanges lists the change log, which is one for all regions.
func (s *instanceService) ListChanges(ctx context.Context, req *ecsdv1.ListChangesRequest) (*ecsdv1.ListChangesResponse, error) {
	var c check
	q := changelog.Query{RegionIDs: s.regions.many(&c, req.GetRegionIds()), InstanceIDs: req.GetInstanceIds()}
	c.ids("instance_ids", req.GetInstanceIds(), 0, maxIDs)
	q.Start, q.End = c.time("start_time", req.GetStartTime()), c.time("end_time", req.GetEndTime())
	if !q.Start.IsZero() && !q.End.IsZero() && !q.Start.Before(q.End) {
		c.fail("end_time", "must be after start_time")
	}
	q.Limit = c.pageSize(req.GetPageSize())
	tokens := s.tokens.of("ListChanges", req)
	q.After = c.change(tokens, req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	page, err := s.history.List(ctx, q)
	switch {
	case errors.Is(err, changelog.ErrTrimmed), errors.Is(err, changelog.ErrLost):
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "is for a page that the history no longer holds; list again without it, with a later start_time")
		return nil, c.err()
	case err != nil:
		return nil, err
	}
	return s.account.changesPage(tokens, page), nil
}

// changesPage is the part of a page that fits into a response.
func (a account) changesPage(tokens binding, page history.Page) *ecsdv1.ListChangesResponse {
	response := &ecsdv1.ListChangesResponse{HistoryStartTime: timeProto(page.Complete)}
	changes := make([]*ecsdv1.InstanceChange, len(page.Changes))
	for i, change := range page.Changes {
		changes[i] = a.changeProto(change)
	}
	n, _ := fitting(changes, maxPageBytes, true)
	response.Changes = changes[:n]
	if n > 0 && (page.More || n < len(changes)) {
		response.NextPageToken = changeToken(tokens, page.Changes[n-1].Cursor())
	}
	return response
}

// changeToken is the page token of a cursor in the change log.
func changeToken(tokens binding, at changelog.Cursor) string {
	return tokens.encodeWords(strconv.FormatInt(at.Revision, 10), strconv.FormatInt(at.ID, 10), at.InstanceID)
}

// change reads a page token of the change log, the beginning for none.
func (c *check) change(tokens binding, token string) changelog.Cursor {
	var at changelog.Cursor
	if words := tokens.decodeWords(c, token); len(words) == 3 {
		at.Revision, _ = strconv.ParseInt(words[0], 10, 64)
		at.ID, _ = strconv.ParseInt(words[1], 10, 64)
		at.InstanceID = words[2]
	}
	return at
}

func (a account) changeProto(c history.Change) *ecsdv1.InstanceChange {
	change := &ecsdv1.InstanceChange{
		Revision: c.Revision, FoundTime: timestamppb.New(c.CommitTime), InstanceId: c.InstanceID, RegionId: c.RegionID, Cause: causeProto(c.Cause),
		RenewalOrigin: origins[c.Origin], RenewalEvidence: c.Evidence,
	}
	switch {
	case c.Before == nil:
		change.Kind, change.Instance = ecsdv1.InstanceChangeKind_INSTANCE_CHANGE_KIND_ADDED, a.instanceProto(c.After)
	case c.After == nil:
		change.Kind, change.Instance = ecsdv1.InstanceChangeKind_INSTANCE_CHANGE_KIND_RELEASED, a.instanceProto(c.Before)
		change.PreviousStatus = statuses.to(c.Before.Status)
	default:
		change.Kind, change.Instance = ecsdv1.InstanceChangeKind_INSTANCE_CHANGE_KIND_CHANGED, a.instanceProto(c.After)
		change.PreviousStatus = statuses.to(c.Before.Status)
		change.ChangedFields = changedFields(a.instanceProto(c.Before), change.Instance)
	}
	return change
}

// changedFields names the fields that differ between two states of an instance.
func changedFields(before, after *ecsdv1.Instance) []string {
	was, is := before.ProtoReflect(), after.ProtoReflect()
	var names []string
	fields := is.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if f.Name() != "observed_time" && !sameField(f, was, is) {
			names = append(names, string(f.Name()))
		}
	}
	return names
}

func sameField(f protoreflect.FieldDescriptor, a, b protoreflect.Message) bool {
	if a.Has(f) != b.Has(f) {
		return false
	}
	return a.Get(f).Equal(b.Get(f))
}

// origins are those of renewals outside ecsd.
var origins = map[ecs.RenewalOrigin]ecsdv1.RenewalOrigin{
	ecs.RenewalOriginCloud:   ecsdv1.RenewalOrigin_RENEWAL_ORIGIN_CLOUD,
	ecs.RenewalOriginPerson:  ecsdv1.RenewalOrigin_RENEWAL_ORIGIN_PERSON,
	ecs.RenewalOriginUnknown: ecsdv1.RenewalOrigin_RENEWAL_ORIGIN_UNKNOWN,
}

func causeProto(c *changelog.Cause) *ecsdv1.InstanceChangeCause {
	if c == nil {
		return nil
	}
	return &ecsdv1.InstanceChangeCause{
		Action: c.Action, CallTime: timestamppb.New(c.CallTime), Rpc: c.Method, Caller: c.Caller,
		RequestId: c.RequestID, CallId: c.CallID, RenewalId: c.RenewalID, JobId: c.JobID,
	}
}
