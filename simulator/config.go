package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// The defaults of Config.
const (
	// DefaultAccessKeyID and DefaultAccessKeySecret sign requests.
	DefaultAccessKeyID     = "testid"
	DefaultAccessKeySecret = "testsecret"
	// DefaultBalance is a million yuan.
	DefaultBalance control.Amount = 1_000_000_00
	// DefaultSkew is the permitted difference between a request's timestamp and the wall clock.
	DefaultSkew = 15 * time.Minute
	// DefaultStopAfter and DefaultReleaseAfter are counted from an expiry.
	DefaultStopAfter    = time.Hour
	DefaultReleaseAfter = 15 * 24 * time.Hour
	// DefaultRenewLag is the 10 seconds of the cloud's documents.
	DefaultRenewLag = 10 * time.Second
	// DefaultStartLatency, DefaultStopLatency and DefaultListLag are short compared with the cloud, whose instances
	// take up to a minute.
	DefaultStartLatency = 5 * time.Second
	DefaultStopLatency  = 3 * time.Second
	DefaultListLag      = 2 * time.Second
	// DefaultOrderLag is a guess: the cloud does not document when billing shows an order.
	DefaultOrderLag = 3 * time.Second
	// DefaultSnapshotLatency is short too.
	DefaultSnapshotLatency = 10 * time.Second
	// DefaultReclaimNotice is the cloud's five minutes.
	DefaultReclaimNotice = 5 * time.Minute
	// DefaultArrearsStopAfter and DefaultArrearsReleaseAfter are those of the cloud's page "Overdue payments".
	DefaultArrearsStopAfter    = 15 * 24 * time.Hour
	DefaultArrearsReleaseAfter = 15 * 24 * time.Hour
	// DefaultRenewDay is the day of the month that accounts begin with.
	DefaultRenewDay = 1
	// DemoInstances is the size of the demo fleet.
	DemoInstances = 300
)

// DefaultRegions returns the regions of the demo fleet.
func DefaultRegions() []string { return []string{"cn-hangzhou", "cn-shanghai", "ap-southeast-1"} }

// Config configures the simulation. The zero value is an empty fleet in three regions, at real time, with the key
// testid / testsecret.
type Config struct {
	// Regions are the IDs of the served regions; the first is the default region of a request. Default:
	// [DefaultRegions].
	Regions []string
	// Instances is the count of instances at the start. They are the first of an endless sequence that is determined by
	// Seed: mixed subscriptions, pay-as-you-go and spot instances, with names, tags and security groups;
	// [DemoInstances] make a good demo. Default: none.
	Instances int
	// Seed determines IDs, names, addresses and the randomness of faults. Default: 0.
	Seed uint64

	// AccessKeyID and AccessKeySecret are the account's key. Default:
	// [DefaultAccessKeyID] and [DefaultAccessKeySecret].
	AccessKeyID, AccessKeySecret string
	// MoreKeys are additional keys of the same account, such as those of STS or of RAM users.
	MoreKeys []AccessKey
	// Balance is the account's balance, in hundredths of a yuan; the cloud rejects a renewal that it does not cover.
	// Default: [DefaultBalance]; any negative value means an empty account.
	Balance control.Amount

	// Start is the simulated time at the start. Default: the wall clock.
	Start time.Time
	// Speed is how many simulated seconds pass in a second. Default: 1.
	Speed float64
	// ByHand stops the simulated clock: only [Simulator.Advance] moves it. Speed must then be 0.
	ByHand bool
	// Wall is the wall clock that the timestamps of requests are checked against. Default: time.Now.
	Wall func() time.Time
	// Skew is the permitted difference between a timestamp and the wall clock, in either direction. Default:
	// [DefaultSkew].
	Skew time.Duration

	// RenewLag is the simulated time after a paid renewal during which the API still shows the old expiry. Default:
	// [DefaultRenewLag]; any negative value means no lag.
	RenewLag time.Duration
	// OrderLag is the simulated time from a charge until billing shows its order. Default: [DefaultOrderLag]; any negative
	// value means no lag.
	OrderLag time.Duration
	// StartLatency is the simulated time from an instance's launch, start or reboot to Running; the first fifth of a
	// launch is Pending. A new instance cannot be released before. Default: [DefaultStartLatency]; any negative value
	// means none.
	StartLatency time.Duration
	// StopLatency is the simulated time from Running to Stopped; a forced stop takes a fifth of it. Default:
	// [DefaultStopLatency]; any negative value means none.
	StopLatency time.Duration
	// ListLag is the simulated time after its launch during which an instance is missing from lists by filter. Default:
	// [DefaultListLag]; any negative value means none.
	ListLag time.Duration
	// ListLagByID extends ListLag to lists by ID. No document of the cloud mentions such a lag.
	ListLagByID bool
	// NoPageToken leaves NextToken empty if a client pages DescribeInstances by number. By default the response has one
	// while more instances follow; so does the cloud by a user's report, which is not verified.
	NoPageToken bool
	// SnapshotLatency is the duration of a snapshot. Default: [DefaultSnapshotLatency]; any negative value means none.
	SnapshotLatency time.Duration
	// ReclaimNotice is the time between the lock and the release of a reclaimed spot instance. Default:
	// [DefaultReclaimNotice]; any negative value means none.
	ReclaimNotice time.Duration
	// StopAfter is the time from a subscription's expiry until it is stopped and locked; the cloud documents "within 24
	// hours". Default: [DefaultStopAfter]; any negative value means at once.
	StopAfter time.Duration
	// ReleaseAfter is the time from a subscription's expiry until it is released. Default: [DefaultReleaseAfter], the
	// cloud's 15 days.
	ReleaseAfter time.Duration
	// BillingSchedule makes auto-renewal follow the cloud's billing page instead of its API page: deductions 3 days and
	// 1 day before the expiry, on its day, and 6 and 14 days after it. A subscription that they do not renew runs for
	// another 15 days and is released 15 days later. Default: daily deductions from the ninth day before the expiry,
	// then StopAfter and ReleaseAfter.
	BillingSchedule bool
	// ArrearsStopAfter is the time from the first bill of pay-as-you-go that the balance does not cover until the
	// pay-as-you-go instances are stopped and locked. Default: [DefaultArrearsStopAfter], the cloud's 15 days.
	ArrearsStopAfter time.Duration
	// ArrearsReleaseAfter is the time from that stop until they are released. Default: [DefaultArrearsReleaseAfter],
	// the cloud's 15 days.
	ArrearsReleaseAfter time.Duration
	// NoRestart leaves instances stopped after the payment of arrears, so that a client must call ReActivateInstances;
	// the cloud documents that its automatic restart can fail. Default: a payment restarts them.
	NoRestart bool
	// RenewDay is the account's unified expiration date, 1 to 28: the day of the month up to which ExpectedRenewDay
	// renews. Default: [DefaultRenewDay].
	RenewDay int
	// TokenLife is the simulated time for which a client token is stored; the cloud does not document it. Default: no
	// limit.
	TokenLife time.Duration
	// read, if set, is called with the action and each parameter that a handler looks up, for tests.
	read func(action, parameter string)
	// Rates throttle actions. Default: none.
	Rates []Rate
	// ControlHosts are the names, beside localhost and IP addresses, under which clients may reach the control interface.
	// Default: none.
	ControlHosts []string
}

// AccessKey is an additional key of the account.
type AccessKey struct {
	// ID and Secret are the pair; both are required.
	ID, Secret string
	// SecurityToken, if set, is required in every request of the key, as with the temporary keys of STS. If it is
	// empty, any token is accepted.
	SecurityToken string
	// Denied makes the key's owner a RAM user without permission, who gets Forbidden.RAM. DescribeInstanceStatus and
	// DescribeSnapshots return an empty list.
	Denied bool
	// EmptyLists gives a denied owner the cloud's behaviour until 2025-12-20: DescribeInstances and DescribeDisks return
	// an empty list, and only their dry run is Forbidden.RAM.
	EmptyLists bool
}

// Rate is the limit of an action per region and window.
type Rate struct {
	// Action is the action's name, or "*" for each action without its own rate.
	Action string
	// Calls is the count of calls that a window accepts, at least 0.
	Calls int
	// Window is the length of the fixed windows, in simulated time; the cloud uses one minute.
	Window time.Duration
}

// UnmarshalText reads ACTION=CALLS/WINDOW, such as RenewInstance=5/1m.
func (r *Rate) UnmarshalText(text []byte) error {
	action, limit, _ := strings.Cut(string(text), "=")
	calls, window, _ := strings.Cut(limit, "/")
	n, err := strconv.Atoi(calls)
	if err != nil {
		return fmt.Errorf("rate %q: want ACTION=CALLS/WINDOW, such as RenewInstance=5/1m", text)
	}
	d, err := time.ParseDuration(window)
	if err != nil {
		return fmt.Errorf("rate %q: want ACTION=CALLS/WINDOW, such as RenewInstance=5/1m", text)
	}
	*r = Rate{Action: action, Calls: n, Window: d}
	return r.check()
}

func (r Rate) check() error {
	if r.Action == "" || r.Calls < 0 || r.Window <= 0 {
		return fmt.Errorf("rate %s=%d/%s: want an action, 0 or more calls and a window above 0", r.Action, r.Calls, r.Window)
	}
	return nil
}

// Validate reports every invalid setting. [New] also calls it.
func (c Config) Validate() error {
	_, err := c.withDefaults()
	return err
}

// withDefaults checks a Config and fills in the defaults.
func (c Config) withDefaults() (Config, error) {
	orDuration := func(d *time.Duration, fallback time.Duration) {
		switch {
		case *d == 0:
			*d = fallback
		case *d < 0:
			*d = 0
		}
	}
	orDuration(&c.Skew, DefaultSkew)
	orDuration(&c.RenewLag, DefaultRenewLag)
	orDuration(&c.OrderLag, DefaultOrderLag)
	orDuration(&c.StartLatency, DefaultStartLatency)
	orDuration(&c.StopLatency, DefaultStopLatency)
	orDuration(&c.ListLag, DefaultListLag)
	orDuration(&c.SnapshotLatency, DefaultSnapshotLatency)
	orDuration(&c.ReclaimNotice, DefaultReclaimNotice)
	orDuration(&c.StopAfter, DefaultStopAfter)
	orDuration(&c.ReleaseAfter, DefaultReleaseAfter)
	orDuration(&c.ArrearsStopAfter, DefaultArrearsStopAfter)
	orDuration(&c.ArrearsReleaseAfter, DefaultArrearsReleaseAfter)
	if c.AccessKeyID == "" && c.AccessKeySecret == "" {
		c.AccessKeyID, c.AccessKeySecret = DefaultAccessKeyID, DefaultAccessKeySecret
	}
	switch {
	case c.Balance == 0:
		c.Balance = DefaultBalance
	case c.Balance < 0:
		c.Balance = 0
	}
	if c.RenewDay == 0 {
		c.RenewDay = DefaultRenewDay
	}
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Start.IsZero() {
		c.Start = c.Wall()
	}
	if c.Speed == 0 && !c.ByHand {
		c.Speed = 1
	}
	if len(c.Regions) == 0 {
		c.Regions = DefaultRegions()
	}
	return c, c.check()
}

func (c Config) check() error {
	var problems []error
	for i, id := range c.Regions {
		if slices.Contains(c.Regions[:i], id) {
			problems = append(problems, fmt.Errorf("region %s is named twice", id))
		}
		if catalog.FindRegion(id) == nil {
			problems = append(problems, fmt.Errorf("region %q is not known: want one of %s", id, strings.Join(catalog.RegionIDs(), ", ")))
		}
	}
	for _, r := range c.Rates {
		problems = append(problems, r.check())
	}
	switch {
	case c.ByHand && c.Speed != 0:
		problems = append(problems, fmt.Errorf("speed %v: a clock that is moved by hand has none", c.Speed))
	case c.Speed < 0:
		problems = append(problems, fmt.Errorf("speed %v: want more than 0", c.Speed))
	}
	if c.Instances < 0 {
		problems = append(problems, fmt.Errorf("instances %d: want 0 or more", c.Instances))
	}
	if c.RenewDay < 1 || c.RenewDay > 28 {
		problems = append(problems, fmt.Errorf("unified expiration date %d: want a day of the month, 1 to 28", c.RenewDay))
	}
	if c.ReleaseAfter < c.StopAfter {
		problems = append(problems, fmt.Errorf("released %s after expiry, before it is stopped %s after", c.ReleaseAfter, c.StopAfter))
	}
	return errors.Join(problems...)
}
