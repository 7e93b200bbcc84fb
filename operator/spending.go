package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Spending is `ecsd spending`. Mount it like [Renewals].
type Spending struct {
	Connection `embed:""`

	Show     showSpendingCommand `cmd:"" help:"Show the spending limits of callers, with what is spent, reserved and left, and whether spending is frozen."`
	Freeze   freezeCommand       `cmd:"" help:"Stop all spending of all callers. What is in flight is settled, and the renewals of jobs wait."`
	Unfreeze unfreezeCommand     `cmd:"" help:"End a freeze. The renewals of jobs that waited continue; cancel the jobs before to end them."`
}

// showSpendingCommand is `ecsd spending show`.
type showSpendingCommand struct {
	Of string `arg:"" optional:"" help:"A caller. Default: all that have a limit."`
}

// Run shows the limits.
func (c *showSpendingCommand) Run(ctx context.Context, streams Streams, o *Spending) error {
	s, err := o.dial()
	if err != nil {
		return err
	}
	defer s.close()
	spending, err := ask(ctx, s.client.Access().GetSpending, &ecsdv1.GetSpendingRequest{Caller: c.Of})
	if err != nil {
		return s.failed(ctx, err)
	}
	table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CALLER\tLIMIT\tPER\tUNTIL\tSPENT\tRESERVED\tLEFT\tEACH")
	for _, l := range spending.GetLimits() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.GetCaller(), moneyWord(l.GetLimit()),
			strings.ToLower(word(l.GetPeriod(), "SPENDING_PERIOD_")), timeWord(l.GetPeriodEndTime()),
			moneyWord(l.GetSpent()), moneyWord(l.GetReserved()), moneyWord(l.GetLeft()), moneyWord(l.GetMaxEach()))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(streams.Out, freezeLine(spending.GetFreeze()))
	return nil
}

// freezeLine describes the state of the freeze.
func freezeLine(f *ecsdv1.SpendingFreeze) string {
	switch {
	case f.GetFrozen():
		return fmt.Sprintf("Spending is FROZEN since %s by %s: %s", timeWord(f.GetChangeTime()), f.GetChangedBy(), f.GetReason())
	case f.GetChangeTime() != nil:
		return fmt.Sprintf("Spending is not frozen since %s by %s: %s", timeWord(f.GetChangeTime()), f.GetChangedBy(), f.GetReason())
	}
	return "Spending is not frozen."
}

// reasonFlag is the reason of a freeze or its end.
type reasonFlag struct {
	Reason string `required:"" placeholder:"TEXT" help:"Why, for auditors: at most 500 characters."`
}

// Validate checks the flag.
func (r *reasonFlag) Validate() error {
	if n := utf8.RuneCountInString(r.Reason); n < 1 || n > 500 {
		return errors.New("--reason must have 1 to 500 characters")
	}
	return nil
}

// freezeCommand is `ecsd spending freeze`.
type freezeCommand struct {
	reasonFlag `embed:""`
}

// Run freezes spending.
func (c *freezeCommand) Run(ctx context.Context, streams Streams, o *Spending) error {
	s, err := o.dial()
	if err != nil {
		return err
	}
	defer s.close()
	frozen, err := ask(ctx, s.client.Access().FreezeSpending, &ecsdv1.FreezeSpendingRequest{Reason: c.Reason})
	if err != nil {
		return s.failed(ctx, err)
	}
	fmt.Fprintln(streams.Out, freezeLine(frozen.GetFreeze()))
	return nil
}

// unfreezeCommand is `ecsd spending unfreeze`.
type unfreezeCommand struct {
	reasonFlag `embed:""`
}

// Run ends the freeze.
func (c *unfreezeCommand) Run(ctx context.Context, streams Streams, o *Spending) error {
	s, err := o.dial()
	if err != nil {
		return err
	}
	defer s.close()
	now, err := ask(ctx, s.client.Access().UnfreezeSpending, &ecsdv1.UnfreezeSpendingRequest{Reason: c.Reason})
	if err != nil {
		return s.failed(ctx, err)
	}
	fmt.Fprintln(streams.Out, freezeLine(now.GetFreeze()))
	return nil
}
