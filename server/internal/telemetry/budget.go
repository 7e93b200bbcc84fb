package telemetry

import "github.com/prometheus/client_golang/prometheus"

// RateUse is how much of the cloud's rate limit of one action is used.
type RateUse struct {
	Action, Region string
	// Granted is the number of calls in the current minute, Limit the limit per
	// minute, 0 if unknown, and Waiting the number of waiting calls.
	Granted, Limit, Waiting int
}

// Budget has the gauges of the rate budget read by a function.
func (m *Metrics) Budget(read func() []RateUse) {
	labels := []string{"action", "region"}
	m.Registry.MustRegister(&rateUse{
		read: read,
		granted: prometheus.NewDesc("ecsd_cloud_budget_calls",
			"Calls to the cloud that left in the present minute.", labels, nil),
		limit: prometheus.NewDesc("ecsd_cloud_budget_limit",
			"Calls to the cloud that may leave in a minute, by Quota Center, --rate or learned from throttling; absent if no limit is known.", labels, nil),
		waiting: prometheus.NewDesc("ecsd_cloud_budget_waiting",
			"Calls to the cloud that wait for their share of the limit.", labels, nil),
	})
}

type rateUse struct {
	read                    func() []RateUse
	granted, limit, waiting *prometheus.Desc
}

// Describe names the gauges.
func (u *rateUse) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- u.granted
	descriptions <- u.limit
	descriptions <- u.waiting
}

// Collect reads the budgets.
func (u *rateUse) Collect(metrics chan<- prometheus.Metric) {
	for _, r := range u.read() {
		gauge := func(desc *prometheus.Desc, n int) {
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), r.Action, r.Region)
		}
		gauge(u.granted, r.Granted)
		gauge(u.waiting, r.Waiting)
		if r.Limit > 0 {
			gauge(u.limit, r.Limit)
		}
	}
}
