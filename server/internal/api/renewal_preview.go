package api

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// PreviewRenewals computes the plan for the first page. If it has more pages, it
// is stored in parts, encoded, from which any replica serves the others: a plan
// computed again could differ, and costs a call per instance.
func (s *renewalService) PreviewRenewals(ctx context.Context, req *ecsdv1.PreviewRenewalsRequest) (*ecsdv1.PreviewRenewalsResponse, error) {
	var c check
	tokens, limit := s.tokens.of("PreviewRenewals", req), c.pageSize(req.GetPageSize())
	if req.GetPageToken() != "" {
		at := c.previewPosition(tokens, req.GetPageToken())
		if err := c.err(); err != nil {
			return nil, err
		}
		return s.previewPage(ctx, tokens, at, limit)
	}
	if req.GetJob() == nil {
		c.fail("job", "is required: the request to preview")
		return nil, c.err()
	}
	var inner check
	q := s.jobRequest(&inner, req.GetJob(), true)
	c.region = inner.region
	c.joinAt("job.", inner)
	if err := c.err(); err != nil {
		return nil, err
	}
	q.Caller = call.Caller(ctx)
	job, plan, err := s.renewals.Preview(ctx, q)
	if err != nil {
		return nil, err
	}
	page := &ecsdv1.PreviewRenewalsResponse{Job: selectedJob(job, req.GetJob().GetSelection()), Plan: planProto(job, plan)}
	parts := previewParts(plannedProto(plan))
	if len(parts) == 0 {
		return page, nil
	}
	first := parts[0].GetRenewals()
	n, _ := fitting(first[:min(limit, len(first))], maxPageBytes-proto.Size(page), true)
	page.Renewals = first[:n]
	at := previewPosition{parts: len(parts), offset: n}
	if n == len(first) {
		at.part, at.offset = 1, 0
	}
	if at.part == at.parts {
		return page, nil
	}
	encoded := make([][]byte, len(parts))
	for i, part := range parts {
		if encoded[i], err = proto.Marshal(part); err != nil {
			return nil, err
		}
	}
	if at.id, err = s.previews.Keep(ctx, encoded); err != nil {
		return nil, err
	}
	page.NextPageToken = at.token(tokens)
	return page, nil
}

// previewPage returns a page of a stored plan. It ends with its part.
func (s *renewalService) previewPage(ctx context.Context, tokens binding, at previewPosition, limit int) (*ecsdv1.PreviewRenewalsResponse, error) {
	encoded, err := s.previews.Kept(ctx, at.id, at.part)
	if errors.Is(err, ecs.ErrNoRecord) {
		var c check
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "is of a plan that is no longer kept: plans are kept for %s; start again with an empty page_token", renewal.PreviewLife)
		return nil, c.err()
	}
	if err != nil {
		return nil, err
	}
	var part ecsdv1.PreviewRenewalsResponse
	if err := proto.Unmarshal(encoded, &part); err != nil {
		return nil, err
	}
	rest := part.GetRenewals()[min(at.offset, len(part.GetRenewals())):]
	n, _ := fitting(rest[:min(limit, len(rest))], maxPageBytes, true)
	next := at
	next.offset += n
	if n == len(rest) {
		next.part, next.offset = at.part+1, 0
	}
	page := &ecsdv1.PreviewRenewalsResponse{Renewals: rest[:n]}
	if next.part < next.parts {
		page.NextPageToken = next.token(tokens)
	}
	return page, nil
}

// previewParts divides a plan into parts that a page can hold.
func previewParts(renewals []*ecsdv1.Renewal) (parts []*ecsdv1.PreviewRenewalsResponse) {
	for len(renewals) > 0 {
		n, _ := fitting(renewals[:min(maxPageSize, len(renewals))], maxPageBytes, true)
		parts = append(parts, &ecsdv1.PreviewRenewalsResponse{Renewals: renewals[:n]})
		renewals = renewals[n:]
	}
	return parts
}

// plannedProto returns the renewals of a plan in the order of service, with the
// recent payments.
func plannedProto(plan renewal.Plan) []*ecsdv1.Renewal {
	all := renewalsProto(plan.Renewals)
	for _, r := range all {
		if prior, found := plan.Recent[r.GetInstanceId()]; found {
			r.RecentRenewal = recentProto(prior)
		}
	}
	return all
}

// planProto returns nil if the request already has a job, and so no plan.
func planProto(job renewal.Job, plan renewal.Plan) *ecsdv1.RenewalPlan {
	if job.ID != "" {
		return nil
	}
	return costProto(plan)
}

func costProto(plan renewal.Plan) *ecsdv1.RenewalPlan {
	cost := &ecsdv1.RenewalPlan{
		AvailableBalance: amountProto(plan.Balance),
		TotalPrice:       amountProto(plan.Total), TotalPriceWithoutBudget: amountProto(plan.Everything), ExpiredLeftOutCount: int32(plan.LeftOut),
	}
	if cost.AvailableBalance != nil && plan.Covered >= 0 {
		cost.CoveredCount = proto.Int32(int32(plan.Covered))
	}
	return cost
}

// previewPosition is a position in a stored plan.
type previewPosition struct {
	id string
	// parts is the number of parts, part and offset the position.
	parts, part, offset int
}

func (p previewPosition) token(tokens binding) string {
	return tokens.encodeWords(p.id, strconv.Itoa(p.parts), strconv.Itoa(p.part), strconv.Itoa(p.offset))
}

// previewPosition reads a page token of a plan.
func (c *check) previewPosition(tokens binding, token string) (at previewPosition) {
	words := tokens.decodeWords(c, token)
	if words == nil {
		return at
	}
	if len(words) != 4 {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "must be a next_page_token that this service gave, unchanged")
		return at
	}
	at.id = words[0]
	for i, n := range []*int{&at.parts, &at.part, &at.offset} {
		*n, _ = strconv.Atoi(words[i+1]) // sealed
	}
	return at
}
