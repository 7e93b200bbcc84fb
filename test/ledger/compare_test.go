package ledger_test

import (
	"fmt"
	"slices"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// verdict is the result of the comparison of the two ledgers.
type verdict struct {
	charges int
	// double are charges beyond one per requested renewal. missed are renewals that are not paid, or only according to
	// our ledger. unexplained are charges without a renewal in our ledger.
	double, missed, unexplained []string
	// unnamed counts renewals that are paid, as the expiry proves, without a known order ID.
	unnamed int
}

func (v verdict) clean() bool { return len(v.double)+len(v.missed)+len(v.unexplained) == 0 }

func (v verdict) String() string {
	return fmt.Sprintf("%d charges: %d double %v, %d missed %v, %d unexplained %v; %d without order id",
		v.charges, len(v.double), v.double, len(v.missed), v.missed, len(v.unexplained), v.unexplained, v.unnamed)
}

// compare compares the cloud's bill with our ledger, charge by charge. Each requested renewal must be paid, unless it
// was skipped because another one was in progress. byHand are the manual orders in the console.
func compare(bill []control.Order, ours []*ecsdv1.Renewal, byHand ...string) (v verdict) {
	// The charges without a renewal yet, by instance.
	charges, hands := map[string][]string{}, map[string]int{}
	for _, o := range bill {
		v.charges++
		if slices.Contains(byHand, o.OrderID) {
			hands[o.InstanceID]++
		} else {
			charges[o.InstanceID] = append(charges[o.InstanceID], o.OrderID)
		}
	}
	believed := map[string]bool{}
	for _, r := range ours {
		id, order := r.GetInstanceId(), r.GetOrderId()
		believed[id] = believed[id] || paid(r)
		if order == "" {
			continue
		}
		n := slices.Index(charges[id], order)
		if n < 0 || !paid(r) {
			v.missed = append(v.missed, describe(r))
			continue
		}
		charges[id] = slices.Delete(charges[id], n, n+1)
	}
	// Renewals without a known order take the rest.
	for _, r := range ours {
		id := r.GetInstanceId()
		switch {
		case r.GetOrderId() != "" || skipped(r):
		case !paid(r):
			v.missed = append(v.missed, describe(r))
		case len(charges[id]) > 0:
			v.unnamed++
			charges[id] = charges[id][1:]
		case hands[id] > 0: // a manual renewal came first
			v.unnamed++
			hands[id]--
		default:
			v.missed = append(v.missed, describe(r))
		}
	}
	for id, left := range charges {
		for _, order := range left {
			if text := id + " order " + order; believed[id] {
				v.double = append(v.double, text)
			} else {
				v.unexplained = append(v.unexplained, text)
			}
		}
	}
	return v
}

// paid reports whether a renewal is paid according to our ledger.
func paid(r *ecsdv1.Renewal) bool {
	return r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_RENEWED || r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_UNVERIFIED
}

func skipped(r *ecsdv1.Renewal) bool {
	if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED {
		return false
	}
	switch r.GetReason() {
	case "ALREADY_RENEWED", "RENEWAL_IN_PROGRESS", "OUTSIDE_WINDOW":
		return true
	}
	return false
}

func describe(r *ecsdv1.Renewal) string {
	return fmt.Sprintf("%s %s %s after %d sends", r.GetInstanceId(), r.GetState(), r.GetReason(), len(r.GetAttempts()))
}
