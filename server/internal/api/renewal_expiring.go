package api

import (
	"context"
	"log/slog"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// outlookBytes is the most that an ExpiringInstance adds to its instance.
const outlookBytes = 512

// ListExpiringInstances returns the instances also if their settings or the
// ledger cannot be read: then these parts are reported as unknown.
func (s *renewalService) ListExpiringInstances(ctx context.Context, req *ecsdv1.ListExpiringInstancesRequest) (*ecsdv1.ListExpiringInstancesResponse, error) {
	var c check
	q, walk := s.expiringQuery(&c, req, s.clock.Now())
	staleness := c.staleness(req.GetMaxStaleness())
	if err := c.err(); err != nil {
		return nil, err
	}
	page, err := s.inventory.ListExpiring(ctx, q, walk.cursor, inventory.Limit{
		Count: walk.limit, Bytes: maxPageBytes, Size: func(i *ecs.Instance) int { return s.account.instanceBytes(i) + outlookBytes },
	}, staleness)
	if err != nil {
		return nil, err
	}
	outlooks, err := s.autoRenew.Outlooks(ctx, page.Instances, staleness)
	s.notRead(ctx, "auto-renew states", len(page.Instances), err)
	recent, ledgerErr := s.records.Recent(ctx, page.Instances)
	s.notRead(ctx, "recent renewals", len(page.Instances), ledgerErr)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	resp := &ecsdv1.ListExpiringInstancesResponse{
		NextPageToken:      walk.tokens.encode(page.Next),
		UnreachableRegions: unreachable(page.Unreachable), LedgerUnavailable: ledgerErr != nil,
	}
	if req.GetPageToken() == "" {
		resp.ExpiredLeftOutCount = int32(page.LeftOut)
	}
	now := s.clock.Now()
	ends := s.subscriptionEnds(ctx, page.Instances)
	for i := range page.Instances {
		prior, found := recent[page.Instances[i].ID]
		resp.ExpiringInstances = append(resp.ExpiringInstances, s.account.expiringProto(&page.Instances[i], outlooks[i], ends[page.Instances[i].ID], now))
		if found {
			resp.ExpiringInstances[i].RecentRenewal = recentProto(prior)
		}
	}
	return resp, nil
}

// expiringQuery checks the query and the page of a request. The query of a first
// page that leaves out what has expired begins with it, to count it.
func (s *renewalService) expiringQuery(c *check, req *ecsdv1.ListExpiringInstancesRequest, now time.Time) (ecs.Query, pageWalk) {
	window := c.expiring(req, req.IncludeExpired, now)
	q := c.queryInWindow(req.GetFilter(), window)
	walk := c.walk(s.tokens.of("ListExpiringInstances", req), s.regions.many(c, req.GetRegionIds()), req)
	if req.GetPageToken() == "" {
		walk.cursor.Window = window
		if req.IncludeExpired != nil && !req.GetIncludeExpired() {
			q.Expiry.After = window.After.Add(-ecs.KeptAfterExpiry)
		}
	}
	return q, walk
}

// notRead logs that a part of a list is unknown.
func (s *renewalService) notRead(ctx context.Context, what string, instances int, err error) {
	if err != nil && ctx.Err() == nil {
		s.logger.LogAttrs(ctx, slog.LevelWarn, what+" not read",
			slog.Int("instances", instances), slog.String("error", ecs.Clip(err.Error(), maxValueBytes)))
	}
}

// subscriptionEnds returns the planned ends of instances, as far as they are known.
func (s *renewalService) subscriptionEnds(ctx context.Context, instances []ecs.Instance) map[string]ecs.SubscriptionEnd {
	if s.ends == nil {
		return nil
	}
	ids := make([]string, len(instances))
	for i := range instances {
		ids[i] = instances[i].ID
	}
	return s.ends(ctx, ids)
}

// expiringProto prefers the planned end, which follows the expiry that the cloud
// shows, to the forecast.
func (a account) expiringProto(i *ecs.Instance, o ecs.AutoRenewOutlook, planned ecs.SubscriptionEnd, now time.Time) *ecsdv1.ExpiringInstance {
	stop, release := i.AfterExpiry(o.Held, now)
	if !planned.StopTime.Before(i.ExpireTime) && !planned.ReleaseTime.Before(planned.StopTime) {
		stop, release = planned.StopTime, planned.ReleaseTime
	}
	return &ecsdv1.ExpiringInstance{
		Instance: a.instanceProto(i), AutoRenewStatus: autoRenewStatuses.to(o.Held), AutoRenewState: autoRenewStates.to(o.State),
		NextDeductionTime: timeProto(o.Next), Drift: driftProto(o.Drift), StopTime: timeProto(stop), ReleaseTime: timeProto(release),
	}
}

func recentProto(p ledger.Prior) *ecsdv1.RecentRenewal {
	return &ecsdv1.RecentRenewal{
		RenewalId: p.ID, RequestId: p.RequestID, State: renewalStates.to(p.State),
		PaymentTime: timeProto(p.PaidTime), ExpireTimeBefore: timeProto(p.ExpireBefore),
	}
}
