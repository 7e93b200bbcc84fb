package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// spendingTimeout bounds the read of the spending limits for one scrape.
const spendingTimeout = 2 * time.Second

// Parts has a gauge of each part of the server, which ready reads: whether it
// works.
func (m *Metrics) Parts(ready func() map[string]bool) {
	m.Registry.MustRegister(&parts{ready: ready, desc: prometheus.NewDesc("ecsd_part_ready",
		"1 if a part that the server needs works, by its last check; 0 if not. Parts are store, cloud and, with --billing, billing.", []string{"part"}, nil)})
}

type parts struct {
	ready func() map[string]bool
	desc  *prometheus.Desc
}

// Describe names the gauge.
func (p *parts) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- p.desc }

// Collect reads the parts.
func (p *parts) Collect(metrics chan<- prometheus.Metric) {
	for name, ready := range p.ready() {
		value := 0.0
		if ready {
			value = 1
		}
		metrics <- prometheus.MustNewConstMetric(p.desc, prometheus.GaugeValue, value, name)
	}
}

// SpendUse is a spending limit of a caller with what its current period has used.
type SpendUse struct {
	Caller, Period         string
	Limit, Spent, Reserved ecs.Money
}

// Spending has gauges of the spending limits and the freeze, which read reads for
// each scrape.
func (m *Metrics) Spending(read func(context.Context) (limits []SpendUse, frozen bool, err error)) {
	labels := []string{"caller", "currency", "period"}
	m.Registry.MustRegister(&spend{
		read:   read,
		limit:  prometheus.NewDesc("ecsd_spending_limit", "Spending limit of a caller of the access file, per day, week, month or year.", labels, nil),
		used:   prometheus.NewDesc("ecsd_spending_used", "What the caller has spent in the current period, with what is reserved for orders of open outcome.", labels, nil),
		frozen: prometheus.NewDesc("ecsd_spending_frozen", "1 if all spending is frozen, 0 if not.", nil, nil),
	})
}

type spend struct {
	read                func(context.Context) ([]SpendUse, bool, error)
	limit, used, frozen *prometheus.Desc
}

// Describe names the gauges.
func (s *spend) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- s.limit
	descriptions <- s.used
	descriptions <- s.frozen
}

// Collect reads the limits. If they cannot be read, the gauges are absent.
func (s *spend) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), spendingTimeout)
	defer cancel()
	limits, frozen, err := s.read(ctx)
	if err != nil {
		return
	}
	value := 0.0
	if frozen {
		value = 1
	}
	metrics <- prometheus.MustNewConstMetric(s.frozen, prometheus.GaugeValue, value)
	for _, l := range limits {
		labels := []string{l.Caller, l.Limit.CurrencyCode, l.Period}
		metrics <- prometheus.MustNewConstMetric(s.limit, prometheus.GaugeValue, amount(l.Limit), labels...)
		metrics <- prometheus.MustNewConstMetric(s.used, prometheus.GaugeValue, amount(l.Spent)+amount(l.Reserved), labels...)
	}
}
