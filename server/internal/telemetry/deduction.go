package telemetry

import "github.com/prometheus/client_golang/prometheus"

// deductionMetrics are the metrics of automatic renewals.
type deductionMetrics struct {
	states *prometheus.GaugeVec
	drift  *prometheus.GaugeVec
}

func newDeductionMetrics(registry *prometheus.Registry) *deductionMetrics {
	m := &deductionMetrics{
		states: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ecsd_auto_renewals",
			Help: "Subscriptions that expire within ten days or did in the last fifteen, by the state of their automatic renewal: OFF, SCHEDULED, FAILING. Reported by the replica that checks them.",
		}, []string{"region", "state"}),
		drift: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ecsd_auto_renew_drift",
			Help: "Those for which the cloud holds another auto-renew setting than SetAutoRenew last requested. Reported by the replica that checks them.",
		}, []string{"region"}),
	}
	registry.MustRegister(m.states, m.drift)
	return m
}

// AutoRenewals sets the number of automatic renewals of a region in a state.
func (m *Metrics) AutoRenewals(region, state string, count int) {
	m.deduction.states.WithLabelValues(region, state).Set(float64(count))
}

// AutoRenewDrift sets the number of settings of a region that differ from the
// desired ones.
func (m *Metrics) AutoRenewDrift(region string, count int) {
	m.deduction.drift.WithLabelValues(region).Set(float64(count))
}

// ForgetAutoRenewals removes the metrics of a region, because another replica
// reports it now.
func (m *Metrics) ForgetAutoRenewals(region string) {
	m.deduction.states.DeletePartialMatch(prometheus.Labels{"region": region})
	m.deduction.drift.DeleteLabelValues(region)
}
