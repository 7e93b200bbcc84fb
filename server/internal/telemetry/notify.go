package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// notifyTimeout bounds the read of the receivers for one scrape.
const notifyTimeout = 2 * time.Second

// ReceiverLoad is the state of one receiver of notifications.
type ReceiverLoad struct {
	Receiver string
	Pending  int
	// Oldest is the creation of the oldest message that waits, zero for none.
	Oldest   time.Time
	Failures int
}

// Notifications has gauges of the receivers, which read reads for each scrape.
// It returns a function that counts the sends of this process by outcome.
func (m *Metrics) Notifications(read func(context.Context) ([]ReceiverLoad, error)) (sent func(receiver, outcome string)) {
	sends := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecsd_notifications_total",
		Help: "Sends to receivers of notifications by this process: delivered, failed, or unknown if the receiver may have accepted the message.",
	}, []string{"receiver", "outcome"})
	receiver := []string{"receiver"}
	m.Registry.MustRegister(sends, &receiverLoads{
		read:     read,
		pending:  prometheus.NewDesc("ecsd_notifications_pending", "Messages that wait for a receiver, in the whole outbox.", receiver, nil),
		oldest:   prometheus.NewDesc("ecsd_notifications_oldest_seconds", "Age of the oldest message that waits for a receiver, 0 for none.", receiver, nil),
		failures: prometheus.NewDesc("ecsd_notifications_failures", "Failed sends to a receiver since the last success.", receiver, nil),
	})
	return func(receiver, outcome string) { sends.WithLabelValues(receiver, outcome).Inc() }
}

type receiverLoads struct {
	read                      func(context.Context) ([]ReceiverLoad, error)
	pending, oldest, failures *prometheus.Desc
}

// Describe names the gauges.
func (r *receiverLoads) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- r.pending
	descriptions <- r.oldest
	descriptions <- r.failures
}

// Collect reads the receivers. If they cannot be read, the gauges are absent.
func (r *receiverLoads) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), notifyTimeout)
	defer cancel()
	loads, err := r.read(ctx)
	if err != nil {
		return
	}
	for _, l := range loads {
		age := 0.0
		if !l.Oldest.IsZero() {
			age = time.Since(l.Oldest).Seconds()
		}
		metrics <- prometheus.MustNewConstMetric(r.pending, prometheus.GaugeValue, float64(l.Pending), l.Receiver)
		metrics <- prometheus.MustNewConstMetric(r.oldest, prometheus.GaugeValue, age, l.Receiver)
		metrics <- prometheus.MustNewConstMetric(r.failures, prometheus.GaugeValue, float64(l.Failures), l.Receiver)
	}
}
