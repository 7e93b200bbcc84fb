package api

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// itemError returns the error of one item of a call that succeeded for others.
// An item has the bound of a status, and loses its facts beyond it.
func itemError(err error) *ecsdv1.ItemError {
	e := short(named(err))
	item := &ecsdv1.ItemError{
		Code:         int32(grpcCode(e.Reason)),
		Reason:       string(e.Reason),
		Message:      e.Message,
		EcsCode:      e.Cloud.Code,
		EcsRequestId: e.Cloud.RequestID,
		Metadata:     origin(e),
	}
	if e.Retry != ecs.RetryNever {
		item.RetryAfter = durationpb.New(retryDelay(e))
	}
	if grpcCode(e.Reason) == codes.FailedPrecondition {
		for _, v := range e.Violations {
			item.Preconditions = append(item.Preconditions, &ecsdv1.ItemPrecondition{Field: v.Field, Description: v.Rule})
		}
	}
	if proto.Size(item) > maxStatusBytes {
		e.Facts = nil
		item.Metadata = origin(e)
	}
	return item
}

// failureProto returns the stored error of an instance, nil for none.
func failureProto(f ecs.Failure, regionID, instanceID string) *ecsdv1.ItemError {
	if f.Reason == "" {
		return nil
	}
	e := ecs.Errorf(f.Reason, "%s", f.Message)
	e.Cloud = ecs.CloudError{Code: f.CloudCode, RequestID: f.CloudRequestID}
	return itemError(e.On(regionID, instanceID))
}

// unreachable names the regions that failed, with their errors.
func unreachable(failed []ecs.RegionError) []*ecsdv1.UnreachableRegion {
	regions := make([]*ecsdv1.UnreachableRegion, 0, len(failed))
	for _, f := range failed {
		regions = append(regions, &ecsdv1.UnreachableRegion{RegionId: f.RegionID, Error: itemError(f.Err)})
	}
	return regions
}
