package notify_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Main(m)) }

// engines are the databases on which the guarantees must hold.
var engines = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + t.TempDir() + "/ecsd.db" },
	"postgres": postgres.Database,
}

// onEach runs a test in a new world with a store of each engine.
func onEach(t *testing.T, test func(*testing.T, *world, *store.Store)) {
	t.Helper()
	for name, address := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(), openStore(t, address(t)))
		})
	}
}

func openStore(t *testing.T, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const hangzhou, shanghai = "cn-hangzhou", "cn-shanghai"

// start is a moment in China: 2026-12-01 08:00.
var start = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// world has the instances, settings and payments that a Notifier reads, and its clock.
type world struct {
	mu            sync.Mutex
	now           time.Time
	instances     map[string]ecs.Instance
	outlooks      map[string]ecs.AutoRenewOutlook
	unread        error
	unobserved    bool
	renewals      []ledger.Renewal
	modifications []ledger.Modification
	// rounds counts the comparisons.
	rounds int
}

func newWorld() *world {
	return &world{now: start, instances: map[string]ecs.Instance{}, outlooks: map[string]ecs.AutoRenewOutlook{}}
}

// change changes the world.
func (w *world) change(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// expires adds or changes an instance, which expires after a time from the start.
func (w *world) expires(id, region string, after time.Duration) {
	w.change(func() {
		w.instances[id] = ecs.Instance{ID: id, Name: "name of " + id, RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: start.Add(after)}
	})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) Seen(regionID string, ids []string, _ time.Duration) map[string]ecs.Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[string]ecs.Instance{}
	for _, id := range ids {
		if i, ok := w.instances[id]; ok && i.RegionID == regionID {
			seen[id] = i
		}
	}
	return seen
}

func (w *world) SeenAll(regionID string, q ecs.Query, _ time.Duration, _ string, _ int) ([]ecs.Instance, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if regionID == hangzhou {
		w.rounds++
	}
	var all []ecs.Instance
	for _, i := range w.instances {
		if i.RegionID == regionID && q.Matches(&i) {
			all = append(all, i)
		}
	}
	return all, !w.unobserved
}

func (w *world) Outlooks(_ context.Context, instances []ecs.Instance, _ time.Duration) ([]ecs.AutoRenewOutlook, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]ecs.AutoRenewOutlook, len(instances))
	if w.unread != nil {
		return all, w.unread
	}
	for i, instance := range instances {
		all[i] = w.outlooks[instance.ID]
		if all[i].Held == ecs.AutoRenewUnknown {
			all[i].Held = ecs.AutoRenewNever
		}
	}
	return all, nil
}

func (w *world) ListRenewals(context.Context, ledger.Filter, ledger.Cursor, int) ([]ledger.Renewal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.renewals, nil
}

func (w *world) ListModifications(context.Context, ledger.ModificationFilter, ledger.Cursor, int) ([]ledger.Modification, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.modifications, nil
}

// await polls until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for patience := time.After(time.Minute); !so(); {
		select {
		case <-tick.C:
		case <-patience:
			t.Fatalf("it did not come to be that %s", what)
		}
	}
}

// settle waits until the world has been compared and nothing waits for a receiver.
func (w *world) settle(t *testing.T, s *store.Store) {
	t.Helper()
	w.mu.Lock()
	compared := w.rounds + 3 // the first may have begun before a change, the second after it, and it has ended when the third begins
	w.mu.Unlock()
	await(t, "the world is compared", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.rounds >= compared
	})
	await(t, "nothing waits for a receiver", func() bool {
		keys, err := s.PendingItems(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(keys) == 0
	})
}

// run runs a Notifier until the test ends or stop is called.
func (w *world) run(t *testing.T, s notify.Outbox, file *notify.File) (n *notify.Notifier, stop func()) {
	t.Helper()
	n = w.notifier(s, file)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	t.Cleanup(stop)
	return n, stop
}

func (w *world) notifier(s notify.Outbox, file *notify.File) *notify.Notifier {
	return notify.New(notify.Sources{Fleet: w, Settings: w, Ledger: w}, s, notify.Config{
		File: file, Regions: []string{hangzhou, shanghai}, Holder: rand.Text(), StoreID: "db1", Check: 5 * time.Millisecond,
		Backoff: 10 * time.Millisecond, SendTimeout: 5 * time.Second, Clock: w.clock, Logger: slog.New(slog.DiscardHandler),
	})
}

// delivery is one request that a hook read.
type delivery struct {
	id    string
	types string
	day   string
	days  int
	// items are the IDs of instances, or of renewals.
	items []string
	// acknowledged: the hook responded with 200.
	acknowledged bool
}

// hook is a webhook that behaves as its script says, and acknowledges what comes after it.
type hook struct {
	*httptest.Server

	mu       sync.Mutex
	script   []func(http.ResponseWriter, *http.Request)
	got      []delivery
	inFlight int
	most     int
}

func newHook(t *testing.T, script ...func(http.ResponseWriter, *http.Request)) *hook {
	t.Helper()
	h := &hook{script: script}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	var body struct {
		Type string
		Data struct {
			Day           string
			ThresholdDays int `json:"threshold_days"`
			Items         []struct {
				InstanceID string `json:"instance_id"`
				RenewalID  string `json:"renewal_id"`
			}
		}
	}
	if err != nil || json.Unmarshal(text, &body) != nil {
		http.Error(w, "no message", http.StatusBadRequest)
		return
	}
	d := delivery{id: r.Header.Get("webhook-id"), types: body.Type, day: body.Data.Day, days: body.Data.ThresholdDays}
	for _, i := range body.Data.Items {
		d.items = append(d.items, i.InstanceID)
	}
	h.mu.Lock()
	h.inFlight++
	h.most = max(h.most, h.inFlight)
	var behave func(http.ResponseWriter, *http.Request)
	if len(h.script) > 0 {
		behave, h.script = h.script[0], h.script[1:]
	}
	d.acknowledged = behave == nil
	h.got = append(h.got, d)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		h.inFlight--
		h.mu.Unlock()
	}()
	if behave != nil {
		behave(w, r)
	}
}

// deliveries returns what was read so far.
func (h *hook) deliveries() []delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got)
}

// thresholds returns the thresholds at which an instance was reported, in order.
func (h *hook) thresholds(id string) (days []int) {
	for _, d := range h.deliveries() {
		if slices.Contains(d.items, id) && d.types == "ecs.instance.expiring" {
			days = append(days, d.days)
		}
	}
	return days
}

// receivers returns a file with a webhook for each hook: hook0, hook1.
func receivers(t *testing.T, fields string, hooks ...*hook) *notify.File {
	t.Helper()
	var text strings.Builder
	text.WriteString("receivers:\n")
	for i, h := range hooks {
		text.WriteString("  - {name: hook" + strconv.Itoa(i) + ", kind: webhook, url: '" + h.URL + "', secret_file: hook.key" + fields + "}\n")
	}
	file, err := open(t, text.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// The behaviours of a receiver that does not acknowledge.

func status(code int, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// hangUp accepts the message and loses the connection.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// hang accepts the message and never responds.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
