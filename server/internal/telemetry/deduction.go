package telemetry

import "github.com/prometheus/client_golang/prometheus"

// deductionMetrics are what is known of automatic renewals.
type deductionMetrics struct {
	states *prometheus.GaugeVec
	drift  *prometheus.GaugeVec
}

func newDeductionMetrics(registry *prometheus.Registry) *deductionMetrics {
	m := &deductionMetrics{
		states: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ecsd_auto_renewals",
			Help: "Subscriptions that expire within ten days or did in the last fifteen, by how their automatic renewal goes: OFF, SCHEDULED, FAILING.",
		}, []string{"region", "state"}),
		drift: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ecsd_auto_renew_drift",
			Help: "Those of which the cloud holds another auto-renew setting than was asked by SetAutoRenew.",
		}, []string{"region"}),
	}
	registry.MustRegister(m.states, m.drift)
	return m
}

// AutoRenewals sets how many automatic renewals of a region go so.
func (m *Metrics) AutoRenewals(region, state string, count int) {
	m.deduction.states.WithLabelValues(region, state).Set(float64(count))
}

// AutoRenewDrift sets how many settings of a region are not as was asked.
func (m *Metrics) AutoRenewDrift(region string, count int) {
	m.deduction.drift.WithLabelValues(region).Set(float64(count))
}
