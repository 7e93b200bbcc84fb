package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// A watch that disconnects resumes at its token, also at another process: it reports the changes since, and nothing
// else.
func TestWatchRenewalJob_Resumed(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + t.TempDir() + "/ecsd.db"
	onDisk := func(c *server.Config) { c.Database = database }
	sim := newCloud(t, simulator.Config{})
	w := newService(t, sim, onDisk)
	ids := w.seed(simulator.Seed{Count: 20})
	onDemand := w.seed(simulator.Seed{Count: 5, ChargeType: "PostPaid"})
	create := func(ids []string) string {
		t.Helper()
		created, err := w.renewals.CreateRenewalJob(within(t, 20*time.Second), &ecsdv1.CreateRenewalJobRequest{
			RequestId:  uuid.NewString(),
			Selection:  byID(ids),
			Term:       forOneMonth,
			PriceLimit: anyTotal,
		})
		if err != nil {
			t.Fatal(err)
		}
		return created.GetJob().GetJobId()
	}
	jobID := create(append(ids, onDemand...))
	first, seen := firstStep(t, w, jobID)
	if len(seen) == 0 || first == "" {
		t.Fatalf("the first step reports %d renewals, token %q", len(seen), first)
	}
	other := create(onDemand)
	_, err := receive(t, w, &ecsdv1.WatchRenewalJobRequest{JobId: other, ResumeToken: first})
	wantError(t, err, codes.InvalidArgument, "INVALID_RESUME_TOKEN")
	_, err = receive(t, w, &ecsdv1.WatchRenewalJobRequest{JobId: "nobody"})
	wantError(t, err, codes.NotFound, "JOB_NOT_FOUND")

	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	w = newService(t, sim, onDisk)
	job, last := watchJob(t, w, jobID, first)
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PARTIAL {
		t.Errorf("the job ended as %v", job)
	}
	for _, id := range ids {
		if last[id].GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
			t.Errorf("resumed, the watch reports %s: %v", id, last[id])
		}
	}
	for _, id := range onDemand {
		if seen[id].GetReason() != "NOT_SUBSCRIPTION" {
			t.Errorf("at first the watch reported %s: %v", id, seen[id])
		}
		if last[id] != nil {
			t.Errorf("resumed, it reports again %s, which did not change: %v", id, last[id])
		}
	}
	if _, all := watchJob(t, w, jobID, ""); len(all) != len(ids)+len(onDemand) {
		t.Errorf("from the beginning the watch reports %d renewals", len(all))
	}
	if n := len(sim.Ledger(simulator.LedgerFilter{})); n != len(ids) {
		t.Errorf("%d charges, want %d", n, len(ids))
	}
}

// firstStep watches until the first message, and disconnects.
func firstStep(t *testing.T, w *world, jobID string) (token string, seen map[string]*ecsdv1.Renewal) {
	t.Helper()
	step, err := receive(t, w, &ecsdv1.WatchRenewalJobRequest{JobId: jobID})
	if err != nil {
		t.Fatal(err)
	}
	seen = map[string]*ecsdv1.Renewal{}
	for _, r := range step.GetRenewals() {
		seen[r.GetInstanceId()] = r
	}
	return step.GetResumeToken(), seen
}

func receive(t *testing.T, w *world, request *ecsdv1.WatchRenewalJobRequest) (*ecsdv1.WatchRenewalJobResponse, error) {
	t.Helper()
	ctx, hangUp := context.WithCancel(within(t, 20*time.Second))
	defer hangUp()
	stream, err := w.renewals.WatchRenewalJob(ctx, request)
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}
