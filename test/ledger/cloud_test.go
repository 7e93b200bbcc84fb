package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// renewLag is the delay until the simulated cloud shows a new expiry.
const renewLag = 500 * time.Millisecond

const latePrice = 8 * time.Second

// cloud is a simulator behind a gate, at which a test can stop calls, and lose them or their responses.
type cloud struct {
	*simulator.Simulator
	traffic

	endpoint string
	gate     atomic.Pointer[gate]
	// forgets removes the token of every paid call in transit.
	forgets atomic.Bool
	// twice is the count of paid calls per thousand that the network delivers twice.
	twice atomic.Int64
	// alone is set if nobody renews manually meanwhile.
	alone bool
	// late is the count of prices per thousand that are delayed by up to latePrice.
	late atomic.Int64
}

func newCloud(t testing.TB, change func(*simulator.Config)) *cloud {
	t.Helper()
	config := simulator.Config{Regions: []string{hangzhou}, RenewLag: renewLag, Balance: 1 << 50}
	if change != nil {
		change(&config)
	}
	sim, err := simulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{Simulator: sim}
	served := httptest.NewUnstartedServer(c)
	served.Config.ErrorLog = nil
	served.Start()
	t.Cleanup(func() {
		c.open()
		sim.Close()
		served.CloseClientConnections()
		served.Close()
	})
	c.endpoint = strings.TrimPrefix(served.URL, "http://")
	return c
}

// seed creates subscriptions and returns their IDs.
func (c *cloud) seed(t testing.TB, count int) []string {
	t.Helper()
	ids, err := c.Seed(simulator.Seed{Count: count})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func (c *cloud) fault(t testing.TB, f simulator.Fault) {
	t.Helper()
	if _, err := c.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// open removes the gate and releases the held calls.
func (c *cloud) open() {
	if g := c.gate.Swap(nil); g != nil {
		g.open()
	}
}

// paidActions are the actions that charge or refund.
var paidActions = map[string]bool{"RenewInstance": true, "ModifyInstanceChargeType": true, "ModifyPrepayInstanceSpec": true, "ModifyInstanceSpec": true}

// ServeHTTP responds, after the gate.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	action, ids := r.URL.Query().Get("Action"), instancesOf(r)
	if action == "DeleteInstances" {
		c.released(ids)
	}
	if paidActions[action] {
		c.sent(send{token: r.URL.Query().Get("ClientToken"), instanceID: ids[0], at: time.Now()})
		if rand.Int64N(1000) < c.twice.Load() {
			c.answer(r.Clone(context.WithoutCancel(r.Context()))) // the response to the first copy is lost
		}
	}
	if c.forgets.Load() && action == "RenewInstance" {
		r = withoutToken(r)
	}
	if action == "DescribeRenewalPrice" && rand.Int64N(1000) < c.late.Load() {
		pause(r.Context(), rand.N(latePrice))
	}
	g := c.gate.Load()
	if g == nil {
		c.Simulator.ServeHTTP(w, r)
		return
	}
	if !g.pass(c, action, ids, false) {
		panic(http.ErrAbortHandler)
	}
	// A sent call arrives even if its client has left.
	answer, whole := c.answer(r.WithContext(context.WithoutCancel(r.Context())))
	if !g.pass(c, action, ids, true) || !whole {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the client may have left
	_ = http.NewResponseController(w).Flush()
	g.answered(c, action, ids)
}

// answer returns the simulator's response, and whether it is complete.
func (c *cloud) answer(r *http.Request) (answer *httptest.ResponseRecorder, whole bool) {
	answer = httptest.NewRecorder()
	defer func() {
		cause := recover()
		if err, _ := cause.(error); cause != nil && !errors.Is(err, http.ErrAbortHandler) {
			panic(cause)
		}
	}()
	c.Simulator.ServeHTTP(answer, r)
	return answer, true
}

// instancesOf returns the instance IDs in a call.
func instancesOf(r *http.Request) (ids []string) {
	q := r.URL.Query()
	for _, name := range []string{"InstanceId", "ResourceId"} {
		if id := q.Get(name); id != "" {
			ids = append(ids, id)
		}
	}
	_ = json.Unmarshal([]byte(q.Get("InstanceIds")), &ids)
	for n := 1; q.Get("InstanceId."+strconv.Itoa(n)) != ""; n++ {
		ids = append(ids, q.Get("InstanceId."+strconv.Itoa(n)))
	}
	return ids
}

// charged reports whether an instance was paid.
func (c *cloud) charged(id string) bool {
	return len(c.Ledger(simulator.LedgerFilter{InstanceID: id})) > 0
}
