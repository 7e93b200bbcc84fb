package api

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// renewalService implements ecsd.v1.RenewalService.
type renewalService struct {
	ecsdv1.UnimplementedRenewalServiceServer
	renewals  Renewals
	records   RenewalRecords
	previews  RenewalPreviews
	autoRenew AutoRenew
	watcher   Watcher
	inventory Inventory
	regions   regions
	life      life
	logger    *slog.Logger
	tokens    sealer
	account   account
	clock     ecs.Clock
	ends      func(ctx context.Context, instanceIDs []string) map[string]ecs.SubscriptionEnd
}

// expiryWindow is common to the requests with a window of expiry that may be
// relative.
type expiryWindow interface {
	expiryBounds
	GetWithin() *durationpb.Duration
}

// expiring checks a window of expiry: it ends at a time or a span from now. By
// default it starts with the expired subscriptions that can still be renewed,
// and without them it starts now.
func (c *check) expiring(req expiryWindow, includeExpired *bool, now time.Time) ecs.Window {
	if includeExpired != nil && req.GetExpireStartTime() != nil {
		c.fail("include_expired", "must be unset with expire_start_time, which starts the window")
	}
	w := c.window("expire", req)
	switch {
	case req.GetExpireEndTime() == nil && req.GetWithin() == nil:
		c.fail("within", "or expire_end_time is required: how far ahead to look, such as 1209600s for 14 days")
	case req.GetWithin() != nil:
		w.Before = now.UTC().Add(c.span("within", req.GetWithin()))
	}
	switch {
	case !w.After.IsZero():
	case includeExpired == nil || *includeExpired:
		w.After = now.UTC().Add(-ecs.KeptAfterExpiry)
	default:
		w.After = now.UTC()
	}
	if len(c.violations) == 0 && !w.Before.After(w.After) {
		c.fail("expire_end_time", "must be later than the start of the window (%s); got %s", w.After.Format(time.RFC3339), w.Before.Format(time.RFC3339))
	}
	return w
}

func (s *renewalService) QuoteRenewals(ctx context.Context, req *ecsdv1.QuoteRenewalsRequest) (*ecsdv1.QuoteRenewalsResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.ids("instance_ids", req.GetInstanceIds(), 1, maxIDs)
	period := c.period("period", req.GetPeriod(), ecs.SoldForRenewal)
	if err := c.err(); err != nil {
		return nil, err
	}
	quotes, totals, err := s.renewals.Quote(ctx, region, req.GetInstanceIds(), period)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	resp := &ecsdv1.QuoteRenewalsResponse{Results: make([]*ecsdv1.RenewalQuoteResult, len(quotes))}
	for i, q := range quotes {
		result := &ecsdv1.RenewalQuoteResult{InstanceId: q.ID}
		if q.Err != nil {
			result.Result = &ecsdv1.RenewalQuoteResult_Error{Error: itemError(q.Err)}
		} else {
			result.Result = &ecsdv1.RenewalQuoteResult_Quote{Quote: quoteProto(q.ID, period, q.Value)}
		}
		resp.Results[i] = result
	}
	for _, total := range totals {
		resp.Totals = append(resp.Totals, moneyProto(total))
	}
	return resp, nil
}

func (s *renewalService) RenewInstance(ctx context.Context, req *ecsdv1.RenewInstanceRequest) (*ecsdv1.RenewInstanceResponse, error) {
	var c check
	q := renewal.Request{
		RegionID:   s.regions.one(&c, req.GetRegionId()),
		InstanceID: req.GetInstanceId(),
		Period:     c.period("period", req.GetPeriod(), ecs.SoldForRenewal),
		MaxPrice:   c.limitOrAny("max_price", req),
		RequestID:  c.requestIDUnless(req.GetValidateOnly(), req.GetRequestId()),
		Expected:   c.time("expected_expire_time", req.GetExpectedExpireTime()),
		Caller:     call.Caller(ctx),
		Note:       c.note(req.GetNote()),
		AccountID:  s.account.id(),
	}
	c.instanceID("instance_id", q.InstanceID)
	if err := c.err(); err != nil {
		return nil, err
	}
	q.Fingerprint = fingerprint.Of("RenewInstance", req, q.RegionID, normaliseRenew)
	// Ends early enough to return the state of a renewal that continues.
	ctx, cancel := answerInTime(ctx)
	defer cancel()
	if req.GetValidateOnly() {
		r, err := s.renewals.Plan(ctx, q)
		if err != nil {
			return nil, err
		}
		return &ecsdv1.RenewInstanceResponse{Renewal: renewalProto(r), Plan: costProto(s.renewals.Cost(ctx, r))}, nil
	}
	r, err := s.renewals.Renew(ctx, q)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.RenewInstanceResponse{Renewal: renewalProto(r)}, nil
}

func (s *renewalService) BatchGetAutoRenewSettings(ctx context.Context, req *ecsdv1.BatchGetAutoRenewSettingsRequest) (*ecsdv1.BatchGetAutoRenewSettingsResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.ids("instance_ids", req.GetInstanceIds(), 1, maxIDs)
	if err := c.err(); err != nil {
		return nil, err
	}
	settings := s.autoRenew.Get(ctx, region, req.GetInstanceIds())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.BatchGetAutoRenewSettingsResponse{Results: settingResults(settings)}, nil
}

func (s *renewalService) SetAutoRenew(ctx context.Context, req *ecsdv1.SetAutoRenewRequest) (*ecsdv1.SetAutoRenewResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.ids("instance_ids", req.GetInstanceIds(), 1, maxIDs)
	want := ecs.AutoRenewSetting{Status: autoRenewStatuses.from(req.GetStatus())}
	if want.Status == ecs.AutoRenewUnknown {
		c.fail("status", "is required: AUTO_RENEW_STATUS_AUTO_RENEWAL, AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS or AUTO_RENEW_STATUS_NOT_RENEWED")
	}
	if req.GetPeriod() != nil {
		want.Period = c.period("period", req.GetPeriod(), ecs.SoldForAutoRenewal)
		if want.Status != ecs.AutoRenewOn && want.Status != ecs.AutoRenewUnknown {
			c.fail("period", "must be unset unless status is AUTO_RENEW_STATUS_AUTO_RENEWAL: turning auto-renew off keeps the period")
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	settings, err := s.autoRenew.Set(ctx, region, req.GetInstanceIds(), want, req.GetValidateOnly())
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	return &ecsdv1.SetAutoRenewResponse{Results: settingResults(settings)}, nil
}
