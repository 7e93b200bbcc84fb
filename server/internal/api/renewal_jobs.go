package api

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
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
	q := s.jobRequest(&c, req, req.GetValidateOnly())
	if err := c.err(); err != nil {
		return nil, err
	}
	q.Caller = call.Caller(ctx)
	if req.GetValidateOnly() {
		job, plan, err := s.renewals.Preview(ctx, q)
		if err != nil {
			return nil, err
		}
		return &ecsdv1.CreateRenewalJobResponse{Job: selectedJob(job, req.GetSelection()), Plan: planProto(job, plan)}, nil
	}
	job, err := s.renewals.Create(ctx, q)
	if err != nil {
		return nil, err
	}
	resp := &ecsdv1.CreateRenewalJobResponse{Job: selectedJob(job, req.GetSelection())}
	if job.Made != nil {
		resp.Plan = costProto(*job.Made)
	}
	return resp, nil
}

// jobRequest checks a request for a job. A dry run needs no request_id.
func (s *renewalService) jobRequest(c *check, req *ecsdv1.CreateRenewalJobRequest, dryRun bool) renewal.JobRequest {
	q := renewal.JobRequest{
		RequestID:  c.requestIDUnless(dryRun, req.GetRequestId()),
		Budget:     c.limitOrAny("max_total_price", req),
		OnlyBefore: c.time("only_if_expiring_before", req.GetOnlyIfExpiringBefore()),
		Note:       c.note(req.GetNote()),
		AccountID:  s.account.id(),
	}
	switch term := req.GetTerm().(type) {
	case *ecsdv1.CreateRenewalJobRequest_Period:
		q.Period = c.period("period", term.Period, ecs.SoldForRenewal)
	case *ecsdv1.CreateRenewalJobRequest_TargetExpireDay:
		q.Period = c.day("target_expire_day", term.TargetExpireDay)
	default:
		c.fail("period", "or target_expire_day is required: one of %s; or a day of the month, 1 to 28", ecs.SoldForRenewal)
	}
	switch by := req.GetSelection().GetBy().(type) {
	case *ecsdv1.RenewalSelection_Instances:
		s.named(c, by.Instances, &q)
	case *ecsdv1.RenewalSelection_Window:
		s.window(c, by.Window, &q)
	default:
		c.fail("selection", "is required: instances, or a window of expiry")
	}
	if len(c.violations) == 0 {
		q.Fingerprint = fingerprint.Of("CreateRenewalJob", req, "", s.normaliseJob)
		if req.GetNote() == "" { // earlier builds had none
			q.Earlier = []string{flatFingerprint(req, q.RegionID)}
		}
		q.Selection = encodeSelection(req.GetSelection())
	}
	return q
}

// named checks a job over IDs. The component checks their number.
func (s *renewalService) named(c *check, by *ecsdv1.NamedInstances, q *renewal.JobRequest) {
	var inner check
	q.RegionID, q.IDs = s.regions.one(&inner, by.GetRegionId()), by.GetInstanceIds()
	inner.ids("instance_ids", q.IDs, 1, max(1, len(q.IDs)))
	c.region = inner.region
	c.joinAt("selection.instances.", inner)
}

// window checks a job over the subscriptions that expire in a window.
func (s *renewalService) window(c *check, by *ecsdv1.ExpiryWindow, q *renewal.JobRequest) {
	var inner check
	q.Regions = s.regions.many(&inner, by.GetRegionIds())
	window := inner.expiring(by, by.IncludeExpired, s.clock.Now())
	q.FromNow, q.IncludeExpired = by.GetExpireStartTime() == nil, by.IncludeExpired == nil || by.GetIncludeExpired()
	if by.GetWithin() != nil && by.GetWithin().IsValid() {
		q.Within = by.GetWithin().AsDuration()
	}
	q.Query = inner.queryInWindow(by.GetFilter(), window)
	c.joinAt("selection.window.", inner)
}

func (s *renewalService) GetRenewalJob(ctx context.Context, req *ecsdv1.GetRenewalJobRequest) (*ecsdv1.GetRenewalJobResponse, error) {
	var c check
	c.required("job_id", req.GetJobId())
	if err := c.err(); err != nil {
		return nil, err
	}
	job, err := s.records.Job(ctx, req.GetJobId())
	if err != nil {
		return nil, err
	}
	encoded, err := s.records.Selection(ctx, job.ID)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.GetRenewalJobResponse{Job: selectedJob(job, decodeSelection(encoded))}, nil
}

func (s *renewalService) CancelRenewalJob(ctx context.Context, req *ecsdv1.CancelRenewalJobRequest) (*ecsdv1.CancelRenewalJobResponse, error) {
	var c check
	c.required("job_id", req.GetJobId())
	c.note(req.GetNote())
	if err := c.err(); err != nil {
		return nil, err
	}
	job, err := s.renewals.Cancel(ctx, req.GetJobId(), call.Caller(ctx), req.GetNote())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.CancelRenewalJobResponse{Job: jobProto(job)}, nil
}

func (s *renewalService) ResolveRenewal(ctx context.Context, req *ecsdv1.ResolveRenewalRequest) (*ecsdv1.ResolveRenewalResponse, error) {
	var c check
	c.required("renewal_id", req.GetRenewalId())
	c.note(req.GetNote())
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
	r, err := s.renewals.Resolve(ctx, req.GetRenewalId(), payment.Decided{
		Resolution: decision, OrderID: req.GetOrderId(), By: call.Caller(ctx), Note: req.GetNote(),
	})
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
	jobs, err := s.records.Jobs(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	all := protos(jobs, func(j *renewal.Job) *ecsdv1.RenewalJob { return jobProto(*j) })
	n, _ := fitting(all[:min(limit, len(all))], maxPageBytes, true)
	resp := &ecsdv1.ListRenewalJobsResponse{Jobs: all[:n]}
	if len(all) > n {
		resp.NextPageToken = positionToken(tokens, ledger.Cursor{Time: jobs[n-1].CreateTime, ID: jobs[n-1].ID})
	}
	return resp, nil
}

func (s *renewalService) ListRenewals(ctx context.Context, req *ecsdv1.ListRenewalsRequest) (*ecsdv1.ListRenewalsResponse, error) {
	var c check
	tokens, limit := s.tokens.of("ListRenewals", req), c.pageSize(req.GetPageSize())
	f := ledger.Filter{
		JobID: req.GetJobId(), InstanceID: req.GetInstanceId(), RegionID: req.GetRegionId(), Caller: req.GetCaller(),
		OrderID: req.GetOrderId(), RenewalID: req.GetRenewalId(), States: namedValues(&c, "states", renewalStates, req.GetStates()),
	}
	f.Since, f.Until = c.created(req)
	f.PaidSince, f.PaidUntil = c.between("payment", req.GetPaymentStartTime(), req.GetPaymentEndTime())
	if f.InstanceID != "" {
		c.instanceID("instance_id", f.InstanceID)
	}
	after := c.position(tokens, req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	renewals, err := s.records.Renewals(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	all := renewalsProto(renewals)
	n, _ := fitting(all[:min(limit, len(all))], maxPageBytes, true)
	resp := &ecsdv1.ListRenewalsResponse{Renewals: all[:n]}
	if len(all) > n {
		resp.NextPageToken = positionToken(tokens, f.Position(renewals[n-1]))
	}
	return resp, nil
}

// day checks a day of the month that a renewal buys up to.
func (c *check) day(field string, day int32) ecs.Period {
	target := ecs.Period{Count: day, Unit: ecs.RenewDay}
	if !ecs.SoldForRenewal.Includes(target) {
		c.fail(field, "must be a day of the month that the cloud renews up to, 1 to 28; got %d", day)
	}
	return target
}

func (c *check) required(field, value string) {
	if value == "" {
		c.fail(field, "is required")
	}
}

// created checks the window of creation of a list over the ledger.
func (c *check) created(req interface {
	GetCreateStartTime() *timestamppb.Timestamp
	GetCreateEndTime() *timestamppb.Timestamp
}) (since, until time.Time) {
	return c.between("create", req.GetCreateStartTime(), req.GetCreateEndTime())
}

// between checks a window of time with a common prefix of its fields.
func (c *check) between(prefix string, start, end *timestamppb.Timestamp) (since, until time.Time) {
	since, until = c.time(prefix+"_start_time", start), c.time(prefix+"_end_time", end)
	if !since.IsZero() && !until.IsZero() && !until.After(since) {
		c.fail(prefix+"_end_time", "must be later than %s_start_time (%s); got %s", prefix, since.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	return since, until
}

// selectedJob is jobProto with the selection of the request.
func selectedJob(job renewal.Job, selection *ecsdv1.RenewalSelection) *ecsdv1.RenewalJob {
	converted := jobProto(job)
	converted.Selection = selection
	return converted
}

// encodeSelection returns the stored form of a selection.
func encodeSelection(selection *ecsdv1.RenewalSelection) []byte {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(selection)
	if err != nil {
		panic(err) // a message that was decoded can be encoded
	}
	return encoded
}

// decodeSelection reads the stored form of a selection. It returns nil if there
// is none, and if it cannot be read: it only informs.
func decodeSelection(encoded []byte) *ecsdv1.RenewalSelection {
	var selection ecsdv1.RenewalSelection
	if len(encoded) == 0 || proto.Unmarshal(encoded, &selection) != nil {
		return nil
	}
	return &selection
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
