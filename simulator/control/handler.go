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

// Handler serves the control interface of a target.
func Handler(t Target) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			answer, err := f(r)
			reply(w, answer, err)
		})
	}
	handle("GET "+Prefix+"ledger", func(r *http.Request) (any, error) {
		q, err := query(r, "instance_id", "region_id", "client_token", "action")
		if err != nil {
			return nil, err
		}
		return map[string]any{"orders": t.Ledger(LedgerFilter{
			InstanceID: q("instance_id"), RegionID: q("region_id"),
			ClientToken: q("client_token"), Action: q("action"),
		})}, nil
	})
	handle("GET "+Prefix+"account", func(*http.Request) (any, error) {
		b := t.Balance()
		return AccountState{Balance: &b}, nil
	})
	handle("POST "+Prefix+"account", func(r *http.Request) (any, error) {
		a, err := body[AccountState](r)
		if err != nil {
			return nil, err
		}
		if a.Balance == nil {
			return nil, errors.New("balance: required")
		}
		t.SetBalance(*a.Balance)
		return a, nil
	})
	handle("GET "+Prefix+"instances", func(r *http.Request) (any, error) {
		q, err := query(r, "region_id", "charge_type", "status")
		if err != nil {
			return nil, err
		}
		return map[string]any{"instances": t.Instances(InstanceFilter{
			RegionID: q("region_id"), ChargeType: q("charge_type"), Status: q("status"),
		})}, nil
	})
	handle("GET "+Prefix+"instances/{id}", func(r *http.Request) (any, error) {
		return t.Instance(r.PathValue("id"))
	})
	handle("POST "+Prefix+"instances", func(r *http.Request) (any, error) {
		s, err := body[Seed](r)
		if err != nil {
			return nil, err
		}
		ids, err := t.Seed(s)
		return map[string]any{"instance_ids": ids}, err
	})
	handle("POST "+Prefix+"instances/{id}", func(r *http.Request) (any, error) {
		c, err := body[Change](r)
		if err != nil {
			return nil, err
		}
		if err := t.Change(r.PathValue("id"), c); err != nil || c.Vanish {
			return struct{}{}, err
		}
		return t.Instance(r.PathValue("id"))
	})
	handle("GET "+Prefix+"network", func(r *http.Request) (any, error) {
		q, err := query(r, "region_id")
		if err != nil {
			return nil, err
		}
		return t.Network(q("region_id"))
	})
	handle("POST "+Prefix+"stock", func(r *http.Request) (any, error) {
		l, err := body[StockLimit](r)
		if err != nil {
			return nil, err
		}
		return l, t.LimitStock(l)
	})
	handle("GET "+Prefix+"stats", func(*http.Request) (any, error) { return t.Stats(), nil })
	handle("DELETE "+Prefix+"stats", func(*http.Request) (any, error) {
		t.ResetStats()
		return struct{}{}, nil
	})
	handle("GET "+Prefix+"clock", func(*http.Request) (any, error) { return ClockState{t.Now()}, nil })
	handle("POST "+Prefix+"clock/advance", func(r *http.Request) (any, error) {
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
	})
	handle("GET "+Prefix+"faults", func(*http.Request) (any, error) {
		return map[string]any{"faults": t.Faults()}, nil
	})
	handle("POST "+Prefix+"faults", func(r *http.Request) (any, error) {
		f, err := body[Fault](r)
		if err != nil {
			return nil, err
		}
		id, err := t.AddFault(f)
		return map[string]any{"id": id}, err
	})
	handle("DELETE "+Prefix+"faults", func(*http.Request) (any, error) {
		t.ClearFaults()
		return struct{}{}, nil
	})
	return mux
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
	switch {
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
