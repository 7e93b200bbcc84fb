package operator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// plan is the preview of a job.
type plan struct {
	job      *ecsdv1.RenewalJob
	cost     *ecsdv1.RenewalPlan
	renewals []*ecsdv1.Renewal
}

// preview reads all pages of the plan of a request. The first page takes the time
// of one price per instance, which is shown on a terminal.
func (s *session) preview(ctx context.Context, w io.Writer, job *ecsdv1.CreateRenewalJobRequest) (*plan, error) {
	status := newStatusLine(w)
	defer status.clear()
	began := time.Now()
	var p plan
	request := &ecsdv1.PreviewRenewalsRequest{Job: job, PageSize: 1000}
	for {
		page, err := waiting(func() (*ecsdv1.PreviewRenewalsResponse, error) { return s.PreviewRenewals(ctx, request) }, func() {
			if p.job == nil {
				status.show(fmt.Sprintf("planning   %s, one price per instance", time.Since(began).Round(time.Second)))
			}
		})
		if err != nil {
			return nil, err
		}
		if p.job == nil {
			p.job, p.cost = page.GetJob(), page.GetPlan()
		}
		p.renewals = append(p.renewals, page.GetRenewals()...)
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return &p, nil
		}
		status.show(fmt.Sprintf("plan       %s of %s", grouped(int64(len(p.renewals))), plural(count(p.job).all, "instance")))
	}
}

// waiting runs a call, and calls tick every second until it has returned.
func waiting[T any](call func() (T, error), tick func()) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
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
			tick()
		}
	}
}

// statusLine is a line on a terminal that is drawn over. Elsewhere it shows nothing.
type statusLine struct {
	w     io.Writer
	width int
}

func newStatusLine(w io.Writer) *statusLine {
	if !IsTerminal(w) {
		w = io.Discard
	}
	return &statusLine{w: w}
}

func (l *statusLine) show(text string) {
	fmt.Fprintf(l.w, "\r%-*s", l.width, text)
	l.width = max(l.width, len(text))
}

func (l *statusLine) clear() {
	if l.width > 0 {
		fmt.Fprintf(l.w, "\r%-*s\r", l.width, "")
	}
}

// total returns the cost of the plan, nil if the cloud has no price for the
// period: weeks, and four and five years.
func (p *plan) total() *ecsdv1.Money { return p.cost.GetTotalPrice() }

// printPlan prints the effect of a job, in the order of service, and returns how
// many instances would be renewed, and how many would not although they should be.
func printPlan(w io.Writer, p *plan, rows int, anyPrice bool) (planned, blocked int64) {
	printRows(w, p.renewals, rows)
	var not []string
	for _, c := range p.job.GetCounts() {
		if c.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_PLANNED {
			planned += c.GetCount()
			continue
		}
		if !slices.Contains(noNeed, c.GetReason()) {
			blocked += c.GetCount()
		}
		not = append(not, fmt.Sprintf("%s %s", grouped(c.GetCount()), c.GetReason()))
	}
	total, budget := p.total(), p.job.GetMaxTotalPrice()
	fmt.Fprintf(w, "to renew   %s of %s, for %s\n", grouped(planned), plural(int64(len(p.renewals)), "instance"), totalWord(total))
	if all := p.cost.GetTotalPriceWithoutBudget(); budget != nil && all != nil {
		fmt.Fprintf(w, "everything %s, if there were no budget\n", moneyWord(all))
	}
	if len(not) > 0 {
		slices.Sort(not)
		fmt.Fprintf(w, "not        %s\n", strings.Join(not, ", "))
	}
	switch {
	case budget != nil:
		fmt.Fprintf(w, "budget     %s\n", moneyWord(budget))
	case anyPrice:
		fmt.Fprintln(w, "budget     none: prices may rise before they are paid")
	case total != nil && planned > 0:
		fmt.Fprintf(w, "budget     %s, the total above, unless --budget or --any-price is given\n", moneyWord(total))
	}
	printBalance(w, p.cost, planned)
	printLeftOut(w, int64(p.cost.GetExpiredLeftOutCount()))
	return planned, blocked
}

// printBalance prints whether the balance of the account covers a plan, if that is
// known.
func printBalance(w io.Writer, cost *ecsdv1.RenewalPlan, planned int64) {
	balance := cost.GetAvailableBalance()
	if balance == nil || planned == 0 {
		return
	}
	switch covered := int64(cost.GetCoveredCount()); {
	case cost.CoveredCount == nil:
		fmt.Fprintf(w, "balance    %s\n", moneyWord(balance))
	case covered < planned:
		fmt.Fprintf(w, "balance    %s, covers %s of %s: the cloud refuses the others unless the account is topped up\n", moneyWord(balance), grouped(covered), grouped(planned))
	default:
		fmt.Fprintf(w, "balance    %s, covers all\n", moneyWord(balance))
	}
}

// noNeed lists the reasons of skipped renewals that need no action.
var noNeed = []string{"ALREADY_RENEWED", "RENEWAL_IN_PROGRESS", "OUTSIDE_WINDOW", "SET_NOT_TO_RENEW"}

// printRows prints a table of the renewals, at most rows of them. It has a column for
// recent payments if there are any.
func printRows(w io.Writer, renewals []*ecsdv1.Renewal, rows int) {
	recent := int64(0)
	for _, r := range renewals {
		if r.GetRecentRenewal() != nil {
			recent++
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	header := "INSTANCE\tREGION\tEXPIRES\tTHEN\tPRICE\tPLAN"
	if recent > 0 {
		header += "\tPAID BEFORE"
	}
	fmt.Fprintln(table, header)
	for i, r := range renewals {
		if rows > 0 && i == rows {
			break
		}
		then, what := timeWord(r.GetExpireTimeAfter()), "renew for "+buysWord(r.GetPeriod(), r.GetTargetExpireDay())
		if r.GetTargetExpireDay() > 0 {
			what = "renew " + buysWord(nil, r.GetTargetExpireDay())
		}
		if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_PLANNED {
			then, what = "-", standing(r.GetState(), r.GetReason())
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s", r.GetInstanceId(), r.GetRegionId(), timeWord(r.GetExpireTimeBefore()), then, moneyWord(r.GetPrice()), what)
		if prior := r.GetRecentRenewal(); prior != nil {
			fmt.Fprintf(table, "\t%s, request %s, renewal %s", timeWord(prior.GetPaymentTime()), prior.GetRequestId(), prior.GetRenewalId())
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
	if more := len(renewals) - rows; rows > 0 && more > 0 {
		fmt.Fprintf(w, "and %d more (--rows 0 shows all)\n", more)
	}
	if recent > 0 {
		fmt.Fprintf(w, "recent     %s renewed in the last 31 days, see PAID BEFORE\n", plural(recent, "instance"))
	}
}

// printLeftOut prints how many expired instances a window leaves out.
func printLeftOut(w io.Writer, count int64) {
	if count > 0 {
		fmt.Fprintf(w, "left out   %s that expired and can still be renewed: --expired includes them\n", plural(count, "instance"))
	}
}

func totalWord(total *ecsdv1.Money) string {
	if total == nil {
		return "prices that the cloud does not publish beforehand"
	}
	return moneyWord(total)
}

// budgetText is an amount as --budget takes it.
func budgetText(m *ecsdv1.Money) string { return amountText(m) + m.GetCurrencyCode() }

func question(planned int64, total *ecsdv1.Money) string {
	return fmt.Sprintf("Renew %s for %s? Type yes: ", plural(planned, "instance"), totalWord(total))
}

// confirmed prints a question and reports whether the response is the word yes.
func confirmed(ctx context.Context, streams Streams, question string) bool {
	fmt.Fprint(streams.Out, question)
	answer := make(chan string, 1)
	go func() { // it ends with the process if no line comes
		line, _ := bufio.NewReader(streams.In).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		return strings.EqualFold(strings.TrimSpace(line), "yes")
	case <-ctx.Done():
		fmt.Fprintln(streams.Out)
		return false
	}
}
