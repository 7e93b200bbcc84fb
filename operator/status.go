package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Status is `ecsd status`.
type Status struct {
	Connection `embed:"" group:"common"`

	Check bool `help:"Exit with 3 if the server is not ready, a region cannot be read, or something needs a person."`
}

// Help is what `ecsd help status` prints above the flags.
func (*Status) Help() string {
	return `Shows the health of the server, how old its view of each region is, the use of the cloud's rate limits, spending, and what needs a person. It costs no call to the cloud. In CSV the result is the list of regions.`
}

// Examples of the command.
func (*Status) Examples() string {
	return `ecsd status
# For a script: is all well?
ecsd status --check > /dev/null || echo "look at it"`
}

// Run shows the status.
func (c *Status) Run(ctx context.Context, streams Streams) error {
	s, err := c.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	status, err := ask(ctx, s.client.Access().GetServerStatus, &ecsdv1.GetServerStatusRequest{})
	if err != nil {
		return s.failed(ctx, err)
	}
	problems := problemsOf(status)
	if err := output.Message(s.out, status, func() error { return s.showStatus(status, problems) }); err != nil {
		return s.failed(ctx, err)
	}
	if c.Check && len(problems) > 0 {
		return &Error{strings.Join(problems, "\n  "), exitNotSucceeded}
	}
	return nil
}

// problemsOf returns what needs a person, in a line each.
func problemsOf(status *ecsdv1.GetServerStatusResponse) (problems []string) {
	add := func(n int64, noun, does string) {
		switch {
		case n == 1:
			problems = append(problems, "1 "+noun+" "+does)
		case n > 1:
			problems = append(problems, output.Plural(n, noun)+" "+strings.Replace(does, "needs", "need", 1))
		}
	}
	switch {
	case status.GetDraining():
		problems = append(problems, "the server is being stopped")
	case !status.GetReady():
		problems = append(problems, "the server is not ready")
	}
	for _, part := range status.GetParts() {
		if !part.GetReady() && !part.GetOptional() {
			problems = append(problems, fmt.Sprintf("%s is not ready, see the log of the server for %q", part.GetName(), "part is not ready"))
		}
	}
	var failing, drifted int64
	for _, region := range status.GetRegions() {
		if reason := region.GetDegradedReason(); reason != "" {
			problems = append(problems, fmt.Sprintf("%s cannot be read: %s", region.GetRegionId(), reason))
		}
		failing += region.GetAutoRenewals().GetFailingCount()
		drifted += region.GetAutoRenewals().GetDriftedCount()
	}
	for _, r := range status.GetNotificationReceivers() {
		if r.GetFailedSends() > 0 {
			problems = append(problems, fmt.Sprintf("receiver %s is down, %s: %s", r.GetName(), output.Plural(r.GetPendingCount(), "message")+" pending", r.GetLastError()))
		}
	}
	add(status.GetAttention().GetRenewalCount(), "renewal", "needs a decision: ecsd renewals attention")
	add(status.GetAttention().GetModificationCount(), "modification", "needs a decision, by ResolveModification")
	add(failing, "deduction", "failing: the balance of the account may be too low")
	add(drifted, "auto-renew setting", "not as SetAutoRenew last requested")
	return problems
}

// showStatus writes the status for people, or its regions as CSV.
func (s *session) showStatus(status *ecsdv1.GetServerStatusResponse, problems []string) error {
	if !s.out.People() {
		return output.List(s.out, servedColumns, output.Of(status.GetRegions()))
	}
	state := s.out.Paint(output.Good, "ready")
	if !status.GetReady() {
		state = s.out.Paint(output.Bad, "NOT READY")
	}
	s.out.Printf("%-10s %s since %s, %s\n", "server", state, s.out.Time(status.GetStartTime()), output.Clean(status.GetVersion()))
	for _, part := range status.GetParts() {
		word := s.out.Paint(output.Good, "ready")
		if !part.GetReady() {
			word = s.out.Paint(output.Bad, fmt.Sprintf("not ready, %s in a row failed", output.Plural(int64(part.GetFailedChecks()), "check")))
		}
		s.out.Printf("%-10s %s since %s\n", part.GetName(), word, s.out.Time(part.GetStateTime()))
	}
	attention := status.GetAttention()
	if len(problems) == 0 {
		s.out.Field("attention", "nothing")
	}
	for _, problem := range problems {
		s.out.Printf("%-10s %s\n", "attention", s.out.Paint(output.Bad, output.Clean(problem)))
	}
	for _, m := range attention.GetReserved() {
		s.out.Field("reserved", fmt.Sprintf("%s for orders of open outcome, the oldest of %s", output.Money(m), s.out.Time(attention.GetOldestOrderTime())))
	}
	if freeze := status.GetSpendingFreeze(); freeze != nil {
		s.out.Printf("%-10s %s\n", "spending", s.freezeLine(freeze))
	}
	s.out.Printf("\n")
	if err := output.List(s.out, servedColumns, output.Of(status.GetRegions())); err != nil {
		return err
	}
	if budgets := status.GetRateBudgets(); len(budgets) > 0 {
		s.out.Printf("\n")
		if err := output.List(s.out, budgetColumns, output.Of(budgets)); err != nil {
			return err
		}
	}
	if limits := status.GetSpendingLimits(); len(limits) > 0 {
		s.out.Printf("\n")
		if err := output.List(s.out, limitColumns, output.Of(limits)); err != nil {
			return err
		}
	}
	if receivers := status.GetNotificationReceivers(); len(receivers) > 0 {
		s.out.Printf("\n")
		return output.List(s.out, receiverColumns, output.Of(receivers))
	}
	return nil
}

var receiverColumns = []output.Column[*ecsdv1.NotificationReceiver]{
	{Title: "RECEIVER", Name: "name", Value: func(r *ecsdv1.NotificationReceiver) any { return r.GetName() }},
	{Title: "KIND", Name: "kind", Value: func(r *ecsdv1.NotificationReceiver) any { return r.GetKind() }},
	{Title: "PENDING", Name: "pending_count", Value: func(r *ecsdv1.NotificationReceiver) any { return r.GetPendingCount() }},
	{Title: "OLDEST", Name: "oldest_time", Value: func(r *ecsdv1.NotificationReceiver) any { return r.GetOldestTime() }},
	{Title: "FAILED", Name: "failed_sends", Value: func(r *ecsdv1.NotificationReceiver) any { return r.GetFailedSends() }, Colour: func(r *ecsdv1.NotificationReceiver) output.Colour {
		if r.GetFailedSends() > 0 {
			return output.Bad
		}
		return output.Plain
	}},
	{Title: "DELIVERED", Name: "last_success_time", Drop: 1, Value: func(r *ecsdv1.NotificationReceiver) any { return r.GetLastSuccessTime() }},
}

var servedColumns = []output.Column[*ecsdv1.ServedRegion]{
	{Title: "REGION", Name: "region_id", Value: func(r *ecsdv1.ServedRegion) any { return r.GetRegionId() }},
	{Title: "STATE", Value: func(r *ecsdv1.ServedRegion) any { return regionState(r) }, Colour: func(r *ecsdv1.ServedRegion) output.Colour {
		if r.GetDegradedReason() != "" {
			return output.Bad
		}
		return output.Plain
	}},
	{Name: "degraded_reason", Value: func(r *ecsdv1.ServedRegion) any { return r.GetDegradedReason() }},
	{Name: "degraded_time", Value: func(r *ecsdv1.ServedRegion) any { return r.GetDegradedTime() }},
	{Title: "AGE", Value: func(r *ecsdv1.ServedRegion) any {
		if r.GetObservedTime() == nil {
			return "-"
		}
		return max(0, time.Since(r.GetObservedTime().AsTime())).Round(time.Second).String()
	}},
	{Name: "observed_time", Value: func(r *ecsdv1.ServedRegion) any { return r.GetObservedTime() }},
	{Title: "INSTANCES", Name: "instance_count", Value: func(r *ecsdv1.ServedRegion) any { return r.GetInstanceCount() }},
	{Title: "AUTO-RENEW", Name: "scheduled_count", Value: func(r *ecsdv1.ServedRegion) any { return checked(r, r.GetAutoRenewals().GetScheduledCount()) }},
	{Title: "OFF", Name: "off_count", Value: func(r *ecsdv1.ServedRegion) any { return checked(r, r.GetAutoRenewals().GetOffCount()) }},
	{Title: "FAILING", Name: "failing_count", Value: func(r *ecsdv1.ServedRegion) any { return checked(r, r.GetAutoRenewals().GetFailingCount()) }},
	{Title: "DRIFTED", Name: "drifted_count", Value: func(r *ecsdv1.ServedRegion) any { return checked(r, r.GetAutoRenewals().GetDriftedCount()) }},
	{Title: "CHECKED", Name: "check_time", Drop: 1, Value: func(r *ecsdv1.ServedRegion) any { return r.GetAutoRenewals().GetCheckTime() }},
}

// checked returns a count of the check of automatic renewals, empty before the first.
func checked(r *ecsdv1.ServedRegion, n int64) any {
	if r.GetAutoRenewals() == nil {
		return ""
	}
	return n
}

func regionState(r *ecsdv1.ServedRegion) string {
	switch {
	case r.GetDegradedReason() != "":
		return r.GetDegradedReason()
	case r.GetObservedTime() == nil:
		return "not read yet"
	}
	return "observed"
}

var budgetColumns = []output.Column[*ecsdv1.RateBudget]{
	{Title: "ACTION", Name: "action", Value: func(b *ecsdv1.RateBudget) any { return b.GetAction() }},
	{Title: "REGION", Name: "region_id", Region: true, Value: func(b *ecsdv1.RateBudget) any { return b.GetRegionId() }},
	{Title: "CALLS/MIN", Name: "used_count", Value: func(b *ecsdv1.RateBudget) any { return b.GetUsedCount() }},
	{Title: "LIMIT", Name: "limit", Value: func(b *ecsdv1.RateBudget) any {
		if b.GetLimit() == 0 {
			return "-"
		}
		return b.GetLimit()
	}},
	{Title: "WAITING", Name: "waiting_count", Value: func(b *ecsdv1.RateBudget) any { return b.GetWaitingCount() }, Colour: func(b *ecsdv1.RateBudget) output.Colour {
		if b.GetWaitingCount() > 0 {
			return output.Warn
		}
		return output.Plain
	}},
}
