package operator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// printPlan shows what a job would do: what is to be renewed, the first to
// expire at the top, and what is not, by its reason. It returns how many are to
// be renewed.
func printPlan(w io.Writer, plan *ecsdv1.CreateRenewalJobResponse, rows int) (planned int64) {
	renewals := slices.Clone(plan.GetRenewals())
	slices.SortStableFunc(renewals, func(a, b *ecsdv1.Renewal) int {
		return a.GetExpireTimeBefore().AsTime().Compare(b.GetExpireTimeBefore().AsTime())
	})
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "INSTANCE\tREGION\tEXPIRES\tTHEN\tPRICE\tPLAN")
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
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.GetInstanceId(), r.GetRegionId(), timeWord(r.GetExpireTimeBefore()), then, moneyWord(r.GetPrice()), what)
	}
	_ = table.Flush()
	if more := len(renewals) - rows; rows > 0 && more > 0 {
		fmt.Fprintf(w, "and %d more (--rows 0 shows all)\n", more)
	}
	var not []string
	short := false
	for _, c := range plan.GetJob().GetCounts() {
		if c.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_PLANNED {
			planned += c.GetCount()
		} else {
			short = short || c.GetReason() == "BUDGET_EXCEEDED"
			not = append(not, fmt.Sprintf("%s %s", grouped(c.GetCount()), c.GetReason()))
		}
	}
	fmt.Fprintf(w, "to renew   %s of %s, for %s\n", grouped(planned), plural(int64(len(renewals)), "instance"), total(plan.GetJob()))
	if len(not) > 0 {
		slices.Sort(not)
		fmt.Fprintf(w, "not        %s\n", strings.Join(not, ", "))
	}
	switch budget := plan.GetJob().GetMaxTotalPrice(); {
	case budget != nil:
		fmt.Fprintf(w, "budget     %s\n", moneyWord(budget))
		if short {
			fmt.Fprintln(w, "           it does not cover all: which are left out is settled as each comes to be paid")
		}
	default:
		fmt.Fprintln(w, "budget     none: each price is asked again before it is paid, and --budget would bound their sum")
	}
	return planned
}

// total is what a plan costs. The cloud names no price for weeks and for four
// and five years.
func total(job *ecsdv1.RenewalJob) string {
	if job.GetReserved() == nil {
		return "prices that the cloud does not name beforehand"
	}
	return moneyWord(job.GetReserved())
}

func question(planned int64, job *ecsdv1.RenewalJob) string {
	return fmt.Sprintf("Renew %s for %s? Type yes: ", plural(planned, "instance"), total(job))
}

// confirmed asks, and takes nothing but the word yes for a yes.
func confirmed(ctx context.Context, streams Streams, question string) bool {
	fmt.Fprint(streams.Out, question)
	answer := make(chan string, 1)
	go func() { // it ends with the process, where nobody answers
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
