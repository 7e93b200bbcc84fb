package ledger_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// twoPayments returns valid evidence: two renewals of two instances in one job, at a price of 100 each.
func twoPayments(at time.Time) evidence {
	e := evidence{jobs: []*ecsdv1.RenewalJob{{
		JobId: "job", Spent: &ecsdv1.Money{CurrencyCode: "CNY", Units: 200},
		Counts: []*ecsdv1.RenewalCount{{State: ecsdv1.RenewalState_RENEWAL_STATE_RENEWED, Count: 2}},
	}}}
	for _, id := range []string{"i-1", "i-2"} {
		e.bill = append(e.bill, control.Order{OrderID: "order of " + id, InstanceID: id, Amount: 100_00, ClientToken: "token of " + id, Time: at.Add(time.Second), PeriodEnd: at.Add(90 * time.Minute)})
		e.sends = append(e.sends, send{token: "token of " + id, instanceID: id, at: at.Add(time.Second)})
		e.renewals = append(e.renewals, &ecsdv1.Renewal{
			RenewalId: "renewal of " + id, JobId: "job", InstanceId: id, State: ecsdv1.RenewalState_RENEWAL_STATE_RENEWED,
			OrderId: "order of " + id, Price: &ecsdv1.Money{CurrencyCode: "CNY", Units: 100},
			CreateTime: timestamppb.New(at), ExpireTimeBefore: timestamppb.New(at.Add(time.Hour)),
			Attempts: []*ecsdv1.RenewalAttempt{{Number: 1, SendTime: timestamppb.New(at.Add(900 * time.Millisecond))}},
		})
	}
	return e
}

// again adds a second paid renewal of i-1, in another job.
func (e *evidence) again(at time.Time, expireBefore time.Time) {
	e.bill = append(e.bill, control.Order{OrderID: "order 2", InstanceID: "i-1", Amount: 100_00, ClientToken: "token 2", Time: at.Add(time.Second)})
	e.sends = append(e.sends, send{token: "token 2", instanceID: "i-1", at: at.Add(time.Second)})
	e.renewals = append(e.renewals, &ecsdv1.Renewal{
		RenewalId: "renewal 2", JobId: "job 2", InstanceId: "i-1", State: ecsdv1.RenewalState_RENEWAL_STATE_RENEWED,
		OrderId: "order 2", Price: &ecsdv1.Money{CurrencyCode: "CNY", Units: 100},
		CreateTime: timestamppb.New(at), ExpireTimeBefore: timestamppb.New(expireBefore),
		Attempts: []*ecsdv1.RenewalAttempt{{Number: 1, SendTime: timestamppb.New(at)}},
	})
}

// The check finds each fault in evidence, and none in valid evidence.
func TestCheck_FindsEachFault(t *testing.T) {
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	state := func(s ecsdv1.RenewalState, reason string) func(*evidence) {
		return func(e *evidence) {
			e.renewals[0].State, e.renewals[0].Reason = s, reason
			e.jobs = nil
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(e *evidence)
		want  string // "" for no fault
	}{
		{"sound", func(*evidence) {}, ""},
		{"a second period on purpose", func(e *evidence) { e.again(at.Add(time.Minute), at.Add(2*time.Hour)) }, ""},
		{"one obligation paid twice", func(e *evidence) { e.again(at.Add(time.Minute), at.Add(time.Hour)) }, "was paid for twice"},
		{"paid by a plan from before", func(e *evidence) {
			e.again(at.Add(time.Minute), at.Add(70*time.Minute))
		}, "came after its plan"},
		{"one renewal charged twice", func(e *evidence) {
			e.bill = append(e.bill, control.Order{OrderID: "order 3", InstanceID: "i-1", Amount: 100_00, ClientToken: "token of i-1", Time: at.Add(2 * time.Second)})
			e.renewals[0].OrderId = ""
		}, "one renewal was charged twice"},
		{"a charge of no renewal", func(e *evidence) {
			e.bill = append(e.bill, control.Order{OrderID: "order 3", InstanceID: "i-2", Amount: 100_00, ClientToken: "?", Time: at.Add(2 * time.Second)})
		}, "order 3 of i-2 at 03:02:03 is in no renewal"},
		{"a call without an intent", func(e *evidence) { e.renewals[0].Attempts[0].SendTime = timestamppb.New(at.Add(2 * time.Second)) }, "without an intent"},
		{"two calls of one attempt", func(e *evidence) { e.sends = append(e.sends, e.sends[0]) }, "2 paid calls for i-1, the ledger has 1 attempts"},
		{"sent when a renewal by hand was visible", func(e *evidence) {
			e.bill = append([]control.Order{{OrderID: "by hand", InstanceID: "i-1", ClientToken: byConsole + "1", Time: at.Add(-20 * time.Second), PeriodEnd: at.Add(2 * time.Hour)}}, e.bill...)
		}, "after a renewal by hand until"},
		{"planned when a renewal by hand was visible", func(e *evidence) {
			e.bill = append([]control.Order{{OrderID: "by hand", InstanceID: "i-1", ClientToken: byConsole + "1", Time: at.Add(-20 * time.Second), PeriodEnd: at.Add(time.Hour)}}, e.bill...)
		}, ""},
		{"another price", func(e *evidence) { e.bill[0].Amount = 120_00 }, "cost 120.00, its renewal says 100.00"},
		{"charged and failed", state(ecsdv1.RenewalState_RENEWAL_STATE_FAILED, "CREDENTIALS_INVALID"), "its renewal is not paid"},
		{"charged and skipped", state(ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED, "ALREADY_RENEWED"), "its renewal is not paid"},
		{"needs attention for no reason", state(ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION, "OUTCOME_UNKNOWN"), "not paid: i-1"},
		{"believed to be paid", func(e *evidence) { e.bill, e.renewals[0].OrderId = e.bill[1:], "" }, "and never charged"},
		{"an order that no bill has", func(e *evidence) { e.bill = e.bill[1:] }, "is not on the bill"},
		{"skipped by all", func(e *evidence) {
			state(ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED, "RENEWAL_IN_PROGRESS")(e)
			e.bill, e.sends, e.renewals[0].OrderId = e.bill[1:], e.sends[1:], ""
		}, "no other renewal"},
		{"a job that counts wrong", func(e *evidence) { e.jobs[0].Counts[0].Count = 3 }, "counts 3 of"},
		{"a job that counts too little", func(e *evidence) { e.jobs[0].Counts = nil }, "does not count"},
		{"a job that sums wrong", func(e *evidence) { e.jobs[0].Spent.Units = 300 }, "says spent 300.00"},
		{"a job that reserves for ever", func(e *evidence) { e.jobs[0].Reserved = &ecsdv1.Money{Units: 100} }, "reserved 100.00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := twoPayments(at)
			test.spoil(&e)
			all := strings.Join(e.check(), "\n")
			if test.want == "" && all != "" || !strings.Contains(all, test.want) {
				t.Errorf("got %q, want %q", all, test.want)
			}
		})
	}
}
