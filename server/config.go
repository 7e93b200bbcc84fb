package server

import (
	"io"
	"strconv"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/ecsd-io/ecsd/simulator"
)

// Config holds all settings for operators. Its tags define the flags, the
// environment variables (ECSD_ and the flag's name) and the keys of the YAML
// file of `ecsd serve`, so that each setting is written once. Begin with
// DefaultConfig: except for Regions and Database, a zero value is not a
// default.
type Config struct {
	Listen    string   `default:"${listen}" placeholder:"HOST:PORT" help:"Address of the gRPC API; port 0 picks a free one. Default ${default}." group:"service"`
	Regions   []string `name:"region" placeholder:"REGION" help:"A region to serve (repeatable); the first is the default region. Default cn-hangzhou, with --simulate the demo fleet's three." group:"service"`
	Database  string   `placeholder:"DATABASE" help:"Where ecsd remembers: sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE, which several ecsd may share. Default sqlite:ecsd.db, with --simulate sqlite::memory:, since a demo fleet that ends must leave no renewals behind." group:"service"`
	Rates     []Rate   `name:"rate" placeholder:"ACTION=N/1m" help:"Upper bound of the calls of one action of the cloud, in each region (repeatable), such as DescribeInstances=300/1m. Without it ecsd learns the cloud's limit from its refusals." group:"cloud"`
	Site      string   `enum:"china,international" default:"${site}" placeholder:"SITE" help:"Which of the cloud's sites the account is of: china (aliyun.com) or international (alibabacloud.com). They deduct for automatic renewals on other days. Default ${default}." group:"cloud"`
	Endpoint  string   `placeholder:"HOST:PORT" help:"Another ECS endpoint for all regions, such as a simulator's. Default the cloud's own, by region." group:"cloud"`
	Scheme    string   `name:"endpoint-scheme" enum:"https,http" default:"${endpoint_scheme}" placeholder:"SCHEME" help:"How the endpoint is spoken to: https or http. Default ${default}." group:"cloud"`
	Simulate  bool     `help:"Serve a demo fleet out of an embedded simulator: no account, no cost." group:"cloud"`
	Simulator string   `name:"simulator-listen" default:"${simulator_listen}" placeholder:"HOST:PORT" help:"With --simulate: address of the embedded simulator, with its control interface under /_simulator/; port 0 picks a free one. Default ${default}." group:"cloud"`

	History        time.Duration `default:"${history}" placeholder:"DURATION" help:"How long the changes of instances are kept, so that a watch can go on after a break as long. Default ${default}." group:"service"`
	HistoryChanges int64         `default:"${history_changes}" placeholder:"N" help:"How many changes of instances are kept at most, whatever their age. Default ${default}." group:"service"`

	PollInterval time.Duration `default:"${poll_interval}" placeholder:"DURATION" help:"How often each region is listed for the watches: one call for each 100 instances. Default ${default}." group:"service"`

	DeductionCheck time.Duration `default:"${deduction_check}" placeholder:"DURATION" help:"How often each region is looked at for automatic renewals that fail, for the metrics: two calls for each 100 instances that expire within ten days or did in the last fifteen. 0 for never. Default ${default}." group:"service"`

	Admin        string `name:"admin-listen" default:"${admin_listen}" placeholder:"HOST:PORT" help:"Address of metrics, health and profiles over HTTP; keep it off the public network. Port 0 picks a free one. Default ${default}." group:"operation"`
	LogLevel     string `enum:"debug,info,warn,error" default:"${log_level}" placeholder:"LEVEL" help:"The least level that is logged, to standard error: debug, info, warn or error. Default ${default}." group:"operation"`
	LogFormat    string `enum:"json,text" default:"${log_format}" placeholder:"FORMAT" help:"json or text. Default ${default}." group:"operation"`
	OTLPEndpoint string `name:"otlp-endpoint" placeholder:"URL" help:"Collector of traces, OTLP over HTTP, such as http://127.0.0.1:4318; without a path it is posted to /v1/traces, with user:password@ by basic authentication. Default what OTEL_EXPORTER_OTLP_ENDPOINT names; with neither there are no traces." group:"operation"`

	ShutdownGrace time.Duration `default:"${shutdown_grace}" placeholder:"DURATION" help:"How long calls in progress may go on after SIGTERM or Ctrl-C; a second signal ends at once. Default ${default}." group:"limits"`
	CallTimeout   time.Duration `default:"${call_timeout}" placeholder:"DURATION" help:"Deadline of a call that came without one. Default ${default}." group:"limits"`
	MaxCalls      int           `default:"${max_calls}" placeholder:"N" help:"Calls in progress in this process that wait for the cloud, and as many that do not; one more is refused with SERVER_OVERLOADED. While others call, one caller has at most half. Streams are not counted. Default ${default}." group:"limits"`
	MaxStreams    uint32        `default:"${max_streams}" placeholder:"N" help:"Calls and streams in progress on one connection; a client delays calls above the limit. Default ${default}." group:"limits"`
	MaxRelease    int           `default:"${max_release}" placeholder:"N" help:"Instances that one ReleaseInstances may release unless the call itself names a number (max_instances). Default ${default}." group:"limits"`
	MaxJobSize    int           `default:"${max_job_size}" placeholder:"N" help:"Instances that one CreateRenewalJob may renew. Default ${default}." group:"limits"`
	RenewalSettle time.Duration `name:"renewal-settle-window" default:"${renewal_settle_window}" placeholder:"DURATION" help:"How long after a paid call without an answer the expiry is read before the order is sent again. At least 30s, because the cloud shows a new expiry late; with a simulator it may be shorter. Default ${default}." group:"limits"`
	RenewalTrust  time.Duration `name:"renewal-token-trust" default:"${renewal_token_trust}" placeholder:"DURATION" help:"How long the cloud is trusted to know an order by its token, which it does not publish; past it, an order of unknown outcome is left to a person (ResolveRenewal). Default ${default}." group:"limits"`
	MaxWatches    int           `default:"${max_watches}" placeholder:"N" help:"Watches and waits in progress in this process. Default ${default}." group:"limits"`
	MaxMessage    int           `name:"max-message-size" default:"${max_message_size}" placeholder:"BYTES" help:"Largest request, in bytes. Default ${default}." group:"limits"`
	Connections   int           `name:"max-connections" default:"${max_connections}" placeholder:"N" help:"Connections at the same time; one more waits until another ends. Default ${default}." group:"limits"`
	ConnectionAge time.Duration `name:"max-connection-age" default:"${max_connection_age}" placeholder:"DURATION" help:"After this time, give or take a tenth, a client is asked to connect anew, so that load spreads over replicas. Default ${default}." group:"limits"`
	AgeGrace      time.Duration `name:"max-connection-age-grace" default:"${max_connection_age_grace}" placeholder:"DURATION" help:"How long calls on an aged connection may go on. A watch ends by itself before, with a last checkpoint, to be resumed on another one. Default ${default}." group:"limits"`

	MaxWatchesPerCaller int `default:"${max_watches_per_caller}" placeholder:"N" help:"Watches and waits in progress of one caller. Default ${default}." group:"limits"`
	MaxWatchedIDs       int `name:"max-watched-ids" default:"${max_watched_ids}" placeholder:"N" help:"Instances that one watch may name. Default ${default}." group:"limits"`

	// LogOutput takes the log; nil means standard error.
	LogOutput io.Writer `kong:"-"`
	// TraceExporter takes the spans in place of OTLP; nil means OTLP.
	TraceExporter sdktrace.SpanExporter `kong:"-"`
}

// DefaultConfig returns the settings of a service without flags.
func DefaultConfig() Config {
	return Config{
		Listen:        "127.0.0.1:50051",
		Simulator:     "127.0.0.1:8090",
		Admin:         "127.0.0.1:9090",
		Scheme:        "https",
		Site:          "china",
		History:       24 * time.Hour,
		LogLevel:      "info",
		LogFormat:     "json",
		ShutdownGrace: 30 * time.Second,
		CallTimeout:   time.Minute,
		MaxCalls:      4096,
		MaxStreams:    1000,
		MaxRelease:    10,
		MaxJobSize:    10_000,
		RenewalSettle: time.Minute,
		RenewalTrust:  24 * time.Hour,
		MaxMessage:    256 << 10,
		Connections:   10_000,
		ConnectionAge: time.Hour,
		AgeGrace:      time.Hour,

		HistoryChanges: 250_000,
		PollInterval:   30 * time.Second,
		DeductionCheck: 10 * time.Minute,

		MaxWatches:          50_000,
		MaxWatchesPerCaller: 20_000,
		MaxWatchedIDs:       1000,
	}
}

// Variables are the defaults by the names that Config's tags call them, for
// the parser of the command line.
func Variables() map[string]string {
	d := DefaultConfig()
	return map[string]string{
		"listen":                   d.Listen,
		"simulator_listen":         d.Simulator,
		"admin_listen":             d.Admin,
		"endpoint_scheme":          d.Scheme,
		"site":                     d.Site,
		"deduction_check":          d.DeductionCheck.String(),
		"history":                  d.History.String(),
		"history_changes":          strconv.FormatInt(d.HistoryChanges, 10),
		"log_level":                d.LogLevel,
		"log_format":               d.LogFormat,
		"shutdown_grace":           d.ShutdownGrace.String(),
		"call_timeout":             d.CallTimeout.String(),
		"max_calls":                strconv.Itoa(d.MaxCalls),
		"max_streams":              strconv.FormatUint(uint64(d.MaxStreams), 10),
		"max_release":              strconv.Itoa(d.MaxRelease),
		"max_job_size":             strconv.Itoa(d.MaxJobSize),
		"renewal_settle_window":    d.RenewalSettle.String(),
		"renewal_token_trust":      d.RenewalTrust.String(),
		"poll_interval":            d.PollInterval.String(),
		"max_watches":              strconv.Itoa(d.MaxWatches),
		"max_watches_per_caller":   strconv.Itoa(d.MaxWatchesPerCaller),
		"max_watched_ids":          strconv.Itoa(d.MaxWatchedIDs),
		"max_message_size":         strconv.Itoa(d.MaxMessage),
		"max_connections":          strconv.Itoa(d.Connections),
		"max_connection_age":       d.ConnectionAge.String(),
		"max_connection_age_grace": d.AgeGrace.String(),
	}
}

// Defaults of Regions and Database if they are empty; see Config.
const (
	defaultRegion    = "cn-hangzhou"
	defaultDatabase  = "sqlite:ecsd.db"
	simulateDatabase = "sqlite::memory:"
)

// resolved sets the values that depend on other settings.
func (c Config) resolved() Config {
	if len(c.Regions) == 0 {
		c.Regions = []string{defaultRegion}
		if c.Simulate {
			c.Regions = simulator.DefaultRegions()
		}
	}
	if c.Database == "" {
		c.Database = defaultDatabase
		if c.Simulate {
			c.Database = simulateDatabase
		}
	}
	return c
}
