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

// What a zero Config stands for.
const (
	// DefaultAccessKeyID and DefaultAccessKeySecret sign requests.
	DefaultAccessKeyID     = "testid"
	DefaultAccessKeySecret = "testsecret"
	// DefaultBalance is a million yuan.
	DefaultBalance control.Amount = 1_000_000_00
	// DefaultSkew is how far a request's timestamp may be off.
	DefaultSkew = 15 * time.Minute
	// DefaultStopAfter and DefaultReleaseAfter are counted from an expiry.
	DefaultStopAfter    = time.Hour
	DefaultReleaseAfter = 15 * 24 * time.Hour
	// DefaultRenewLag is the 10 seconds that the cloud's documents name.
	DefaultRenewLag = 10 * time.Second
	// DefaultStartLatency, DefaultStopLatency and DefaultListLag are short for
	// the cloud, whose instances take up to a minute.
	DefaultStartLatency = 5 * time.Second
	DefaultStopLatency  = 3 * time.Second
	DefaultListLag      = 2 * time.Second
	// DefaultSnapshotLatency is short too.
	DefaultSnapshotLatency = 10 * time.Second
	// DefaultReclaimNotice is the cloud's five minutes.
	DefaultReclaimNotice = 5 * time.Minute
	// DefaultRenewDay is the day of the month that accounts begin with.
	DefaultRenewDay = 1
	// DemoInstances is the size of the demo fleet.
	DemoInstances = 300
)

// DefaultRegions returns the regions of the demo fleet.
func DefaultRegions() []string { return []string{"cn-hangzhou", "cn-shanghai", "ap-southeast-1"} }

// Config says what is simulated. The zero value is an empty fleet in three
// regions, at real time, with the key testid / testsecret.
type Config struct {
	// Regions are the ids of the regions that are served; the first is the
	// region of a request that names none. Default: [DefaultRegions].
	Regions []string
	// Instances is how many instances there are at the start. They are the
	// first of an endless sequence that is fixed by Seed: mixed subscriptions,
	// pay-as-you-go and spot instances, with names, tags and security groups;
	// [DemoInstances] make a good show. Default: none.
	Instances int
	// Seed fixes ids, names, addresses and the dice of faults. Default: 0.
	Seed uint64

	// AccessKeyID and AccessKeySecret are the account's key. Default:
	// [DefaultAccessKeyID] and [DefaultAccessKeySecret].
	AccessKeyID, AccessKeySecret string
	// MoreKeys are further keys of the same account, such as those of STS or
	// of RAM users.
	MoreKeys []AccessKey
	// Balance is what the account holds, in hundredths of a yuan; a renewal
	// that it does not cover is refused. Default: [DefaultBalance]; any
	// negative value stands for an empty account.
	Balance control.Amount

	// Start is the simulated time at the start. Default: the wall clock.
	Start time.Time
	// Speed is how many simulated seconds pass in a second. Default: 1.
	Speed float64
	// ByHand stops the simulated clock: it moves by [Simulator.Advance] alone.
	// Speed must be 0 then.
	ByHand bool
	// Wall is the wall clock, against which the timestamps of requests are
	// checked. Default: time.Now.
	Wall func() time.Time
	// Skew is how far a timestamp may be off the wall clock, either way.
	// Default: [DefaultSkew].
	Skew time.Duration

	// RenewLag is how long, in simulated time, after a paid renewal the API
	// goes on to show the old expiry. Default: [DefaultRenewLag]; any negative
	// value stands for no lag.
	RenewLag time.Duration
	// StartLatency is how long, in simulated time, an instance takes from its
	// launch, its start or its reboot to Running; of a launch, the first fifth
	// is Pending. Until then a new instance cannot be released. Default:
	// [DefaultStartLatency]; any negative value stands for none.
	StartLatency time.Duration
	// StopLatency is how long it takes from Running to Stopped; a forced stop
	// takes a fifth of it. Default: [DefaultStopLatency]; any negative value
	// stands for none.
	StopLatency time.Duration
	// ListLag is how long after its launch an instance is missing from the
	// lists. Default: [DefaultListLag]; any negative value stands for none.
	ListLag time.Duration
	// SnapshotLatency is how long a snapshot takes. Default:
	// [DefaultSnapshotLatency]; any negative value stands for none.
	SnapshotLatency time.Duration
	// ReclaimNotice is how long a spot instance that is reclaimed stays, with
	// its lock. Default: [DefaultReclaimNotice]; any negative value stands for
	// none.
	ReclaimNotice time.Duration
	// StopAfter is how long after its expiry a subscription is stopped and
	// locked; the cloud says "within 24 hours". Default: [DefaultStopAfter];
	// any negative value stands for at once.
	StopAfter time.Duration
	// ReleaseAfter is how long after its expiry a subscription is released.
	// Default: [DefaultReleaseAfter], the cloud's 15 days.
	ReleaseAfter time.Duration
	// BillingSchedule has auto-renewal follow the cloud's billing page instead
	// of its API page: deductions 3 days and a day before the expiry, on its
	// day, and 6 and 14 days behind it; what they do not renew runs on for 15
	// days and is released 15 days later. Default: daily deductions from the
	// ninth day before the expiry, and then as StopAfter and ReleaseAfter say.
	BillingSchedule bool
	// RenewDay is the account's unified expiration date, 1 to 28: the day of the
	// month that a renewal with ExpectedRenewDay reaches to. Default:
	// [DefaultRenewDay].
	RenewDay int
	// TokenLife is how long, in simulated time, a client token is remembered;
	// the cloud does not say. Default: for ever.
	TokenLife time.Duration
	// Rates throttle actions. Default: none.
	Rates []Rate
}

// AccessKey is a further key of the account.
type AccessKey struct {
	// ID and Secret are the pair; both are required.
	ID, Secret string
	// SecurityToken, where set, must come with every request of the key, as
	// with the temporary keys of STS. Where it is empty, any token is taken.
	SecurityToken string
	// Denied makes the key's owner a RAM user without permission, who gets
	// empty lists, and Forbidden.RAM for all else.
	Denied bool
}

// Rate is how many calls of an action each region takes in a window.
type Rate struct {
	// Action is the action's name, or "*" for each that has no rate of its
	// own.
	Action string
	// Calls is how many calls a window takes, at least 0.
	Calls int
	// Window is the length of the fixed windows, in simulated time; the
	// cloud's are a minute.
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

// Validate reports every setting that cannot be. [New] does so too.
func (c Config) Validate() error {
	_, err := c.withDefaults()
	return err
}

// withDefaults checks a Config and fills it in.
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
	orDuration(&c.StartLatency, DefaultStartLatency)
	orDuration(&c.StopLatency, DefaultStopLatency)
	orDuration(&c.ListLag, DefaultListLag)
	orDuration(&c.SnapshotLatency, DefaultSnapshotLatency)
	orDuration(&c.ReclaimNotice, DefaultReclaimNotice)
	orDuration(&c.StopAfter, DefaultStopAfter)
	orDuration(&c.ReleaseAfter, DefaultReleaseAfter)
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
