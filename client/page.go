package client

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// The iterators over lists return the items of all pages, and read a page when it is needed. An error is the last pair.
// Breaking out of the loop reads no further page. If regions could not be read, the last pair is an error that lists
// them (metadata unreachable_regions), after all items of the others.

// regional is a response over several regions.
type regional interface {
	GetUnreachableRegions() []*ecsdv1.UnreachableRegion
}

// pages iterates over all items of a list.
func pages[Q, A proto.Message, I any](
	ctx context.Context, request Q, list func(context.Context, Q, ...grpc.CallOption) (A, error), items func(A) []I,
) iter.Seq2[I, error] {
	return func(yield func(I, error) bool) {
		var none I
		q := proto.CloneOf(request)      // the caller may change it
		if !q.ProtoReflect().IsValid() { // nil: all
			q = q.ProtoReflect().New().Interface().(Q) //nolint:forcetypeassert // of the same type
		}
		var missing []*ecsdv1.UnreachableRegion
		for {
			answer, err := list(ctx, q)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items(answer) {
				if !yield(item, nil) {
					return
				}
			}
			if u, ok := any(answer).(regional); ok {
				missing = append(missing, u.GetUnreachableRegions()...)
			}
			if !turn(q, answer) {
				break
			}
		}
		if len(missing) > 0 {
			yield(none, unreachableError(missing))
		}
	}
}

// turn sets the token of the next page. It returns false after the last page, and for a list without pages.
func turn(request, answer proto.Message) bool {
	a, ok := answer.(interface{ GetNextPageToken() string })
	if !ok || a.GetNextPageToken() == "" {
		return false
	}
	m := request.ProtoReflect()
	m.Set(m.Descriptor().Fields().ByName("page_token"), protoreflect.ValueOfString(a.GetNextPageToken()))
	return true
}

// unreachableError is the error of a list that misses regions.
func unreachableError(missing []*ecsdv1.UnreachableRegion) *Error {
	var ids, texts []string
	for _, region := range missing {
		ids = append(ids, region.GetRegionId())
		texts = append(texts, region.GetRegionId()+" ("+region.GetError().GetReason()+")")
	}
	e := &Error{
		Code: codes.Unavailable, Message: fmt.Sprintf("the list is incomplete: cannot read %s", strings.Join(texts, ", ")),
		Metadata: map[string]string{"unreachable_regions": strings.Join(ids, ",")}, Retryable: true,
	}
	e.named(missing[0].GetError().GetReason())
	return e
}

// ListInstances iterates over the instances that match.
func (c *Client) ListInstances(ctx context.Context, r *ecsdv1.ListInstancesRequest) iter.Seq2[*ecsdv1.Instance, error] {
	return pages(ctx, r, c.Instances().ListInstances, (*ecsdv1.ListInstancesResponse).GetInstances)
}

// ListChanges iterates over the recorded changes of instances, oldest first, up to now.
func (c *Client) ListChanges(ctx context.Context, r *ecsdv1.ListChangesRequest) iter.Seq2[*ecsdv1.InstanceChange, error] {
	return pages(ctx, r, c.Instances().ListChanges, (*ecsdv1.ListChangesResponse).GetChanges)
}

// ListExpiringInstances iterates over the subscriptions that expire in a window of time.
func (c *Client) ListExpiringInstances(ctx context.Context, r *ecsdv1.ListExpiringInstancesRequest) iter.Seq2[*ecsdv1.ExpiringInstance, error] {
	return pages(ctx, r, c.Renewals().ListExpiringInstances, (*ecsdv1.ListExpiringInstancesResponse).GetExpiringInstances)
}

// ListRenewalJobs iterates over renewal jobs, newest first.
func (c *Client) ListRenewalJobs(ctx context.Context, r *ecsdv1.ListRenewalJobsRequest) iter.Seq2[*ecsdv1.RenewalJob, error] {
	return pages(ctx, r, c.Renewals().ListRenewalJobs, (*ecsdv1.ListRenewalJobsResponse).GetJobs)
}

// ListRenewals iterates over renewals with their attempts, newest first.
func (c *Client) ListRenewals(ctx context.Context, r *ecsdv1.ListRenewalsRequest) iter.Seq2[*ecsdv1.Renewal, error] {
	return pages(ctx, r, c.Renewals().ListRenewals, (*ecsdv1.ListRenewalsResponse).GetRenewals)
}

// ListDisks iterates over the disks that match.
func (c *Client) ListDisks(ctx context.Context, r *ecsdv1.ListDisksRequest) iter.Seq2[*ecsdv1.Disk, error] {
	return pages(ctx, r, c.Disks().ListDisks, (*ecsdv1.ListDisksResponse).GetDisks)
}

// ListSnapshots iterates over the snapshots that match.
func (c *Client) ListSnapshots(ctx context.Context, r *ecsdv1.ListSnapshotsRequest) iter.Seq2[*ecsdv1.Snapshot, error] {
	return pages(ctx, r, c.Disks().ListSnapshots, (*ecsdv1.ListSnapshotsResponse).GetSnapshots)
}

// ListInstanceTypes iterates over the instance types that the cloud sells.
func (c *Client) ListInstanceTypes(ctx context.Context, r *ecsdv1.ListInstanceTypesRequest) iter.Seq2[*ecsdv1.InstanceType, error] {
	return pages(ctx, r, c.Catalog().ListInstanceTypes, (*ecsdv1.ListInstanceTypesResponse).GetInstanceTypes)
}

// ListRegions iterates over the regions of the cloud.
func (c *Client) ListRegions(ctx context.Context, r *ecsdv1.ListRegionsRequest) iter.Seq2[*ecsdv1.Region, error] {
	return pages(ctx, r, c.Catalog().ListRegions, (*ecsdv1.ListRegionsResponse).GetRegions)
}

// ListZones iterates over the zones of a region.
func (c *Client) ListZones(ctx context.Context, r *ecsdv1.ListZonesRequest) iter.Seq2[*ecsdv1.Zone, error] {
	return pages(ctx, r, c.Catalog().ListZones, (*ecsdv1.ListZonesResponse).GetZones)
}

// ListStock iterates over the instance types that can be bought now, per zone.
func (c *Client) ListStock(ctx context.Context, r *ecsdv1.ListStockRequest) iter.Seq2[*ecsdv1.InstanceTypeStock, error] {
	return pages(ctx, r, c.Catalog().ListStock, (*ecsdv1.ListStockResponse).GetStock)
}

// ListSpotZones iterates over the zones that sell spot instances.
func (c *Client) ListSpotZones(ctx context.Context, r *ecsdv1.ListSpotZonesRequest) iter.Seq2[*ecsdv1.SpotZone, error] {
	return pages(ctx, r, c.Spot().ListSpotZones, (*ecsdv1.ListSpotZonesResponse).GetZones)
}

// ListSpotPrices iterates over the zones with their spot prices of an instance type.
func (c *Client) ListSpotPrices(ctx context.Context, r *ecsdv1.ListSpotPricesRequest) iter.Seq2[*ecsdv1.SpotPrices, error] {
	return pages(ctx, r, c.Spot().ListSpotPrices, (*ecsdv1.ListSpotPricesResponse).GetZones)
}

// ListSpotAdvice iterates over the cloud's advice about spot instances.
func (c *Client) ListSpotAdvice(ctx context.Context, r *ecsdv1.ListSpotAdviceRequest) iter.Seq2[*ecsdv1.SpotAdvice, error] {
	return pages(ctx, r, c.Spot().ListSpotAdvice, (*ecsdv1.ListSpotAdviceResponse).GetAdvice)
}

// ListModifications iterates over the changes of charge types and instance types, newest first.
func (c *Client) ListModifications(ctx context.Context, r *ecsdv1.ListModificationsRequest) iter.Seq2[*ecsdv1.InstanceModification, error] {
	return pages(ctx, r, c.Instances().ListModifications, (*ecsdv1.ListModificationsResponse).GetModifications)
}

// ListAuditRecords iterates over the records of the audit, newest first.
func (c *Client) ListAuditRecords(ctx context.Context, r *ecsdv1.ListAuditRecordsRequest) iter.Seq2[*ecsdv1.AuditRecord, error] {
	return pages(ctx, r, c.Access().ListAuditRecords, (*ecsdv1.ListAuditRecordsResponse).GetRecords)
}

// ListAuditBlocks iterates over the sealed blocks of the audit, oldest first.
func (c *Client) ListAuditBlocks(ctx context.Context, r *ecsdv1.ListAuditBlocksRequest) iter.Seq2[*ecsdv1.AuditBlock, error] {
	return pages(ctx, r, c.Access().ListAuditBlocks, (*ecsdv1.ListAuditBlocksResponse).GetBlocks)
}
