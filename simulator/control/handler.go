package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Prefix is the path prefix of the control interface.
const Prefix = "/_simulator/"

// maxBody limits a request body, in bytes.
const maxBody = 1 << 20

// ErrNotFound reports an unknown instance ID.
var ErrNotFound = errors.New("no such instance")

// Target is the controlled simulator.
type Target interface {
	// Now returns the simulated time.
	Now() time.Time
	// Advance advances the clock by d, 0 or more, runs all events that become due, and returns the new time.
	Advance(d time.Duration) (time.Time, error)
	// Ledger returns the orders that f chooses, oldest first.
	Ledger(f LedgerFilter) []Order
	// Bills returns the bills of pay-as-you-go, oldest first.
	Bills() []Bill
	// Balance and SetBalance read and replace the account's balance.
	Balance() Amount
	SetBalance(b Amount)
	// Instances returns the instances that f chooses, oldest first.
	Instances(f InstanceFilter) []Instance
	// Instance returns one instance, or [ErrNotFound].
	Instance(id string) (Instance, error)
	// Seed creates instances and returns their IDs.
	Seed(s Seed) ([]string, error)
	// Change changes an instance directly, or returns [ErrNotFound].
	Change(id string, c Change) error
	// Network returns the resources that a launch in a region can name; "" is the first region.
	Network(regionID string) (Network, error)
	// LimitStock limits the remaining stock of a zone.
	LimitStock(l StockLimit) error
	// Stats and ResetStats read and reset the call counts.
	Stats() Stats
	ResetStats()
	// AddFault adds a fault and returns its id.
	AddFault(f Fault) (string, error)
	// Faults and ClearFaults list and remove the added faults.
	Faults() []Fault
	ClearFaults()
}

// ClockState is the response of GET clock and POST clock/advance.
type ClockState struct {
	// Now is the simulated time.
	Now time.Time `json:"now"`
}

// AccountState is the response of GET account and the body of POST account.
type AccountState struct {
	// Balance is the account's balance.
	Balance *Amount `json:"balance"`
}

// Handler serves the control interface of a target. A request must name an IP address, localhost or one of hosts in its
// Host header, and must not come from a web page: see docs/simulator.md.
func Handler(t Target, hosts ...string) http.Handler {
	mux := http.NewServeMux()
	for _, route := range Routes() {
		path := Prefix + route.Path
		if route.Path == "" {
			path += "{$}"
		}
		mux.HandleFunc(route.Method+" "+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			answer, err := route.serve(t, r)
			reply(w, answer, err)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard(r, hosts); err != nil {
			reply(w, nil, err)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// body parses one JSON object. Its error names an unknown field.
func body[T any](r *http.Request) (T, error) {
	var v T
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("body: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("body: more than one JSON value")
	}
	return v, nil
}

// query parses the query. Its error names an unknown key.
func query(r *http.Request, known ...string) (func(string) string, error) {
	values := r.URL.Query()
	for key := range values {
		found := false
		for _, k := range known {
			found = found || k == key
		}
		if !found {
			return nil, fmt.Errorf("query: unknown field %q", key)
		}
	}
	return values.Get, nil
}

func reply(w http.ResponseWriter, answer any, err error) {
	status := http.StatusOK
	var forbidden *refused
	switch {
	case errors.As(err, &forbidden):
		status = forbidden.status
	case errors.Is(err, ErrNotFound):
		status = http.StatusNotFound
	case err != nil:
		status = http.StatusBadRequest
	}
	if err != nil {
		answer = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(answer) // the client may have left
}
