package server

import (
	"io"
	"time"

	"github.com/alecthomas/kong"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/ecsd-io/ecsd/simulator"
)

// Config holds the settings for operators. Its tags define the flags with their
// defaults, the environment variables (ECSD_ and the flag's name) and the keys
// of the YAML file of `ecsd serve`, so that each setting is written once. Begin
// with DefaultConfig: except for Regions and Database, a zero value is not a
// default.
type Config struct {
	Listen   string   `default:"127.0.0.1:50051" placeholder:"HOST:PORT" help:"Address of the gRPC API; port 0 picks a free one. Default ${default}." group:"service"`
	Regions  []string `name:"region" placeholder:"REGION" help:"Region to serve (repeatable); the first is the default region. Default cn-hangzhou, with --simulate the three regions of the demo fleet." group:"service"`
	Database string   `placeholder:"DATABASE" help:"Where ecsd stores its state: sqlite:PATH, sqlite::memory: or postgres://USER@HOST:PORT/DATABASE, which several ecsd processes may share. An address with a password (USER:PASSWORD@) is rejected as a flag. Default sqlite:ecsd.db, with --simulate sqlite::memory:, so that no renewal outlives the demo fleet." group:"service"`
	Rates    []Rate   `name:"rate" placeholder:"ACTION=N/1m" help:"Upper bound of the calls of one action of the cloud, per region (repeatable), such as DescribeInstances=300/1m. Without it, the limit of Quota Center holds, or what ecsd learns from throttled calls." group:"cloud"`
	Site     string   `enum:"china,international" default:"china" placeholder:"SITE" help:"The cloud's site that the account belongs to: china (aliyun.com) or international (alibabacloud.com). It determines the days of automatic renewals. Default ${default}." group:"cloud"`

	Endpoints []Endpoint `name:"endpoint" placeholder:"[REGION=]HOST:PORT" help:"Another ECS endpoint, such as a simulator, for one region (repeatable) or without REGION= for all others. STS, billing and quotas are called at the endpoint of the default region too, unless it is one of the cloud's own. Default the cloud's own, by region." group:"cloud"`
	Network   string     `name:"endpoint-network" enum:"public,vpc" default:"public" placeholder:"NETWORK" help:"Which of the cloud's own endpoints are called: public, or vpc, which a VPC reaches without internet access (ecs-vpc.REGION.aliyuncs.com, sts-vpc.REGION.aliyuncs.com). Default ${default}." group:"cloud"`

	Scheme    string `name:"endpoint-scheme" enum:"https,http" default:"https" placeholder:"SCHEME" help:"Scheme of --endpoint: https or http. Default ${default}." group:"cloud"`
	Billing   bool   `help:"Read the account's orders, balance and subscriptions from the billing API, which needs a permission of its own: unknown outcomes are then settled within seconds, and lost order IDs are found. Without the permission ecsd works as without it. On with --simulate." group:"cloud"`
	Simulate  bool   `help:"Serve a demo fleet from an embedded simulator: no account, no cost." group:"cloud"`
	Simulator string `name:"simulator-listen" default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"With --simulate: address of the embedded simulator, with its control interface under /_simulator/; port 0 picks a free one. Default ${default}." group:"cloud"`

	History        time.Duration `default:"24h" placeholder:"DURATION" help:"How long the changes of instances are retained. A watch can resume after a gap of up to this length. Default ${default}." group:"service"`
	AuditRetention time.Duration `name:"audit-retention" default:"9600h" placeholder:"DURATION" help:"How long the records of the audit are retained after their seal; 0 retains them for ever. The seals continue across the removal. Default ${default}." group:"service"`
	PollInterval   time.Duration `default:"30s" placeholder:"DURATION" help:"Interval at which each region is listed for the watches: one call per 100 instances. Default ${default}." group:"service"`

	AccessFile     string `placeholder:"FILE" help:"YAML file of the callers with their credentials, scopes and limits; read again when it changes. Without it, and on a loopback address only, every caller may do everything." group:"access"`
	AllowAnonymous bool   `help:"Let every caller do everything although --listen is no loopback address: for a network that lets nobody else in." group:"access"`
	TLSCert        string `name:"tls-cert" placeholder:"FILE" help:"Certificate of the gRPC port in PEM form, with its intermediates; read again when it changes. With it, the port accepts TLS 1.2 or later only." group:"access"`
	TLSKey         string `name:"tls-key" placeholder:"FILE" help:"Private key of --tls-cert in PEM form." group:"access"`
	TLSClientCA    string `name:"tls-client-ca" placeholder:"FILE" help:"Authorities of client certificates in PEM form; the access file names the callers by URI or DNS name." group:"access"`
	Reflection     string `enum:"on,off,authenticated" default:"on" placeholder:"MODE" help:"Server reflection, which shows the contract: on, off, or authenticated, for identified callers only. Default ${default}." group:"access"`

	Admin        string   `name:"admin-listen" default:"127.0.0.1:9090" placeholder:"HOST:PORT" help:"Address of metrics and health over HTTP; keep it off the public network. Port 0 picks a free one. Default ${default}." group:"operation"`
	AdminHosts   []string `name:"admin-host" placeholder:"NAME" help:"Name under which clients may reach the admin port (repeatable), such as the DNS name that Prometheus scrapes. IP addresses and localhost need none." group:"operation"`
	PProf        bool     `name:"pprof" help:"Serve profiles at /debug/pprof/ of the admin port. They expose the inside of the process." group:"operation"`
	LogLevel     string   `enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"Minimum level of the log on standard error: debug, info, warn or error. Default ${default}." group:"operation"`
	LogFormat    string   `enum:"json,text" default:"json" placeholder:"FORMAT" help:"json or text. Default ${default}." group:"operation"`
	OTLPEndpoint string   `name:"otlp-endpoint" placeholder:"URL" help:"Collector of traces, OTLP over HTTP, such as http://127.0.0.1:4318; without a path, traces are posted to /v1/traces; user:password@ selects basic authentication, and is rejected as a flag. Default the value of OTEL_EXPORTER_OTLP_ENDPOINT; with neither there are no traces." group:"operation"`

	Notify string `placeholder:"FILE" help:"YAML file of the receivers of notifications (webhooks, Alertmanager, DingTalk, Feishu, WeCom) and of the calendar of expiries. Read at the start. Without it nothing is sent." group:"operation"`

	ShutdownGrace time.Duration `default:"30s" placeholder:"DURATION" help:"How long to wait for calls in progress after SIGTERM or Ctrl-C; a second signal ends them at once. Default ${default}." group:"operation"`
	MaxCalls      int           `default:"4096" placeholder:"N" help:"Calls in progress in this process that wait for the cloud, and as many that do not; one more is rejected with SERVER_OVERLOADED. While others call, one caller has at most half. Streams are not counted. Default ${default}." group:"limits"`
	MaxWatches    int           `default:"50000" placeholder:"N" help:"Watches and waits in progress in this process. Default ${default}." group:"limits"`
	MaxRelease    int           `default:"10" placeholder:"N" help:"Instances that one ReleaseInstances call may release unless it sets max_instances. Default ${default}." group:"limits"`
	RenewalSettle time.Duration `name:"renewal-settle-window" default:"1m" placeholder:"DURATION" help:"How long after a paid call of unknown outcome the expiry is read before the order is sent again. At least 30s, because the cloud shows a new expiry late; with a simulator it may be shorter. Default ${default}." group:"limits"`
	RenewalTrust  time.Duration `name:"renewal-token-trust" default:"24h" placeholder:"DURATION" help:"How long ecsd relies on the cloud to recognise an order by its token; the cloud does not document it. After that, an order of unknown outcome needs a person's decision (ResolveRenewal). Default ${default}." group:"limits"`

	// Limits have no flags.
	Limits Limits `kong:"-"`
	// LogOutput takes the log; nil means standard error.
	LogOutput io.Writer `kong:"-"`
	// TraceExporter takes the spans in place of OTLP; nil means OTLP.
	TraceExporter sdktrace.SpanExporter `kong:"-"`
}

// Limits bound what one process holds. They protect memory and are far above
// ordinary use, so they are no flags; tests lower them.
type Limits struct {
	// CallTimeout is the deadline of a call without one.
	CallTimeout time.Duration
	// Message is the size of the largest request, in bytes.
	Message int
	// Connections are served at the same time; one more waits in the backlog.
	Connections int
	// ConnectionAge, plus or minus a tenth, is the age at which a client is asked
	// to reconnect, so that load spreads over replicas.
	ConnectionAge time.Duration
	// AgeGrace is how long calls may continue on an aged connection. A watch ends
	// earlier, with a last checkpoint from which it resumes.
	AgeGrace time.Duration
	// Streams are the calls and streams in progress on one connection; a client
	// delays calls above the limit.
	Streams uint32
	// WatchesPerCaller are the watches and waits in progress of one caller.
	WatchesPerCaller int
	// WatchedIDs are the instances that one watch may name.
	WatchedIDs int
	// JobSize is how many instances one renewal job may renew.
	JobSize int
	// HistoryChanges are the retained changes of instances, whatever their age.
	HistoryChanges int64
	// DeductionCheck is the interval at which the automatic renewals of each
	// region are read for the metrics: two calls per 100 instances that expire
	// within ten days or expired in the last fifteen.
	DeductionCheck time.Duration
	// NotifyCheck is the interval at which the expiries and settings in memory are
	// compared with what was reported to receivers.
	NotifyCheck time.Duration
}

// DefaultLimits returns the limits of a service.
func DefaultLimits() Limits {
	return Limits{
		CallTimeout:      time.Minute,
		Message:          256 << 10,
		Connections:      10_000,
		ConnectionAge:    time.Hour,
		AgeGrace:         time.Hour,
		Streams:          1000,
		WatchesPerCaller: 20_000,
		WatchedIDs:       1000,
		JobSize:          10_000,
		HistoryChanges:   250_000,
		DeductionCheck:   10 * time.Minute,
		NotifyCheck:      time.Minute,
	}
}

// DefaultConfig returns the settings of a service without flags.
func DefaultConfig() Config {
	config := Config{Limits: DefaultLimits()}
	if err := kong.ApplyDefaults(&config); err != nil {
		panic(err) // a tag that cannot be parsed
	}
	return config
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
	c.Billing = c.Billing || c.Simulate
	if c.Database == "" {
		c.Database = defaultDatabase
		if c.Simulate {
			c.Database = simulateDatabase
		}
	}
	return c
}
