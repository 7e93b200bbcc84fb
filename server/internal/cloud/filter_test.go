package cloud_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// recorder keeps the parameters of the calls to a handler.
type recorder struct {
	http.Handler

	mu    sync.Mutex
	calls []url.Values
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	r.calls = append(r.calls, request.URL.Query())
	r.mu.Unlock()
	r.Handler.ServeHTTP(w, request)
}

// of returns the recorded calls of an action, and forgets all.
func (r *recorder) of(action string) []url.Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := slices.DeleteFunc(r.calls, func(q url.Values) bool { return q.Get("Action") != action || q.Get("DryRun") != "" })
	r.calls = nil
	return calls
}

func filterWorld(t *testing.T) (*recorder, *cloud.Edge) {
	t.Helper()
	sim, err := simulator.New(simulator.Config{ByHand: true, Start: begin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	seed(t, sim, simulator.Seed{Count: 3, NamePrefix: "auto", ZoneID: "cn-hangzhou-h", RenewalStatus: "AutoRenewal"})
	seed(t, sim, simulator.Seed{Count: 2, NamePrefix: "never", ZoneID: "cn-hangzhou-i", RenewalStatus: "NotRenewal", Status: "Stopped"})
	seed(t, sim, simulator.Seed{Count: 4, NamePrefix: "remind", ZoneID: "cn-hangzhou-j", InstanceType: "ecs.c7.large", LockReason: "financial", Status: "Stopped"})
	seed(t, sim, simulator.Seed{Count: 5, NamePrefix: "hourly", ZoneID: "cn-hangzhou-h", ChargeType: "PostPaid", LockReason: "security"})
	recorder := &recorder{Handler: sim}
	return recorder, edgeTo(t, recorder, cloud.Config{})
}

// One value of a part is sent to the cloud. Several are compared here, and the
// pages are as large as the cloud allows.
func TestInstancePage_SeveralValues(t *testing.T) {
	calls, edge := filterWorld(t)
	for name, c := range map[string]struct {
		query ecs.Query
		want  int
		sent  map[string]string
	}{
		"a status":         {ecs.Query{Statuses: []ecs.Status{ecs.StatusStopped}}, 6, map[string]string{"Status": "Stopped", "MaxResults": "50"}},
		"two statuses":     {ecs.Query{Statuses: []ecs.Status{ecs.StatusStopped, ecs.StatusPending}}, 6, map[string]string{"Status": "", "MaxResults": "100"}},
		"a charge type":    {ecs.Query{ChargeTypes: []ecs.ChargeType{ecs.ChargePayAsYouGo}}, 5, map[string]string{"InstanceChargeType": "PostPaid"}},
		"both":             {ecs.Query{ChargeTypes: []ecs.ChargeType{ecs.ChargePayAsYouGo, ecs.ChargeSubscription}}, 14, map[string]string{"InstanceChargeType": ""}},
		"a zone":           {ecs.Query{ZoneIDs: []string{"cn-hangzhou-h"}}, 8, map[string]string{"ZoneId": "cn-hangzhou-h"}},
		"two zones":        {ecs.Query{ZoneIDs: []string{"cn-hangzhou-h", "cn-hangzhou-i"}}, 10, map[string]string{"ZoneId": ""}},
		"two types":        {ecs.Query{Types: []string{"ecs.c7.large", "ecs.r7.large"}}, 4, map[string]string{"InstanceType": ""}},
		"a lock":           {ecs.Query{Locks: []ecs.LockReason{ecs.LockSecurity}}, 5, map[string]string{"LockReason": "security"}},
		"two locks":        {ecs.Query{Locks: []ecs.LockReason{ecs.LockSecurity, ecs.LockFinancial}}, 9, map[string]string{"LockReason": ""}},
		"a group":          {ecs.Query{ResourceGroupID: "rg-none"}, 0, map[string]string{"ResourceGroupId": "", "MaxResults": "100"}},
		"an address":       {ecs.Query{PublicIPs: []string{"1.2.3.4"}}, 0, map[string]string{"PublicIpAddresses": "", "MaxResults": "100"}},
		"a zone of two, a": {ecs.Query{ZoneIDs: []string{"cn-hangzhou-h", "cn-hangzhou-i"}, Statuses: []ecs.Status{ecs.StatusStopped}}, 2, map[string]string{"ZoneId": "", "Status": "Stopped"}},
	} {
		calls.of("")
		if got := len(listAll(t, edge, c.query)); got != c.want {
			t.Errorf("%s: %d instances, want %d", name, got, c.want)
		}
		for _, call := range calls.of("DescribeInstances") {
			for key, want := range c.sent {
				if got := call.Get(key); got != want {
					t.Errorf("%s: sent %s=%q, want %q", name, key, got, want)
				}
			}
		}
	}
}

func TestInstancePage_AutoRenewStatuses(t *testing.T) {
	calls, edge := filterWorld(t)
	on, off, never := ecs.AutoRenewOn, ecs.AutoRenewOff, ecs.AutoRenewNever
	for name, c := range map[string]struct {
		query ecs.Query
		want  string
	}{
		"on":                  {ecs.Query{AutoRenew: []ecs.AutoRenewStatus{on}}, "auto 3"},
		"never or reminders":  {ecs.Query{AutoRenew: []ecs.AutoRenewStatus{never, off}}, "never 2, remind 4"},
		"on, in another zone": {ecs.Query{AutoRenew: []ecs.AutoRenewStatus{on}, ZoneIDs: []string{"cn-hangzhou-i"}}, ""},
		"on, of pay-as-you-go": {
			ecs.Query{AutoRenew: []ecs.AutoRenewStatus{on}, ChargeTypes: []ecs.ChargeType{ecs.ChargePayAsYouGo}}, "",
		},
	} {
		calls.of("")
		counts := map[string]int{}
		for _, i := range listAll(t, edge, c.query) {
			counts[i.Name[:strings.Index(i.Name, "-")]]++
		}
		var got []string
		for _, prefix := range []string{"auto", "never", "remind", "hourly"} {
			if counts[prefix] > 0 {
				got = append(got, prefix+" "+string(rune('0'+counts[prefix])))
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
}

// Instances of which the setting is not known must not be taken for others.
func TestInstancePage_AutoRenewStatusesNotReadable(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	seed(t, sim, simulator.Seed{Count: 3})
	fault(t, sim, simulator.Fault{Action: "DescribeInstanceAutoRenewAttribute", Kind: "error", Code: "Forbidden.RAM", HTTPStatus: 403})
	page, err := edge.InstancePage(soon(t), hangzhou, ecs.Query{AutoRenew: []ecs.AutoRenewStatus{ecs.AutoRenewOn}}, "", 50)
	if reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
		t.Errorf("got %d instances and %v, want CLOUD_PERMISSION_DENIED", len(page.Instances), err)
	}
}
