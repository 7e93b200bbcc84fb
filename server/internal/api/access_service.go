package api

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/spending"
)

// Spending shows what callers may spend, and freezes spending.
type Spending interface {
	Limits(ctx context.Context, caller string) ([]spending.Limit, ledger.Freeze, error)
	Freeze(ctx context.Context, frozen bool, caller, reason string) (ledger.Freeze, error)
}

// Audit lists the records of the audit and their seals.
type Audit interface {
	ListAudit(ctx context.Context, f audit.Filter, after string, limit int) ([]audit.Record, error)
	AuditBlocks(ctx context.Context, after int64, limit int) ([]audit.Block, error)
}

// accessService implements ecsd.v1.AccessService.
type accessService struct {
	ecsdv1.UnimplementedAccessServiceServer

	status   Status
	spending Spending
	audit    Audit
	regions  []string
	tokens   sealer
}

// maxReason is the maximum length of the reason of a freeze, in characters.
const maxReason = 500

// freezeReason checks the reason of a freeze.
func (c *check) freezeReason(reason string) {
	if n := utf8.RuneCountInString(reason); n < 1 || n > maxReason {
		c.fail("reason", "must have 1 to %d characters; got %d", maxReason, n)
	}
}

// GetSpending shows the limits with their accounts.
func (s *accessService) GetSpending(ctx context.Context, req *ecsdv1.GetSpendingRequest) (*ecsdv1.GetSpendingResponse, error) {
	limits, freeze, err := s.spending.Limits(ctx, req.GetCaller())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.GetSpendingResponse{Limits: spendingProto(limits), Freeze: freezeProto(freeze)}, nil
}

func spendingProto(limits []spending.Limit) []*ecsdv1.SpendingLimit {
	list := make([]*ecsdv1.SpendingLimit, 0, len(limits))
	for _, l := range limits {
		zone := "UTC"
		if l.Zone != nil {
			zone = l.Zone.String()
		}
		list = append(list, &ecsdv1.SpendingLimit{
			Caller: l.Caller, Limit: moneyProto(l.Limit), Period: spendingPeriods[l.Per], TimeZone: zone, MaxEach: moneyProto(l.MaxEach),
			PeriodStartTime: timestamppb.New(l.Start), PeriodEndTime: timestamppb.New(l.End),
			Spent: moneyProto(l.Spent), Reserved: moneyProto(l.Reserved), Left: moneyProto(l.Left),
		})
	}
	return list
}

var spendingPeriods = map[ecs.Span]ecsdv1.SpendingPeriod{
	ecs.PerDay:   ecsdv1.SpendingPeriod_SPENDING_PERIOD_DAY,
	ecs.PerWeek:  ecsdv1.SpendingPeriod_SPENDING_PERIOD_WEEK,
	ecs.PerMonth: ecsdv1.SpendingPeriod_SPENDING_PERIOD_MONTH,
	ecs.PerYear:  ecsdv1.SpendingPeriod_SPENDING_PERIOD_YEAR,
}

func freezeProto(f ledger.Freeze) *ecsdv1.SpendingFreeze {
	return &ecsdv1.SpendingFreeze{Frozen: f.Frozen, Reason: f.Reason, ChangedBy: f.By, ChangeTime: timeProto(f.Time)}
}

// FreezeSpending stops all spending.
func (s *accessService) FreezeSpending(ctx context.Context, req *ecsdv1.FreezeSpendingRequest) (*ecsdv1.FreezeSpendingResponse, error) {
	freeze, err := s.freeze(ctx, true, req.GetReason())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.FreezeSpendingResponse{Freeze: freeze}, nil
}

// UnfreezeSpending ends a freeze.
func (s *accessService) UnfreezeSpending(ctx context.Context, req *ecsdv1.UnfreezeSpendingRequest) (*ecsdv1.UnfreezeSpendingResponse, error) {
	freeze, err := s.freeze(ctx, false, req.GetReason())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.UnfreezeSpendingResponse{Freeze: freeze}, nil
}

func (s *accessService) freeze(ctx context.Context, frozen bool, reason string) (*ecsdv1.SpendingFreeze, error) {
	var c check
	c.freezeReason(reason)
	if err := c.err(); err != nil {
		return nil, err
	}
	f, err := s.spending.Freeze(ctx, frozen, call.Caller(ctx), reason)
	if err != nil {
		return nil, err
	}
	return freezeProto(f), nil
}

// decisions are the words of the store for the values of the contract.
var decisions = map[ecsdv1.AuditDecision]audit.Decision{
	ecsdv1.AuditDecision_AUDIT_DECISION_ALLOWED:    audit.Allowed,
	ecsdv1.AuditDecision_AUDIT_DECISION_REFUSED:    audit.Refused,
	ecsdv1.AuditDecision_AUDIT_DECISION_ORDER_SENT: audit.OrderSent,
	ecsdv1.AuditDecision_AUDIT_DECISION_PAID:       audit.Paid,
	ecsdv1.AuditDecision_AUDIT_DECISION_NOT_PAID:   audit.NotPaid,
	ecsdv1.AuditDecision_AUDIT_DECISION_UNKNOWN:    audit.Unknown,
}

// ListAuditRecords lists records, newest first.
func (s *accessService) ListAuditRecords(ctx context.Context, req *ecsdv1.ListAuditRecordsRequest) (*ecsdv1.ListAuditRecordsResponse, error) {
	var c check
	f := audit.Filter{
		Caller: req.GetCaller(), RPC: req.GetRpc(), InstanceID: req.GetInstanceId(), Block: req.GetBlock(), RelatedID: req.GetRelatedId(),
		Start: c.time("start_time", req.GetStartTime()), End: c.time("end_time", req.GetEndTime()),
	}
	if f.InstanceID != "" {
		c.instanceID("instance_id", f.InstanceID)
	}
	if f.Block < 0 {
		c.fail("block", "must be 0 or more; got %d", f.Block)
	}
	if !f.Start.IsZero() && !f.End.IsZero() && !f.Start.Before(f.End) {
		c.fail("end_time", "must be after start_time")
	}
	for i, d := range req.GetDecisions() {
		word, known := decisions[d]
		switch at := "decisions[" + strconv.Itoa(i) + "]"; {
		case !known:
			c.fail(at, "must be a named value of AuditDecision; got %d", d)
		case slices.Contains(f.Decisions, word):
			c.fail(at, "must not repeat %s", d)
		}
		f.Decisions = append(f.Decisions, word)
	}
	limit := c.pageSize(req.GetPageSize())
	tokens := s.tokens.of("ListAuditRecords", req)
	after := c.onePosition(tokens, req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	found, err := s.audit.ListAudit(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	records := make([]*ecsdv1.AuditRecord, min(limit, len(found)))
	for i := range records {
		records[i] = auditProto(found[i])
	}
	n, _ := fitting(records, maxPageBytes, true)
	resp := &ecsdv1.ListAuditRecordsResponse{Records: records[:n]}
	if n < len(found) {
		resp.NextPageToken = tokens.encodeWords(found[n-1].ID)
	}
	return resp, nil
}

// onePosition reads a page token of one word, "" for the beginning.
func (c *check) onePosition(tokens binding, token string) string {
	if words := tokens.decodeWords(c, token); len(words) == 1 {
		return words[0]
	}
	return ""
}

func auditProto(r audit.Record) *ecsdv1.AuditRecord {
	p := &ecsdv1.AuditRecord{
		RecordId: r.ID, RecordTime: timestamppb.New(r.Time), Caller: r.Caller, IdentityMethod: r.Method, Credential: r.Credential, Rpc: r.RPC,
		CallId: r.CallID, RequestId: r.RequestID, JobId: r.JobID, RegionId: r.RegionID, InstanceIds: r.InstanceIDs,
		Price: moneyProto(r.Price), OrderId: r.OrderID, Reason: string(r.Reason), Code: r.Code, Block: r.Block, Note: r.Note,
	}
	for value, word := range decisions {
		if word == r.Decision {
			p.Decision = value
		}
	}
	return p
}

// ListAuditBlocks lists seals, oldest first.
func (s *accessService) ListAuditBlocks(ctx context.Context, req *ecsdv1.ListAuditBlocksRequest) (*ecsdv1.ListAuditBlocksResponse, error) {
	var c check
	limit := c.pageSize(req.GetPageSize())
	tokens := s.tokens.of("ListAuditBlocks", req)
	var after int64
	if word := c.onePosition(tokens, req.GetPageToken()); word != "" {
		after, _ = strconv.ParseInt(word, 10, 64)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	found, err := s.audit.AuditBlocks(ctx, after, limit+1)
	if err != nil {
		return nil, err
	}
	resp := &ecsdv1.ListAuditBlocksResponse{}
	for _, b := range found[:min(limit, len(found))] {
		resp.Blocks = append(resp.Blocks, &ecsdv1.AuditBlock{
			Number: b.Number, RecordCount: b.Count, SealTime: timestamppb.New(b.Time), PreviousHash: b.Previous, Hash: b.Hash, RecordsRemoved: b.Removed,
		})
	}
	if len(found) > limit {
		resp.NextPageToken = tokens.encodeWords(strconv.FormatInt(found[limit-1].Number, 10))
	}
	return resp, nil
}
