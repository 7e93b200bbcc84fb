package control

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// Route is one route of the control interface. The table of routes is also the listing at [Prefix], and docs/simulator.md.
type Route struct {
	// Method and Path are such as GET and instances/{id}; the path follows [Prefix].
	Method, Path string
	// Does says in one line what the route does.
	Does string
	// Query is the query of the example, and Body its body; empty for none.
	Query, Body string

	serve func(Target, *http.Request) (any, error)
}

// Example returns a curl command that calls the route at host. instanceID replaces {id}.
func (r Route) Example(host, instanceID string) string {
	var b strings.Builder
	b.WriteString("curl -s ")
	if r.Method != http.MethodGet {
		b.WriteString("-X " + r.Method + " ")
	}
	address := "http://" + host + Prefix + strings.ReplaceAll(r.Path, "{id}", instanceID)
	if r.Query != "" {
		address = "'" + address + "?" + r.Query + "'"
	}
	b.WriteString(address)
	if r.Body != "" {
		b.WriteString(" -d '" + r.Body + "'")
	}
	return b.String()
}

// Routes returns the routes in the order of the documentation.
func Routes() []Route {
	return []Route{
		{Method: "GET", Path: "", Does: "Lists the routes, each with an example.", serve: listRoutes},

		{Method: "GET", Path: "clock", Does: "Returns the simulated time.", serve: getClock},
		{
			Method: "POST", Path: "clock/advance", Does: "Advances the clock and runs all events that become due, in order.",
			Body: `{"by": "36h"}`, serve: advance,
		},

		{
			Method: "GET", Path: "instances", Does: "Lists instances, also hidden ones; select with region_id, charge_type and status.",
			Query: "region_id=cn-shanghai&charge_type=PrePaid", serve: listInstances,
		},
		{
			Method: "POST", Path: "instances", Does: "Creates instances without a charge.",
			Body: `{"count": 2, "region_id": "cn-hangzhou", "expire_after": "48h", "tags": {"team": "a"}}`, serve: seedInstances,
		},
		{Method: "GET", Path: "instances/{id}", Does: "Returns one instance.", serve: getInstance},
		{
			Method: "POST", Path: "instances/{id}",
			Does: "Changes an instance without a call of the API: its status, locks, expiry, tags, auto-renewal; reclaims a spot instance; or removes the instance.",
			Body: `{"status": "Stopped", "lock_reasons": ["financial"]}`, serve: changeInstance,
		},

		{
			Method: "GET", Path: "ledger", Does: "Lists charges and refunds, oldest first; select with instance_id, region_id, client_token and action.",
			Query: "action=RenewInstance", serve: getLedger,
		},
		{Method: "GET", Path: "bills", Does: "Lists the hourly bills of pay-as-you-go, oldest first.", serve: getBills},
		{Method: "GET", Path: "account", Does: "Returns the balance in yuan.", serve: getAccount},
		{Method: "POST", Path: "account", Does: "Replaces the balance.", Body: `{"balance": "1000.00"}`, serve: setAccount},

		{
			Method: "GET", Path: "network", Does: "Returns the resources that a launch in a region can name: vSwitches, security groups, key pair, launch templates.",
			Query: "region_id=cn-hangzhou", serve: getNetwork,
		},
		{
			Method: "POST", Path: "stock", Does: "Limits how many instances of a type a zone can still sell: 0 for sold out, -1 for no limit.",
			Body: `{"zone_id": "cn-hangzhou-h", "instance_type": "ecs.g7.large", "left": 0}`, serve: limitStock,
		},

		{Method: "GET", Path: "faults", Does: "Lists the faults, with the count of calls that each affected.", serve: listFaults},
		{
			Method: "POST", Path: "faults", Does: "Adds a fault.",
			Body: `{"kind": "throttle", "action": "RenewInstance", "count": 3, "retry_after": "2s"}`, serve: addFault,
		},
		{Method: "DELETE", Path: "faults", Does: "Removes all faults.", serve: clearFaults},

		{Method: "GET", Path: "stats", Does: "Returns the counts of API calls, by action and by region.", serve: getStats},
		{Method: "DELETE", Path: "stats", Does: "Resets the counts.", serve: resetStats},
	}
}

// ListedRoute is a route in the response of GET [Prefix].
type ListedRoute struct {
	Method string `json:"method"`
	// Path is the whole path.
	Path    string `json:"path"`
	Does    string `json:"does"`
	Example string `json:"example"`
}

// RouteList is the response of GET [Prefix].
type RouteList struct {
	Routes []ListedRoute `json:"routes"`
}

// noInstance replaces the ID in examples if there is no instance.
const noInstance = "INSTANCE_ID"

func listRoutes(t Target, r *http.Request) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	id := noInstance
	if all := t.Instances(InstanceFilter{}); len(all) > 0 {
		id = all[0].InstanceID
	}
	var list RouteList
	for _, route := range Routes() {
		list.Routes = append(list.Routes, ListedRoute{
			Method: route.Method, Path: Prefix + route.Path, Does: route.Does, Example: route.Example(r.Host, id),
		})
	}
	return list, nil
}

func getClock(t Target, _ *http.Request) (any, error) { return ClockState{t.Now()}, nil }

func advance(t Target, r *http.Request) (any, error) {
	a, err := body[struct {
		By *Duration `json:"by"`
	}](r)
	if err != nil {
		return nil, err
	}
	if a.By == nil {
		return nil, errors.New(`by: required, such as {"by":"10s"}`)
	}
	now, err := t.Advance(time.Duration(*a.By))
	return ClockState{now}, err
}

func listInstances(t Target, r *http.Request) (any, error) {
	q, err := query(r, "region_id", "charge_type", "status")
	if err != nil {
		return nil, err
	}
	return map[string]any{"instances": t.Instances(InstanceFilter{
		RegionID: q("region_id"), ChargeType: q("charge_type"), Status: q("status"),
	})}, nil
}

func seedInstances(t Target, r *http.Request) (any, error) {
	s, err := body[Seed](r)
	if err != nil {
		return nil, err
	}
	ids, err := t.Seed(s)
	return map[string]any{"instance_ids": ids}, err
}

func getInstance(t Target, r *http.Request) (any, error) { return t.Instance(r.PathValue("id")) }

func changeInstance(t Target, r *http.Request) (any, error) {
	c, err := body[Change](r)
	if err != nil {
		return nil, err
	}
	if err := t.Change(r.PathValue("id"), c); err != nil || c.Vanish {
		return struct{}{}, err
	}
	return t.Instance(r.PathValue("id"))
}

func getLedger(t Target, r *http.Request) (any, error) {
	q, err := query(r, "instance_id", "region_id", "client_token", "action")
	if err != nil {
		return nil, err
	}
	return map[string]any{"orders": t.Ledger(LedgerFilter{
		InstanceID: q("instance_id"), RegionID: q("region_id"),
		ClientToken: q("client_token"), Action: q("action"),
	})}, nil
}

func getBills(t Target, r *http.Request) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	return map[string]any{"bills": t.Bills()}, nil
}

func getAccount(t Target, _ *http.Request) (any, error) {
	b := t.Balance()
	return AccountState{Balance: &b}, nil
}

func setAccount(t Target, r *http.Request) (any, error) {
	a, err := body[AccountState](r)
	if err != nil {
		return nil, err
	}
	if a.Balance == nil {
		return nil, errors.New("balance: required")
	}
	t.SetBalance(*a.Balance)
	return a, nil
}

func getNetwork(t Target, r *http.Request) (any, error) {
	q, err := query(r, "region_id")
	if err != nil {
		return nil, err
	}
	return t.Network(q("region_id"))
}

func limitStock(t Target, r *http.Request) (any, error) {
	l, err := body[StockLimit](r)
	if err != nil {
		return nil, err
	}
	return l, t.LimitStock(l)
}

func listFaults(t Target, _ *http.Request) (any, error) {
	return map[string]any{"faults": t.Faults()}, nil
}

func addFault(t Target, r *http.Request) (any, error) {
	f, err := body[Fault](r)
	if err != nil {
		return nil, err
	}
	id, err := t.AddFault(f)
	return map[string]any{"id": id}, err
}

func clearFaults(t Target, _ *http.Request) (any, error) {
	t.ClearFaults()
	return struct{}{}, nil
}

func getStats(t Target, _ *http.Request) (any, error) { return t.Stats(), nil }

func resetStats(t Target, _ *http.Request) (any, error) {
	t.ResetStats()
	return struct{}{}, nil
}
