package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// watchMetrics are the metrics of the watches.
type watchMetrics struct {
	polls       *prometheus.CounterVec
	changes     *prometheus.CounterVec
	delivery    prometheus.Histogram
	merged      prometheus.Counter
	slowReaders prometheus.Counter
}

func newWatchMetrics(registry *prometheus.Registry) *watchMetrics {
	m := &watchMetrics{
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecsd_watch_polls_total",
			Help: "Listings of a region for the watches, by what came of them: OK or a reason.",
		}, []string{"region", "reason"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecsd_watch_changes_total",
			Help: "Changes of instances that polls found.",
		}, []string{"region"}),
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ecsd_watch_delivery_seconds", Buckets: secondsBuckets,
			Help: "Time from the poll that found a change until a watcher's stream took it.",
		}),
		merged: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ecsd_watch_merged_changes_total",
			Help: "Changes that were merged into a later one because a watcher was slower than they came.",
		}),
		slowReaders: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ecsd_watch_slow_readers_total",
			Help: "Watches that were cut off because they fell behind the history.",
		}),
	}
	registry.MustRegister(m.polls, m.changes, m.delivery, m.merged, m.slowReaders)
	return m
}

// Polled counts a listing of a region; reason is "" if it succeeded.
func (m *Metrics) Polled(region, reason string) {
	if reason == "" {
		reason = "OK"
	}
	m.watch.polls.WithLabelValues(region, reason).Inc()
}

// Changed counts the changes of a poll.
func (m *Metrics) Changed(region string, changes int) {
	m.watch.changes.WithLabelValues(region).Add(float64(changes))
}

// Delivered times a batch that a watcher took.
func (m *Metrics) Delivered(waited time.Duration, merged int) {
	m.watch.delivery.Observe(waited.Seconds())
	m.watch.merged.Add(float64(merged))
}

// SlowReader counts a watch that was cut off.
func (m *Metrics) SlowReader() { m.watch.slowReaders.Inc() }

// Watches has the gauges of the watches read by functions: how many there are,
// and when the newest complete poll of each region began, zero for none.
func (m *Metrics) Watches(count func() int, observed func() map[string]time.Time) {
	m.Registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ecsd_watches", Help: "Watches and waits in progress.",
		}, func() float64 { return float64(count()) }),
		&pollAges{observed: observed, age: prometheus.NewDesc("ecsd_watch_poll_age_seconds",
			"Time since the newest complete poll of a region began; absent before the first.", []string{"region"}, nil)},
	)
}

// pollAges is a gauge for each region that was ever polled.
type pollAges struct {
	observed func() map[string]time.Time
	age      *prometheus.Desc
}

// Describe names the gauge.
func (a *pollAges) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- a.age }

// Collect reads the ages.
func (a *pollAges) Collect(metrics chan<- prometheus.Metric) {
	for region, at := range a.observed() {
		if !at.IsZero() {
			metrics <- prometheus.MustNewConstMetric(a.age, prometheus.GaugeValue, time.Since(at).Seconds(), region)
		}
	}
}
