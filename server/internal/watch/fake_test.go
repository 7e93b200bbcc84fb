package watch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// fakeCloud is a cloud with instances that the test changes.
type fakeCloud struct {
	mu        sync.Mutex
	instances map[string]map[string]ecs.Instance // by region and id
	calls     int
	// fails holds the error of every call of a region, hides the instances that
	// the next list omits.
	fails map[string]*ecs.Error
	hides map[string]bool
	hid   map[string]bool
	// takes is the duration of a list; the cloud evaluates it in the middle. A
	// read by ID takes a third.
	takes time.Duration
	page  int
	// past holds the states of each instance, from the first on.
	past map[string][]string
}

func newFakeCloud(regions ...string) *fakeCloud {
	c := &fakeCloud{instances: map[string]map[string]ecs.Instance{}, fails: map[string]*ecs.Error{}, hides: map[string]bool{}, hid: map[string]bool{}, page: 100, past: map[string][]string{}}
	for _, r := range regions {
		c.instances[r] = map[string]ecs.Instance{}
	}
	return c
}

func (c *fakeCloud) set(region, id string, change func(*ecs.Instance)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, ok := c.instances[region][id]
	if !ok {
		i = ecs.Instance{ID: id, RegionID: region, Status: ecs.StatusRunning}
	}
	i.Tags = slices.Clone(i.Tags)
	change(&i)
	c.instances[region][id] = i
	c.past[id] = append(c.past[id], state(&i))
}

func (c *fakeCloud) release(region, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.instances[region], id)
	c.past[id] = append(c.past[id], "")
}

func (c *fakeCloud) stall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.takes = 300*time.Millisecond + 15*time.Second - c.takes
}

func (c *fakeCloud) fail(region string, err *ecs.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fails[region] = err
}

func (c *fakeCloud) hide(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hides[id] = true
}

// hidden reports whether a response omits the instance. The next one that does
// is evaluated after a response with the instance arrived. Under the lock.
func (c *fakeCloud) hidden(id string) bool {
	if c.hid[id] || !c.hides[id] {
		return false
	}
	delete(c.hides, id)
	c.hid[id] = true
	return true
}

// shown notes that a response with the instance arrived.
func (c *fakeCloud) shown(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.hid, id)
}

func (c *fakeCloud) called() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// travel is half of the way to the cloud and back.
func (c *fakeCloud) travel(ctx context.Context, part time.Duration) error {
	c.mu.Lock()
	timer := time.NewTimer(c.takes / part / 2)
	c.mu.Unlock()
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return &ecs.Error{Reason: ecs.ReasonCancelled, Message: "cancelled", Cause: ctx.Err()}
	case <-timer.C:
		return nil
	}
}

func (c *fakeCloud) Instances(ctx context.Context, region string, ids []string) []ecs.Result[ecs.Instance] {
	err := c.travel(ctx, 3)
	results := c.byID(region, ids)
	if back := c.travel(ctx, 3); err == nil {
		err = back
	}
	for n := range results {
		switch {
		case err != nil:
			results[n] = ecs.Result[ecs.Instance]{ID: ids[n], Err: err}
		case results[n].Err == nil:
			c.shown(ids[n])
		}
	}
	return results
}

// ProveRead is free: it is not one of the calls that tests count.
func (c *fakeCloud) ProveRead(ctx context.Context, region string, _ []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fails[region]; err != nil {
		return err
	}
	return nil
}

func (c *fakeCloud) byID(region string, ids []string) []ecs.Result[ecs.Instance] {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls += (len(ids) + 99) / 100
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for n, id := range ids {
		results[n].ID = id
		i, ok := c.instances[region][id]
		switch {
		case c.fails[region] != nil:
			results[n].Err = c.fails[region]
		case !ok || c.hidden(id):
			results[n].Err = ecs.Errorf(ecs.ReasonInstanceNotFound, "no such instance")
		default:
			results[n].Value = i
		}
	}
	return results
}

func (c *fakeCloud) ReadInstancePage(ctx context.Context, into []ecs.Instance, region string, q ecs.Query, cursor string, _ int) (ecs.Page, error) {
	if err := c.travel(ctx, 1); err != nil {
		return ecs.Page{}, err
	}
	page, err := c.list(into, region, q, cursor)
	if err := c.travel(ctx, 1); err != nil {
		return ecs.Page{}, err
	}
	for _, i := range page.Instances {
		c.shown(i.ID)
	}
	return page, err
}

func (c *fakeCloud) list(into []ecs.Instance, region string, q ecs.Query, cursor string) (ecs.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if err := c.fails[region]; err != nil {
		return ecs.Page{}, err
	}
	page := ecs.Page{Instances: into[:0]}
	ids := make([]string, 0, len(c.instances[region]))
	for id, i := range c.instances[region] {
		if id > cursor && q.Matches(&i) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) > c.page {
		ids, page.Next = ids[:c.page], ids[c.page-1]
	}
	for _, id := range ids {
		if c.hidden(id) {
			continue
		}
		page.Instances = append(page.Instances, c.instances[region][id])
	}
	return page, nil
}

// fakeLog is a change log in memory, shared by the services of a test.
type fakeLog struct {
	mu        sync.Mutex
	id        string // "" is "test"
	shared    bool
	revisions []changelog.Revision
	oldest    int64
	oldestID  int64 // of the last revision that was trimmed
	state     map[string]changelog.Record
	leases    map[string]ecs.Lease
	appended  int
	// lose has the next append be written and its response lost.
	lose bool
	// read, if not nil, is called once, after the next read of the log.
	read func()
	// reads counts the reads of the log, checks those of Resumable. Each takes as
	// long as takes.
	reads, checks int
	takes         time.Duration
}

func newFakeLog() *fakeLog {
	return &fakeLog{state: map[string]changelog.Record{}, leases: map[string]ecs.Lease{}}
}

func (l *fakeLog) ID() string   { return "test" + l.id }
func (l *fakeLog) Shared() bool { return l.shared }

func (l *fakeLog) bounds() changelog.Bounds {
	b := changelog.Bounds{Oldest: l.oldest, Newest: l.oldest + int64(len(l.revisions)), NewestID: l.oldestID}
	if n := len(l.revisions); n > 0 {
		b.NewestID = l.revisions[n-1].ID
	}
	return b
}

// position is that of a revision that is in the log.
func (l *fakeLog) position(revision int64) changelog.Position {
	if revision == l.oldest {
		return changelog.Position{Revision: revision, ID: l.oldestID}
	}
	return l.revisions[revision-l.oldest-1].Position()
}

// copied is a copy of the log, as of a database that is backed up.
func (l *fakeLog) copied() *fakeLog {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &fakeLog{
		id: l.id, shared: l.shared, revisions: slices.Clone(l.revisions), oldest: l.oldest, oldestID: l.oldestID,
		state: maps.Clone(l.state), leases: maps.Clone(l.leases), appended: l.appended,
	}
}

// rewind resets the log to an earlier copy, as after a failover that lost
// commits.
func (l *fakeLog) rewind(earlier *fakeLog) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.revisions, l.state = slices.Clone(earlier.revisions), maps.Clone(earlier.state)
	for name, lease := range earlier.leases {
		if held := l.leases[name]; held.Epoch == lease.Epoch {
			held.Note = lease.Note
			l.leases[name] = held
		}
	}
}

func (l *fakeLog) Append(_ context.Context, lease ecs.Lease, known changelog.Position, regionID string, changes []changelog.Change) (changelog.Revision, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leases[lease.Name].Epoch != lease.Epoch {
		return changelog.Revision{}, ecs.ErrLeaseLost
	}
	if errors.Is(l.resumable(known), changelog.ErrLost) {
		return changelog.Revision{}, changelog.ErrLost
	}
	if len(changes) == 0 || !slices.IsSortedFunc(changes, func(a, b changelog.Change) int { return strings.Compare(a.InstanceID, b.InstanceID) }) {
		return changelog.Revision{}, fmt.Errorf("changes %v", changes)
	}
	held := l.leases[lease.Name]
	held.Note = lease.Note
	l.leases[lease.Name] = held
	r := changelog.Revision{Number: l.bounds().Newest + 1, ID: rand.Int64(), RegionID: regionID, CommitTime: time.Now(), Changes: changes}
	l.revisions = append(l.revisions, r)
	l.appended += len(changes)
	for _, c := range changes {
		if c.After == nil {
			delete(l.state, c.InstanceID)
			continue
		}
		l.state[c.InstanceID] = changelog.Record{RegionID: regionID, InstanceID: c.InstanceID, Revision: r.Number, State: c.After}
	}
	if l.lose {
		l.lose = false
		return changelog.Revision{}, fmt.Errorf("connection lost")
	}
	return r, nil
}

func (l *fakeLog) Instances(_ context.Context, regionIDs []string) ([]changelog.Record, changelog.Bounds, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var records []changelog.Record
	for _, r := range l.state {
		if slices.Contains(regionIDs, r.RegionID) {
			records = append(records, r)
		}
	}
	return records, l.bounds(), nil
}

func (l *fakeLog) Resumable(_ context.Context, after changelog.Position) error {
	l.count(&l.checks)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resumable(after)
}

func (l *fakeLog) resumable(after changelog.Position) error {
	switch b := l.bounds(); {
	case after.Revision < b.Oldest:
		return changelog.ErrTrimmed
	case after.Revision > b.Newest || l.position(after.Revision) != after:
		return changelog.ErrLost
	}
	return nil
}

func (l *fakeLog) Log(_ context.Context, after changelog.Position, regionIDs []string, limit int) (changelog.Page, error) {
	defer l.afterRead()
	l.count(&l.reads)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.resumable(after); err != nil {
		return changelog.Page{}, err
	}
	page := changelog.Page{UpTo: l.bounds().Newest}
	for _, r := range l.revisions[after.Revision-l.oldest:] {
		if limit <= 0 {
			page.UpTo = r.Number - 1
			break
		}
		if regionIDs == nil || slices.Contains(regionIDs, r.RegionID) {
			page.Revisions = append(page.Revisions, r)
			limit -= len(r.Changes)
		}
	}
	page.UpToID = l.position(page.UpTo).ID
	return page, nil
}

// count counts a read and takes its time.
func (l *fakeLog) count(n *int) {
	l.mu.Lock()
	*n++
	takes := l.takes
	l.mu.Unlock()
	time.Sleep(takes)
}

// slow sets the time that each read takes, and resets the counts.
func (l *fakeLog) slow(takes time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takes, l.reads, l.checks = takes, 0, 0
}

// onRead has the function called once, after the next read of the log.
func (l *fakeLog) onRead(read func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = read
}

// counted returns and resets the counts of reads.
func (l *fakeLog) counted() (reads, checks int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	reads, checks = l.reads, l.checks
	l.reads, l.checks = 0, 0
	return reads, checks
}

func (l *fakeLog) afterRead() {
	l.mu.Lock()
	read := l.read
	l.read = nil
	l.mu.Unlock()
	if read != nil {
		read()
	}
}

// trim forgets all revisions but the newest n.
func (l *fakeLog) trim(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cut := len(l.revisions) - n; cut > 0 {
		l.oldestID = l.revisions[cut-1].ID
		l.oldest += int64(cut)
		l.revisions = l.revisions[cut:]
	}
}

func (l *fakeLog) AcquireLease(_ context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lease := l.leases[name]
	if lease.Holder != "" && lease.Holder != holder && time.Now().Before(lease.Expires) && l.shared {
		return lease, ecs.ErrLeaseHeld
	}
	lease = ecs.Lease{Name: name, Holder: holder, Epoch: lease.Epoch + 1, Expires: time.Now().Add(ttl), Note: lease.Note}
	l.leases[name] = lease
	return lease, nil
}

func (l *fakeLog) RenewLease(_ context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leases[lease.Name].Epoch != lease.Epoch {
		return lease, ecs.ErrLeaseLost
	}
	lease.Expires, lease.Note = time.Now().Add(ttl), note
	l.leases[lease.Name] = lease
	return lease, nil
}

func (l *fakeLog) ReleaseLease(_ context.Context, lease ecs.Lease) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leases[lease.Name].Epoch != lease.Epoch {
		return ecs.ErrLeaseLost
	}
	lease.Expires = time.Time{}
	l.leases[lease.Name] = lease
	return nil
}

func (l *fakeLog) Leases(_ context.Context, prefix string) ([]ecs.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []ecs.Lease
	for name, lease := range l.leases {
		if strings.HasPrefix(name, prefix) {
			all = append(all, lease)
		}
	}
	return all, nil
}

var _ watch.Log = (*fakeLog)(nil)

// written is how many changes were ever written.
func (l *fakeLog) written() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.appended
}

// history is the log as the checks take it.
func (l *fakeLog) history(t *testing.T) promise.History {
	var h promise.History
	for _, r := range l.revisions {
		revision := promise.Revision{Number: r.Number}
		for _, c := range r.Changes {
			revision.Changes = append(revision.Changes, promise.Change{ID: c.InstanceID, Before: state(read(t, c.Before)), After: state(read(t, c.After))})
		}
		h = append(h, revision)
	}
	return h
}

func read(t *testing.T, text []byte) *ecs.Instance {
	if text == nil {
		return nil
	}
	i := new(ecs.Instance)
	if err := json.Unmarshal(text, i); err != nil {
		t.Fatal(err)
	}
	return i
}

func (c *fakeCloud) all(region string) []ecs.Instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.instances[region]))
}
