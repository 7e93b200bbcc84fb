package telemetry

import (
	"strconv"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// secondsBuckets reach from a response out of memory to a renewal that waits
// for the cloud to show its new expiry.
var secondsBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// Metrics is the registry and the metrics of one server.
type Metrics struct {
	// Registry holds every metric of this server and nothing else.
	Registry *prometheus.Registry
	// GRPC counts and times the RPCs: grpc_server_*.
	GRPC *grpcprom.ServerMetrics

	cloudCalls     *prometheus.CounterVec
	cloudSeconds   *prometheus.HistogramVec
	cloudThrottled *prometheus.CounterVec
	cloudWait      *prometheus.HistogramVec
	watch          *watchMetrics
	renewal        *renewalMetrics
	deduction      *deductionMetrics
}

// CloudCall is one call of the edge to the cloud, as the metrics see it.
type CloudCall struct {
	// Action is the cloud's name of the call, such as DescribeInstances.
	Action string
	Region string
	// Lane is poll, read or write.
	Lane string
	// Code is the cloud's error code, "" if the call succeeded.
	Code string
	// Duration is the call's own, without the wait before it.
	Duration time.Duration
	// Waited is how long the call waited for its share of the rate budget.
	Waited time.Duration
	// Throttled reports that the cloud refused the call for its rate.
	Throttled bool
}

// NewMetrics makes a registry with the metrics of the process, of gRPC, of
// the edge, of the watches and of the renewals, and ecsd_build_info.
func NewMetrics(build Build) *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		GRPC: grpcprom.NewServerMetrics(
			grpcprom.WithServerHandlingTimeHistogram(grpcprom.WithHistogramBuckets(secondsBuckets)),
		),
		cloudCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecsd_cloud_calls_total",
			Help: "Calls to the cloud by action, region, the cloud's code (OK if it succeeded) and lane.",
		}, []string{"action", "region", "code", "lane"}),
		cloudSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ecsd_cloud_call_seconds", Buckets: secondsBuckets,
			Help: "Duration of one call to the cloud, without the wait before it.",
		}, []string{"action", "region"}),
		cloudThrottled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecsd_cloud_throttled_total",
			Help: "Calls that the cloud refused for their rate.",
		}, []string{"action", "region"}),
		cloudWait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ecsd_cloud_wait_seconds", Buckets: secondsBuckets,
			Help: "Time that a call to the cloud waited for its share of the rate budget.",
		}, []string{"action", "region", "lane"}),
	}
	buildInfo := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ecsd_build_info", Help: "1, labelled with what this program was built from.",
		ConstLabels: prometheus.Labels{
			"version": build.Version, "revision": build.Revision,
			"modified": strconv.FormatBool(build.Modified), "go_version": build.GoVersion,
		},
	})
	buildInfo.Set(1)
	m.Registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "ecsd_panics_total",
		Help: "Panics recovered in handlers and in background work. Each is a defect, and is logged with its stack.",
	}, func() float64 { return float64(rescue.Panics()) }))
	m.Registry.MustRegister(
		m.GRPC, m.cloudCalls, m.cloudSeconds, m.cloudThrottled, m.cloudWait, buildInfo,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.watch, m.renewal, m.deduction = newWatchMetrics(m.Registry), newRenewalMetrics(m.Registry), newDeductionMetrics(m.Registry)
	return m
}

// Cloud counts one call to the cloud. It is safe for concurrent use.
func (m *Metrics) Cloud(c CloudCall) {
	code := c.Code
	if code == "" {
		code = "OK"
	}
	m.cloudCalls.WithLabelValues(c.Action, c.Region, code, c.Lane).Inc()
	m.cloudSeconds.WithLabelValues(c.Action, c.Region).Observe(c.Duration.Seconds())
	m.cloudWait.WithLabelValues(c.Action, c.Region, c.Lane).Observe(c.Waited.Seconds())
	if c.Throttled {
		m.cloudThrottled.WithLabelValues(c.Action, c.Region).Inc()
	}
}
