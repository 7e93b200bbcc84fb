package renewal_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// A job whose plan grows old while it is carried out looks at each instance
// again before it pays, a group at a time, and each is paid.
func TestJobLooksByGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &slowPrice{fakeCloud: newCloud()}
		var ids []string
		for i := range 300 {
			id := fmt.Sprintf("i-g%03d", i)
			c.instances[id] = ecs.Instance{ID: id, RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: time.Now().Add(240 * time.Hour).UTC()}
			ids = append(ids, id)
		}
		e := renewal.New(c, records, quiet)
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
		if err := e.Follow(t.Context(), job.ID, renewal.Place{}, func(renewal.Progress) error { return nil }); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if n := c.charges(id); n != 1 {
				t.Errorf("%s was charged %d times, want once", id, n)
			}
		}
		if c.reads > 60 {
			t.Errorf("%d reads for 300 renewals", c.reads)
		}
		ended, err := records.RenewalJob(t.Context(), job.ID)
		if c := ended.Counts; err != nil || len(c) != 2 || c[0].Count != 299 || c[1].Reason != ecs.ReasonAlreadyRenewed {
			t.Errorf("the job ended with %v, %v", c, err)
		}
	})
}
