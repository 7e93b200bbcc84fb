package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func TestRun_ReturnsShownInstances(t *testing.T) {
	var touched []string
	config := lifecycle.Config{Touched: func(regionID string, ids []string) {
		if regionID != region {
			t.Errorf("touched in %s", regionID)
		}
		touched = append(touched, ids...)
	}}
	inBubble(t, config, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		made, err := l.Run(t.Context(), order("r-1", 3))
		if err != nil {
			t.Fatal(err)
		}
		if len(made.IDs) != 3 || len(made.Instances) != 3 || made.OrderID == "" || made.Price != nil {
			t.Fatalf("made %+v", made)
		}
		for i, instance := range made.Instances {
			if instance.ID != made.IDs[i] || instance.Raw.Status != "Running" {
				t.Errorf("instance %d is %+v, want what the cloud shows of %s", i, instance, made.IDs[i])
			}
			if !slices.Contains(instance.Tags, ecs.Tag{Key: "ecsd:request-id", Value: "r-1"}) || !slices.Contains(instance.Tags, ecs.Tag{Key: "team", Value: "a"}) {
				t.Errorf("instance %s wears %v, want the caller's tag and the request's", instance.ID, instance.Tags)
			}
		}
		if !slices.Equal(touched, made.IDs) {
			t.Errorf("touched %v, want %v", touched, made.IDs)
		}
	})
}

func TestLaunch_SameRequestSameResponse(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		first, err := l.Run(t.Context(), order("r-1", 2))
		if err != nil {
			t.Fatal(err)
		}
		again := order("r-1", 2)
		again.Caller = "another"
		second, err := l.Run(t.Context(), again)
		if err != nil || !slices.Equal(first.IDs, second.IDs) || first.OrderID != second.OrderID || c.madeBy() != 2 {
			t.Errorf("again: %+v, %v, %d made, want %v", second, err, c.madeBy(), first.IDs)
		}
		// A released instance is still a result of this request.
		c.instances[first.IDs[0]].gone = time.Now()
		third, err := l.Run(t.Context(), order("r-1", 2))
		if err != nil || !slices.Equal(first.IDs, third.IDs) || third.Instances[0].ID != first.IDs[0] || third.Instances[0].Raw.Status != "" {
			t.Errorf("after a release: %+v, %v", third, err)
		}
		if len(c.sends) != 1 {
			t.Errorf("%d sends, want 1", len(c.sends))
		}
	})
}

func TestLaunch_SecretsNotStored(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		l := lifecycle.New(c, records, lifecycle.Config{})
		defer l.Close()
		q := order("r-1", 1)
		q.Order.Spec.Password, q.Order.Spec.UserData = "Secret-Password-1", []byte("secret-user-data")
		if _, err := l.Run(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		if c.sends[0].Spec.Password != q.Order.Spec.Password || string(c.sends[0].Spec.UserData) != "secret-user-data" {
			t.Error("the secrets did not reach the cloud")
		}
		r, err := records.RequestByID(t.Context(), "r-1")
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.ToLower(stringOf(r)); strings.Contains(text, "secret") {
			t.Errorf("the record holds a secret: %s", text)
		}
		if _, err := l.Run(t.Context(), q); err != nil {
			t.Errorf("the same secrets again: %v", err)
		}
	})
}

func TestLaunch_ManyCallersOfOneRequest(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.hook = func() { time.Sleep(time.Second) }
		var callers sync.WaitGroup
		answers := make([]lifecycle.Launched, 20)
		for i := range answers {
			callers.Go(func() {
				var err error
				if answers[i], err = l.Run(t.Context(), order("r-1", 2)); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Millisecond)
		other := order("r-1", 5)
		if _, err := l.Run(t.Context(), other); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("another payload beside them: got %v, want REQUEST_ID_REUSED", err)
		}
		callers.Wait()
		for _, a := range answers {
			if !slices.Equal(a.IDs, answers[0].IDs) {
				t.Errorf("%v and %v", a.IDs, answers[0].IDs)
			}
		}
		if len(c.sends) != 1 || c.madeBy() != 2 {
			t.Errorf("%d sends, %d made", len(c.sends), c.madeBy())
		}
	})
}

func TestRun_DeferredIsSentByARetry(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.faults = []fault{throttled}
		_, err := l.Run(t.Context(), order("r-1", 1))
		if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonThrottled || e.RetryAfter != 30*time.Second {
			t.Errorf("got %v, want THROTTLED with its wait", err)
		}
		made, err := l.Run(t.Context(), order("r-1", 1))
		if err != nil || len(made.IDs) != 1 || c.madeBy() != 1 || c.sends[0].ClientToken != c.sends[1].ClientToken {
			t.Errorf("%+v, %v, %d made", made, err, c.madeBy())
		}
	})
}

// TestLaunch_UnknownSettled sends once under each fault that leaves the
// outcome unknown, with tags that can and cannot be set or read.
func TestLaunch_UnknownSettled(t *testing.T) {
	for _, f := range []fault{lostReply, serverError, lostRequest, inProgress, poisoned} {
		for _, visibility := range []string{"by tag", "no room for the tag", "may not read"} {
			t.Run(string(f)+", "+visibility, func(t *testing.T) {
				inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
					c.faults = []fault{f}
					q := order("r-1", 5)
					if visibility == "no room for the tag" {
						for len(q.Order.Spec.Tags) < 20 {
							q.Order.Spec.Tags = append(q.Order.Spec.Tags, ecs.Tag{Key: strings.Repeat("k", len(q.Order.Spec.Tags))})
						}
					}
					c.unreadable = visibility == "may not read"
					made, err := l.Run(t.Context(), q)
					if f == poisoned && visibility != "by tag" {
						if !ecs.HasReason(err, ecs.ReasonOutcomeUnknown) || c.madeBy() != 0 {
							t.Errorf("got %v, %d made, want OUTCOME_UNKNOWN: without a proof no token is given up", err, c.madeBy())
						}
						return
					}
					if err != nil || len(made.IDs) != 5 || c.madeBy() != 5 {
						t.Errorf("%v, %v, %d made, want 5", made.IDs, err, c.madeBy())
					}
					if n := len(c.sends[len(c.sends)-1].Spec.Tags); n > 20 {
						t.Errorf("%d tags were sent", n)
					}
				})
			})
		}
	}
}

// TestLaunch_InstancesVisibleOneByOne: the first visible instances are not taken for
// all.
func TestLaunch_InstancesVisibleOneByOne(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.faults, c.stagger = []fault{lostReply}, 4*time.Second
		if made, err := l.Run(t.Context(), order("r-1", 5)); err != nil || len(made.IDs) != 5 || len(c.sends) != 1 {
			t.Errorf("%v, %v in %d sends", made.IDs, err, len(c.sends))
		}
		// If some instances never appear, as after a release by others, the result is
		// the rest.
		c.faults, c.stagger = []fault{lostReply}, time.Hour
		if made, err := l.Run(t.Context(), order("r-2", 2)); err != nil || len(made.IDs) != 1 || len(c.sends) != 2 {
			t.Errorf("%v, %v in %d sends", made.IDs, err, len(c.sends))
		}
	})
}

// TestLaunch_DatabaseLost: the token is derived from the request, so
// that the cloud itself recognizes the request.
func TestLaunch_DatabaseLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCloud()
		ask := func(q lifecycle.Launch) (lifecycle.Launched, error) {
			records := newRecords()
			l := lifecycle.New(c, records, lifecycle.Config{})
			defer l.Close()
			return l.Run(t.Context(), q)
		}
		first, err := ask(order("r-1", 2))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ask(order("r-1", 2)); err != nil || !slices.Equal(again.IDs, first.IDs) {
			t.Errorf("again: %v, %v, want %v", again.IDs, err, first.IDs)
		}
		if _, err := ask(order("r-1", 3)); !ecs.HasReason(err, ecs.ReasonRequestIDReused) || c.madeBy() != 2 {
			t.Errorf("another payload: %v, %d made, want REQUEST_ID_REUSED", err, c.madeBy())
		}
	})
}

func TestLaunch_ReplicasMakeOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		c.hook = func() { time.Sleep(time.Second) }
		c.faults = []fault{lostReply, lostReply, lostReply}
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() {
				// Slow, so that each finds no record before one writes his.
				l := lifecycle.New(c, slowRecords{records}, lifecycle.Config{})
				defer l.Close()
				if made, err := l.Run(t.Context(), order("r-1", 2)); err != nil || len(made.IDs) != 2 {
					t.Errorf("%v, %v", made.IDs, err)
				}
			})
		}
		callers.Wait()
		if c.madeBy() != 2 {
			t.Errorf("%d made, want 2", c.madeBy())
		}
	})
}

// slowRecords take a second to respond, and write even if the caller has gone.
type slowRecords struct{ lifecycle.Records }

func (s slowRecords) CreateRequest(ctx context.Context, r ecs.RequestRecord) error {
	return s.Records.CreateRequest(context.WithoutCancel(ctx), r)
}

func (s slowRecords) RequestByID(ctx context.Context, id string) (ecs.RequestRecord, error) {
	time.Sleep(time.Second)
	return s.Records.RequestByID(context.WithoutCancel(ctx), id)
}

func TestCallersLeave_NothingIsMade(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		l := lifecycle.New(c, slowRecords{records}, lifecycle.Config{})
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := l.Run(ctx, order("r-1", 1))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "nothing was made") {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Millisecond)
		// A caller that comes while the abandoned flight ends gets a new one.
		if made, err := l.Run(t.Context(), order("r-1", 1)); err != nil || len(made.IDs) != 1 || len(c.sends) != 1 {
			t.Errorf("%+v, %v, %d sends", made, err, len(c.sends))
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _ = l.Run(ctx, order("r-2", 1))
		time.Sleep(time.Hour)
		if _, err := records.RequestByID(t.Context(), "r-2"); !errors.Is(err, ecs.ErrNoRecord) || len(c.sends) != 1 {
			t.Errorf("after everybody left: %v, %d sends, want nothing recorded and nothing sent", err, len(c.sends))
		}
	})
}

func TestLaunch_ExpiredTokenNotSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		c.faults = []fault{lostRequest}
		l := lifecycle.New(c, records, lifecycle.Config{TrustAge: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Run(ctx, order("r-1", 1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want the deadline", err)
		}
		l.Close()
		time.Sleep(2 * time.Hour)
		l = lifecycle.New(c, records, lifecycle.Config{TrustAge: time.Hour})
		defer l.Close()
		if _, err := l.Run(t.Context(), order("r-1", 1)); !ecs.HasReason(err, ecs.ReasonOutcomeUnknown) {
			t.Errorf("got %v, want OUTCOME_UNKNOWN", err)
		}
		if len(c.sends) != 1 {
			t.Errorf("%d sends, want 1", len(c.sends))
		}
	})
}

func TestRun_CallerLeavesBeforeTheSend(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Run(ctx, order("r-1", 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		time.Sleep(time.Minute)
		if _, err := l.Run(t.Context(), order("r-1", 1)); err != nil || c.madeBy() != 1 {
			t.Errorf("the same request later: %v, %d made", err, c.madeBy())
		}
	})
}

func TestRun_CallerLeavesAfterTheSend(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.hook = func() { time.Sleep(5 * time.Second) }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := l.Run(ctx, order("r-1", 1))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "continues") {
			t.Errorf("got %v, want a deadline that says that the launch continues", err)
		}
		made, err := l.Run(t.Context(), order("r-1", 1))
		if err != nil || len(made.IDs) != 1 || c.madeBy() != 1 || len(c.sends) != 1 {
			t.Errorf("%+v, %v, %d made in %d sends", made, err, c.madeBy(), len(c.sends))
		}
	})
}

func TestLaunch_ValidateOnlyPrices(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		q := order("r-1", 3)
		q.ValidateOnly = true
		made, err := l.Run(t.Context(), q)
		if err != nil || made.Price == nil || made.Price.Price.Units != 3 || len(made.IDs) != 0 || c.dryRuns != 1 || c.madeBy() != 0 {
			t.Errorf("%+v, %v, %d dry runs, %d made", made, err, c.dryRuns, c.madeBy())
		}
		q.Order.Spec.Type = "ecs.unpriced"
		if made, err := l.Run(t.Context(), q); err != nil || made.Price != nil {
			t.Errorf("without a price: %+v, %v", made, err)
		}
		c.faults = []fault{refused}
		if _, err := l.Run(t.Context(), q); !ecs.HasReason(err, ecs.ReasonOutOfStock) {
			t.Errorf("refused by the dry run: got %v", err)
		}
		// A dry run leaves its request ID free, even for another launch.
		if _, err := l.Run(t.Context(), order("r-1", 1)); err != nil || c.madeBy() != 1 {
			t.Errorf("the request itself: %v, %d made", err, c.madeBy())
		}
	})
}

func TestCreate_MakesOne(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		made, err := l.Create(t.Context(), order("r-1", 0))
		if err != nil || len(made.IDs) != 1 || made.Instances[0].Raw.Status != "Stopped" {
			t.Errorf("%+v, %v", made, err)
		}
		if quote, err := l.Quote(t.Context(), order("", 4).Order); err != nil || quote.Price.Units != 4 {
			t.Errorf("quote: %+v, %v", quote, err)
		}
	})
}
