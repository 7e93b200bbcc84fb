package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Account has a gauge with the ID of the cloud account, as soon as read returns
// one.
func (m *Metrics) Account(read func() string) {
	m.Registry.MustRegister(&accountInfo{read: read, info: prometheus.NewDesc("ecsd_cloud_account_info",
		"1, labelled with the cloud account of the keys; absent as long as it is not known.", []string{"account_id"}, nil)})
}

type accountInfo struct {
	read func() string
	info *prometheus.Desc
}

// Describe names the gauge.
func (a *accountInfo) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- a.info }

// Collect reads the account.
func (a *accountInfo) Collect(metrics chan<- prometheus.Metric) {
	if id := a.read(); id != "" {
		metrics <- prometheus.MustNewConstMetric(a.info, prometheus.GaugeValue, 1, id)
	}
}
