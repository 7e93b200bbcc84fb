package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

const region = "cn-hangzhou"

// fault is a fault of the fake cloud in one call that creates or destroys.
type fault string

const (
	fine        fault = "fine"
	lostReply   fault = "reply lost after the act"
	lostRequest fault = "reset before the act"
	serverError fault = "the cloud failed inside after the act"
	throttled   fault = "throttled"
	inProgress  fault = "the same token is in work elsewhere"
	poisoned    fault = "token poisoned before the act"
	refused     fault = "refused for good"
	// soldOut is refused, and leaves the token as it was.
	soldOut fault = "refused for now"
	expired fault = "expired or in arrears"
	// asBefore is refused by the charge type of before a change.
	asBefore    fault = "refused as a subscription"
	asPaid      fault = "not released, as a subscription"
	wrongStatus fault = "refused for its status"
	// ignored is accepted and comes to nothing, as a release of many may that
	// the cloud carries out in its own time.
	ignored fault = "accepted and not carried out"
)

// fakeCloud is one account with the rules of the real one: a token creates once
// and is then replayed, a poisoned one is refused for ever, changes are shown
// late.
type fakeCloud struct {
	mu        sync.Mutex
	instances map[string]*fakeInstance
	disks     map[string][]ecs.Disk // by instance
	snapshots map[string]*fakeSnapshot
	tokens    map[string]made
	poison    map[string]bool
	faults    []fault
	// deleteFault is the fault of every release.
	deleteFault fault
	// lag is the delay until a change is shown.
	lag time.Duration
	// answers is the delay of a response after its effect.
	answers time.Duration
	// stagger is how much later each further new instance shows.
	stagger time.Duration
	// snapshotTime is how long a snapshot takes.
	snapshotTime time.Duration
	// snapshotLag is how late a new snapshot is listed.
	snapshotLag time.Duration
	failing     map[string]bool // disks with failing snapshots
	unreadable  bool            // the account may not list instances
	deaf        bool            // settings are accepted and not made
	sends       []ecs.LaunchOrder
	deletes     int
	reboots     int // calls
	rebooted    int // instances
	dryRuns     int
	reads       int
	dearer      int64 // added to the price of an order, which is 1 CNY per instance
	number      int
	// hook runs in the middle of a call that makes or destroys.
	hook func()
}

type fakeInstance struct {
	ecs.Instance
	// before is the state shown until shown.
	before *ecs.Instance
	shown  time.Time
	// gone is when it is no longer listed, zero for a living one.
	gone time.Time
	// becomes is its status from turns on.
	becomes ecs.Status
	turns   time.Time
}

// statusWords are the statuses in the cloud's words.
var statusWords = map[ecs.Status]string{
	ecs.StatusPending: "Pending", ecs.StatusStarting: "Starting", ecs.StatusRunning: "Running",
	ecs.StatusStopping: "Stopping", ecs.StatusStopped: "Stopped",
}

// turn sets the status of an instance, and another one after some time.
func (c *fakeCloud) turn(id string, now, then ecs.Status, after time.Duration) {
	i := c.instances[id]
	i.Status, i.Raw.Status = now, statusWords[now]
	i.becomes, i.turns = then, time.Now().Add(after)
}

type fakeSnapshot struct {
	ecs.Snapshot
	done time.Time
}

type made struct {
	payload string
	ids     []string
}

func newCloud() *fakeCloud {
	return &fakeCloud{
		instances: map[string]*fakeInstance{}, disks: map[string][]ecs.Disk{}, snapshots: map[string]*fakeSnapshot{},
		tokens: map[string]made{}, poison: map[string]bool{}, failing: map[string]bool{},
		lag: 3 * time.Second, snapshotTime: time.Minute,
	}
}

// add puts a stopped pay-as-you-go instance with a system and a data disk into
// the account, modified by the given changes.
func (c *fakeCloud) add(id string, change ...func(*ecs.Instance)) {
	i := ecs.Instance{ID: id, RegionID: region, Status: ecs.StatusStopped, ChargeType: ecs.ChargePayAsYouGo, Raw: ecs.RawWords{Status: "Stopped"},
		Network: ecs.Network{BandwidthOutMbps: 5}}
	for _, f := range change {
		f(&i)
	}
	c.instances[id] = &fakeInstance{Instance: i}
	c.disks[id] = []ecs.Disk{
		{ID: "d-system-" + id, InstanceID: id, Type: "system", DeleteWithInstance: true},
		{ID: "d-data-" + id, InstanceID: id, Type: "data"},
	}
}

func running(i *ecs.Instance)   { i.Status, i.Raw.Status = ecs.StatusRunning, "Running" }
func protected(i *ecs.Instance) { i.DeletionProtection = true }
func paidUntil(t time.Time) func(*ecs.Instance) {
	return func(i *ecs.Instance) { i.ChargeType, i.ExpireTime = ecs.ChargeSubscription, t }
}

var errNoAnswer = &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "no answer", Retry: ecs.RetryBackoff, Effect: ecs.EffectUnknown}

// next takes the fault of a call, and the error that it means before the act.
func (c *fakeCloud) next(token string) (fault, error) {
	f := fine
	if len(c.faults) > 0 {
		f, c.faults = c.faults[0], c.faults[1:]
	}
	switch f {
	case lostRequest:
		return f, errNoAnswer
	case throttled:
		return f, &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait, RetryAfter: 30 * time.Second}
	case inProgress:
		return f, &ecs.Error{Reason: ecs.ReasonOperationInProgress, Message: "in work", Retry: ecs.RetryBackoff, Effect: ecs.EffectUnknown}
	case refused:
		c.poison[token] = token != "" // as the cloud may do after a failed order
		fallthrough
	case soldOut:
		return f, &ecs.Error{Reason: ecs.ReasonOutOfStock, Message: "none left", Cloud: ecs.CloudError{Code: "OperationDenied.NoStock", RequestID: "R1"}}
	case expired:
		return f, &ecs.Error{Reason: ecs.ReasonInstanceExpired, Message: "expired or in arrears", Cloud: ecs.CloudError{Code: "InstanceExpiredOrInArrears"}}
	case asBefore:
		return f, &ecs.Error{Reason: ecs.ReasonNotPayAsYouGo, Message: "a subscription", Cloud: ecs.CloudError{Code: "ChargeTypeViolation"}}
	case asPaid:
		return f, &ecs.Error{Reason: ecs.ReasonSubscriptionNotExpired, Message: "a subscription", Cloud: ecs.CloudError{Code: "ChargeTypeViolation"}}
	case wrongStatus:
		return f, &ecs.Error{Reason: ecs.ReasonIncorrectStatus, Message: "its status", Cloud: ecs.CloudError{Code: "IncorrectInstanceStatus"}}
	case poisoned:
		c.poison[token] = true
	}
	if c.poison[token] {
		return f, &ecs.Error{Reason: ecs.ReasonClientTokenRejected, Message: "token failed before", Effect: ecs.EffectUnknown, Cloud: ecs.CloudError{Code: "IdempotentFailed"}}
	}
	return f, nil
}

// after is the error that a fault means after the act.
func (f fault) after() error {
	switch f {
	case lostReply:
		return errNoAnswer
	case serverError:
		return &ecs.Error{Reason: ecs.ReasonCloudInternalError, Message: "failed inside", Retry: ecs.RetryBackoff, Effect: ecs.EffectUnknown, Cloud: ecs.CloudError{Code: "InternalError", HTTPStatus: 500}}
	}
	return nil
}

func (c *fakeCloud) act() {
	if c.hook != nil {
		c.hook()
	}
}

func (c *fakeCloud) RunInstances(ctx context.Context, o ecs.LaunchOrder) (ecs.Launched, error) {
	return c.launch(ctx, o, "Running")
}

func (c *fakeCloud) CreateInstance(ctx context.Context, o ecs.LaunchOrder) (ecs.Launched, error) {
	if o.Count != 1 {
		return ecs.Launched{}, fmt.Errorf("CreateInstance of %d", o.Count)
	}
	return c.launch(ctx, o, "Stopped")
}

func (c *fakeCloud) launch(ctx context.Context, o ecs.LaunchOrder, status string) (ecs.Launched, error) {
	c.act()
	defer time.Sleep(c.answers)
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.DryRun {
		c.dryRuns++
		_, err := c.next("")
		return ecs.Launched{}, err
	}
	if err := ctx.Err(); err != nil {
		return ecs.Launched{}, err
	}
	if o.ClientToken == "" {
		return ecs.Launched{}, errors.New("a launch without a token")
	}
	c.sends = append(c.sends, o)
	f, err := c.next(o.ClientToken)
	if err != nil {
		return ecs.Launched{}, err
	}
	payload := fmt.Sprintf("%+v %s", o, o.Spec.Password)
	before, there := c.tokens[o.ClientToken]
	if there && before.payload != payload {
		return ecs.Launched{}, &ecs.Error{Reason: ecs.ReasonClientTokenRejected, Message: "other parameters", Cloud: ecs.CloudError{Code: "IdempotentParameterMismatch"}}
	}
	if !there {
		before = made{payload: payload}
		for n := range o.Count {
			c.number++
			id := fmt.Sprintf("i-new%d", c.number)
			c.add(id, func(i *ecs.Instance) { i.Tags, i.Raw.Status = o.Spec.Tags, status })
			c.instances[id].shown = time.Now().Add(c.lag + time.Duration(n)*c.stagger)
			before.ids = append(before.ids, id)
		}
		c.tokens[o.ClientToken] = before
	}
	return ecs.Launched{InstanceIDs: before.ids, OrderID: "order-" + before.ids[0]}, f.after()
}

// listed is an instance as a read shows it.
func (c *fakeCloud) listed(id string) (ecs.Instance, bool) {
	i, ok := c.instances[id]
	if ok && !i.turns.IsZero() && !time.Now().Before(i.turns) {
		i.Status, i.Raw.Status, i.turns = i.becomes, statusWords[i.becomes], time.Time{}
	}
	switch {
	case !ok, !i.gone.IsZero() && !time.Now().Before(i.gone):
		return ecs.Instance{}, false
	case time.Now().Before(i.shown):
		if i.before == nil {
			return ecs.Instance{}, false
		}
		return *i.before, true
	}
	return i.Instance, true
}

func (c *fakeCloud) Instances(ctx context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		results[i].ID = id
		if err := ctx.Err(); err != nil {
			results[i].Err = err
		} else if instance, ok := c.listed(id); ok {
			results[i].Value = instance
		} else {
			results[i].Err = ecs.Errorf(ecs.ReasonInstanceNotFound, "no instance %s", id).On(region, id)
		}
	}
	return results
}

func (c *fakeCloud) InstancePage(_ context.Context, _ string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unreadable {
		return ecs.Page{}, ecs.Errorf(ecs.ReasonCloudPermissionDenied, "may not look")
	}
	if len(q.Tags) != 1 || limit != 100 {
		return ecs.Page{}, fmt.Errorf("a page of %d by %v", limit, q.Tags)
	}
	var ids []string
	for id := range c.instances {
		if i, ok := c.listed(id); ok && slices.Contains(i.Tags, q.Tags[0]) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	// Two per page, so that pages are followed.
	at, _ := slices.BinarySearch(ids, cursor)
	page := ecs.Page{}
	for _, id := range ids[at:min(at+2, len(ids))] {
		page.Instances = append(page.Instances, ecs.Instance{ID: id})
	}
	if at+2 < len(ids) {
		page.Next = ids[at+2]
	}
	return page, nil
}

func (c *fakeCloud) InstancePrice(_ context.Context, o ecs.LaunchOrder) (ecs.Quote, error) {
	if o.Spec.Type == "ecs.unpriced" {
		return ecs.Quote{}, ecs.Errorf(ecs.ReasonPriceUnavailable, "no price")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return ecs.Quote{Price: ecs.Money{CurrencyCode: "CNY", Units: int64(o.Count) + c.dearer}}, nil
}

// held returns an instance in its real state, shown or not.
func (c *fakeCloud) held(id string) ecs.Instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.instances[id].Instance
}

// madeBy counts the instances that a request made, by its tag or its tokens.
func (c *fakeCloud) madeBy() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, m := range c.tokens {
		n += len(m.ids)
	}
	return n
}

// inBubble runs a test in a bubble with a Lifecycle over a new cloud and empty
// records.
func inBubble(t *testing.T, config lifecycle.Config, test func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle)) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		l := lifecycle.New(c, records, config)
		defer l.Close()
		test(t, c, l)
	})
}

// late is a cloud whose first price or read waits for what another process does.
type late struct {
	lifecycle.Cloud
	first     sync.Once
	meanwhile func()
}

func (c *late) InstancePrice(ctx context.Context, o ecs.LaunchOrder) (ecs.Quote, error) {
	c.first.Do(c.meanwhile)
	return c.Cloud.InstancePrice(ctx, o)
}

func (c *late) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	c.first.Do(c.meanwhile)
	return c.Cloud.Instances(ctx, regionID, ids)
}

// order returns the launch of most tests.
func order(requestID string, amount int32) lifecycle.Launch {
	return lifecycle.Launch{
		RequestID: requestID, Fingerprint: fmt.Sprint("v1:launch of ", amount), Caller: "test",
		Order: ecs.LaunchOrder{RegionID: region, Count: amount, Spec: ecs.InstanceSpec{Type: "ecs.g7.large", ImageID: "m-1", Tags: []ecs.Tag{{Key: "team", Value: "a"}}}},
	}
}
