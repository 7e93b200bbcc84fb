package cloud_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// 6,000 callers, each with a deadline of 10 s, at a cloud that takes 3 s: the
// capacity of 256 connections must go to callers that still wait.
func TestSlowCloud_DoesUsefulWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, latency, deadline = 6000, 3 * time.Second, 10 * time.Second
		var sent, useful atomic.Int64
		edge, _ := overPipes(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent.Add(1)
			time.Sleep(latency)
			fine(w, r)
		}), cloud.Config{})
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				for ctx.Err() == nil {
					call, cancel := context.WithTimeout(ctx, deadline)
					err := edge.Ping(call)
					cancel()
					if err == nil {
						useful.Add(1)
						continue
					}
					if failure := ecs.AsError(err); failure.RetryAfter > 0 {
						time.Sleep(min(failure.RetryAfter, 5*time.Second))
					}
				}
			})
		}
		time.Sleep(20 * time.Second) // the slow start is over
		sent.Store(0)
		useful.Store(0)
		const measured = 15 * time.Second
		time.Sleep(measured)
		calls, good := sent.Load(), useful.Load()
		stop()
		all.Wait()
		time.Sleep(latency) // the handlers end
		capacity := int64(256 * measured / latency)
		if good < capacity*80/100 {
			t.Errorf("%d useful calls of a capacity of %d, want 80 %%", good, capacity)
		}
		if calls > good*120/100 {
			t.Errorf("%d calls were sent for %d useful ones", calls, good)
		}
		t.Logf("%d sent, %d useful, capacity %d", calls, good, capacity)
	})
}

func TestSlowCloud_RefusesEarlyWithRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{}
		server.answer = func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(3 * time.Second)
			fine(w, r)
		}
		edge, _ := overPipes(t, server, cloud.Config{})
		for range 5 {
			if err := edge.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		err := edge.Ping(short)
		failure := ecs.AsError(err)
		if failure == nil || failure.Reason != ecs.ReasonCloudUnavailable || failure.Retry != ecs.RetryWait || failure.RetryAfter < 3*time.Second {
			t.Errorf("got %+v, want CLOUD_UNAVAILABLE with RetryAfter", failure)
		}
		if n := len(server.asked()); n != 5 || time.Since(began) != 0 {
			t.Errorf("%d calls, refused after %s; want no sixth and no wait", n, time.Since(began))
		}
		// The slow call is retried.
		time.Sleep(40 * time.Second)
		short, cancel = context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_ = edge.Ping(short)
		if n := len(server.asked()); n < 6 {
			t.Errorf("%d calls, want a new one after 40s", n)
		}
		time.Sleep(4 * time.Second) // the handler ends
	})
}

func TestRenewGrant_RefusesLateSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{}
		server.answer = func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(3 * time.Second)
			paid(w, r)
		}
		edge, _ := overPipes(t, server, cloud.Config{})
		for range 5 {
			if _, err := grantOf(t, edge).Send(t.Context(), order("i-1")); err != nil {
				t.Fatal(err)
			}
		}
		short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := grantOf(t, edge).Send(short, order("i-1"))
		failure := ecs.AsError(err)
		if failure == nil || failure.Effect != ecs.EffectNone || failure.RetryAfter <= 0 || len(server.asked()) != 5 {
			t.Errorf("got %+v after %d requests, want nothing sent", failure, len(server.asked()))
		}
	})
}
