package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// heavyExpiry is in the window of the next hour.
var heavyExpiry = time.Now().Add(30 * time.Minute)

// heavy is an instance of about 15 KB: 20 tags of 128 wide characters.
func heavy(id string) ecs.Instance {
	i := ecs.Instance{ID: id, RegionID: "cn-hangzhou", ChargeType: ecs.ChargeSubscription, ExpireTime: heavyExpiry}
	for n := range 20 {
		i.Tags = append(i.Tags, ecs.Tag{Key: fmt.Sprintf("%d%s", n, strings.Repeat("键", 126)), Value: strings.Repeat("值", 128)})
	}
	return i
}

// fleet is a cloud of heavy instances, and an inventory of it.
type fleet struct {
	Inventory
	count int
}

func (f fleet) List(_ context.Context, _ ecs.Query, cursor ecs.Cursor, limit inventory.Limit, _ time.Duration) (inventory.List, error) {
	return inventory.New(f, nil, nil).List(context.Background(), ecs.Query{}, cursor, limit, 0)
}

func (f fleet) ListExpiring(_ context.Context, q ecs.Query, cursor ecs.Cursor, limit inventory.Limit, _ time.Duration) (inventory.Expiring, error) {
	return inventory.New(f, nil, nil).ListExpiring(context.Background(), q, cursor, limit, 0)
}

func (f fleet) BatchGet(_ context.Context, _ string, ids []string, _ time.Duration) (results []ecs.Result[ecs.Instance]) {
	for _, id := range ids {
		results = append(results, ecs.Result[ecs.Instance]{ID: id, Value: heavy(id)})
	}
	return results
}

func (f fleet) Get(_ context.Context, _, id string, _ time.Duration) (ecs.Instance, error) {
	if id == "i-large" {
		return ecs.Instance{ID: id, Description: strings.Repeat("d", 5<<20)}, nil
	}
	return heavy(id), nil
}

func (f fleet) Instances(context.Context, string, []string) []ecs.Result[ecs.Instance] { return nil }

func (f fleet) InstancePage(_ context.Context, regionID string, _ ecs.Query, token string, size int) (page ecs.Page, _ error) {
	from := 0
	_, _ = fmt.Sscan(token, &from) // "" is the beginning
	if regionID != "cn-hangzhou" {
		return page, nil
	}
	for n := from; n < min(from+size, f.count); n++ {
		page.Instances = append(page.Instances, heavy(fmt.Sprintf("i-%d", n)))
	}
	if from+size < f.count {
		page.Next = fmt.Sprint(from + size)
	}
	return page, nil
}

// unreadable has no setting of automatic renewals.
type unreadable struct{ AutoRenew }

var errUnreadable = errors.New("the settings cannot be read")

func (unreadable) Outlooks(_ context.Context, instances []ecs.Instance, _ time.Duration) ([]ecs.AutoRenewOutlook, error) {
	return make([]ecs.AutoRenewOutlook, len(instances)), errUnreadable
}

// forgetful is a ledger that cannot be read.
type forgetful struct{ RenewalRecords }

var errForgetful = errors.New("the ledger cannot be read")

func (forgetful) Recent(context.Context, []ecs.Instance) (map[string]ledger.Prior, error) {
	return nil, errForgetful
}

// shelved is a ledger of jobs.
type shelved struct {
	RenewalRecords
	jobs []renewal.Job
}

func (n shelved) Jobs(_ context.Context, _ ledger.JobFilter, after ledger.Cursor, limit int) (jobs []renewal.Job, _ error) {
	from := 0
	if after.ID != "" {
		_, _ = fmt.Sscanf(after.ID, "job-%d", &from)
		from++
	}
	return n.jobs[from:min(from+limit, len(n.jobs))], nil
}

// A list of heavy instances comes whole, each once, in pages that end by their
// bytes.
func TestPages_EndByBytes(t *testing.T) {
	var log bytes.Buffer
	conn := dialComponents(t, Components{Inventory: fleet{count: 700}, AutoRenew: unreadable{}, RenewalRecords: forgetful{}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for name, read := range map[string]func(token string) (proto.Message, []*ecsdv1.Instance, string, error){
		"ListInstances": func(token string) (proto.Message, []*ecsdv1.Instance, string, error) {
			r, err := ecsdv1.NewInstanceServiceClient(conn).ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{PageSize: 1000, PageToken: token})
			return r, r.GetInstances(), r.GetNextPageToken(), err
		},
		"ListExpiringInstances": func(token string) (proto.Message, []*ecsdv1.Instance, string, error) {
			r, err := ecsdv1.NewRenewalServiceClient(conn).ListExpiringInstances(t.Context(), &ecsdv1.ListExpiringInstancesRequest{PageSize: 1000, PageToken: token, WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(time.Hour)}})
			var instances []*ecsdv1.Instance
			for _, i := range r.GetExpiringInstances() {
				instances = append(instances, i.GetInstance())
			}
			return r, instances, r.GetNextPageToken(), err
		},
	} {
		seen := map[string]bool{}
		for token, pages := "", 0; ; pages++ {
			page, instances, next, err := read(token)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if n := proto.Size(page); n > 2<<20+4<<10 {
				t.Errorf("%s: a page has %d bytes", name, n)
			}
			for _, i := range instances {
				if seen[i.GetInstanceId()] {
					t.Errorf("%s: %s came twice", name, i.GetInstanceId())
				}
				seen[i.GetInstanceId()] = true
			}
			if token = next; token == "" {
				break
			}
			if pages > 20 {
				t.Fatalf("%s: the list does not end", name)
			}
		}
		if len(seen) != 700 {
			t.Errorf("%s: %d instances, want 700", name, len(seen))
		}
	}
	for _, err := range []error{errUnreadable, errForgetful} {
		if !strings.Contains(log.String(), err.Error()) {
			t.Errorf("%q is not in the log: %s", err, &log)
		}
	}
}

// The pages of the ledger end by their bytes too.
func TestPages_OfJobs(t *testing.T) {
	var jobs []renewal.Job
	for n := range 1000 {
		j := renewal.Job{}
		j.ID, j.Caller, j.CreateTime = fmt.Sprintf("job-%d", n), strings.Repeat("c", 5000), time.Unix(int64(n), 0)
		jobs = append(jobs, j)
	}
	conn := dialComponents(t, Components{RenewalRecords: shelved{jobs: jobs}})
	got := 0
	for token, pages := "", 0; pages == 0 || token != ""; pages++ {
		r, err := ecsdv1.NewRenewalServiceClient(conn).ListRenewalJobs(t.Context(), &ecsdv1.ListRenewalJobsRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		if n := proto.Size(r); n > 2<<20+4<<10 {
			t.Errorf("a page has %d bytes", n)
		}
		for _, j := range r.GetJobs() {
			if want := fmt.Sprintf("job-%d", got); j.GetJobId() != want {
				t.Fatalf("came %s, want %s", j.GetJobId(), want)
			}
			got++
		}
		token = r.GetNextPageToken()
	}
	if got != 1000 {
		t.Errorf("%d jobs, want 1000", got)
	}
}

// A page of large items ends by its bytes, and the next page skips the returned
// items.
func TestWalk_EndsByBytes(t *testing.T) {
	s := &shelf{items: map[string][]string{"cn-a": {strings.Repeat("a", 3<<20), "small"}, "cn-b": {strings.Repeat("b", 3<<20)}}, least: 10}
	var got, pages int
	for token := ""; pages == 0 || token != ""; pages++ {
		p, err := readPage(t.Context(), walkOf([]string{"cn-a", "cn-b"}, 10, token), s.read)
		if err != nil || len(p.items) == 0 {
			t.Fatalf("page %d: %d items, %v", pages, len(p.items), err)
		}
		got, token = got+len(p.items), p.next
	}
	if got != 3 || pages != 3 {
		t.Errorf("%d items on %d pages, want 3 on 3", got, pages)
	}
}

// A batch of heavy instances fits into the response limit of every client: an
// item that does not fit becomes an error.
func TestBatch_ResponseTooLarge(t *testing.T) {
	conn := dialComponents(t, Components{Inventory: fleet{}})
	var size int
	r, err := ecsdv1.NewInstanceServiceClient(conn).BatchGetInstances(t.Context(), &ecsdv1.BatchGetInstancesRequest{InstanceIds: numbered("i-", 1000)})
	if err != nil {
		t.Fatal(err)
	}
	size = proto.Size(r)
	if size > 4<<20 {
		t.Errorf("the response has %d bytes", size)
	}
	instances, tooLarge := 0, 0
	for _, result := range r.GetResults() {
		switch {
		case result.GetInstance() != nil:
			instances++
		case result.GetError().GetReason() == "RESPONSE_TOO_LARGE" && result.GetError().GetRetryAfter() == nil:
			tooLarge++
		default:
			t.Errorf("%v", result)
		}
	}
	if instances < 100 || instances+tooLarge != 1000 {
		t.Errorf("%d instances and %d without space, in %d bytes", instances, tooLarge, size)
	}
}

// No handler sends a response that clients do not accept.
func TestResponse_Size(t *testing.T) {
	conn := dialComponents(t, Components{Inventory: fleet{}})
	for id, want := range map[string]codes.Code{"i-1": codes.OK, "i-large": codes.FailedPrecondition} {
		_, err := ecsdv1.NewInstanceServiceClient(conn).GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: id})
		if status.Code(err) != want {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
}

// A token of a list over thirty regions, of which ten are begun, is one that
// the next request may hold.
func TestPageToken_Length(t *testing.T) {
	cursor := ecs.Cursor{Window: ecs.Window{After: time.Now(), Before: time.Now()}}
	for n := range 30 {
		r := ecs.RegionCursor{RegionID: fmt.Sprintf("cn-north-finance-%d", n)}
		if n < 10 {
			r.Token, r.Skip = strings.Repeat("t", 128), 99
		}
		cursor.Regions = append(cursor.Regions, r)
	}
	if n := len(someTokens.encode(cursor)); n > tokenBytes {
		t.Errorf("the token has %d bytes, and a request takes %d", n, tokenBytes)
	}
}

// A token that this server sealed is refused if it names a region twice, one
// that is not of the request, or a place that no page ends at.
func TestPageToken_Insane(t *testing.T) {
	one := ecs.RegionCursor{RegionID: "cn-hangzhou"}
	for name, regions := range map[string][]ecs.RegionCursor{
		"twice": {one, one}, "elsewhere": {{RegionID: "cn-elsewhere"}},
		"far": {{RegionID: "cn-hangzhou", Skip: 1e9}}, "before": {{RegionID: "cn-hangzhou", Skip: -1}},
	} {
		var c check
		someTokens.decode(&c, someTokens.encode(ecs.Cursor{Regions: regions}), someRegions)
		if !ecs.HasReason(c.err(), ecs.ReasonInvalidPageToken) {
			t.Errorf("%s: %v, want INVALID_PAGE_TOKEN", name, c.err())
		}
	}
}

// A token is refused after any modification.
func TestPageToken_Changed(t *testing.T) {
	good := someTokens.encode(someCursor)
	for i := range len(good) - 1 { // the last holds bits that decode to nothing
		changed := []byte(good)
		if changed[i] = 'A'; good[i] == 'A' {
			changed[i] = 'B'
		}
		var c check
		if someTokens.decode(&c, string(changed), someRegions); c.err() == nil {
			t.Errorf("a token whose character %d was changed is accepted", i)
		}
	}
}
