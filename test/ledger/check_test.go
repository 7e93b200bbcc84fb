package ledger_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// send is a paid call on its arrival at the network before the cloud.
type send struct {
	token, instanceID string
	at                time.Time
}

// traffic records paid calls, and counts the calls that release an instance.
type traffic struct {
	mu       sync.Mutex
	sends    []send
	releases map[string]int
}

func (r *traffic) released(ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.releases == nil {
		r.releases = map[string]int{}
	}
	for _, id := range ids {
		r.releases[id]++
	}
}

// deletes returns the count of calls that release an instance.
func (r *traffic) deletes(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.releases[id]
}

func (r *traffic) sent(s send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sends = append(r.sends, s)
}

// evidence is the final state of the cloud, the network and the ledger. Its checks share no code with the server.
type evidence struct {
	bill     []control.Order
	sends    []send
	renewals []*ecsdv1.Renewal
	jobs     []*ecsdv1.RenewalJob
}

// charge is a line of the bill for a paid call of ecsd.
type charge struct {
	control.Order
	// sent is the arrival time of its call at the network.
	sent time.Time
	// by is the renewal of the charge, nil if there is none.
	by *ecsdv1.Renewal
}

func (c charge) String() string {
	return fmt.Sprintf("order %s of %s at %s", c.OrderID, c.InstanceID, c.Time.Format(time.TimeOnly))
}

// permitted is the validity of a read that permits a payment, plus a second for the transmission of the call.
const permitted = 6 * time.Second

// check compares the bill with the ledger, charge by charge, and returns the faults.
func (e evidence) check() (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	charges := e.charges()
	e.checkSends(fault)
	for i, c := range charges {
		if c.by == nil {
			fault("%s is in no renewal", c)
			continue
		}
		if !paid(c.by) && c.by.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION {
			fault("%s was charged, its renewal is not paid: %s", c, describe(c.by))
		}
		if price := fen(c.by.GetPrice()); price != c.Amount {
			fault("%s cost %s, its renewal says %s", c, c.Amount, price)
		}
		for _, earlier := range charges[:i] {
			if earlier.InstanceID == c.InstanceID && earlier.by != nil {
				checkPair(fault, earlier, c)
			}
		}
		e.checkHands(fault, c)
	}
	e.checkRenewals(fault, charges)
	e.checkJobs(fault)
	return faults
}

// hand reports whether an order was placed manually in the console.
func hand(o control.Order) bool { return strings.HasPrefix(o.ClientToken, byConsole) }

// clockStep is how far two clocks may differ: the server reads the system's, and the simulator counts from its start. When
// the system's is set, they differ.
const clockStep = 200 * time.Millisecond

// charges returns the bill of ecsd, each line with its renewal.
func (e evidence) charges() (all []charge) {
	for _, o := range e.bill {
		if hand(o) {
			continue
		}
		c := charge{Order: o, sent: o.Time}
		for _, s := range e.sends { // the last one before the charge
			if s.token == o.ClientToken && !s.at.After(o.Time.Add(clockStep)) {
				c.sent = s.at
			}
		}
		c.by = e.explains(o, c.sent)
		all = append(all, c)
	}
	return all
}

// explains returns the renewal with an order's ID; otherwise the renewal whose intent was the last one before the call
// and that has no other order.
func (e evidence) explains(o control.Order, sent time.Time) *ecsdv1.Renewal {
	for _, r := range e.renewals {
		if r.GetOrderId() == o.OrderID {
			return r
		}
	}
	if r, _ := e.intent(o.InstanceID, sent); r.GetOrderId() == "" {
		return r
	}
	return nil
}

// intent returns the renewal of the last attempt on an instance up to a time, give or take clockStep.
func (e evidence) intent(instanceID string, at time.Time) (found *ecsdv1.Renewal, begun time.Time) {
	for _, r := range e.renewals {
		if r.GetInstanceId() != instanceID {
			continue
		}
		for _, a := range r.GetAttempts() {
			if t := a.GetSendTime().AsTime(); !t.After(at.Add(clockStep)) && t.After(begun) {
				found, begun = r, t
			}
		}
	}
	return found, begun
}

// checkSends compares the paid calls with the attempts: no call without an intent, and no more calls than attempts.
func (e evidence) checkSends(fault func(string, ...any)) {
	attempts, sends := map[string]int{}, map[string]int{}
	for _, r := range e.renewals {
		attempts[r.GetInstanceId()] += len(r.GetAttempts())
	}
	for _, s := range e.sends {
		sends[s.instanceID]++
		if r, _ := e.intent(s.instanceID, s.at); r == nil {
			fault("a paid call for %s arrived at %s without an intent in the ledger", s.instanceID, s.at.Format(time.TimeOnly))
		}
	}
	for id, n := range sends {
		if n > attempts[id] {
			fault("%d paid calls for %s, the ledger has %d attempts", n, id, attempts[id])
		}
	}
}

// checkPair compares two charges of one instance: one obligation is paid once, and a second period only by a renewal
// that was planned after the first payment.
func checkPair(fault func(string, ...any), earlier, later charge) {
	first, second := earlier.by, later.by
	switch {
	case first.GetRenewalId() == second.GetRenewalId():
		fault("one renewal was charged twice: %s and %s", earlier, later)
	case !second.GetExpireTimeBefore().AsTime().After(first.GetExpireTimeBefore().AsTime()):
		fault("the expiry %s was paid for twice: %s and %s", first.GetExpireTimeBefore().AsTime().Format(time.DateOnly), earlier, later)
	case second.GetExpireTimeBefore().AsTime().Before(earlier.PeriodEnd):
		fault("%s was paid although %s came after its plan, from the expiry %s", later, earlier, second.GetExpireTimeBefore().AsTime())
	}
}

// checkHands compares a charge with the manual renewals: one that was visible before the call stops each renewal that
// was planned from an earlier expiry. The create time of a renewal does not show that: its instance is read after it.
func (e evidence) checkHands(fault func(string, ...any), c charge) {
	for _, o := range e.bill {
		visible := o.Time.Add(renewLag)
		if hand(o) && o.InstanceID == c.InstanceID && c.sent.After(visible.Add(permitted)) && c.by.GetExpireTimeBefore().AsTime().Before(o.PeriodEnd) {
			fault("%s was sent %s after a renewal by hand until %s was visible, from the expiry %s", c, c.sent.Sub(visible), o.PeriodEnd, c.by.GetExpireTimeBefore().AsTime())
		}
	}
}

// checkRenewals compares each renewal with the bill.
func (e evidence) checkRenewals(fault func(string, ...any), charges []charge) {
	byHand, charged := map[string]bool{}, map[string]bool{}
	for _, o := range e.bill {
		charged[o.InstanceID] = true
		byHand[o.InstanceID] = byHand[o.InstanceID] || hand(o)
	}
	for _, r := range e.renewals {
		id := r.GetInstanceId()
		own := slices.ContainsFunc(charges, func(c charge) bool { return c.by == r })
		others := slices.ContainsFunc(e.renewals, func(o *ecsdv1.Renewal) bool { return o != r && o.GetInstanceId() == id && len(o.GetAttempts()) > 0 })
		switch {
		case r.GetOrderId() != "" && !own:
			fault("the order of %s is not on the bill", describe(r))
		case paid(r):
			// A person who buys the same period while an outcome is unknown proves it.
			if !own && (!byHand[id] || len(r.GetAttempts()) == 0) {
				fault("paid, says the ledger, and never charged: %s", describe(r))
			}
		case skipped(r):
			if !byHand[id] && !others {
				fault("skipped, and no other renewal: %s", describe(r))
			}
		case r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION && byHand[id]: // the expiry of a person hides the effect
		default:
			fault("not paid: %s: %s", describe(r), r.GetMessage())
		}
		if !charged[id] {
			fault("%s was to be renewed and nothing was charged", id)
		}
	}
}

// checkJobs compares each job with its renewals.
func (e evidence) checkJobs(fault func(string, ...any)) {
	for _, j := range e.jobs {
		counts := map[string]int64{}
		var spent, reserved control.Amount
		for _, r := range e.renewals {
			if r.GetJobId() != j.GetJobId() {
				continue
			}
			counts[r.GetState().String()+" "+r.GetReason()]++
			switch {
			case paid(r):
				spent += fen(r.GetPrice())
			case r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION:
				reserved += fen(r.GetPrice())
			}
		}
		for _, c := range j.GetCounts() {
			name := c.GetState().String() + " " + c.GetReason()
			if counts[name] != c.GetCount() {
				fault("job %s counts %d of %s, its renewals %d", j.GetJobId(), c.GetCount(), name, counts[name])
			}
			delete(counts, name)
		}
		if len(counts) > 0 {
			fault("job %s does not count %v", j.GetJobId(), counts)
		}
		if fen(j.GetSpent()) != spent || fen(j.GetReserved()) != reserved {
			fault("job %s says spent %s, reserved %s, its renewals %s and %s", j.GetJobId(), fen(j.GetSpent()), fen(j.GetReserved()), spent, reserved)
		}
	}
}

// fen returns money in hundredths, as on the bill.
func fen(m *ecsdv1.Money) control.Amount {
	return control.Amount(m.GetUnits()*100 + int64(m.GetNanos())/1e7)
}

// summary counts the final states of renewals, for the log of a test.
func (e evidence) summary() string {
	ends := map[string]int{}
	for _, r := range e.renewals {
		ends[cmp.Or(r.GetReason(), r.GetState().String())]++
	}
	return fmt.Sprintf("%d charges, %d by hand, %d paid calls, %d jobs, renewals %v",
		len(e.bill), len(e.bill)-len(e.charges()), len(e.sends), len(e.jobs), ends)
}
