package ledger_test

import (
	"errors"
	"math/big"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test, wherever it runs

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

func cny(units int64, nanos int32) ecs.Money {
	return ecs.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

// exact is an amount in billionths, as a number without a limit.
func exact(m ecs.Money) *big.Int {
	n := new(big.Int).Mul(big.NewInt(m.Units), big.NewInt(1_000_000_000))
	return n.Add(n, big.NewInt(int64(m.Nanos)))
}

// TestSpending_LimitsHold drives one caller with limits through random orders,
// outcomes, retries, price changes, lowered limits and days, and compares the accounts
// with the sums of the orders after each step. An order that is permitted passes
// no limit, by not even the smallest unit; and an order that would not pass one is
// permitted.
func TestSpending_LimitsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		price := rapid.Custom(func(t *rapid.T) ecs.Money {
			return cny(rapid.Int64Range(0, 4).Draw(t, "units"), rapid.SampledFrom([]int32{0, 1, 500_000_000, 999_999_999}).Draw(t, "nanos"))
		})
		caps := []ledger.Cap{
			{Limit: cny(10, 1), Per: ecs.PerMonth, Zone: z, MaxEach: cny(4, 0)},
			{Limit: cny(6, 0), Per: ecs.PerDay, Zone: z},
		}
		at := time.Date(2026, time.October, 24, 20, 0, 0, 0, time.UTC)
		orders := map[int]ledger.Booking{}
		sp := ledger.Spending{Caller: "billing", Caps: caps}
		sumOf := func(a ledger.Account) *big.Int {
			sum := new(big.Int)
			for _, b := range orders {
				if a.Covers(b) {
					sum.Add(sum, exact(b.Price))
				}
			}
			return sum
		}
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)
			sp.At = at
			n := rapid.IntRange(0, 5).Draw(t, "order")
			was := orders[n]
			sp.Accounts = append(sp.Accounts, sp.Missing(at, was.Time)...)
			switch action := rapid.SampledFrom([]string{"send", "send", "send", "paid", "refused", "again", "lower"}).Draw(t, "action"); {
			case action == "lower":
				sp.Caps[1].Limit = cny(rapid.Int64Range(1, 6).Draw(t, "limit"), 0)
			case action == "send" && was.State == ledger.SpendNone, action == "again" && was.State == ledger.SpendReserved:
				doubtful := action == "again" && rapid.Bool().Draw(t, "doubtful")
				p := price.Draw(t, "price")
				is, err := sp.Intend(was, p, doubtful)
				delete(orders, n)
				fits := !sp.Caps[0].MaxEach.IsZero() && exact(p).Cmp(exact(sp.Caps[0].MaxEach)) <= 0
				grows := false
				booked := ledger.Booking{State: ledger.SpendReserved, Price: p, Time: at}
				if doubtful {
					booked.Time = was.Time
				}
				for _, c := range sp.Caps {
					account := *sp.Account(c, booked.Time)
					rest := sumOf(account)
					before := new(big.Int).Set(rest)
					if account.Covers(was) {
						before.Add(before, exact(was.Price))
					}
					after := rest.Add(rest, exact(p))
					if after.Cmp(before) > 0 {
						grows = true
						fits = fits && after.Cmp(exact(c.Limit)) <= 0
					}
				}
				switch {
				case err == nil && grows && !fits:
					t.Fatalf("step %d: an order of %s was permitted over a limit", step, p)
				case err != nil && (!errors.Is(err, ledger.ErrSpendCap) || !grows || fits):
					t.Fatalf("step %d: an order of %s within every limit was refused: %v", step, p, err)
				case err != nil:
					orders[n] = was
				default:
					orders[n] = is
				}
			case action == "paid" && was.State == ledger.SpendReserved:
				orders[n] = was.Settled(ledger.SpendSpent, was.Price)
				if err := sp.Book(was, orders[n]); err != nil {
					t.Fatal(err)
				}
			case action == "refused" && was.State == ledger.SpendReserved:
				orders[n] = was.Settled(ledger.SpendNone, was.Price)
				if err := sp.Book(was, orders[n]); err != nil {
					t.Fatal(err)
				}
			}
			for _, a := range sp.Accounts {
				sum, err := a.Reserved.Plus(a.Spent)
				if err != nil || exact(sum).Cmp(sumOf(a)) != 0 {
					t.Fatalf("step %d: the account from %s has %s, its orders have %s billionths, %v", step, a.Start, sum, sumOf(a), err)
				}
			}
		}
	})
}

// An order that is sent again stays in its period if it may have been paid, and
// is booked in the present one if it was not.
func TestSpending_PeriodOfAResend(t *testing.T) {
	sent := time.Date(2026, time.November, 30, 23, 0, 0, 0, time.UTC)
	again := sent.Add(2 * time.Hour)
	was := ledger.Booking{State: ledger.SpendReserved, Price: cny(3, 0), Time: sent}
	for doubtful, want := range map[bool]time.Time{true: sent, false: again} {
		sp := ledger.Spending{Caller: "billing", Caps: []ledger.Cap{{Limit: cny(10, 0), Per: ecs.PerMonth, Zone: time.UTC}}, At: again}
		sp.Accounts = sp.Missing(sent, again)
		is, err := sp.Intend(was, was.Price, doubtful)
		if err != nil || !is.Time.Equal(want) {
			t.Errorf("doubtful %t: booked at %s, %v, want %s", doubtful, is.Time, err, want)
		}
	}
}

func TestSpending_Refusals(t *testing.T) {
	at := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	month := []ledger.Cap{{Limit: cny(100, 0), Per: ecs.PerMonth, MaxEach: cny(60, 0)}}
	for _, c := range []struct {
		name  string
		sp    ledger.Spending
		price ecs.Money
		want  ecs.Reason
		facts map[string]string
	}{
		{name: "no limits", price: ecs.Money{}},
		{name: "within", sp: ledger.Spending{Caps: month}, price: cny(60, 0)},
		{
			name: "over max_each", sp: ledger.Spending{Caps: month}, price: cny(60, 1), want: ecs.ReasonSpendCapExceeded,
			facts: map[string]string{"max_each": "CNY 60.00", "limit": "CNY 100.00", "left": "CNY 100.00", "spent": "CNY 0.00", "reserved": "CNY 0.00"},
		},
		{name: "another currency", sp: ledger.Spending{Caps: month}, price: ecs.Money{CurrencyCode: "USD", Units: 1}, want: ecs.ReasonSpendCapExceeded},
		{name: "no price", sp: ledger.Spending{Caps: month}, want: ecs.ReasonSpendCapExceeded},
		{name: "free", sp: ledger.Spending{Caps: month}, price: cny(0, 0)},
		{
			name: "frozen", sp: ledger.Spending{Freeze: ledger.Freeze{Frozen: true, Reason: "drill", By: "root", Time: at}}, price: cny(1, 0),
			want: ecs.ReasonSpendingFrozen, facts: map[string]string{"frozen_time": "2026-11-29T12:00:00Z"},
		},
		{name: "unknown caller", sp: ledger.Spending{CapsErr: ledger.ErrCallerUnknown}, price: cny(1, 0), want: ecs.ReasonPermissionDenied},
	} {
		c.sp.Caller, c.sp.At = "billing", at
		c.sp.Accounts = c.sp.Missing(at)
		err := c.sp.Permit(c.price)
		refused := ledger.SpendRefusal(err)
		if (err == nil) != (c.want == "") || refused != nil && refused.Reason != c.want {
			t.Errorf("%s: got %v, want reason %q", c.name, err, c.want)
			continue
		}
		for key, want := range c.facts {
			if refused.Facts[key] != want {
				t.Errorf("%s: the fact %s is %q, want %q", c.name, key, refused.Facts[key], want)
			}
		}
	}
}

// zones have clocks that change at noon, at midnight, across midnight, by a day,
// and not at all.
var zones = []string{
	"UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "Asia/Beirut", "Africa/Cairo",
	"America/Havana", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Asuncion", "Asia/Gaza", "Antarctica/Troll", "Australia/Lord_Howe",
}

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
