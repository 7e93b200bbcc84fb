package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

func (s *renewalService) CreateRenewalJob(ctx context.Context, req *ecsdv1.CreateRenewalJobRequest) (*ecsdv1.CreateRenewalJobResponse, error) {
	var c check
	q := renewal.JobRequest{
		RequestID:  c.requestID(req.GetRequestId()),
		Caller:     call.Caller(ctx),
		Period:     c.periodOrDay(req.GetPeriod(), req.GetTargetExpireDay()),
		Budget:     c.limit("max_total_price", req.GetMaxTotalPrice()),
		OnlyBefore: c.time("only_if_expiring_before", req.GetOnlyIfExpiringBefore()),
	}
	if len(req.GetInstanceIds()) > 0 {
		s.named(&c, req, &q)
	} else {
		s.window(&c, req, &q)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	q.Fingerprint = fingerprint.Of("CreateRenewalJob", req, q.RegionID, normaliseJob)
	if req.GetValidateOnly() {
		job, plan, err := s.renewals.Preview(ctx, q)
		if err != nil {
			return nil, err
		}
		return planResponse(job, plan), nil
	}
	job, err := s.renewals.Create(ctx, q)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.CreateRenewalJobResponse{Job: jobProto(job)}, nil
}

// normaliseJob sets the defaults of unset fields and sorts unordered lists, so
// that equal requests have one fingerprint. A relative window stays relative:
// the same request an hour later is the same request.
func normaliseJob(req *ecsdv1.CreateRenewalJobRequest) {
	if req.IncludeExpired != nil && req.GetIncludeExpired() {
		req.IncludeExpired = nil
	}
	slices.Sort(req.InstanceIds)
	slices.Sort(req.RegionIds)
	if len(req.GetInstanceIds()) > 0 {
		return
	}
	if req.Filter == nil {
		req.Filter = &ecsdv1.InstanceFilter{}
	}
	req.Filter.ChargeTypes = []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}
	slices.Sort(req.Filter.Statuses)
	slices.Sort(req.Filter.LockReasons)
	slices.Sort(req.Filter.AutoRenewStatuses)
	for _, values := range [][]string{req.Filter.ZoneIds, req.Filter.InstanceTypes, req.Filter.PrivateIpAddresses, req.Filter.PublicIpAddresses} {
		slices.Sort(values)
	}
	slices.SortFunc(req.Filter.Tags, func(a, b *ecsdv1.Tag) int {
		return cmp.Or(strings.Compare(a.GetKey(), b.GetKey()), strings.Compare(a.GetValue(), b.GetValue()))
	})
}

// planResponse returns a dry run: the job, its renewals in the order of
// service, their cost, and the recent payments. If the request repeats an
// earlier one, there is no plan.
func planResponse(job renewal.Job, plan renewal.Plan) *ecsdv1.CreateRenewalJobResponse {
	resp := &ecsdv1.CreateRenewalJobResponse{Job: jobProto(job), Renewals: renewalsProto(plan.Renewals)}
	if job.ID != "" {
		return resp
	}
	for _, r := range resp.Renewals {
		if prior, found := plan.Recent[r.GetInstanceId()]; found {
			r.RecentRenewal = recentProto(prior)
		}
	}
	resp.Plan = &ecsdv1.RenewalPlan{
		TotalPrice: amountProto(plan.Total), TotalPriceWithoutBudget: amountProto(plan.Everything), ExpiredLeftOutCount: int32(plan.LeftOut),
	}
	return resp
}

// named checks a job over IDs. Their number is checked by the component.
func (s *renewalService) named(c *check, req *ecsdv1.CreateRenewalJobRequest, q *renewal.JobRequest) {
	q.RegionID, q.IDs = s.regions.one(c, req.GetRegionId()), req.GetInstanceIds()
	c.ids("instance_ids", q.IDs, 1, len(q.IDs))
	for _, other := range []struct {
		field string
		set   bool
	}{
		{"region_ids", len(req.GetRegionIds()) > 0}, {"expire_start_time", req.GetExpireStartTime() != nil},
		{"expire_end_time", req.GetExpireEndTime() != nil}, {"within", req.GetWithin() != nil}, {"filter", req.GetFilter() != nil},
		{"include_expired", req.IncludeExpired != nil},
	} {
		if other.set {
			c.fail(other.field, "must be unset beside instance_ids: a job is of ids or of a window")
		}
	}
}

// window checks a job over the subscriptions that expire in a window.
func (s *renewalService) window(c *check, req *ecsdv1.CreateRenewalJobRequest, q *renewal.JobRequest) {
	if req.GetRegionId() != "" {
		c.fail("region_id", "must be unset without instance_ids: region_ids names the regions of a window")
	}
	q.Regions = s.regions.many(c, req.GetRegionIds())
	window := c.expiring(req, req.IncludeExpired, time.Now())
	q.FromNow, q.IncludeExpired = req.GetExpireStartTime() == nil, req.IncludeExpired == nil || req.GetIncludeExpired()
	if req.GetWithin() != nil && req.GetWithin().IsValid() {
		q.Within = req.GetWithin().AsDuration()
	}
	if req.GetExpireEndTime() != nil && req.GetWithin() != nil {
		c.fail("within", "must not be set beside expire_end_time: exactly one of them ends the window")
	}
	q.Query = c.queryInWindow(req.GetFilter(), window)
}

func (s *renewalService) GetRenewalJob(ctx context.Context, req *ecsdv1.GetRenewalJobRequest) (*ecsdv1.GetRenewalJobResponse, error) {
	var c check
	c.required("job_id", req.GetJobId())
	if err := c.err(); err != nil {
		return nil, err
	}
	job, err := s.renewals.Job(ctx, req.GetJobId())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.GetRenewalJobResponse{Job: jobProto(job)}, nil
}

func (s *renewalService) CancelRenewalJob(ctx context.Context, req *ecsdv1.CancelRenewalJobRequest) (*ecsdv1.CancelRenewalJobResponse, error) {
	var c check
	c.required("job_id", req.GetJobId())
	if err := c.err(); err != nil {
		return nil, err
	}
	job, err := s.renewals.Cancel(ctx, req.GetJobId(), call.Caller(ctx))
	if err != nil {
		return nil, err
	}
	return &ecsdv1.CancelRenewalJobResponse{Job: jobProto(job)}, nil
}

func (s *renewalService) ResolveRenewal(ctx context.Context, req *ecsdv1.ResolveRenewalRequest) (*ecsdv1.ResolveRenewalResponse, error) {
	var c check
	c.required("renewal_id", req.GetRenewalId())
	decision := resolutions.from(req.GetResolution())
	if !resolutions.knows(req.GetResolution()) {
		c.fail("resolution", "is required: RENEWAL_RESOLUTION_MARK_PAID, RENEWAL_RESOLUTION_MARK_NOT_PAID or RENEWAL_RESOLUTION_TRY_AGAIN")
	}
	if req.GetOrderId() != "" && decision != payment.MarkPaid {
		c.fail("order_id", "must be empty unless resolution is RENEWAL_RESOLUTION_MARK_PAID")
	}
	if len(req.GetOrderId()) > 64 {
		c.fail("order_id", "must have at most 64 characters")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	r, err := s.renewals.Resolve(ctx, req.GetRenewalId(), decision, req.GetOrderId(), call.Caller(ctx))
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ResolveRenewalResponse{Renewal: renewalProto(r)}, nil
}

func (s *renewalService) ListRenewalJobs(ctx context.Context, req *ecsdv1.ListRenewalJobsRequest) (*ecsdv1.ListRenewalJobsResponse, error) {
	var c check
	tokens, limit := s.tokens.of("ListRenewalJobs", req), c.pageSize(req.GetPageSize())
	f := ledger.JobFilter{Caller: req.GetCaller(), States: namedValues(&c, "states", jobStates, req.GetStates())}
	f.Since, f.Until = c.created(req)
	after := c.position(tokens, req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	jobs, err := s.renewals.Jobs(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	all := protos(jobs, func(j *renewal.Job) *ecsdv1.RenewalJob { return jobProto(*j) })
	n, _ := fitting(all[:min(limit, len(all))], maxPageBytes, true)
	resp := &ecsdv1.ListRenewalJobsResponse{Jobs: all[:n]}
	if len(all) > n {
		resp.NextPageToken = positionToken(tokens, ledger.Cursor{CreateTime: jobs[n-1].CreateTime, ID: jobs[n-1].ID})
	}
	return resp, nil
}

func (s *renewalService) ListRenewals(ctx context.Context, req *ecsdv1.ListRenewalsRequest) (*ecsdv1.ListRenewalsResponse, error) {
	var c check
	tokens, limit := s.tokens.of("ListRenewals", req), c.pageSize(req.GetPageSize())
	f := ledger.Filter{
		JobID: req.GetJobId(), InstanceID: req.GetInstanceId(), RegionID: req.GetRegionId(), Caller: req.GetCaller(),
		States: namedValues(&c, "states", renewalStates, req.GetStates()),
	}
	f.Since, f.Until = c.created(req)
	if f.InstanceID != "" {
		c.instanceID("instance_id", f.InstanceID)
	}
	after := c.position(tokens, req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	renewals, err := s.renewals.Renewals(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	all := renewalsProto(renewals)
	n, _ := fitting(all[:min(limit, len(all))], maxPageBytes, true)
	resp := &ecsdv1.ListRenewalsResponse{Renewals: all[:n]}
	if len(all) > n {
		resp.NextPageToken = positionToken(tokens, ledger.Cursor{CreateTime: renewals[n-1].CreateTime, ID: renewals[n-1].ID})
	}
	return resp, nil
}

// periodOrDay checks the period of a renewal: a period, or up to a day of the
// month.
func (c *check) periodOrDay(p *ecsdv1.Period, day int32) ecs.Period {
	switch {
	case day == 0 && p == nil:
		c.fail("period", "or target_expire_day is required: for how long to renew, one of %s; or a day of the month, 1 to 28", ecs.SoldForRenewal)
		return ecs.Period{}
	case day == 0:
		return c.period("period", p, ecs.SoldForRenewal)
	case p != nil:
		c.fail("target_expire_day", "must be 0 beside period: a renewal is for a period or up to a day")
	}
	target := ecs.Period{Count: day, Unit: ecs.RenewDay}
	if !ecs.SoldForRenewal.Includes(target) {
		c.fail("target_expire_day", "must be a day of the month that the cloud renews up to, 1 to 28; got %d", day)
	}
	return target
}

func (c *check) required(field, value string) {
	if value == "" {
		c.fail(field, "is required")
	}
}

// created checks the window of a list over the ledger.
func (c *check) created(req interface {
	GetCreateStartTime() *timestamppb.Timestamp
	GetCreateEndTime() *timestamppb.Timestamp
}) (since, until time.Time) {
	since, until = c.time("create_start_time", req.GetCreateStartTime()), c.time("create_end_time", req.GetCreateEndTime())
	if !since.IsZero() && !until.IsZero() && !until.After(since) {
		c.fail("create_end_time", "must be later than create_start_time (%s); got %s", since.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	return since, until
}

// namedValues checks that each value of a list is one that the contract names.
func namedValues[P interface {
	comparable
	protoreflect.Enum
	String() string
}, D comparable](c *check, field string, e enum[P, D], values []P) []D {
	all, seen := make([]D, 0, len(values)), map[P]int{}
	for i, v := range values {
		if first, twice := seen[v]; twice {
			c.fail(fmt.Sprintf("%s[%d]", field, i), "must not repeat %s[%d] (%s)", field, first, v)
			continue
		}
		seen[v] = i
		if !e.knows(v) {
			c.fail(field, "must hold named values of %s; got %s", v.Descriptor().Name(), v)
		}
		all = append(all, e.from(v))
	}
	return all
}
