package renewal_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// A job with a plan that grows old during execution reads each instance again
// before it pays, one group at a time, and each is paid.
func TestJob_ReadsInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &slowPrice{fakeCloud: newCloud()}
		var ids []string
		for i := range 300 {
			id := fmt.Sprintf("i-g%03d", i)
			c.instances[id] = ecs.Instance{ID: id, RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: inTenDays()}
			ids = append(ids, id)
		}
		e := started(t, c, records, quiet)
		defer e.Close()
		job, err := e.Create(t.Context(), renewal.JobRequest{RequestID: "job", RegionID: region, IDs: ids, Period: oneMonth})
		if err != nil {
			t.Fatal(err)
		}
		// One is renewed by hand before its turn comes.
		time.Sleep(time.Second) // virtual
		c.mu.Lock()
		c.lag = 0
		c.renewBy("console", ids[299], oneMonth)
		c.lag = 10 * time.Second
		c.mu.Unlock()
		ended, _ := ended(t, e, job.ID)
		for _, id := range ids {
			if n := c.charges(id); n != 1 {
				t.Errorf("%s was charged %d times, want once", id, n)
			}
		}
		if c.reads > 60 {
			t.Errorf("%d reads for 300 renewals", c.reads)
		}
		counts := map[ledger.Count]bool{}
		for _, c := range ended.Counts {
			counts[c] = true
		}
		if !counts[ledger.Count{State: ledger.Renewed, Count: 299}] ||
			!counts[ledger.Count{State: ledger.Skipped, Reason: ecs.ReasonAlreadyRenewed, Count: 1}] {
			t.Errorf("the job ended with %v", ended.Counts)
		}
	})
}
