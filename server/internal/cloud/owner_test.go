package cloud_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// keysFresh is how long keys are used without a new request to their source.
const keysFresh = 10 * time.Second

// accounts is a cloud of two accounts: the keys id-1, id-3, ... belong to
// account 100, id-2, id-4, ... to account 200.
type accounts struct {
	stub
	// unreachable makes STS fail.
	unreachable atomic.Bool
}

func newAccounts() *accounts {
	a := &accounts{}
	a.answer = func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Query().Get("AccessKeyId")
		switch {
		case r.URL.Query().Get("Action") != "GetCallerIdentity":
			fine(w, r)
		case a.unreachable.Load():
			refuses(http.StatusServiceUnavailable, "ServiceUnavailable", "no")(w, r)
		case strings.ContainsAny(key[len(key)-1:], "13579"):
			_, _ = io.WriteString(w, `{"RequestId":"R1","AccountId":"100"}`)
		default:
			_, _ = io.WriteString(w, `{"RequestId":"R1","AccountId":"200"}`)
		}
	}
	return a
}

// by counts the requests of an action by the key that signed them.
func (a *accounts) by(action string) map[string]int {
	found := map[string]int{}
	for _, seen := range a.asked() {
		if seen.Get("Action") == action {
			found[seen.Get("AccessKeyId")]++
		}
	}
	return found
}

// database is the owner of the state: the first account that asks.
type database struct {
	mu    sync.Mutex
	owner string
	err   error
}

func (d *database) claim(_ context.Context, accountID string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.owner == "" {
		d.owner = accountID
	}
	return d.owner, d.err
}

// wantsOther requires the refusal of keys of account 200 at the database of 100.
func wantsOther(t *testing.T, when string, err error) {
	t.Helper()
	failure := ecs.AsError(err)
	var other *cloud.OtherAccountError
	if failure == nil || failure.Reason != ecs.ReasonCredentialsUnavailable || failure.Effect != ecs.EffectNone || !errors.As(err, &other) {
		t.Errorf("%s: got %v, want CREDENTIALS_UNAVAILABLE without effect because of another account", when, err)
		return
	}
	if want := (cloud.OtherAccountError{Keys: "200", Database: "100"}); *other != want {
		t.Errorf("%s: got %+v, want %+v", when, *other, want)
	}
	for _, text := range []string{"account 100", "account 200", "--database"} {
		if !strings.Contains(failure.Message, text) {
			t.Errorf("%s: %q does not name %q", when, failure.Message, text)
		}
	}
}

// Keys that rotate to another account sign nothing but the question for their
// account, and the keys of the account are used as soon as they are back.
func TestOwner_KeysRotateToAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var number atomic.Int64
		number.Store(1)
		keys := &source{give: func(int64) (cloud.Keys, error) { return numbered(number.Load()) }}
		server, owner := newAccounts(), &database{}
		edge, _ := overPipes(t, server, cloud.Config{Credentials: keys, Owner: owner.claim})
		if id, err := edge.AccountID(t.Context()); err != nil || id != "100" {
			t.Fatalf("the account is %q (%v), want 100", id, err)
		}
		grant, err := edge.RenewGrant(t.Context(), hangzhou)
		if err != nil {
			t.Fatal(err)
		}
		grant.Release()

		number.Store(2)
		time.Sleep(keysFresh)
		_ = edge.Ping(t.Context()) // begins the next request to the source
		synctest.Wait()
		_, err = edge.RenewGrant(t.Context(), hangzhou)
		wantsOther(t, "a grant", err)
		_, err = edge.Renew(t.Context(), order("i-1"))
		wantsOther(t, "an order", err)
		for range 3 { // each asks the source again
			time.Sleep(2 * time.Second)
			wantsOther(t, "a read", edge.Ping(t.Context()))
		}
		if signed := server.by("DescribeRegions")["id-2"] + server.by("RenewInstance")["id-2"]; signed > 0 {
			t.Errorf("%d calls are signed by keys of another account", signed)
		}
		if asked := server.by("GetCallerIdentity"); asked["id-1"] != 1 || asked["id-2"] != 1 {
			t.Errorf("the account was requested %v times, want once for each key", asked)
		}

		number.Store(3)
		time.Sleep(time.Second)
		if _, err := edge.Renew(t.Context(), order("i-1")); ecs.HasReason(err, ecs.ReasonCredentialsUnavailable) {
			t.Errorf("with keys of the account again: %v", err)
		}
		if server.by("RenewInstance")["id-3"] != 1 {
			t.Errorf("the order is signed by %v, want id-3", server.by("RenewInstance"))
		}
	})
}

// Keys of another account at the start send nothing.
func TestOwner_OtherAccountAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newAccounts()
		edge, _ := overPipes(t, server, cloud.Config{
			Credentials: &source{give: func(int64) (cloud.Keys, error) { return numbered(2) }}, Owner: (&database{owner: "100"}).claim,
		})
		_, err := edge.Renew(t.Context(), order("i-1"))
		wantsOther(t, "an order", err)
		_, err = edge.AccountID(t.Context())
		wantsOther(t, "the account", err)
		if n := len(server.by("RenewInstance")); n != 0 {
			t.Errorf("%d orders are sent, want none", n)
		}
	})
}

// If the account or the owner cannot be read, calls are sent, with one warning
// per minute. When it turns out that the account is another one, they end, even
// those with a grant.
func TestOwner_NotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		server := newAccounts()
		server.unreachable.Store(true)
		edge, _ := overPipes(t, server, cloud.Config{
			Credentials: &source{give: func(int64) (cloud.Keys, error) { return numbered(2) }}, Owner: (&database{owner: "100"}).claim,
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		for range 5 {
			if err := edge.Ping(t.Context()); err != nil {
				t.Fatalf("the account is not known, and a read fails: %v", err)
			}
			time.Sleep(11 * time.Second)
		}
		if n := strings.Count(log.String(), "account of the keys not read"); n != 1 {
			t.Errorf("%d warnings in a minute, want 1:\n%s", n, &log)
		}
		grant, err := edge.RenewGrant(t.Context(), hangzhou)
		if err != nil {
			t.Fatal(err)
		}
		server.unreachable.Store(false)
		_, err = edge.AccountID(t.Context())
		wantsOther(t, "the account", err)
		_, err = grant.Send(t.Context(), order("i-1"))
		wantsOther(t, "an order with a grant", err)
		_, err = edge.Renew(t.Context(), order("i-1"))
		wantsOther(t, "an order", err)
		if n := len(server.by("RenewInstance")); n != 0 {
			t.Errorf("%d orders are sent, want none", n)
		}
	})
}

// A database that does not respond is not another account.
func TestOwner_DatabaseNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owner := &database{owner: "100", err: errors.New("the database is down")}
		edge, _ := overPipes(t, newAccounts(), cloud.Config{
			Credentials: &source{give: func(int64) (cloud.Keys, error) { return numbered(2) }}, Owner: owner.claim,
		})
		if err := edge.Ping(t.Context()); err != nil {
			t.Fatalf("the owner is not known, and a read fails: %v", err)
		}
		owner.mu.Lock()
		owner.err = nil
		owner.mu.Unlock()
		time.Sleep(11 * time.Second)
		_ = edge.Ping(t.Context()) // begins the next request to the source
		synctest.Wait()
		wantsOther(t, "a read", edge.Ping(t.Context()))
	})
}
