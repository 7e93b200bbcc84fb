package telemetry

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ecsd-io/ecsd/server/internal/audit"
)

// auditTimeout bounds the read of the audit for one scrape.
const auditTimeout = 2 * time.Second

// Audit has gauges of the newest sealed block of the audit, which head reads for
// each scrape.
func (m *Metrics) Audit(head func(context.Context) (audit.Block, error)) {
	m.Registry.MustRegister(&auditHead{
		read:  head,
		block: prometheus.NewDesc("ecsd_audit_block", "Number of the newest sealed block of the audit.", nil, nil),
		info: prometheus.NewDesc("ecsd_audit_head_info",
			"1, labelled with the hash of the newest sealed block of the audit. Keep it elsewhere: it proves all records before it.", []string{"block_hash"}, nil),
	})
}

type auditHead struct {
	read        func(context.Context) (audit.Block, error)
	block, info *prometheus.Desc
}

// Describe names the gauges.
func (a *auditHead) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- a.block
	descriptions <- a.info
}

// Collect reads the newest block. If it cannot be read, the gauges are absent.
func (a *auditHead) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), auditTimeout)
	defer cancel()
	head, err := a.read(ctx)
	if err != nil || head.Number == 0 {
		return
	}
	metrics <- prometheus.MustNewConstMetric(a.block, prometheus.GaugeValue, float64(head.Number))
	metrics <- prometheus.MustNewConstMetric(a.info, prometheus.GaugeValue, 1, hex.EncodeToString(head.Hash))
}
