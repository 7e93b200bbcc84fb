package notify_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

const day = 24 * time.Hour

// A fleet of three lives through 40 days: each threshold of each expiry is reported once.
func TestRun_EachThresholdOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world, s *store.Store) {
		w.expires("i-plain", hangzhou, 31*day)
		w.expires("i-renewed", hangzhou, 11*day-time.Hour)
		w.expires("i-automatic", hangzhou, 31*day)
		w.change(func() {
			w.outlooks["i-automatic"] = ecs.AutoRenewOutlook{Held: ecs.AutoRenewOn, State: ecs.AutoRenewStateScheduled}
		})
		h := newHook(t)
		_, stop := w.run(t, s, receivers(t, "", h))
		for n := range 40 {
			if n == 20 { // a restart
				stop()
				_, stop = w.run(t, s, receivers(t, "", h))
			}
			w.settle(t, s)
			w.change(func() {
				w.now = w.now.Add(day)
				if n == 7 { // in the last moment before its third threshold
					renewed := w.instances["i-renewed"]
					renewed.ExpireTime = renewed.ExpireTime.Add(30 * day)
					w.instances["i-renewed"] = renewed
				}
			})
		}
		w.settle(t, s)
		for id, want := range map[string][]int{"i-plain": {30, 14, 7, 3, 1}, "i-renewed": {14, 7, 30, 14, 7, 3, 1}, "i-automatic": nil} {
			if diff := cmp.Diff(want, h.thresholds(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
		for _, d := range h.deliveries() {
			if slices.Contains(d.items, "i-plain") && d.day != "2027-01-01" {
				t.Errorf("the day of an expiry at 08:00 in China is %s", d.day)
			}
		}
	})
}

func TestRun_GroupedByRegionAndDay(t *testing.T) {
	onEach(t, func(t *testing.T, w *world, s *store.Store) {
		w.expires("i-1", hangzhou, 2*day)
		w.expires("i-2", hangzhou, 2*day+time.Minute)
		w.expires("i-3", shanghai, 2*day)
		w.expires("i-4", hangzhou, 2*day+16*time.Hour) // midnight in China: the next day
		h := newHook(t)
		w.run(t, s, receivers(t, "", h))
		w.settle(t, s)
		var got []string
		for _, d := range h.deliveries() {
			got = append(got, fmt.Sprintf("%s %d %s", d.day, d.days, d.items))
		}
		slices.Sort(got)
		want := []string{"2026-12-03 3 [i-1 i-2]", "2026-12-03 3 [i-3]", "2026-12-04 3 [i-4]"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	})
}

func TestRun_LargeGroupIsSplit(t *testing.T) {
	w, s, h := newWorld(), openStore(t, "sqlite::memory:"), newHook(t)
	for i := range 1200 {
		w.expires(fmt.Sprintf("i-%04d", i), hangzhou, 2*day)
	}
	w.run(t, s, receivers(t, "", h))
	w.settle(t, s)
	var sizes []int
	all := map[string]bool{}
	for _, d := range h.deliveries() {
		sizes = append(sizes, len(d.items))
		for _, id := range d.items {
			all[id] = true
		}
	}
	if diff := cmp.Diff([]int{500, 500, 200}, sizes); diff != "" || len(all) != 1200 {
		t.Errorf("%d instances in messages of %v, want 1200 in 500, 500 and 200", len(all), sizes)
	}
}

// However a receiver fails, nothing is lost, and what may have been accepted arrives again with the same ID.
func TestRun_ReceiverFails(t *testing.T) {
	for name, c := range map[string]struct {
		script []func(http.ResponseWriter, *http.Request)
		text   string
	}{
		"server error":          {slices.Repeat([]func(http.ResponseWriter, *http.Request){status(500)}, 3), "HTTP status 500"},
		"too many requests":     {[]func(http.ResponseWriter, *http.Request){status(429)}, "HTTP status 429"},
		"refused":               {[]func(http.ResponseWriter, *http.Request){status(401)}, "HTTP status 401"},
		"redirect":              {[]func(http.ResponseWriter, *http.Request){status(307, "Location", "http://127.0.0.1:1/")}, "HTTP status 307: redirects are not followed, set the URL of the target"},
		"accepted, hung up":     {[]func(http.ResponseWriter, *http.Request){hangUp, hangUp}, "no response, it may have been accepted: "},
		"accepted, no response": {[]func(http.ResponseWriter, *http.Request){hang}, "no response, it may have been accepted: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, w *world, s *store.Store) {
				w.expires("i-1", hangzhou, 2*day)
				h := newHook(t, c.script...)
				n, _ := w.run(t, s, receivers(t, "", h))
				w.settle(t, s)
				got := h.deliveries()
				if len(got) != len(c.script)+1 {
					t.Fatalf("%d requests, want one per failure and one more", len(got))
				}
				for i, d := range got {
					if d.id != got[0].id || !slices.Equal(d.items, []string{"i-1"}) || d.acknowledged != (i == len(got)-1) {
						t.Errorf("request %d is %+v, want the ID and the instance of the first, %s", i, d, got[0].id)
					}
				}
				all, err := n.Receivers(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if r := all[0]; !strings.HasPrefix(r.LastError, c.text) || r.Failures != 0 || r.Pending != 0 || r.LastSuccessTime.IsZero() {
					t.Errorf("the receiver is %+v, want the error %q and no failure since", r, c.text)
				}
			})
		})
	}
}

// A receiver with a certificate of an unknown authority gets nothing, and one of ca_file gets its messages.
func TestTry_TLS(t *testing.T) {
	h := &hook{Server: httptest.NewUnstartedServer(nil)}
	h.Config.Handler = h
	h.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	h.StartTLS()
	defer h.Close()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
	for fields, want := range map[string]string{"": "not sent: tls: failed to verify certificate", ", ca_file: ca.pem": ""} {
		file, err := open(t, "receivers: [{name: hook, kind: webhook, url: '"+h.URL+"', secret_file: hook.key"+fields+"}]", map[string]string{"ca.pem": string(authority)})
		if err != nil {
			t.Fatal(err)
		}
		notify.Try(t.Context(), file, func(r notify.TrialResult) {
			if want == "" && r.Err != nil || want != "" && (r.Err == nil || !strings.HasPrefix(r.Err.Error(), want)) {
				t.Errorf("with %q: %v, want %q", fields, r.Err, want)
			}
		})
	}
	if got := len(h.deliveries()); got != 1 {
		t.Errorf("%d messages arrived, want 1", got)
	}
}

// A receiver that is down delays no other, is visible, and is left alone as long as it asks for.
func TestRun_ReceiverIsDown(t *testing.T) {
	onEach(t, func(t *testing.T, w *world, s *store.Store) {
		w.expires("i-1", hangzhou, 2*day)
		w.expires("i-2", shanghai, 2*day)
		down, up := newHook(t, status(503, "Retry-After", "7200")), newHook(t)
		n, stop := w.run(t, s, receivers(t, "", down, up))
		await(t, "the other receiver has both messages and the first has failed", func() bool {
			all, err := n.Receivers(t.Context())
			return err == nil && len(up.deliveries()) == 2 && all[0].Failures == 1 && all[1].Pending == 0
		})
		all, err := n.Receivers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := all[0]
		if r.Name != "hook0" || r.Kind != "webhook" || r.Pending != 2 || r.LastError != "HTTP status 503" || time.Since(r.Oldest) > time.Minute || all[1].Pending != 0 {
			t.Errorf("the receivers are %+v", all)
		}
		if wait := time.Until(r.NextTime); wait < 119*time.Minute || wait > 121*time.Minute {
			t.Errorf("the next send is in %v, want the two hours of Retry-After", wait)
		}
		// Neither another replica nor a new message shortens the wait.
		stop()
		w.expires("i-3", hangzhou, 2*day)
		w.run(t, s, receivers(t, "", down, up))
		await(t, "the other receiver has the third message", func() bool { return len(up.deliveries()) == 3 })
		if got := len(down.deliveries()); got != 1 {
			t.Errorf("the receiver that is down got %d requests, want 1", got)
		}
	})
}

// What was renewed while the receiver was down is not reported any more, and a threshold that was passed replaces the one before.
func TestRun_NoLongerTrue(t *testing.T) {
	onEach(t, func(t *testing.T, w *world, s *store.Store) {
		w.expires("i-renewed", hangzhou, 7*day)
		w.expires("i-released", hangzhou, 7*day)
		w.expires("i-stays", hangzhou, 7*day)
		h := newHook(t, status(503, "Retry-After", "7200"))
		n, stop := w.run(t, s, receivers(t, "", h))
		await(t, "the receiver is down", func() bool {
			all, err := n.Receivers(t.Context())
			return err == nil && all[0].Failures == 1
		})
		w.change(func() { w.now = start.Add(5 * day); delete(w.instances, "i-released") })
		w.expires("i-renewed", hangzhou, 40*day)
		await(t, "the old threshold is withdrawn", func() bool {
			keys, err := s.PendingItems(t.Context())
			return err == nil && len(keys) == 1 && strings.HasSuffix(keys[0].Item, "/3")
		})
		stop()
		if err := s.SendFailed(t.Context(), "hook0", 1, time.Now(), time.Now(), "up again"); err != nil {
			t.Fatal(err)
		}
		w.run(t, s, receivers(t, "", h))
		w.settle(t, s)
		got := h.deliveries()
		last := got[len(got)-1]
		if len(got) != 2 || !slices.Equal(last.items, []string{"i-stays"}) || last.days != 3 {
			t.Errorf("the receiver got %+v, want i-stays at 3 days in the end", got)
		}
	})
}

func TestRun_OtherEvents(t *testing.T) {
	onEach(t, func(t *testing.T, w *world, s *store.Store) {
		w.expires("i-failing", hangzhou, 5*day)
		w.expires("i-drifted", shanghai, 5*day)
		w.change(func() {
			w.outlooks["i-failing"] = ecs.AutoRenewOutlook{Held: ecs.AutoRenewOn, State: ecs.AutoRenewStateFailing}
			w.outlooks["i-drifted"] = ecs.AutoRenewOutlook{Held: ecs.AutoRenewOn, State: ecs.AutoRenewStateScheduled, Drift: &ecs.DesiredAutoRenew{Status: ecs.AutoRenewOff, RequestTime: start}}
			w.renewals = []ledger.Renewal{{ID: "r1", RegionID: shanghai, InstanceID: "i-paid", State: ledger.NeedsAttention}}
			w.modifications = []ledger.Modification{{ID: "m1", RegionID: hangzhou, InstanceID: "i-modified", State: ledger.ModificationNeedsAttention}}
		})
		h := newHook(t)
		w.run(t, s, receivers(t, "", h))
		w.settle(t, s)
		w.change(func() { // decided, and in doubt again
			w.renewals[0].Decisions = []ledger.Decision{{}}
		})
		w.settle(t, s)
		var got []string
		for _, d := range h.deliveries() {
			got = append(got, d.types+" "+strings.Join(d.items, ","))
		}
		slices.Sort(got)
		want := []string{
			"ecs.auto_renew.drifted i-drifted", "ecs.auto_renew.failing i-failing", "ecs.instance.expiring i-failing",
			"ecs.payment.needs_attention i-modified", "ecs.payment.needs_attention i-paid", "ecs.payment.needs_attention i-paid",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	})
}

// A receiver gets its regions, tags, events and thresholds only, and automatic renewals if it asks for them.
func TestRun_Selection(t *testing.T) {
	for fields, want := range map[string][]string{
		"":                              {"i-hangzhou", "i-shanghai"},
		", regions: [cn-shanghai]":      {"i-shanghai"},
		", tags: {team: billing}":       {"i-hangzhou"},
		", include_auto_renewing: true": {"i-automatic", "i-hangzhou", "i-shanghai"},
		", events: [attention]":         nil,
		", thresholds: [1]":             nil,
		", thresholds: [2, 1]":          {"i-hangzhou", "i-shanghai"},
	} {
		t.Run(fields, func(t *testing.T) {
			w, s, h := newWorld(), openStore(t, "sqlite::memory:"), newHook(t)
			for _, id := range []string{"i-hangzhou", "i-shanghai", "i-automatic"} {
				region := hangzhou
				if id == "i-shanghai" {
					region = shanghai
				}
				w.expires(id, region, 2*day)
			}
			w.change(func() {
				i := w.instances["i-hangzhou"]
				i.Tags = []ecs.Tag{{Key: "team", Value: "billing"}}
				w.instances["i-hangzhou"] = i
				w.outlooks["i-automatic"] = ecs.AutoRenewOutlook{Held: ecs.AutoRenewOn, State: ecs.AutoRenewStateScheduled}
			})
			w.run(t, s, receivers(t, fields, h))
			w.settle(t, s)
			var got []string
			for _, d := range h.deliveries() {
				got = append(got, d.items...)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("instances (-want +got):\n%s", diff)
			}
		})
	}
}

// Two replicas share a PostgreSQL: one at a time sends, and the other continues without a loss or a duplicate.
func TestRun_TwoReplicas(t *testing.T) {
	address := engines["postgres"](t)
	w, h := newWorld(), newHook(t)
	const instances = 60
	for i := range instances {
		w.expires(fmt.Sprintf("i-%02d", i), hangzhou, time.Duration(i%20+1)*day)
	}
	first, second := openStore(t, address), openStore(t, address)
	file := receivers(t, ", thresholds: [20]", h)
	_, stopFirst := w.run(t, first, file)
	await(t, "a message was sent", func() bool { return len(h.deliveries()) > 0 })
	_, stopSecond := w.run(t, second, file)
	await(t, "some messages were sent", func() bool { return len(h.deliveries()) > 3 })
	stopFirst()
	w.settle(t, second)
	stopSecond()
	reported, ids, unacknowledged := map[string]string{}, map[string]int{}, 0
	for _, d := range h.deliveries() {
		ids[d.id]++
		for _, item := range d.items {
			if other, twice := reported[item]; twice && other != d.id {
				t.Errorf("%s is in the messages %s and %s", item, other, d.id)
			}
			reported[item] = d.id
		}
	}
	for _, n := range ids {
		unacknowledged += n - 1
	}
	if len(reported) != instances {
		t.Errorf("%d instances were reported, want %d", len(reported), instances)
	}
	if unacknowledged > 1 {
		t.Errorf("%d messages arrived twice, want at most the one that was being sent when the first replica stopped", unacknowledged)
	}
	if h.most > 1 {
		t.Errorf("%d requests at a time, want 1: one replica sends", h.most)
	}
}

// A pending message is not sent under a lost lease.
func TestRun_AttemptIsRecordedBeforeTheSend(t *testing.T) {
	onEach(t, func(t *testing.T, w *world, s *store.Store) {
		w.expires("i-1", hangzhou, 2*day)
		attempts := make(chan int, 1)
		h := newHook(t, func(rw http.ResponseWriter, r *http.Request) {
			m, _, err := s.NextMessage(r.Context(), "hook0")
			if err != nil {
				t.Error(err)
			}
			attempts <- m.Attempts
		})
		w.run(t, s, receivers(t, "", h))
		w.settle(t, s)
		if got := <-attempts; got != 1 {
			t.Errorf("%d attempts are recorded while the message is sent, want 1", got)
		}
	})
}

// If the delivery cannot be recorded, it is tried again before anything else is sent.
func TestRun_StoreFails(t *testing.T) {
	w, h := newWorld(), newHook(t)
	s := &failingStore{Store: openStore(t, "sqlite::memory:"), failures: 2}
	w.expires("i-1", hangzhou, 2*day)
	w.run(t, s, receivers(t, "", h))
	w.settle(t, s.Store)
	if got := h.deliveries(); len(got) != 1 {
		t.Errorf("%d requests, want 1", len(got))
	}
	if s.failures != 0 {
		t.Errorf("%d failures of the store are left", s.failures)
	}
}

// failingStore fails to record deliveries.
type failingStore struct {
	*store.Store
	failures int
}

func (s *failingStore) Delivered(ctx context.Context, m outbox.Message, at time.Time) error {
	if s.failures > 0 {
		s.failures--
		return errors.New("the database is away")
	}
	return s.Store.Delivered(ctx, m, at)
}
