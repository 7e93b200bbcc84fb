package store

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// ownerOf is CloudAccount, which must work.
func ownerOf(t *testing.T, s *Store, accountID string) string {
	t.Helper()
	owner, err := s.CloudAccount(t.Context(), accountID)
	if err != nil {
		t.Errorf("account %s: %v", accountID, err)
	}
	return owner
}

// A database belongs to the first account that asks, also after a restart.
func TestCloudAccount_FirstWins(t *testing.T) {
	for name, address := range bothLasting(t) {
		t.Run(name, func(t *testing.T) {
			s := openWithT(t, address, known)
			if _, err := s.CloudAccount(t.Context(), ""); err == nil {
				t.Error("an account without an ID is accepted")
			}
			for _, asks := range []string{"100", "200", "100"} {
				if owner := ownerOf(t, s, asks); owner != "100" {
					t.Errorf("account %s: the owner is %s, want 100", asks, owner)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if owner := ownerOf(t, openWithT(t, address, known), "200"); owner != "100" {
				t.Errorf("after a restart: the owner is %s, want 100", owner)
			}
		})
	}
}

// Of two replicas that begin on a new database with keys of different accounts,
// one owns it, and both know which.
func TestCloudAccount_TwoReplicas(t *testing.T) {
	address := postgres.Database(t)
	first, second := openWithT(t, address, known), openWithT(t, address, known)
	owners := make([]string, 20)
	var all sync.WaitGroup
	for i := range owners {
		all.Go(func() {
			if i%2 == 0 {
				owners[i] = ownerOf(t, first, "100")
			} else {
				owners[i] = ownerOf(t, second, "200")
			}
		})
	}
	all.Wait()
	for i, owner := range owners {
		if owner != owners[0] || owner != "100" && owner != "200" {
			t.Errorf("question %d: the owner is %q, that of the first %q", i, owner, owners[0])
		}
	}
}

// A database of an earlier ecsd belongs to the account that its newest job
// charges; jobs without an account do not count.
func TestCloudAccount_OfEarlierJobs(t *testing.T) {
	for name, address := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db"), "postgres": postgres.Database(t)} {
		t.Run(name, func(t *testing.T) {
			old := openWithT(t, address, upTo(29))
			for i, account := range []string{"100", "200", ""} {
				id := string(rune('a' + i))
				// As that ecsd wrote it, which had no audit.
				if _, err := old.db.ExecContext(t.Context(), insertJob, jobValues(ledger.Job{
					ID: id, RequestID: id, AccountID: account, State: ledger.JobPending, CreateTime: time.UnixMilli(int64(1000 + i)),
				})...); err != nil {
					t.Fatal(err)
				}
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			if owner := ownerOf(t, openWithT(t, address, known), "300"); owner != "200" {
				t.Errorf("the owner is %s, want that of the newest job, 200", owner)
			}
		})
	}
}
