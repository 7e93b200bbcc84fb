package operator

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// printPlan prints what a job would do, in the order of service, and returns how
// many instances would be renewed, and how many would not although they should be.
func printPlan(w io.Writer, plan *ecsdv1.CreateRenewalJobResponse, rows int, anyPrice bool) (planned, blocked int64) {
	renewals := slices.Clone(plan.GetRenewals())
	slices.SortStableFunc(renewals, func(a, b *ecsdv1.Renewal) int {
		return cmp.Or(a.GetExpireTimeBefore().AsTime().Compare(b.GetExpireTimeBefore().AsTime()),
			strings.Compare(a.GetRegionId(), b.GetRegionId()), strings.Compare(a.GetInstanceId(), b.GetInstanceId()))
	})
	printRows(w, renewals, rows)
	var not []string
	for _, c := range plan.GetJob().GetCounts() {
		if c.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_PLANNED {
			planned += c.GetCount()
			continue
		}
		if !slices.Contains(noNeed, c.GetReason()) {
			blocked += c.GetCount()
		}
		not = append(not, fmt.Sprintf("%s %s", grouped(c.GetCount()), c.GetReason()))
	}
	total, budget := planTotal(plan), plan.GetJob().GetMaxTotalPrice()
	fmt.Fprintf(w, "to renew   %s of %s, for %s\n", grouped(planned), plural(int64(len(renewals)), "instance"), totalWord(total))
	if all := plan.GetPlan().GetTotalPriceWithoutBudget(); budget != nil && all != nil {
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
	printLeftOut(w, int64(plan.GetPlan().GetExpiredLeftOutCount()))
	return planned, blocked
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

// planTotal returns what a plan costs, nil if the cloud has no price for the
// period: weeks, and four and five years.
func planTotal(plan *ecsdv1.CreateRenewalJobResponse) *ecsdv1.Money {
	if total := plan.GetPlan().GetTotalPrice(); total != nil {
		return total
	}
	return plan.GetJob().GetReserved()
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
