package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/cloud/batch"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errOwner = errors.New("owner is closed")

// fake is a group over a cloud that responds after a while with the time at
// which the call began.
type fake struct {
	*batch.Group[string, time.Time]
	takes time.Duration
	// act, if set, runs inside a call and may return its error.
	act func(ctx context.Context, keys []string, callers *batch.Callers) error

	mu     sync.Mutex
	calls  [][]string
	ends   []error
	owned  sync.WaitGroup
	closed bool
}

func newFake(max int) *fake {
	f := &fake{takes: 50 * time.Millisecond}
	f.Group = batch.New(batch.Config[string, time.Time]{
		Max: max, MaxCalls: 16, Patience: time.Second, Burst: 32, Linger: 20 * time.Millisecond,
		Refused: errOwner,
		Start: func(work func(context.Context)) bool {
			if f.closed {
				return false
			}
			f.owned.Go(func() { work(context.Background()) })
			return true
		},
		Call: f.call,
	})
	return f
}

func (f *fake) call(ctx context.Context, keys []string, callers *batch.Callers) map[string]batch.Outcome[time.Time] {
	began := time.Now()
	f.mu.Lock()
	f.calls = append(f.calls, keys)
	f.mu.Unlock()
	var err error
	if f.act != nil {
		err = f.act(ctx, keys, callers)
	} else {
		select {
		case <-time.After(f.takes):
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	f.mu.Lock()
	f.ends = append(f.ends, ctx.Err())
	f.mu.Unlock()
	outcomes := make(map[string]batch.Outcome[time.Time])
	for _, key := range keys {
		outcomes[key] = batch.Outcome[time.Time]{Value: began, Err: err}
	}
	return outcomes
}

func keys(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("k%04d", i)
	}
	return all
}

// doEach requests each key separately, all at the same time.
func (f *fake) doEach(ctx context.Context, keys []string) []batch.Outcome[time.Time] {
	outcomes := make([]batch.Outcome[time.Time], len(keys))
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() { outcomes[i] = f.Do(ctx, []string{key})[0] })
	}
	all.Wait()
	return outcomes
}

func TestBatch_LoneRequestSentAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, began := newFake(100), time.Now()
		for range 3 {
			f.Do(t.Context(), keys(1))
		}
		if took := time.Since(began); took != 3*f.takes {
			t.Errorf("three requests one after the other took %s, want the calls' own %s", took, 3*f.takes)
		}
	})
}

func TestBatch_BurstIsFewFullCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, began := newFake(100), time.Now()
		for i, outcome := range f.doEach(t.Context(), keys(1000)) {
			if outcome.Err != nil {
				t.Fatalf("key %d: %v", i, outcome.Err)
			}
		}
		if len(f.calls) != 11 {
			t.Errorf("1,000 requests at a time made %d calls, want 11", len(f.calls))
		}
		if took := time.Since(began); took > 2*f.takes {
			t.Errorf("took %s, want two calls' time at most", took)
		}
		sent := slices.Sorted(slices.Values(slices.Concat(f.calls...)))
		if !slices.Equal(sent, keys(1000)) {
			t.Errorf("%d keys were sent, want each of 1,000 once", len(sent))
		}
	})
}

func TestBatch_OneRequestForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		outcomes := f.Do(t.Context(), append(keys(250), keys(3)...))
		if len(outcomes) != 253 || len(f.calls) != 3 {
			t.Errorf("%d outcomes in %d calls, want 253 in 3: a key asked twice is sent once", len(outcomes), len(f.calls))
		}
	})
}

func TestBatch_EarlierCallDoesNotServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				asked := time.Now()
				if outcome := f.Do(t.Context(), []string{"same"})[0]; outcome.Value.Before(asked) {
					t.Errorf("asked %s after the call began", asked.Sub(outcome.Value))
				}
			})
			time.Sleep(3 * time.Millisecond)
		}
		all.Wait()
		if len(f.calls) > 5 {
			t.Errorf("%d calls for one key asked over 120 ms of calls of 50 ms", len(f.calls))
		}
	})
}

func TestBatch_CancellationAffectsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		go f.Do(t.Context(), []string{"first"}) // the others gather behind it
		synctest.Wait()
		impatient, cancel := context.WithCancel(t.Context())
		result := make(chan batch.Outcome[time.Time], 2)
		go func() { result <- f.Do(impatient, []string{"a"})[0] }()
		go func() { result <- f.Do(t.Context(), []string{"b"})[0] }()
		time.Sleep(f.takes + 10*time.Millisecond) // both are under way
		cancel()
		if gone := <-result; !errors.Is(gone.Err, context.Canceled) {
			t.Errorf("the one that left got %v, want Canceled", gone.Err)
		}
		if stayed := <-result; stayed.Err != nil {
			t.Errorf("the one that stayed got %v", stayed.Err)
		}
		for i, err := range f.ends {
			if err != nil {
				t.Errorf("the context of call %d ended: %v", i, err)
			}
		}
	})
}

func TestCall_EndsWithItsLastCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		f.takes = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		f.Do(ctx, keys(3))
		f.owned.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("the call lived %s, want the second of its caller", took)
		}
	})
}

func TestBatch_LatestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(2)
		f.takes = 3 * time.Second
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		long, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		go f.Do(long, []string{"first"})
		synctest.Wait()
		result := make(chan batch.Outcome[time.Time], 2)
		go func() { result <- f.Do(short, []string{"a"})[0] }()
		synctest.Wait()
		go func() { result <- f.Do(long, []string{"b"})[0] }()
		if first := <-result; !errors.Is(first.Err, context.DeadlineExceeded) {
			t.Errorf("the short one got %v, want DeadlineExceeded", first.Err)
		}
		if second := <-result; second.Err != nil {
			t.Errorf("the long one got %v", second.Err)
		}
	})
}

func TestBatch_StuckCallDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		f.act = func(ctx context.Context, keys []string, _ *batch.Callers) error {
			if keys[0] == "stuck" {
				time.Sleep(time.Minute)
			}
			return nil
		}
		go f.Do(t.Context(), []string{"stuck"})
		synctest.Wait()
		began := time.Now()
		f.Do(t.Context(), []string{"other"})
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("waited %s behind a stuck call", took)
		}
		f.owned.Wait()
	})
}

func TestHold_RefusesShortDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		held := errors.New("held")
		f.act = func(_ context.Context, _ []string, callers *batch.Callers) error {
			callers.Hold(time.Now().Add(30*time.Second), held)
			time.Sleep(30 * time.Second)
			callers.Go()
			return nil
		}
		patient := make(chan batch.Outcome[time.Time], 1)
		go func() { patient <- f.Do(t.Context(), []string{"a"})[0] }()
		synctest.Wait()
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if outcome := f.Do(short, []string{"b"})[0]; !errors.Is(outcome.Err, held) || time.Since(began) != 0 {
			t.Errorf("got %v after %s, want the hold's error at once", outcome.Err, time.Since(began))
		}
		if outcome := <-patient; outcome.Err != nil {
			t.Errorf("the patient one got %v", outcome.Err)
		}
		// The requests gathered behind a held call leave as one.
		f.doEach(t.Context(), keys(60))
		if n := len(f.calls); n > 3 {
			t.Errorf("%d calls in all, want 3", n)
		}
	})
}

func TestHold_MemberIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(100)
		held := errors.New("held")
		f.act = func(_ context.Context, _ []string, callers *batch.Callers) error {
			time.Sleep(time.Second)
			callers.Hold(time.Now().Add(30*time.Second), held)
			time.Sleep(30 * time.Second)
			callers.Go()
			return nil
		}
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if outcome := f.Do(short, []string{"b"})[0]; !errors.Is(outcome.Err, held) || time.Since(began) != time.Second {
			t.Errorf("got %v after %s, want the hold's error after a second", outcome.Err, time.Since(began))
		}
		f.owned.Wait()
	})
}

func TestBatch_OwnerClosed(t *testing.T) {
	f := newFake(100)
	f.closed = true
	if outcome := f.Do(t.Context(), keys(1))[0]; !errors.Is(outcome.Err, errOwner) {
		t.Errorf("got %v, want the owner's refusal", outcome.Err)
	}
}

// A call that panics is an INTERNAL error of each of its keys, and later keys
// get a new call.
func TestCall_Panic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(10)
		f.act = func(context.Context, []string, *batch.Callers) error { panic("the defect") }
		for _, o := range f.Do(t.Context(), []string{"a", "b"}) {
			if !ecs.HasReason(o.Err, ecs.ReasonInternal) {
				t.Errorf("of a call that panicked: %v, want INTERNAL", o.Err)
			}
		}
		f.act = nil
		if o := f.Do(t.Context(), []string{"a"})[0]; o.Err != nil {
			t.Errorf("the call after it: %v", o.Err)
		}
		f.owned.Wait()
	})
}
