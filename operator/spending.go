package operator

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Spending is `ecsd spending`. Mount it like [Renewals].
type Spending struct {
	Connection `embed:"" group:"common"`

	Show     showSpendingCommand `cmd:"" help:"Show the spending limits of callers, with what is spent, reserved and left, and whether spending is frozen."`
	Freeze   freezeCommand       `cmd:"" help:"Stop all spending of all callers. What is in flight is settled, and the renewals of jobs wait."`
	Unfreeze unfreezeCommand     `cmd:"" help:"End a freeze. The renewals of jobs that waited continue; cancel the jobs before to end them."`
}

// showSpendingCommand is `ecsd spending show`.
type showSpendingCommand struct {
	Of string `arg:"" optional:"" help:"A caller. Default: all that have a limit."`
}

// Examples of the command.
func (*showSpendingCommand) Examples() string {
	return `ecsd spending show
ecsd spending show -o json`
}

// Run shows the limits.
func (c *showSpendingCommand) Run(ctx context.Context, streams Streams, o *Spending) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	spending, err := ask(ctx, s.client.Access().GetSpending, &ecsdv1.GetSpendingRequest{Caller: c.Of})
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.failed(ctx, output.Message(s.out, spending, func() error {
		if err := output.List(s.out, limitColumns, output.Of(spending.GetLimits())); err != nil {
			return err
		}
		s.out.Printf("%s\n", s.freezeLine(spending.GetFreeze()))
		return nil
	}))
}

var limitColumns = []output.Column[*ecsdv1.SpendingLimit]{
	{Title: "CALLER", Name: "caller", Cut: true, Value: func(l *ecsdv1.SpendingLimit) any { return l.GetCaller() }},
	{Title: "LIMIT", Name: "limit", Value: func(l *ecsdv1.SpendingLimit) any { return l.GetLimit() }},
	{Name: "currency", Value: func(l *ecsdv1.SpendingLimit) any { return l.GetLimit().GetCurrencyCode() }},
	{Title: "PER", Name: "period", Value: func(l *ecsdv1.SpendingLimit) any { return l.GetPeriod() }},
	{Title: "UNTIL", Name: "period_end_time", Drop: 2, Value: func(l *ecsdv1.SpendingLimit) any { return l.GetPeriodEndTime() }},
	{Title: "SPENT", Name: "spent", Value: func(l *ecsdv1.SpendingLimit) any { return l.GetSpent() }},
	{Title: "RESERVED", Name: "reserved", Drop: 1, Value: func(l *ecsdv1.SpendingLimit) any { return l.GetReserved() }},
	{Title: "LEFT", Name: "left", Value: func(l *ecsdv1.SpendingLimit) any { return l.GetLeft() }},
	{Title: "EACH", Name: "max_each", Drop: 3, Value: func(l *ecsdv1.SpendingLimit) any { return l.GetMaxEach() }},
}

// freezeLine describes the state of the freeze.
func (s *session) freezeLine(f *ecsdv1.SpendingFreeze) string {
	change := fmt.Sprintf("since %s by %s: %s", s.out.Time(f.GetChangeTime()), output.Clean(f.GetChangedBy()), output.Clean(f.GetReason()))
	switch {
	case f.GetFrozen():
		return s.out.Paint(output.Bad, "Spending is FROZEN") + " " + change
	case f.GetChangeTime() != nil:
		return "Spending is not frozen " + change
	}
	return "Spending is not frozen."
}

// showFreeze writes the state of the freeze as the result of a command.
func (s *session) showFreeze(ctx context.Context, f *ecsdv1.SpendingFreeze) error {
	return s.failed(ctx, output.Message(s.out, f, func() error {
		if s.out.People() {
			s.out.Printf("%s\n", s.freezeLine(f))
			return nil
		}
		return output.List(s.out, freezeColumns, output.Of([]*ecsdv1.SpendingFreeze{f}))
	}))
}

var freezeColumns = []output.Column[*ecsdv1.SpendingFreeze]{
	{Name: "frozen", Value: func(f *ecsdv1.SpendingFreeze) any { return f.GetFrozen() }},
	{Name: "reason", Value: func(f *ecsdv1.SpendingFreeze) any { return f.GetReason() }},
	{Name: "change_time", Value: func(f *ecsdv1.SpendingFreeze) any { return f.GetChangeTime() }},
	{Name: "changed_by", Value: func(f *ecsdv1.SpendingFreeze) any { return f.GetChangedBy() }},
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

// freezeCommand is `ecsd spending freeze`, the model of a command that changes. It asks for no confirmation, because it
// stops payments and the way back is one command.
type freezeCommand struct {
	reasonFlag `embed:""`
}

// Examples of the command.
func (*freezeCommand) Examples() string { return `ecsd spending freeze --reason "token b1 leaked"` }

// Run freezes spending.
func (c *freezeCommand) Run(ctx context.Context, streams Streams, o *Spending) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	frozen, err := ask(ctx, s.client.Access().FreezeSpending, &ecsdv1.FreezeSpendingRequest{Reason: c.Reason})
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.showFreeze(ctx, frozen.GetFreeze())
}

// unfreezeCommand is `ecsd spending unfreeze`.
type unfreezeCommand struct {
	reasonFlag `embed:""`
	Yes        bool `short:"y" help:"Skip the confirmation. Required if standard input is not a terminal."`
}

// Examples of the command.
func (*unfreezeCommand) Examples() string {
	return `ecsd spending unfreeze --reason "token b1 was removed"`
}

// Run ends the freeze, after which jobs pay again.
func (c *unfreezeCommand) Run(ctx context.Context, streams Streams, o *Spending) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	if !c.Yes {
		spending, err := ask(ctx, s.client.Access().GetSpending, &ecsdv1.GetSpendingRequest{})
		if err != nil {
			return s.failed(ctx, err)
		}
		s.out.Printf("%s\n", s.freezeLine(spending.GetFreeze()))
		if err := s.confirm(ctx, "End it? Jobs that wait then pay again."); err != nil {
			return err
		}
	}
	now, err := ask(ctx, s.client.Access().UnfreezeSpending, &ecsdv1.UnfreezeSpendingRequest{Reason: c.Reason})
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.showFreeze(ctx, now.GetFreeze())
}
