package renewal_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// paid reports whether the cloud charged some attempt of a renewal.
func (s *stormCloud) paid(r ledger.Renewal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.bill, func(c stormCharge) bool { return ofRenewal(c, r) })
}

// handled reports whether a person renewed an instance. Under mu.
func (s *stormCloud) handled(id string) bool {
	return slices.ContainsFunc(s.bill, func(c stormCharge) bool { return c.byHand() && c.instanceID == id })
}

func ofRenewal(c stormCharge, r ledger.Renewal) bool {
	return !c.byHand() && slices.ContainsFunc(r.Attempts, func(a ledger.Attempt) bool { return a.ClientToken == c.token })
}

// check holds the bill against the ledger, by the rules of payments.
func (s *storm) check() (faults []string) {
	fault := func(rule int, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("rule %d: ", rule)+fmt.Sprintf(format, args...))
	}
	renewals := s.all()
	byToken := map[string]ledger.Renewal{}
	for _, r := range renewals {
		for _, a := range r.Attempts {
			if other, taken := byToken[a.ClientToken]; taken && other.ID != r.ID {
				fault(2, "renewals %s and %s share a token", r.ID, other.ID)
			}
			byToken[a.ClientToken] = r
		}
	}
	s.cloud.mu.Lock()
	defer s.cloud.mu.Unlock()
	for token := range s.cloud.sends {
		if _, stored := byToken[token]; !stored {
			fault(1, "token %s was sent and is not in the ledger", token)
		}
	}
	for i, c := range s.cloud.bill {
		if c.byHand() {
			continue
		}
		r, explained := byToken[c.token]
		if !explained {
			fault(1, "charge %s of %s is in no renewal", c.orderID, c.instanceID)
			continue
		}
		switch {
		case r.State == ledger.Failed && r.Failure.Reason == ecs.ReasonMarkedNotPaid: // the operator was asked too early
		case !r.State.Paid() && r.State != ledger.NeedsAttention && r.State != ledger.Unknown:
			fault(5, "charge %s of %s belongs to a renewal that is %s (%s)", c.orderID, c.instanceID, r.State, r.Failure.Reason)
		}
		s.checkAgainstEarlier(fault, byToken, c, s.cloud.bill[:i])
		s.checkLimit(fault, r, c)
		if cancelled := s.cancels[r.JobID]; !cancelled.IsZero() && c.sent.After(cancelled.Add(6*time.Second)) {
			fault(9, "charge %s of %s was sent %s after the cancel", c.orderID, c.instanceID, c.sent.Sub(cancelled))
		}
	}
	for _, r := range renewals {
		charges := 0
		for _, c := range s.cloud.bill {
			if ofRenewal(c, r) {
				charges++
			}
		}
		if charges > 1 {
			fault(2, "renewal %s of %s was charged %d times", r.ID, r.InstanceID, charges)
		}
		if r.State.Paid() && charges == 0 && !s.provedByHand(r) {
			fault(10, "renewal %s of %s is %s and was never charged", r.ID, r.InstanceID, r.State)
		}
		if s.cloud.never[r.InstanceID] && charges > 0 {
			fault(13, "%s was renewed against the setting of its owner", r.InstanceID)
		}
	}
	s.checkJobs(fault, renewals)
	s.checkBill(fault, byToken)
	return faults
}

// checkAgainstEarlier compares a charge with the earlier ones of its instance.
func (s *storm) checkAgainstEarlier(fault func(int, string, ...any), byToken map[string]ledger.Renewal, c stormCharge, bill []stormCharge) {
	r := byToken[c.token]
	sent := firstSend(s.cloud.sends[c.token], c.at)
	for _, earlier := range bill {
		if earlier.instanceID != c.instanceID || earlier.token == c.token {
			continue
		}
		if !earlier.byHand() && earlier.at.Sub(firstSend(s.cloud.sends[earlier.token], earlier.at)) > 0 && s.provedByHand(byToken[earlier.token]) {
			continue // it was delivered late, after a person had bought the same period: nothing shows that
		}
		if !earlier.byHand() && r.State.Paid() && c.at.After(r.PaidTime) && s.provedByHand(r) {
			continue // so was this one, when its renewal counted as paid and others could follow
		}
		if !earlier.byHand() {
			// A manual renewal that appears late may be taken for the effect of the
			// earlier order: only without one must each order see the effect of the one
			// before.
			if r.ExpireBefore.Before(earlier.after) && !s.cloud.handled(c.instanceID) {
				fault(4, "%s was paid by %s and again by %s, whose renewal saw the expiry %s", c.instanceID, earlier.orderID, c.orderID, r.ExpireBefore)
			}
			if first := byToken[earlier.token]; !r.ExpireBefore.After(first.ExpireBefore) {
				fault(4, "%s was paid twice for the expiry %s, by %s and %s", c.instanceID, r.ExpireBefore, earlier.orderID, c.orderID)
			}
			if earlier.at.After(r.PlanTime) {
				fault(4, "%s was paid by %s, after the plan of the renewal that %s paid", c.instanceID, earlier.orderID, c.orderID)
			}
			continue
		}
		// A read returns a state of at most the staleness ago, and permits a
		// payment for 5 s.
		if known := s.cloud.visible(earlier).Add(s.cloud.staleness + 5*time.Second); known.Before(sent) {
			if r.ExpireBefore.Before(earlier.after) {
				fault(3, "%s was renewed by hand, visible %s before the send of %s", c.instanceID, sent.Sub(s.cloud.visible(earlier)), c.orderID)
			}
		}
	}
}

// firstSend returns the send that was charged at a time: the last one before it
// that can have arrived so late.
func firstSend(sends []time.Time, at time.Time) time.Time {
	first := at
	for _, sent := range sends {
		if !sent.After(at) && at.Sub(sent) <= 22*time.Second && sent.Before(first) {
			first = sent
		}
	}
	return first
}

// checkLimit holds a charge against the limit of its request: the price must have been
// within it at some moment of the minute before the send, in which it was read.
func (s *storm) checkLimit(fault func(int, string, ...any), r ledger.Renewal, c stormCharge) {
	i := slices.IndexFunc(s.singles, func(q renewal.Request) bool { return q.RequestID == r.RequestID })
	if i < 0 || s.singles[i].MaxPrice.IsZero() {
		return
	}
	sent := firstSend(s.cloud.sends[c.token], c.at)
	least := s.cloud.price(sent.Add(-67 * time.Second))
	if over, err := least.Cmp(s.singles[i].MaxPrice); err != nil || over > 0 {
		fault(7, "%s was paid at %s, over max_price %s, by a send %s after the start", c.instanceID, c.price, s.singles[i].MaxPrice, sent.Sub(s.began))
	}
}

// provedByHand reports whether another's charge brought exactly the expiry that
// a renewal of unknown outcome expects: that of a person, or, after a person
// renewed the instance, one of ecsd's own that shows late. Without the bill
// nothing tells them apart.
func (s *storm) provedByHand(r ledger.Renewal) bool {
	return slices.ContainsFunc(s.cloud.bill, func(c stormCharge) bool {
		return c.instanceID == r.InstanceID && !ofRenewal(c, r) && (c.byHand() || s.cloud.handled(r.InstanceID)) &&
			c.before.Equal(r.ExpireBefore) && r.Period.Is(c.after, r.ExpireBefore, r.ExpireExpected)
	})
}

// checkJobs holds each job against its renewals and its budget.
func (s *storm) checkJobs(fault func(int, string, ...any), renewals []ledger.Renewal) {
	byJob := map[string][]ledger.Renewal{}
	for _, r := range renewals {
		byJob[r.JobID] = append(byJob[r.JobID], r)
	}
	for id, all := range byJob {
		job, err := s.ledger.RenewalJob(context.Background(), id)
		if err != nil {
			fault(14, "read job %s: %v", id, err)
			continue
		}
		var spent, reserved, charged int64
		open, attention := 0, 0
		for _, r := range all {
			switch {
			case r.State.Paid():
				spent += r.Price.Units
			case r.State.Reserves():
				reserved += r.Price.Units
			}
			if r.State.Open() {
				open++
			}
			if r.State == ledger.NeedsAttention {
				attention++
			}
			for _, c := range s.cloud.bill {
				if ofRenewal(c, r) {
					charged += r.Price.Units
				}
			}
		}
		if job.Spent.Units != spent || job.Reserved.Units != reserved {
			fault(7, "job %s says spent %s, reserved %s; its renewals %d and %d", id, job.Spent, job.Reserved, spent, reserved)
		}
		if !job.Budget.IsZero() && charged > job.Budget.Units {
			fault(7, "job %s spent %d of %s", id, charged, job.Budget)
		}
		if open == 0 && !job.State.Ended() {
			fault(14, "job %s is %s without an open renewal", id, job.State)
		}
		if (attention > 0) != (job.State == ledger.JobNeedsAttention) && open == 0 {
			fault(16, "job %s is %s with %d renewals that need attention", id, job.State, attention)
		}
		if !job.CancelTime.IsZero() && attention == 0 && job.State != ledger.JobCancelled {
			fault(9, "job %s was cancelled and is %s", id, job.State)
		}
		s.checkOrder(fault, job, all)
	}
	s.checkLive(fault, renewals)
}

// checkOrder: renewals omitted for the budget expire no earlier than the paid
// ones, while one price holds for all.
func (s *storm) checkOrder(fault func(int, string, ...any), job ledger.Job, all []ledger.Renewal) {
	if job.Budget.IsZero() || len(s.cloud.rises) > 0 {
		return
	}
	for _, left := range all {
		if left.State != ledger.Skipped || left.Failure.Reason != ecs.ReasonBudgetExceeded {
			continue
		}
		for _, r := range all {
			if r.State.Paid() && r.ExpireBefore.After(left.ExpireBefore) {
				fault(8, "job %s paid for %s, which expires after %s that the budget left out", job.ID, r.InstanceID, left.InstanceID)
			}
		}
	}
}

// checkLive: at most one renewal of an instance is live.
func (s *storm) checkLive(fault func(int, string, ...any), renewals []ledger.Renewal) {
	live := map[string]string{}
	for _, r := range renewals {
		if !r.State.Live() {
			continue
		}
		if other := live[r.InstanceID]; other != "" {
			fault(6, "renewals %s and %s of %s are live", r.ID, other, r.InstanceID)
		}
		live[r.InstanceID] = r.ID
	}
}
