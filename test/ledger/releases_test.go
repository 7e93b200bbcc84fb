package ledger_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// The long run is one command:
//
//	go test ./test/ledger -run Releases -releases 1000 -timeout 2h -v
var releases = flag.Int("releases", 40, "how many instances the release jobs of each test name")

const (
	jobReleased = ecsdv1.ReleaseState_RELEASE_STATE_RELEASED
	jobSkipped  = ecsdv1.ReleaseState_RELEASE_STATE_SKIPPED
	jobFailed   = ecsdv1.ReleaseState_RELEASE_STATE_FAILED
)

// guards are the guards of a job that give way.
type guards struct{ force, override bool }

// lot is a number of like instances of a job.
type lot struct {
	name      string
	from      simulator.Seed
	protected bool
	guards    guards
	// ends are the possible ends of each instance, reasons those of one that is skipped.
	ends    []ecsdv1.ReleaseState
	reasons []string
	// size is the count of instances relative to the others; 0 is 1.
	size int
	// started is set if somebody starts an instance as soon as its protection is off, which the guards of its job forbid to
	// release then.
	started bool
	// denied is set if the cloud refuses the release.
	denied bool
	// also, if set, is a second job that has the instances too.
	also *guards

	ids []string
}

func lots() []*lot {
	running, stopped := simulator.Seed{ChargeType: "PostPaid"}, simulator.Seed{ChargeType: "PostPaid", Status: "Stopped"}
	released, skipped := []ecsdv1.ReleaseState{jobReleased}, []ecsdv1.ReleaseState{jobSkipped}
	return []*lot{
		{name: "stopped", from: stopped, ends: released},
		{name: "stopped and protected", from: stopped, protected: true, ends: skipped, reasons: []string{"DELETION_PROTECTED"}},
		{name: "running", from: running, ends: skipped, reasons: []string{"INCORRECT_INSTANCE_STATUS"}},
		{name: "paid", from: simulator.Seed{Status: "Stopped"}, ends: skipped, reasons: []string{"SUBSCRIPTION_NOT_EXPIRED"}},
		{name: "protected, by override", from: stopped, protected: true, guards: guards{override: true}, ends: released},
		{
			name: "started meanwhile", from: stopped, protected: true, guards: guards{override: true}, started: true, size: 3,
			ends: []ecsdv1.ReleaseState{jobReleased, jobFailed},
		},
		{name: "denied by the cloud", from: stopped, protected: true, guards: guards{override: true}, denied: true, ends: []ecsdv1.ReleaseState{jobFailed}},
		{
			name: "in two jobs", from: running, protected: true, guards: guards{force: true, override: true}, also: &guards{force: true, override: true},
			// One of them may find the work of the other.
			ends: []ecsdv1.ReleaseState{jobReleased, jobSkipped, jobFailed}, reasons: []string{"INSTANCE_NOT_FOUND"},
		},
		{
			name: "in a job without override too", from: stopped, protected: true, guards: guards{override: true}, also: &guards{},
			ends: []ecsdv1.ReleaseState{jobReleased, jobSkipped}, reasons: []string{"DELETION_PROTECTED", "INSTANCE_NOT_FOUND"},
		},
		{name: "running and protected, by force", from: running, protected: true, guards: guards{force: true}, ends: skipped, reasons: []string{"DELETION_PROTECTED"}},
		{name: "in no job, protected", from: stopped, protected: true},
		{name: "in no job", from: stopped},
	}
}

// TestReleases_RandomKills runs release jobs while servers are killed at random, most often while the protection of an
// instance is off. At the end every job has ended, an instance is gone if and only if a job says so, and each other one
// has its protection.
func TestReleases_RandomKills(t *testing.T) {
	for engine, replicas := range map[string]int{"sqlite": 1, "postgres": 3} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(s *simulator.Config) { s.SnapshotLatency = 500 * time.Millisecond })
			database, drawn, all := engines[engine](t), drawSeed(t), lots()
			c.stock(t, all)
			delayReleases(t, c)
			var servers []*program.Process
			var kills [][]harm
			var services []ecsdv1.InstanceServiceClient
			for range replicas {
				server := newServer(t, c, database, "--max-release", "1000")
				servers = append(servers, server)
				services = append(services, ecsdv1.NewInstanceServiceClient(open(t, server.Address)))
				bare := func() bool { return c.bare(all) }
				kills = append(kills, []harm{kill(server), killWhen(server, bare), killWhen(server, bare)})
			}
			// Another replica takes over after 6 s.
			began, killing := time.Now(), time.Duration(4+4*replicas)*time.Second+time.Duration(*releases)*40*time.Millisecond
			stop := disturb(t.Context(), drawn, 200*time.Millisecond, time.Second, kills...)
			ctx, cancel := context.WithCancel(t.Context())
			var others sync.WaitGroup
			others.Go(func() { c.startBare(ctx, t, all) })
			random := rand.New(rand.NewPCG(drawn, 1000))
			var jobs []*releaseJob
			for _, g := range []guards{{}, {force: true}, {override: true}, {force: true, override: true}} {
				jobs = append(jobs, newReleaseJob(all, g, false))
			}
			for _, g := range []guards{{}, {force: true, override: true}} {
				jobs = append(jobs, newReleaseJob(all, g, true))
			}
			var runs sync.WaitGroup
			for _, j := range jobs {
				random := rand.New(rand.NewPCG(drawn, random.Uint64()))
				runs.Go(func() {
					pause(t.Context(), time.Duration(random.Int64N(int64(killing)))/3)
					j.run(t, services, random)
				})
			}
			pause(t.Context(), killing)
			done := stop()
			runs.Wait()
			cancel()
			others.Wait()
			// No job is at work: what is not protected again belongs to a dead process.
			ended := time.Since(began)
			for _, server := range servers {
				kill(server, func() { endHolds(t, database, "setting_intents") })(t.Context(), random)
			}
			within(t, time.Minute, func() bool { return !c.bare(all) })
			t.Logf("%d kills, jobs ended after %s, all after %s: %s", done, ended.Round(time.Second), time.Since(began).Round(time.Second), summary(jobs))
			for _, j := range jobs {
				for _, f := range j.check() {
					t.Error(f)
				}
			}
			for _, l := range all {
				for _, f := range c.checkLot(l, jobs) {
					t.Errorf("%s: %s", l.name, f)
				}
			}
			checkSnapshots(t, ecsdv1.NewDiskServiceClient(open(t, servers[0].Address)), jobs)
		})
	}
}

// killWhen kills a server when something is seen, or after 5 s.
func killWhen(server *program.Process, seen func() bool) harm {
	return func(ctx context.Context, random *rand.Rand) {
		for range 250 {
			if seen() || !pause(ctx, 20*time.Millisecond) {
				break
			}
		}
		pause(ctx, time.Duration(random.IntN(200))*time.Millisecond)
		kill(server)(ctx, random)
	}
}

// stock creates the instances of the lots.
func (c *cloud) stock(t *testing.T, all []*lot) {
	t.Helper()
	for n, l := range all {
		l.from.Count = max((*releases+n)/len(all), 1) * max(l.size, 1)
		ids, err := c.Seed(l.from)
		if err != nil {
			t.Fatal(err)
		}
		l.ids = ids
		for _, id := range ids {
			if err := c.Change(id, control.Change{DeletionProtection: &l.protected}); err != nil {
				t.Fatal(err)
			}
			if l.denied {
				c.fault(t, simulator.Fault{Action: "DeleteInstances", InstanceID: id, Kind: control.Denied})
			}
		}
	}
}

// delayReleases makes the steps of a release slow, and loses some responses.
func delayReleases(t *testing.T, c *cloud) {
	t.Helper()
	for _, f := range []simulator.Fault{
		{Action: "ModifyInstanceAttribute", Kind: control.Slow, Delay: control.Duration(400 * time.Millisecond), Probability: 0.5},
		{Action: "DeleteInstances", Kind: control.Slow, When: control.Before, Delay: control.Duration(400 * time.Millisecond), Probability: 0.5},
		{Action: "CreateSnapshot", Kind: control.Slow, Delay: control.Duration(400 * time.Millisecond), Probability: 0.2},
		{Action: "CreateSnapshot", Kind: control.LostReply, Probability: 0.05},
		{Action: "ModifyInstanceAttribute", Kind: control.LostReply, Probability: 0.05},
		{Action: "ModifyInstanceAttribute", Kind: control.Failed, Probability: 0.05},
		{Action: "DeleteInstances", Kind: control.LostReply, Probability: 0.1},
		{Action: "DescribeInstances", Kind: control.Reset, Probability: 0.05},
	} {
		c.fault(t, f)
	}
}

// bareIn returns the IDs of the instances of a lot that were protected and are not.
func (c *cloud) bareIn(l *lot) (ids []string) {
	for _, id := range l.ids {
		if i, err := c.Instance(id); err == nil && l.protected && !i.DeletionProtection {
			ids = append(ids, id)
		}
	}
	return ids
}

// bare reports whether an instance that was protected is not.
func (c *cloud) bare(all []*lot) bool {
	return slices.ContainsFunc(all, func(l *lot) bool { return len(c.bareIn(l)) > 0 })
}

// startBare starts the instances of some lots as soon as their protection is off.
func (c *cloud) startBare(ctx context.Context, t *testing.T, all []*lot) {
	running := "Running"
	for pause(ctx, 20*time.Millisecond) {
		for _, l := range all {
			if !l.started {
				continue
			}
			for _, id := range c.bareIn(l) {
				if err := c.Change(id, control.Change{Status: &running}); err != nil && !errors.Is(err, control.ErrNotFound) {
					t.Error(err)
				}
			}
		}
	}
}

// nowhere is the ID of no instance.
const nowhere = "i-bp1nowhere000000000"

// releaseJob is a job, as its callers and its watch saw it.
type releaseJob struct {
	request *ecsdv1.CreateReleaseJobRequest

	mu sync.Mutex
	// ids are the job IDs in the responses.
	ids map[string]bool
	// watched has the latest state of each instance in the messages of the watch; faults are those of its messages.
	watched map[string]*ecsdv1.ReleaseJobItem
	faults  []string
	// ended is the job at its end.
	ended *ecsdv1.GetReleaseJobResponse
}

// newReleaseJob returns a job over the instances with its guards, or a second one, and over one that does not exist.
func newReleaseJob(all []*lot, g guards, second bool) *releaseJob {
	ids := []string{nowhere}
	for _, l := range all {
		if len(l.ends) > 0 && (!second && l.guards == g || second && l.also != nil && *l.also == g) {
			ids = append(ids, l.ids...)
		}
	}
	return &releaseJob{
		request: &ecsdv1.CreateReleaseJobRequest{InstanceIds: ids, RequestId: uuid.NewString(), Force: g.force, OverrideDeletionProtection: g.override},
		ids:     map[string]bool{}, watched: map[string]*ecsdv1.ReleaseJobItem{},
	}
}

// run has two callers request the job, and watches it to its end, at random servers that may be down.
func (j *releaseJob) run(t *testing.T, services []ecsdv1.InstanceServiceClient, random *rand.Rand) {
	var callers sync.WaitGroup
	for range 2 {
		random := rand.New(rand.NewPCG(random.Uint64(), 0))
		callers.Go(func() {
			if created := persistent(t, services, random, func(ctx context.Context, s ecsdv1.InstanceServiceClient) (*ecsdv1.CreateReleaseJobResponse, error) {
				return s.CreateReleaseJob(ctx, j.request)
			}); created != nil {
				j.mu.Lock()
				defer j.mu.Unlock()
				j.ids[created.GetJob().GetJobId()] = true
			}
		})
	}
	callers.Wait()
	for id := range j.ids {
		j.watch(t, services, random, id)
		j.ended = persistent(t, services, random, func(ctx context.Context, s ecsdv1.InstanceServiceClient) (*ecsdv1.GetReleaseJobResponse, error) {
			return s.GetReleaseJob(ctx, &ecsdv1.GetReleaseJobRequest{JobId: id})
		})
	}
}

// persistent repeats a call at random servers until one responds.
func persistent[R any](t *testing.T, services []ecsdv1.InstanceServiceClient, random *rand.Rand, call func(context.Context, ecsdv1.InstanceServiceClient) (*R, error)) *R {
	for giveUp := time.Now().Add(2 * time.Minute); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		response, err := call(ctx, services[random.IntN(len(services))])
		cancel()
		if err == nil {
			return response
		}
		if !pause(t.Context(), 200*time.Millisecond) || time.Now().After(giveUp) {
			t.Error(err)
			return nil
		}
	}
}

// watch watches the job to its end. After an error it resumes at a random server.
func (j *releaseJob) watch(t *testing.T, services []ecsdv1.InstanceServiceClient, random *rand.Rand, id string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(*releases)*time.Second/4)
	defer cancel()
	for token := ""; ; {
		stream, err := services[random.IntN(len(services))].WatchReleaseJob(ctx, &ecsdv1.WatchReleaseJobRequest{JobId: id, ResumeToken: token})
		for err == nil {
			var m *ecsdv1.WatchReleaseJobResponse
			if m, err = stream.Recv(); err == nil {
				token = m.GetResumeToken()
				j.see(m.GetItems())
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if !pause(ctx, 200*time.Millisecond) {
			t.Errorf("the watch of job %s has no end: %v", id, err)
			return
		}
	}
}

// see takes the instances of a message.
func (j *releaseJob) see(items []*ecsdv1.ReleaseJobItem) {
	for _, i := range items {
		if was := j.watched[i.GetInstanceId()]; final(was) && was.GetState() != i.GetState() {
			j.faults = append(j.faults, fmt.Sprintf("%s was %s and is %s", i.GetInstanceId(), was.GetState(), i.GetState()))
		}
		j.watched[i.GetInstanceId()] = i
	}
}

func final(i *ecsdv1.ReleaseJobItem) bool {
	return slices.Contains([]ecsdv1.ReleaseState{jobReleased, jobSkipped, jobFailed}, i.GetState())
}

// item returns an instance of the job at its end, nil if it has none.
func (j *releaseJob) item(id string) *ecsdv1.ReleaseJobItem {
	for _, i := range j.ended.GetItems() {
		if i.GetInstanceId() == id {
			return i
		}
	}
	return nil
}

// check compares the job with its request, its instances and its watch, and returns the faults.
func (j *releaseJob) check() (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if len(j.ids) != 1 {
		fault("a repeated request made the jobs %v", slices.Collect(maps.Keys(j.ids)))
	}
	if n := len(j.request.GetInstanceIds()); len(j.ended.GetItems()) != n {
		fault("%d instances in a job of %d", len(j.ended.GetItems()), n)
	}
	counts := map[ecsdv1.ReleaseState]int64{}
	for _, i := range j.ended.GetItems() {
		counts[i.GetState()]++
		if !final(i) {
			fault("the job has ended, its instance has not: %v", i)
		}
		if seen := j.watched[i.GetInstanceId()]; !proto.Equal(seen, i) {
			fault("the watch ended with %v, the job has %v", seen, i)
		}
	}
	for _, c := range j.ended.GetJob().GetCounts() {
		if counts[c.GetState()] != c.GetCount() {
			fault("the job counts %d of %s, its instances %d", c.GetCount(), c.GetState(), counts[c.GetState()])
		}
		delete(counts, c.GetState())
	}
	if len(counts) > 0 {
		fault("the job does not count %v", counts)
	}
	if i := j.item(nowhere); i.GetState() != jobSkipped || i.GetError().GetReason() != "INSTANCE_NOT_FOUND" {
		fault("an instance that does not exist: %v", i)
	}
	return append(faults, j.faults...)
}

// checkLot compares the instances of a lot with the jobs, and returns the faults.
func (c *cloud) checkLot(l *lot, jobs []*releaseJob) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, id := range l.ids {
		var items []*ecsdv1.ReleaseJobItem
		released := false
		for _, j := range jobs {
			i := j.item(id)
			if i == nil {
				continue
			}
			items = append(items, i)
			released = released || i.GetState() == jobReleased
			if i.GetState() == jobReleased && l.protected && !j.request.GetOverrideDeletionProtection() {
				fault("protected, and released by a job without override: %v", i)
			}
		}
		for _, i := range items {
			switch {
			case !slices.Contains(l.ends, i.GetState()):
				fault("the end is %v, want one of %v", i, l.ends)
			case i.GetState() == jobSkipped && !slices.Contains(l.reasons, i.GetError().GetReason()):
				fault("skipped because of %v, want one of %v", i.GetError(), l.reasons)
			case i.GetState() == jobReleased && len(i.GetDisks()) == 0:
				fault("released, and its disks are not known: %v", i)
			}
		}
		instance, err := c.Instance(id)
		switch there := err == nil; {
		case there && released:
			fault("there, and released by %v", items)
		case !there && !released:
			fault("%s is gone, and its jobs say %v", id, items)
		case there && instance.DeletionProtection != l.protected:
			fault("%s is protected: %t, as before: %t: %v", id, instance.DeletionProtection, l.protected, items)
		}
		if deletes := c.deletes(id); deletes > 0 && !slices.Contains(l.ends, jobReleased) && !l.denied {
			fault("%d calls to release %s, which its guards forbid", deletes, id)
		}
	}
	return faults
}

// checkSnapshots finds the finished snapshot of each disk that was released, and at most one snapshot of a disk per job,
// whose request ID is a tag of it.
func checkSnapshots(t *testing.T, service ecsdv1.DiskServiceClient, jobs []*releaseJob) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	finished, taken := map[string]bool{}, map[string]int{}
	for token := ""; ; {
		page, err := service.ListSnapshots(ctx, &ecsdv1.ListSnapshotsRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.GetSnapshots() {
			finished[s.GetSnapshotId()] = s.GetStatus() == ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_ACCOMPLISHED
			of := slices.IndexFunc(jobs, func(j *releaseJob) bool {
				return slices.ContainsFunc(s.GetTags(), func(tag *ecsdv1.Tag) bool { return tag.GetValue() == j.request.GetRequestId() })
			})
			if of < 0 {
				t.Errorf("the snapshot of no job: %v", s)
			}
			taken[fmt.Sprint(s.GetDiskId(), " by job ", of)]++
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	for disk, n := range taken {
		if n > 1 {
			t.Errorf("%d snapshots of disk %s", n, disk)
		}
	}
	for _, j := range jobs {
		for _, i := range j.ended.GetItems() {
			for _, d := range i.GetDisks() {
				if i.GetState() == jobReleased && !finished[d.GetSnapshotId()] {
					t.Errorf("released without the snapshot of a disk: %v", i)
				}
			}
		}
	}
}

// summary counts the ends of the instances, for the log of a test.
func summary(jobs []*releaseJob) string {
	ends := map[string]int{}
	for _, j := range jobs {
		for _, i := range j.ended.GetItems() {
			ends[strings.TrimPrefix(i.GetState().String(), "RELEASE_STATE_")+" "+i.GetError().GetReason()]++
		}
	}
	return fmt.Sprint(ends)
}
