package simulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// control calls the control interface and returns the status and the response.
func (c *cloud) control(method, path, body string) (int, string) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, c.server.URL+control.Prefix+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := c.server.Client().Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// fetch calls the control interface and decodes its response.
func fetch[T any](c *cloud, method, path, body string) T {
	c.t.Helper()
	var v T
	status, text := c.control(method, path, body)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return v
}

type (
	seeded struct {
		IDs []string `json:"instance_ids"`
	}
	listed struct {
		Instances []control.Instance `json:"instances"`
	}
	ordered struct {
		Orders []control.Order `json:"orders"`
	}
	faulted struct {
		Faults []control.Fault `json:"faults"`
	}
)

// The control interface creates, changes and returns instances.
func TestControlInstances(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := fetch[seeded](c, "POST", "instances", `{"count":3,"region_id":"cn-shanghai","expire_after":"48h","expire_before":"96h","name_prefix":"db","tags":{"env":"prod"}}`).IDs
	fetch[seeded](c, "POST", "instances", `{"charge_type":"PostPaid","spot_strategy":"SpotAsPriceGo","status":"Stopped"}`)
	found := fetch[listed](c, "GET", "instances?region_id=cn-shanghai&charge_type=PrePaid&status=Running", "").Instances
	if len(found) != 3 || found[0].InstanceID != ids[0] || found[2].InstanceName != "db-003" {
		t.Fatalf("found %+v", found)
	}
	for n, day := range []int{22, 23, 24} {
		if want := time.Date(2026, 11, day, 16, 0, 0, 0, time.UTC); !found[n].ExpireTime.Equal(want) {
			t.Errorf("the expiry of number %d is %s, want %s", n, found[n].ExpireTime, want)
		}
	}
	if n := len(fetch[listed](c, "GET", "instances?status=Stopped", "").Instances); n != 1 {
		t.Errorf("%d are stopped", n)
	}
	changed := fetch[control.Instance](c, "POST", "instances/"+ids[1],
		`{"instance_name":"new","status":"Stopped","deletion_protection":true,"tags":{"a":"b"},"lock_reasons":["security"],"expire_time":"2027-01-01T16:00:00Z","renewal_status":"AutoRenewal","renewal_duration":3,"renewal_period_unit":"Month"}`)
	at := time.Date(2027, 1, 1, 16, 0, 0, 0, time.UTC)
	want := found[1]
	want.InstanceName, want.Status, want.DeletionProtection = "new", "Stopped", true
	want.Tags, want.LockReasons = map[string]string{"a": "b"}, []string{"security"}
	want.ExpireTime, want.PaidUntil = &at, &at
	want.RenewalStatus, want.RenewalDuration = "AutoRenewal", 3
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(changed, fetch[control.Instance](c, "GET", "instances/"+ids[1], "")); diff != "" {
		t.Errorf("(-changed +read):\n%s", diff)
	}
	fetch[struct{}](c, "POST", "instances/"+ids[2], `{"vanish":true}`)
	if status, _ := c.control("GET", "instances/"+ids[2], ""); status != http.StatusNotFound {
		t.Errorf("vanished: %d", status)
	}
}

// The clock, the account and the ledger.
func TestControlMoneyAndTime(t *testing.T) {
	c := newCloud(t, simulator.Config{Balance: 300_00})
	ids := c.seed(simulator.Seed{Count: 2})
	if got := fetch[control.ClockState](c, "POST", "clock/advance", `{"by":"36h"}`).Now; !got.Equal(start.Add(36 * time.Hour)) {
		t.Errorf("now %s", got)
	}
	if got := fetch[control.ClockState](c, "GET", "clock", "").Now; !got.Equal(start.Add(36 * time.Hour)) {
		t.Errorf("now %s", got)
	}
	if _, code := c.renew(ids[0], "1", "token-a"); code != "" {
		t.Fatal(code)
	}
	if _, code := c.renew(ids[1], "1", "token-b"); code != "InvalidAccountStatus.NotEnoughBalance" {
		t.Errorf("code %q", code)
	}
	if got := *fetch[control.AccountState](c, "GET", "account", "").Balance; got != 39_60 {
		t.Errorf("balance %s", got)
	}
	fetch[control.AccountState](c, "POST", "account", `{"balance":"1000"}`)
	if _, code := c.renew(ids[1], "1", "token-b"); code != "" {
		t.Error(code)
	}
	for query, want := range map[string]int{
		"": 2, "?instance_id=" + ids[0]: 1, "?client_token=token-b": 1, "?region_id=cn-shanghai": 0,
		"?action=RenewInstance": 2, "?action=AutoRenew": 0, "?client_token=token-b&instance_id=" + ids[0]: 0,
	} {
		orders := fetch[ordered](c, "GET", "ledger"+query, "").Orders
		if len(orders) != want {
			t.Errorf("ledger%s: %d orders, want %d", query, len(orders), want)
		}
		for _, o := range orders {
			if o.Amount != 260_40 || o.Currency != "CNY" || o.Period != 1 || o.PeriodUnit != "Month" || !o.Time.Equal(start.Add(36*time.Hour)) {
				t.Errorf("order %+v", o)
			}
		}
	}
}

func TestControlFaultsAndStats(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	id := fetch[struct{ ID string }](c, "POST", "faults", `{"action":"DescribeRegions","kind":"throttle","count":1,"retry_after":"2s"}`).ID
	c.call("DescribeRegions", nil)
	c.call("DescribeRegions", nil)
	want := []control.Fault{{
		ID: id, Action: "DescribeRegions", Kind: control.Throttled, When: control.Before, Count: 1, Struck: 1, RetryAfter: control.Duration(2 * time.Second),
	}}
	if diff := cmp.Diff(want, fetch[faulted](c, "GET", "faults", "").Faults); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stats := fetch[control.Stats](c, "GET", "stats", "")
	if stats.Calls != 2 || stats.Throttled != 1 || stats.Actions["DescribeRegions"] != stats.Counts {
		t.Errorf("stats %+v", stats)
	}
	fetch[struct{}](c, "DELETE", "stats", "")
	fetch[struct{}](c, "DELETE", "faults", "")
	if stats := fetch[control.Stats](c, "GET", "stats", ""); stats.Calls != 0 {
		t.Errorf("stats %+v", stats)
	}
	if faults := fetch[faulted](c, "GET", "faults", "").Faults; len(faults) != 0 {
		t.Errorf("faults %+v", faults)
	}
}

// A rejection names the field, and changes nothing.
func TestControl_Invalid(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := c.seed(simulator.Seed{})
	before := c.Instances(simulator.InstanceFilter{})
	for _, r := range []struct {
		method, path, body string
		status             int
		names              string
	}{
		{"GET", "instances?colour=red", "", 400, "colour"},
		{"GET", "ledger?page=1", "", 400, "page"},
		{"GET", "instances/i-unknown", "", 404, "i-unknown"},
		{"POST", "instances/i-unknown", `{"status":"Stopped"}`, 404, "i-unknown"},
		{"POST", "instances/" + ids[0], `{"status":"Asleep"}`, 400, "status"},
		{"POST", "instances/" + ids[0], `{"charge_type":"Free"}`, 400, "charge_type"},
		{"POST", "instances/" + ids[0], `{"renewal_status":"Perhaps"}`, 400, "renewal_status"},
		{"POST", "instances/" + ids[0], `{"renewal_period_unit":"Day"}`, 400, "renewal_period_unit"},
		{"POST", "instances/" + ids[0], `{"colour":"red"}`, 400, "colour"},
		{"POST", "instances/" + ids[0], `{} {}`, 400, "more than one"},
		{"POST", "instances/" + ids[0], `{`, 400, "body"},
		{"POST", "instances", `{"count":-1}`, 400, "count"},
		{"POST", "instances", `{"count":100001}`, 400, "count"},
		{"POST", "instances", `{"region_id":"cn-nowhere"}`, 400, "region_id"},
		{"POST", "instances", `{"zone_id":"cn-hangzhou-z"}`, 400, "zone_id"},
		{"POST", "instances", `{"instance_type":"large"}`, 400, "instance_type"},
		{"POST", "instances", `{"charge_type":"Free"}`, 400, "charge_type"},
		{"POST", "instances", `{"spot_strategy":"SpotAsPriceGo"}`, 400, "spot_strategy"},
		{"POST", "instances", `{"charge_type":"PostPaid","spot_strategy":"Cheap"}`, 400, "spot_strategy"},
		{"POST", "instances", `{"status":"Asleep"}`, 400, "status"},
		{"POST", "instances", `{"renewal_status":"Perhaps"}`, 400, "renewal_status"},
		{"POST", "instances", `{"expire_after":"2h","expire_before":"1h"}`, 400, "expire_before"},
		{"POST", "instances", `{"expire_after":"soon"}`, 400, "soon"},
		{"POST", "instances", `{"expire_after":7}`, 400, "duration"},
		{"POST", "clock/advance", `{}`, 400, "by"},
		{"POST", "clock/advance", `{"by":"-1s"}`, 400, "backwards"},
		{"POST", "account", `{}`, 400, "balance"},
		{"POST", "account", `{"balance":"1.234"}`, 400, "1.234"},
		{"POST", "account", `{"balance":null}`, 400, "balance"},
		{"POST", "faults", `{"kind":"flood"}`, 400, "flood"},
		{"POST", "faults", `{"kind":"slow"}`, 400, "delay"},
		{"POST", "stock", `{"instance_type":"ecs.g7.large","left":0}`, 400, "zone_id"},
		{"POST", "stock", `{"zone_id":"cn-hangzhou-h","left":0}`, 400, "instance_type"},
		{"POST", "stock", `{"zone_id":"cn-hangzhou-h","instance_type":"ecs.g7.large"}`, 400, "left"},
		{"GET", "network?region_id=cn-nowhere", "", 400, "cn-nowhere"},
		{"GET", "nothing", "", 404, ""},
		{"PUT", "clock", "", 405, ""},
	} {
		status, text := c.control(r.method, r.path, r.body)
		if status != r.status || !strings.Contains(text, r.names) {
			t.Errorf("%s %s %s: %d %s, want %d naming %q", r.method, r.path, r.body, status, text, r.status, r.names)
		}
	}
	if diff := cmp.Diff(before, c.Instances(simulator.InstanceFilter{})); diff != "" {
		t.Errorf("something changed (-before +after):\n%s", diff)
	}
	if !c.Now().Equal(start) || c.Balance() != simulator.DefaultBalance || len(c.Faults()) != 0 {
		t.Errorf("clock %s, balance %s, faults %v", c.Now(), c.Balance(), c.Faults())
	}
}

// A web page cannot reach the control interface: not by a name of its own that resolves to this host, and not by a
// request across origins. The API itself has no such rule, because it requires a signature.
func TestControl_WebPage(t *testing.T) {
	c := newCloud(t, simulator.Config{ControlHosts: []string{"simulator.test"}})
	port := c.server.URL[strings.LastIndex(c.server.URL, ":"):]
	for _, r := range []struct {
		name, host, origin, contentType, site string
		status                                int
	}{
		{"an address", "127.0.0.1" + port, "", "", "", 200},
		{"an IPv6 address", "[::1]" + port, "", "", "", 200},
		{"another address", "192.0.2.7", "", "", "", 200},
		{"localhost", "LocalHost" + port, "", "application/json; charset=utf-8", "", 200},
		{"a configured name", "simulator.test" + port, "", "application/x-www-form-urlencoded", "", 200},
		{"a foreign name", "rebound.example" + port, "", "", "", 403},
		{"a name that contains an address", "127.0.0.1.rebound.example" + port, "", "", "", 403},
		{"a name that contains localhost", "localhost.rebound.example", "", "", "", 403},
		{"a foreign origin", "127.0.0.1" + port, "https://page.example", "", "", 403},
		{"an opaque origin", "127.0.0.1" + port, "null", "", "", 403},
		{"its own origin", "127.0.0.1" + port, c.server.URL, "application/json", "", 403},
		{"a request of a page", "127.0.0.1" + port, "", "application/x-www-form-urlencoded", "cross-site", 403},
		{"an entered address", "127.0.0.1" + port, "", "application/json", "none", 200},
		{"plain text", "127.0.0.1" + port, "", "text/plain", "", 415},
		{"plain text with a charset", "127.0.0.1" + port, "", "text/plain;charset=UTF-8", "", 415},
		{"a form of a page", "127.0.0.1" + port, "", "multipart/form-data; boundary=x", "", 415},
	} {
		t.Run(r.name, func(t *testing.T) {
			for _, method := range []string{http.MethodPost, http.MethodGet} {
				c.SetBalance(1)
				request, err := http.NewRequestWithContext(t.Context(), method, c.server.URL+control.Prefix+"account", strings.NewReader(`{"balance":"5"}`))
				if err != nil {
					t.Fatal(err)
				}
				request.Host = r.host
				if r.origin != "" {
					request.Header.Set("Origin", r.origin)
				}
				if r.site != "" {
					request.Header.Set("Sec-Fetch-Site", r.site)
				}
				if r.contentType != "" {
					request.Header.Set("Content-Type", r.contentType)
				}
				response, err := c.server.Client().Do(request)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				want := r.status
				if method == http.MethodGet && want == http.StatusUnsupportedMediaType {
					want = http.StatusOK // it changes nothing
				}
				if response.StatusCode != want {
					t.Errorf("%s: %d, want %d", method, response.StatusCode, want)
				}
				if changed := c.Balance() != 1; changed != (want == 200 && method == http.MethodPost) {
					t.Errorf("%s: balance %s", method, c.Balance())
				}
			}
		})
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.server.URL+"/?"+signed("GET", "DescribeRegions", nil), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "ecs.cn-hangzhou.aliyuncs.com"
	request.Header.Set("Origin", "https://page.example")
	response, err := c.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the API by another name: %d", response.StatusCode)
	}
}
