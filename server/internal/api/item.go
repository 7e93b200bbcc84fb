package api

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// itemError is the error of one item of a call that worked for others.
func itemError(err error) *ecsdv1.ItemError {
	e := short(named(err))
	item := &ecsdv1.ItemError{
		Code:         int32(grpcCode(e.Reason)),
		Reason:       string(e.Reason),
		Message:      e.Message,
		Retryable:    e.Retry != ecs.RetryNever,
		EcsCode:      e.Cloud.Code,
		EcsRequestId: e.Cloud.RequestID,
	}
	if item.Retryable {
		item.RetryAfter = durationpb.New(retryDelay(e))
	}
	if grpcCode(e.Reason) == codes.FailedPrecondition {
		for _, v := range e.Violations {
			item.Preconditions = append(item.Preconditions, &ecsdv1.Precondition{Field: v.Field, Description: v.Rule})
		}
	}
	return item
}

// unreachable names the regions that failed, with their errors.
func unreachable(failed []ecs.RegionError) []*ecsdv1.UnreachableRegion {
	regions := make([]*ecsdv1.UnreachableRegion, 0, len(failed))
	for _, f := range failed {
		regions = append(regions, &ecsdv1.UnreachableRegion{RegionId: f.RegionID, Error: itemError(f.Err)})
	}
	return regions
}
