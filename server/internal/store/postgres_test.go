package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

func openAt(t *testing.T, address string) *Store {
	t.Helper()
	s, err := Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A poller that stops in the middle of a write, with the lease's row locked,
// holds up the next one until the server cuts it, and then writes nothing.
func TestPostgres_StalledWriterCut(t *testing.T) {
	address := postgres.Database(t)
	next := openAt(t, address) // makes the schema, in its own time
	stalled := openAt(t, address+"&idle_in_transaction_session_timeout=1s")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	lease, err := stalled.AcquireLease(ctx, "poll", "p1", 0)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := stalled.db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	revision := changelog.Revision{RegionID: "cn-a", Changes: []changelog.Change{{InstanceID: "i-1", After: []byte("old")}}}
	if err := errors.Join(holdLease(ctx, tx, lease), stalled.append(ctx, tx, changelog.Position{}, &revision)); err != nil {
		t.Fatal(err)
	}
	taken, err := next.AcquireLease(ctx, "poll", "p2", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	written, err := next.Append(ctx, taken, changelog.Position{}, "cn-a", []changelog.Change{{InstanceID: "i-1", After: []byte("new")}})
	if err != nil || written.Number != 1 {
		t.Errorf("the next poller wrote revision %d, %v", written.Number, err)
	}
	if err := explain(tx.Commit()); !ecs.HasReason(err, ecs.ReasonStoreUnavailable) {
		t.Errorf("the stalled poller's commit: got %v, want STORE_UNAVAILABLE", err)
	}
	found, _, err := next.Instances(ctx, nil)
	if err != nil || len(found) != 1 || string(found[0].State) != "new" {
		t.Errorf("the instances are %+v, %v", found, err)
	}
}

// Each session has the limits that others rely on.
func TestSessionSettings(t *testing.T) {
	s := openAt(t, postgres.Database(t))
	for p, statement := range map[*pool]string{s.reader: "15s", s.db: "9s", s.leasing: "4s"} {
		for setting, want := range map[string]string{
			"idle_in_transaction_session_timeout": "3s", "application_name": "ecsd", "statement_timeout": statement,
		} {
			var got string
			if err := p.QueryRow("SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q, %v, want %q", setting, got, err, want)
			}
		}
	}
}

// An address may set a query mode in which the driver does not learn the types of
// the parameters from the server.
func TestPostgres_QueryModes(t *testing.T) {
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			s, ctx := openAt(t, postgres.Database(t)+"&default_query_exec_mode="+mode), t.Context()
			worker, err := s.AcquireLease(ctx, "worker", "p1", time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			r := ledger.Renewal{
				ID: "r", JobID: "j", RegionID: "cn-a", InstanceID: "i", State: ledger.Planned, Price: ecs.Money{CurrencyCode: "CNY", Units: 100},
				Period: ecs.Period{Count: 1, Unit: ecs.Month}, CreateTime: time.Now(), UpdateTime: time.Now(),
			}
			job := ledger.Job{ID: "j", RequestID: "r", State: ledger.JobPending, Terms: []byte("terms"), CreateTime: time.Now(), UpdateTime: time.Now()}
			if err := s.CreateRenewalJob(ctx, job, []ledger.Renewal{r}); err != nil {
				t.Fatal(err)
			}
			claimed, err := s.ClaimRenewals(ctx, worker, ledger.Claim{JobID: "j", Limit: 10})
			if err != nil || len(claimed) != 1 {
				t.Fatalf("claimed %d, %v", len(claimed), err)
			}
			next := ledger.Transition{Renewal: claimed[0], From: ledger.Planned}
			next.Renewal.State = ledger.Submitting
			if refused, err := s.AdvanceRenewals(ctx, worker, "j", []ledger.Transition{next}); err != nil || refused[0] != nil {
				t.Fatalf("advance: %v, %v", refused, err)
			}
			stored, err := s.RenewalJob(ctx, "j")
			if err != nil || stored.Reserved != r.Price || string(stored.Terms) != "terms" {
				t.Errorf("%s is reserved by terms %q, %v", stored.Reserved, stored.Terms, err)
			}
		})
	}
}

// A renewal that another worker takes between the look at it and the write of
// its move undoes that move alone, and commits no money.
func TestClaim_LostBeforeWrite(t *testing.T) {
	s := openAt(t, postgres.Database(t))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	worker, err := s.AcquireLease(ctx, "worker", "p1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	price := ecs.Money{CurrencyCode: "CNY", Units: 100}
	var renewals []ledger.Renewal
	for _, id := range []string{"kept", "lost"} {
		renewals = append(renewals, ledger.Renewal{
			ID: id, JobID: "j", RegionID: "cn-a", InstanceID: "i-" + id, State: ledger.Planned, Price: price,
			Period: ecs.Period{Count: 1, Unit: ecs.Month}, CreateTime: time.Now(), UpdateTime: time.Now(),
		})
	}
	job := ledger.Job{ID: "j", RequestID: "r", State: ledger.JobPending, CreateTime: time.Now(), UpdateTime: time.Now()}
	if err := s.CreateRenewalJob(ctx, job, renewals); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.ClaimRenewals(ctx, worker, ledger.Claim{JobID: "j", Limit: 10})
	if err != nil || len(claimed) != 2 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	moves := make([]ledger.Transition, len(claimed))
	want := make([]error, len(claimed))
	for i, r := range claimed {
		moves[i] = ledger.Transition{Renewal: r, From: ledger.Planned}
		moves[i].Renewal.State = ledger.Submitting
		if r.ID == "lost" {
			want[i] = ecs.ErrLeaseLost
		}
	}
	other, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(ctx, "UPDATE renewals SET claimed_by = 'another' WHERE renewal_id = 'lost'"); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		results []error
		err     error
	}
	answered := make(chan answer, 1)
	go func() {
		results, err := s.AdvanceRenewals(ctx, worker, "j", moves)
		answered <- answer{results, err}
	}()
	for waits := 0; waits == 0; {
		if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Commit(); err != nil {
		t.Fatal(err)
	}
	got := <-answered
	if got.err != nil {
		t.Fatal(got.err)
	}
	for i := range want {
		if !errors.Is(got.results[i], want[i]) {
			t.Errorf("%s: %v, want %v", claimed[i].ID, got.results[i], want[i])
		}
	}
	stored, err := s.RenewalJob(ctx, "j")
	if err != nil || stored.Reserved != price {
		t.Errorf("%s is reserved for one renewal of %s, %v", stored.Reserved, price, err)
	}
}
