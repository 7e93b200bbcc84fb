package operator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// plan is the preview of a job.
type plan struct {
	job      *ecsdv1.RenewalJob
	cost     *ecsdv1.RenewalPlan
	renewals []*ecsdv1.Renewal
}

// preview reads all pages of the plan of a request. The first page takes the time
// of one price per instance.
func (s *session) preview(ctx context.Context, job *ecsdv1.CreateRenewalJobRequest) (*plan, error) {
	status := statusLine{out: s.out}
	defer status.clear()
	request := &ecsdv1.PreviewRenewalsRequest{Job: job, PageSize: 1000}
	page, err := pricing(ctx, s, job, func() (*ecsdv1.PreviewRenewalsResponse, error) { return s.PreviewRenewals(ctx, request) })
	if err != nil {
		return nil, err
	}
	p := plan{page.GetJob(), page.GetPlan(), page.GetRenewals()}
	for request.PageToken = page.GetNextPageToken(); request.PageToken != ""; request.PageToken = page.GetNextPageToken() {
		status.show(fmt.Sprintf("plan       %s of %s", output.Number(int64(len(p.renewals))), output.Plural(count(p.job).all, "instance")))
		if page, err = s.PreviewRenewals(ctx, request); err != nil {
			return nil, err
		}
		p.renewals = append(p.renewals, page.GetRenewals()...)
	}
	return &p, nil
}

// pricing runs a call that prices the plan of a job, and shows on a terminal how many prices are read. The counts are
// those of the server at the other end of the connection: behind a proxy that distributes calls, it may be another one
// that has none.
func pricing[T any](ctx context.Context, s *session, job *ecsdv1.CreateRenewalJobRequest, call func() (T, error)) (T, error) {
	status := statusLine{out: s.out}
	defer status.clear()
	began := time.Now()
	return waiting(ctx, call, func(ctx context.Context) {
		if !s.out.Live() {
			return
		}
		p, elapsed := s.priced(ctx, job.GetRequestId()), time.Since(began).Round(time.Second)
		if p == nil {
			status.show(fmt.Sprintf("planning   %s, one price per instance", elapsed))
			return
		}
		status.show(fmt.Sprintf("pricing    %s/%s, %s", output.Number(p.GetPricedCount()), output.Number(p.GetRenewalCount()), elapsed))
	})
}

// priced returns how far the plan of a request is, nil if that is not known.
func (s *session) priced(ctx context.Context, requestID string) *ecsdv1.RenewalPlanProgress {
	answer, err := ask(ctx, s.client.Access().GetServerStatus, &ecsdv1.GetServerStatusRequest{})
	if err != nil {
		return nil // the counts are optional
	}
	for _, p := range answer.GetRenewalPlans() {
		if p.GetRequestId() == requestID {
			return p
		}
	}
	return nil
}

// waiting runs a call, and calls tick every second until it has returned. The context of a tick ends with the call.
func waiting[T any](ctx context.Context, call func() (T, error), tick func(context.Context)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ticking, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan outcome, 1)
	go func() {
		defer stop()
		value, err := call()
		done <- outcome{value, err}
	}()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case o := <-done:
			return o.value, o.err
		case <-second.C:
			tick(ticking)
		}
	}
}

// clearLine begins a line of a terminal anew.
const clearLine = "\r\x1b[K"

// statusLine is a line on a terminal that is drawn over. Elsewhere it shows nothing.
type statusLine struct {
	out   *output.Printer
	shown bool
}

func (l *statusLine) show(text string) {
	if l.out.Live() {
		l.shown = true
		l.out.Printf("%s%s", clearLine, l.out.Shorten(text))
	}
}

func (l *statusLine) clear() {
	if l.shown {
		l.out.Printf("%s", clearLine)
	}
}

// total returns the cost of the plan, nil if the cloud has no price for the
// period: weeks, and four and five years.
func (p *plan) total() *ecsdv1.Money { return p.cost.GetTotalPrice() }

// counts returns how many instances would be renewed, how many would not although
// they should be, and the reasons of all that would not.
func (p *plan) counts() (planned, blocked int64, not []string) {
	for _, c := range p.job.GetCounts() {
		if c.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_PLANNED {
			planned += c.GetCount()
			continue
		}
		if !slices.Contains(noNeed, c.GetReason()) {
			blocked += c.GetCount()
		}
		not = append(not, output.Number(c.GetCount())+" "+c.GetReason())
	}
	slices.Sort(not)
	return planned, blocked, not
}

// printPlan prints the effect of a job for people, in the order of service.
func (s *session) printPlan(p *plan, rows int, anyPrice bool) error {
	if err := s.printRows(p.renewals, rows); err != nil {
		return err
	}
	planned, _, not := p.counts()
	total, budget := p.total(), p.job.GetMaxTotalPrice()
	renew := output.Number(planned) + " of " + output.Plural(int64(len(p.renewals)), "instance")
	if planned > 0 {
		renew += ", for " + totalWord(total)
	}
	s.out.Field("to renew", renew)
	if all := p.cost.GetTotalPriceWithoutBudget(); budget != nil && all != nil {
		s.out.Field("everything", output.Money(all)+", if there were no budget")
	}
	s.out.Field("not", strings.Join(not, ", "))
	switch {
	case budget != nil:
		s.out.Field("budget", output.Money(budget))
	case anyPrice:
		s.out.Field("budget", "none: prices may rise before they are paid")
	case total != nil && planned > 0:
		s.out.Field("budget", output.Money(total)+", the total above, unless --budget or --any-price is given")
	}
	s.printBalance(p.cost, planned)
	s.printLeftOut(int64(p.cost.GetExpiredLeftOutCount()))
	return nil
}

// printBalance prints whether the balance of the account covers a plan, if that is
// known.
func (s *session) printBalance(cost *ecsdv1.RenewalPlan, planned int64) {
	balance := cost.GetAvailableBalance()
	if balance == nil || planned == 0 {
		return
	}
	text := output.Money(balance)
	switch covered := int64(cost.GetCoveredCount()); {
	case cost.CoveredCount == nil:
	case covered < planned:
		text += fmt.Sprintf(", covers %s of %s: the cloud refuses the others unless the account is topped up", output.Number(covered), output.Number(planned))
	default:
		text += ", covers all"
	}
	s.out.Field("balance", text)
}

// noNeed lists the reasons of skipped renewals that need no action.
var noNeed = []string{"ALREADY_RENEWED", "RENEWAL_IN_PROGRESS", "OUTSIDE_WINDOW", "SET_NOT_TO_RENEW"}

// planColumns are the columns of a plan.
var planColumns = []output.Column[*ecsdv1.Renewal]{
	{Title: "INSTANCE", Value: func(r *ecsdv1.Renewal) any { return r.GetInstanceId() }},
	{Title: "NAME", Cut: true, Value: func(r *ecsdv1.Renewal) any { return r.GetInstanceName() }},
	{Title: "REGION", Region: true, Drop: 3, Value: func(r *ecsdv1.Renewal) any { return r.GetRegionId() }},
	{Title: "EXPIRES", Drop: 1, Value: func(r *ecsdv1.Renewal) any { return r.GetExpireTimeBefore() }},
	{Title: "NEW EXPIRY", Drop: 4, Value: func(r *ecsdv1.Renewal) any {
		if !isPlanned(r) {
			return nil
		}
		return r.GetExpireTimeAfter()
	}},
	{Title: "PRICE", Value: func(r *ecsdv1.Renewal) any { return r.GetPrice() }},
	{Title: "PLAN", Cut: true, Value: planWord, Colour: func(r *ecsdv1.Renewal) output.Colour {
		if isPlanned(r) {
			return output.Good
		}
		return output.Warn
	}},
	{Title: "PAID BEFORE", Drop: 2, Value: func(r *ecsdv1.Renewal) any { return r.GetRecentRenewal().GetPaymentTime() }},
	{Title: "BY REQUEST", Drop: 5, Value: func(r *ecsdv1.Renewal) any { return r.GetRecentRenewal().GetRequestId() }},
}

// recentColumns is the number of the last columns of a plan, which are for recent payments.
const recentColumns = 2

func isPlanned(r *ecsdv1.Renewal) bool {
	return r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_PLANNED
}

func planWord(r *ecsdv1.Renewal) any {
	switch {
	case !isPlanned(r) && r.GetReason() != "":
		return r.GetReason()
	case !isPlanned(r):
		return r.GetState()
	case r.GetTargetExpireDay() > 0:
		return "renew " + buysWord(nil, r.GetTargetExpireDay())
	}
	return "renew " + buysWord(r.GetPeriod(), 0)
}

// printRows prints a table of the renewals, at most rows of them. It has a column for
// recent payments if there are any.
func (s *session) printRows(renewals []*ecsdv1.Renewal, rows int) error {
	recent := int64(0)
	for _, r := range renewals {
		if r.GetRecentRenewal() != nil {
			recent++
		}
	}
	columns := planColumns
	if recent == 0 {
		columns = columns[:len(columns)-recentColumns]
	}
	if err := output.List(s.out.ForPeople(), columns, output.Limit(rows, output.Of(renewals))); err != nil {
		return err
	}
	if more := len(renewals) - rows; rows > 0 && more > 0 {
		s.out.Printf("and %s more (--rows 0 shows all)\n", output.Number(int64(more)))
	}
	if recent > 0 {
		s.out.Field("recent", output.Plural(recent, "instance")+" renewed in the last 31 days, see PAID BEFORE")
	}
	return nil
}

// printLeftOut prints how many expired instances a window leaves out.
func (s *session) printLeftOut(count int64) {
	if count > 0 {
		s.out.Field("left out", output.Plural(count, "instance")+" that expired and can still be renewed: --expired includes them")
	}
}

func totalWord(total *ecsdv1.Money) string {
	if total == nil {
		return "prices that the cloud does not publish beforehand"
	}
	return output.Money(total)
}

// budgetText is an amount as --budget takes it.
func budgetText(m *ecsdv1.Money) string { return output.Amount(m) + m.GetCurrencyCode() }

func question(planned int64, total *ecsdv1.Money) string {
	return fmt.Sprintf("Renew %s for %s?", output.Plural(planned, "instance"), totalWord(total))
}
