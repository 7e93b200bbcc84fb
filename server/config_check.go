package server

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// ConfigError is a setting that cannot be, as opposed to something that failed
// while starting.
type ConfigError struct {
	// Rule names the flag, the given value and the allowed values.
	Rule string
}

// Error returns the rule.
func (e *ConfigError) Error() string { return e.Rule }

// Validate reports every invalid setting, each as a ConfigError that names the
// flag. Settings for the cloud (regions, endpoint, scheme) are checked by the
// edge, when it is created.
func (c Config) Validate() error {
	var errs []error
	refuse := func(flag, rule string, args ...any) {
		errs = append(errs, &ConfigError{Rule: flag + ": " + fmt.Sprintf(rule, args...)})
	}
	for _, address := range []struct{ flag, value string }{
		{"--listen", c.Listen}, {"--admin-listen", c.Admin}, {"--simulator-listen", c.Simulator},
	} {
		if rule := listenRule(address.value); rule != "" {
			refuse(address.flag, "%s", rule)
		}
	}
	for _, rule := range c.accessRules() {
		errs = append(errs, &ConfigError{Rule: rule})
	}
	for _, name := range c.AdminHosts {
		if name == "" || strings.ContainsAny(name, "/:@*, ") {
			refuse("--admin-host", "%q: must be a host name without scheme and port, such as ecsd.monitoring.svc", ecs.Clip(name, 64))
		}
	}
	for i, region := range c.Regions {
		if slices.Contains(c.Regions[:i], region) {
			refuse("--region", "%s is named twice", region)
		}
	}
	if err := store.CheckAddress(c.resolved().Database); err != nil {
		refuse("--database", "%q: %v", store.Redact(c.Database), err)
	}
	if c.Database == simulateDatabase && !c.Simulate && len(c.Endpoints) == 0 {
		refuse("--database", "%s forgets payments when the process ends: give a file or PostgreSQL; only with --simulate or --endpoint it may be in memory", c.Database)
	}
	general, ofRegion, err := endpoints(c.Endpoints)
	if err != nil {
		refuse("--endpoint", "%v", err)
	}
	for region := range ofRegion {
		if regions := c.resolved().Regions; !slices.Contains(regions, region) {
			refuse("--endpoint", "region %s is not served; the regions are %s (--region)", ecs.Clip(region, 64), strings.Join(regions, ", "))
		}
	}
	if c.Simulate && len(c.Endpoints) > 0 {
		refuse("--endpoint", "excludes --simulate, which serves its own endpoint: give one of the two")
	}
	switch {
	case c.Network != networkPublic && c.Network != networkVPC:
		refuse("--endpoint-network", "%q: must be %s or %s", c.Network, networkPublic, networkVPC)
	case c.Network == networkVPC && (c.Simulate || general != ""):
		refuse("--endpoint-network", "%s has no effect with --simulate or with an --endpoint for all regions: give one of them", networkVPC)
	}
	if u, err := url.Parse(c.OTLPEndpoint); c.OTLPEndpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		refuse("--otlp-endpoint", "must be a URL such as http://127.0.0.1:4318")
	}
	for _, rate := range c.Rates {
		if !slices.Contains(cloud.Actions(), rate.Action) {
			refuse("--rate", "%s is no action that ecsd calls; the actions are %s", ecs.Clip(rate.Action, 64), strings.Join(cloud.Actions(), ", "))
		}
	}
	if c.RenewalSettle < minRenewalSettle && !c.simulated() {
		refuse("--renewal-settle-window", "%v: must be at least %v, because the cloud shows a new expiry some seconds late and an order could be sent twice; less is accepted with --simulate, or with an --endpoint of this machine over http", c.RenewalSettle, minRenewalSettle)
	}
	for _, number := range []struct {
		flag  string
		value int64
	}{
		{"--max-calls", int64(c.MaxCalls)}, {"--max-watches", int64(c.MaxWatches)}, {"--max-release", int64(c.MaxRelease)},
	} {
		if number.value < 1 {
			refuse(number.flag, "%d: must be at least 1", number.value)
		}
	}
	for _, span := range []struct {
		flag  string
		value time.Duration
	}{
		{"--history", c.History},
		{"--renewal-settle-window", c.RenewalSettle}, {"--renewal-token-trust", c.RenewalTrust},
	} {
		if span.value <= 0 {
			refuse(span.flag, "%v: must be longer than 0", span.value)
		}
	}
	if c.PollInterval < time.Second {
		refuse("--poll-interval", "%v: must be at least 1s", c.PollInterval)
	}
	if site := ecs.Site(c.Site); site != ecs.SiteChina && site != ecs.SiteInternational {
		refuse("--site", "%q: must be %s or %s", c.Site, ecs.SiteChina, ecs.SiteInternational)
	}
	if c.AuditRetention < 0 {
		refuse("--audit-retention", "%v: must be 0 (for ever) or longer", c.AuditRetention)
	}
	if c.ShutdownGrace < 0 {
		refuse("--shutdown-grace", "%v: must be 0 (end at once) or longer", c.ShutdownGrace)
	}
	return errors.Join(errs...)
}

// minRenewalSettle is three times the delay with which the cloud has been seen
// to show a new expiry.
const minRenewalSettle = 30 * time.Second

// simulated reports whether no real order can be paid: the endpoints are the
// embedded simulator or others on this machine.
func (c Config) simulated() bool {
	general, ofRegion, err := endpoints(c.Endpoints)
	if c.Simulate || err != nil {
		return c.Simulate
	}
	for _, region := range c.resolved().Regions {
		if !onThisMachine(cmp.Or(ofRegion[region], general)) {
			return false
		}
	}
	return c.Scheme == "http"
}

// The values of Network.
const (
	networkPublic = "public"
	networkVPC    = "vpc"
)

// listenRule returns the rule that a listen address breaks, "" if none.
func listenRule(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Sprintf("%q: must be HOST:PORT, such as 127.0.0.1:50051 or :50051", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Sprintf("%q: the port must be a number from 0 (any free one) to 65535", address)
	}
	return ""
}
