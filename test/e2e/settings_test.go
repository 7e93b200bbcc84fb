package e2e_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// An automatic release time is set, read back and cancelled. A subscription rejects it.
func TestSetAutoReleaseTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	id, paid := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0], w.seed(simulator.Seed{})[0]
	at := time.Now().Add(45*time.Minute + 7*time.Second)
	request := &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: id, Setting: releaseAt(at), ValidateOnly: true}
	if check, err := w.instances.SetAutoReleaseTime(ctx, request); err != nil || check.GetInstance().GetAutoReleaseTime() != nil {
		t.Errorf("validate_only: %v (%v)", check, err)
	}
	request.ValidateOnly = false
	set, err := w.instances.SetAutoReleaseTime(ctx, request)
	if err != nil || !set.GetInstance().GetAutoReleaseTime().AsTime().Equal(at.Truncate(time.Minute)) {
		t.Errorf("set: %v (%v), want %s", set, err, at.Truncate(time.Minute))
	}
	request.Setting = &ecsdv1.SetAutoReleaseTimeRequest_ClearAutoReleaseTime{ClearAutoReleaseTime: true}
	cancelled, err := w.instances.SetAutoReleaseTime(ctx, request)
	if err != nil || cancelled.GetInstance().GetInstanceId() != id || cancelled.GetInstance().GetAutoReleaseTime() != nil {
		t.Errorf("cancelled: %v (%v)", cancelled, err)
	}
	_, err = w.instances.SetAutoReleaseTime(ctx, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: paid, Setting: releaseAt(at)})
	wantError(t, err, codes.FailedPrecondition, "NOT_PAY_AS_YOU_GO")
	_, err = w.instances.SetAutoReleaseTime(ctx, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: nobody, Setting: releaseAt(at)})
	wantError(t, err, codes.NotFound, "INSTANCE_NOT_FOUND")
}

func releaseAt(t time.Time) *ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime {
	return &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: timestamppb.New(t)}
}

// Protection is switched on and off, one result per ID.
func TestSetDeletionProtection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	id, paid := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0], w.seed(simulator.Seed{})[0]
	for _, step := range []struct{ on, validateOnly, want bool }{{true, true, false}, {true, false, true}, {true, false, true}, {false, false, false}} {
		answer, err := w.instances.SetDeletionProtection(ctx, &ecsdv1.SetDeletionProtectionRequest{
			InstanceIds: []string{paid, nobody, id}, DeletionProtection: &step.on, ValidateOnly: step.validateOnly,
		})
		if err != nil {
			t.Fatal(err)
		}
		results := answer.GetResults()
		if instance := results[2].GetInstance(); instance.GetInstanceId() != id || instance.GetDeletionProtection() != step.want {
			t.Errorf("%+v: %v", step, results[2])
		}
		if reason := results[1].GetError().GetReason(); reason != "INSTANCE_NOT_FOUND" {
			t.Errorf("nobody: %v", results[1])
		}
		if reason := results[0].GetError().GetReason(); step.on && reason != "NOT_PAY_AS_YOU_GO" {
			t.Errorf("a subscription: %v", results[0])
		}
	}
}

// Tags are set, replaced and removed; the others stay.
func TestSetTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	ids := w.seed(simulator.Seed{Count: 60, Tags: map[string]string{"keep": "1", "change": "old", "drop": "x"}})
	request := &ecsdv1.SetTagsRequest{
		InstanceIds: append([]string{nobody}, ids...), RemoveTagKeys: []string{"drop", "never-there"},
		Tags: []*ecsdv1.Tag{{Key: "change", Value: "new"}, {Key: "add", Value: "2"}}, ValidateOnly: true,
	}
	if _, err := w.instances.SetTags(ctx, request); err != nil {
		t.Fatal(err)
	}
	if tags := tagsOf(w.read(ids[0])); tags["drop"] != "x" || tags["change"] != "old" {
		t.Errorf("a rehearsal left %v", tags)
	}
	request.ValidateOnly = false
	answer, err := w.instances.SetTags(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if reason := answer.GetResults()[0].GetError().GetReason(); reason != "INSTANCE_NOT_FOUND" {
		t.Errorf("nobody: %v", answer.GetResults()[0])
	}
	for _, r := range answer.GetResults()[1:] {
		if diff := cmp.Diff(map[string]string{"keep": "1", "change": "new", "add": "2"}, tagsOf(r.GetInstance())); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", r.GetInstanceId(), diff)
		}
	}
}

func tagsOf(instance *ecsdv1.Instance) map[string]string {
	tags := map[string]string{}
	for _, tag := range instance.GetTags() {
		tags[tag.GetKey()] = tag.GetValue()
	}
	return tags
}
