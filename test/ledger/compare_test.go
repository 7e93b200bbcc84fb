package ledger_test

import (
	"fmt"
	"slices"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// verdict is what the two ledgers have to say about each other.
type verdict struct {
	charges int
	// double are charges beyond the one for each renewal that was asked for,
	// missed are renewals that are not paid or are believed to be and are not,
	// unexplained are charges that our ledger does not account for.
	double, missed, unexplained []string
	// unnamed are renewals that are paid, as the expiry showed, and whose order
	// id was never learnt.
	unnamed int
}

func (v verdict) clean() bool { return len(v.double)+len(v.missed)+len(v.unexplained) == 0 }

func (v verdict) String() string {
	return fmt.Sprintf("%d charges: %d double %v, %d missed %v, %d unexplained %v; %d without order id",
		v.charges, len(v.double), v.double, len(v.missed), v.missed, len(v.unexplained), v.unexplained, v.unnamed)
}

// compare holds the cloud's bill against our ledger, charge by charge. Each
// renewal was asked for and is to be paid, unless it was skipped because
// another one was under way. The orders of byHand are those of a person in the
// console, who accounts for them himself.
func compare(bill []control.Order, ours []*ecsdv1.Renewal, byHand ...string) (v verdict) {
	// What nobody has claimed yet, of each instance.
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
	// Those that know no order take what is left.
	for _, r := range ours {
		id := r.GetInstanceId()
		switch {
		case r.GetOrderId() != "" || skipped(r):
		case !paid(r):
			v.missed = append(v.missed, describe(r))
		case len(charges[id]) > 0:
			v.unnamed++
			charges[id] = charges[id][1:]
		case hands[id] > 0: // a person was quicker
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

// paid says that our ledger believes it.
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
