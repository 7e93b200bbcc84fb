package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// verdict is the reason why an instance is not renewed, with an empty reason
// if it is. wait reports that the reason may pass by waiting.
type verdict struct {
	state   ledger.State
	reason  ecs.Reason
	message string
	wait    bool
}

// unrenewable are the locks under which the cloud renews nothing.
var unrenewable = []ecs.LockReason{ecs.LockSecurity, ecs.LockRefunded}

// evaluate holds a read of an instance against the terms and the plan of its renewal.
func evaluate(terms ledger.Terms, r ledger.Renewal, instance ecs.Instance, now time.Time) verdict {
	expire := instance.ExpireTime
	if instance.ChargeType != ecs.ChargeSubscription {
		return verdict{state: ledger.Skipped, reason: ecs.ReasonNotSubscription, message: "the instance is pay-as-you-go"}
	}
	for _, lock := range unrenewable {
		if instance.LockedFor(lock) {
			return verdict{state: ledger.Skipped, reason: ecs.ReasonInstanceLocked, message: "the instance is locked by the cloud"}
		}
	}
	switch {
	case !terms.Expected.IsZero() && expire.Before(terms.Expected):
		return verdict{
			state: ledger.Failed, reason: ecs.ReasonOperationInProgress, wait: true,
			message: "it expires at " + stamp(expire) + "; the expected " + stamp(terms.Expected) + " is not visible",
		}
	case !terms.Expected.IsZero() && expire.After(terms.Expected):
		return verdict{
			state: ledger.Skipped, reason: ecs.ReasonAlreadyRenewed,
			message: "it expires at " + stamp(expire) + ", after the expected " + stamp(terms.Expected),
		}
	case !r.ExpireBefore.IsZero() && expire.After(r.ExpireBefore):
		return verdict{
			state: ledger.Skipped, reason: ecs.ReasonAlreadyRenewed,
			message: "the expiry moved from " + stamp(r.ExpireBefore) + " to " + stamp(expire),
		}
	case expire.Before(r.ExpireBefore):
		return verdict{
			state: ledger.Failed, reason: ecs.ReasonOperationInProgress, wait: true,
			message: "it expires at " + stamp(expire) + ", before the " + stamp(r.ExpireBefore) + " read earlier: the read is stale",
		}
	case terms.Period.Unit == ecs.RenewDay && !expire.After(now):
		return verdict{
			state: ledger.Failed, reason: ecs.ReasonInstanceExpired,
			message: "it has expired: the cloud renews up to a day of the month only before the expiry",
		}
	case !terms.OnlyBefore.IsZero() && !expire.Before(terms.OnlyBefore):
		return verdict{
			state: ledger.Skipped, reason: ecs.ReasonOutsideWindow,
			message: "it expires at " + stamp(expire) + ", not before " + stamp(terms.OnlyBefore),
		}
	}
	return verdict{}
}

// Evaluate returns the failure with which an instance would be left out of a plan,
// and its state; an empty state if it would be renewed.
func Evaluate(terms ledger.Terms, instance ecs.Instance, now time.Time) (ledger.State, ledger.Failure) {
	v := evaluate(terms, ledger.Renewal{}, instance, now)
	return v.state, ledger.Failure{Reason: v.reason, Message: v.message}
}

// billed settles an unknown outcome by the order in the bill, if there is one:
// the renewal is paid and is not sent again.
func (m machine) billed(orders []ecs.BilledOrder) (d Decision, found bool, err error) {
	if m.Renewal.State != ledger.Unknown {
		return d, false, nil
	}
	order, found := m.Renewal.OrderIn(orders)
	if !found {
		return d, false, nil
	}
	next := m.Renewal.Ordered(order)
	next.State, next.PaidTime, next.Failure = ledger.Verifying, m.now, ledger.Failure{}
	d, err = m.write(next, Observe, m.now)
	return d, true, err
}

// Token derives the client token of an order from its request and the number of
// the token, so that a ledger that was lost, or a second ecsd, sends the cloud
// the same token for the same request. It fits the cloud's limit of 64 ASCII
// characters.
func Token(r ledger.Renewal, terms ledger.Terms) string {
	if !terms.Single {
		return ecs.ClientToken("renewal", r.RequestID, r.RegionID, r.InstanceID, strconv.Itoa(int(r.TokenNumber)))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "ecsd renewal %s %d", r.RequestID, r.TokenNumber))
	return "ecsd-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:25]))
}

func interrupted() *ecs.Error {
	return &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "the server stopped while the order was being sent", Effect: ecs.EffectUnknown}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Named returns a caller's name for messages.
func Named(caller string) string {
	if caller == "" {
		return "a caller without a name"
	}
	return caller
}

// Repeatable reports whether the same request may try again: nothing was paid,
// and neither a cancel nor an operator forbids it. CANCELLED is the cancel of a
// job in the rows of earlier programs.
func Repeatable(r ledger.Renewal) bool {
	switch r.Failure.Reason {
	case ecs.ReasonJobCancelled, ecs.ReasonCancelled, ecs.ReasonMarkedNotPaid:
		return false
	}
	return (r.State == ledger.Failed || r.State == ledger.Skipped) && !r.InDoubt()
}
