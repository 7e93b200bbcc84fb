package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Expiring are the subscriptions that expire: their number by region, window and
// what renews them, the known price of a month by currency and window, and the
// number of those without a known price by window.
type Expiring struct {
	Instances map[[3]string]int
	Cost      map[[2]string]float64
	Unpriced  map[string]int
}

// Expiring has gauges of the expiring subscriptions, which count returns, at most
// every five seconds. If it fails they are absent.
func (m *Metrics) Expiring(count func(context.Context) (Expiring, error)) {
	m.Registry.MustRegister(&expiring{
		count: count,
		instances: prometheus.NewDesc("ecsd_expiring_instances",
			"Subscriptions that expire within a time (1d, 3d, 7d, 14d, 30d; a short one is in the longer ones too) or expired in the last fifteen days (expired), by what renews them: job, auto_renew, none, or unknown if the setting was not read, as of those that expire later than in ten days.",
			[]string{"region", "within", "renewed_by"}, nil),
		cost: prometheus.NewDesc("ecsd_expiring_cost",
			"Price of one month for those subscriptions of which this process has seen a price since its start, by any quote, plan or payment of months or years.",
			[]string{"currency", "within"}, nil),
		unpriced: prometheus.NewDesc("ecsd_expiring_unpriced_instances",
			"Those subscriptions that ecsd_expiring_cost lacks, because this process has seen no price of them.", []string{"within"}, nil),
	})
}

type expiring struct {
	count                     func(context.Context) (Expiring, error)
	instances, cost, unpriced *prometheus.Desc

	mu   sync.Mutex
	at   time.Time
	last Expiring
	err  error
}

// Describe names the gauges.
func (e *expiring) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- e.instances
	descriptions <- e.cost
	descriptions <- e.unpriced
}

// Collect emits the last count.
func (e *expiring) Collect(metrics chan<- prometheus.Metric) {
	last, err := e.latest()
	if err != nil {
		return
	}
	for labels, n := range last.Instances {
		metrics <- prometheus.MustNewConstMetric(e.instances, prometheus.GaugeValue, float64(n), labels[:]...)
	}
	for labels, sum := range last.Cost {
		metrics <- prometheus.MustNewConstMetric(e.cost, prometheus.GaugeValue, sum, labels[:]...)
	}
	for within, n := range last.Unpriced {
		metrics <- prometheus.MustNewConstMetric(e.unpriced, prometheus.GaugeValue, float64(n), within)
	}
}

func (e *expiring) latest() (Expiring, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at.IsZero() || time.Since(e.at) >= loadFor {
		ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
		defer cancel()
		e.last, e.err = e.count(ctx)
		e.at = time.Now()
	}
	return e.last, e.err
}
