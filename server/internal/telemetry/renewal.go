package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// loadFor is how long a reading of the ledger is shown, however often it is
	// requested; loadTimeout bounds the reading.
	loadFor     = 5 * time.Second
	loadTimeout = 5 * time.Second
)

// renewalMetrics are the counters of written renewals.
type renewalMetrics struct {
	ended *prometheus.CounterVec
	spent *prometheus.CounterVec
}

func newRenewalMetrics(registry *prometheus.Registry) *renewalMetrics {
	m := &renewalMetrics{
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecsd_renewals_ended_total",
			Help: "Renewals that this process brought to an end, by state and reason.",
		}, []string{"state", "reason"}),
		spent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecsd_renewal_spent_total",
			Help: "What this process paid for renewals, by currency, if the cloud returned a price. Exact sums are in the jobs.",
		}, []string{"currency"}),
	}
	registry.MustRegister(m.ended, m.spent)
	return m
}

// RenewalsEnded counts finished renewals.
func (m *Metrics) RenewalsEnded(t ledger.Count) {
	m.renewal.ended.WithLabelValues(string(t.State), string(t.Reason)).Add(float64(t.Count))
}

// RenewalPaid counts the price of an order.
func (m *Metrics) RenewalPaid(price ecs.Money) {
	m.renewal.spent.WithLabelValues(price.CurrencyCode).Add(amount(price))
}

// amount is money as Prometheus has it.
func amount(m ecs.Money) float64 { return float64(m.Units) + float64(m.Nanos)/1e9 }

// Renewals reads the gauges of the unfinished renewals with a function, at most
// every five seconds. If the read fails they are omitted.
func (m *Metrics) Renewals(read func(context.Context) (ledger.Load, error)) {
	m.Registry.MustRegister(&renewalLoad{
		read: read,
		modifications: prometheus.NewDesc("ecsd_modifications",
			"Changes of charge types and sizes that have not ended, in the whole ledger, by state: NEEDS_ATTENTION waits for a person.", []string{"state"}, nil),
		renewals: prometheus.NewDesc("ecsd_renewals",
			"Renewals that have not ended, in the whole ledger, by state and reason: UNKNOWN is being settled, NEEDS_ATTENTION waits for a person.",
			[]string{"state", "reason"}, nil),
		reserved: prometheus.NewDesc("ecsd_renewal_reserved",
			"What orders of open or unknown outcome may cost, in the whole ledger, by currency.", []string{"currency"}, nil),
		oldest: prometheus.NewDesc("ecsd_renewal_oldest_unsettled_seconds",
			"Time since the oldest order of open or unknown outcome was first sent; 0 if there is none.", nil, nil),
	})
}

// renewalLoad reads the ledger when it is collected.
type renewalLoad struct {
	read                       func(context.Context) (ledger.Load, error)
	renewals, reserved, oldest *prometheus.Desc
	modifications              *prometheus.Desc

	mu   sync.Mutex
	at   time.Time
	load ledger.Load
	err  error
}

// watched are the states that are reported even if no renewal is in them, so
// that an alert always has a series.
var watched = []ledger.State{
	ledger.Planned, ledger.Submitting, ledger.Verifying, ledger.Unknown, ledger.NeedsAttention,
}

// Describe names the gauges.
func (l *renewalLoad) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- l.renewals
	descriptions <- l.reserved
	descriptions <- l.oldest
	descriptions <- l.modifications
}

// Collect emits the last reading.
func (l *renewalLoad) Collect(metrics chan<- prometheus.Metric) {
	load, err := l.latest()
	if err != nil {
		return
	}
	shown := map[ledger.State]bool{}
	for _, t := range load.Counts {
		shown[t.State] = true
		metrics <- prometheus.MustNewConstMetric(l.renewals, prometheus.GaugeValue, float64(t.Count), string(t.State), string(t.Reason))
	}
	for _, state := range watched {
		if !shown[state] {
			metrics <- prometheus.MustNewConstMetric(l.renewals, prometheus.GaugeValue, 0, string(state), "")
		}
	}
	for _, state := range []ledger.ModificationState{
		ledger.ModificationSubmitting, ledger.ModificationVerifying, ledger.ModificationUnknown, ledger.ModificationNeedsAttention,
	} {
		metrics <- prometheus.MustNewConstMetric(l.modifications, prometheus.GaugeValue, float64(load.Modifications[state]), string(state))
	}
	for _, m := range load.Reserved {
		metrics <- prometheus.MustNewConstMetric(l.reserved, prometheus.GaugeValue, amount(m), m.CurrencyCode)
	}
	age := 0.0
	if !load.Oldest.IsZero() {
		age = time.Since(load.Oldest).Seconds()
	}
	metrics <- prometheus.MustNewConstMetric(l.oldest, prometheus.GaugeValue, age)
}

func (l *renewalLoad) latest() (ledger.Load, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at.IsZero() || time.Since(l.at) >= loadFor {
		ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
		defer cancel()
		l.load, l.err = l.read(ctx)
		l.at = time.Now()
	}
	return l.load, l.err
}
