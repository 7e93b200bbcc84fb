package script

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// observedAt is the observed_time of revision 0. Each revision is a second later.
var observedAt = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// Message returns a message of a stream by a short notation. The name is that of its type.
//
//	WatchInstancesResponse   snapshot REVISION ID=STATUS...
//	                         complete REVISION TOKEN [degraded=REGION]
//	                         changed REVISION ID=STATUS [name=NAME] [skipped=N]
//	                         removed REVISION ID REASON
//	WatchReclaimsResponse    notice REVISION ID, released REVISION ID, withdrawn REVISION ID, stopped REVISION ID
//	both                     checkpoint REVISION TOKEN [degraded=REGION], waiting REVISION, unknown REVISION
//	WatchRenewalJobResponse  job STATE TOKEN RENEWAL=STATE...
//	WatchReleaseJobResponse  job STATE TOKEN INSTANCE=STATE...
//
// A status, state or reason is a name without its prefix, or a number.
func Message(name, line string) (proto.Message, error) {
	words := strings.Fields(line)
	if len(words) < 2 {
		return nil, fmt.Errorf("message %q: too short", line)
	}
	l := &reader{kind: words[0], words: words[1:]}
	var m proto.Message
	switch name {
	case "WatchInstancesResponse":
		m = l.instances()
	case "WatchReclaimsResponse":
		m = l.reclaims()
	case "WatchRenewalJobResponse":
		m = l.renewalJob()
	case "WatchReleaseJobResponse":
		m = l.releaseJob()
	default:
		l.fail("no notation for %s", name)
	}
	if l.err != nil {
		return nil, fmt.Errorf("message %q: %w", line, l.err)
	}
	return m, nil
}

// reader reads the words of a line. The first error stays.
type reader struct {
	kind  string
	words []string
	err   error
}

func (l *reader) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
}

func (l *reader) next() string {
	if len(l.words) == 0 {
		l.fail("too short")
		return ""
	}
	word := l.words[0]
	l.words = l.words[1:]
	return word
}

func (l *reader) number() int64 {
	word := l.next()
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		l.fail("%q is no number", word)
	}
	return n
}

// enum returns the number of a value, by its number or its name without the prefix.
func (l *reader) enum(word, prefix string, values map[string]int32) int32 {
	if n, err := strconv.ParseInt(word, 10, 32); err == nil {
		return int32(n)
	}
	n, ok := values[prefix+word]
	if !ok {
		l.fail("unknown value %q of %s", word, prefix)
	}
	return n
}

// option returns the value of NAME=VALUE among the words left.
func (l *reader) option(name string) string {
	for _, word := range l.words {
		if key, value, ok := strings.Cut(word, "="); ok && key == name {
			return value
		}
	}
	return ""
}

func (l *reader) instance(word string) *ecsdv1.Instance {
	id, state, ok := strings.Cut(word, "=")
	if !ok {
		l.fail("%q must be ID=STATUS", word)
	}
	return &ecsdv1.Instance{
		InstanceId: id, RegionId: "cn-hangzhou", ObservedTime: timestamppb.New(time.Now()),
		Status: ecsdv1.InstanceStatus(l.enum(state, "INSTANCE_STATUS_", ecsdv1.InstanceStatus_value)),
	}
}

func (l *reader) degraded() []*ecsdv1.DegradedRegion {
	region := l.option("degraded")
	if region == "" {
		return nil
	}
	return []*ecsdv1.DegradedRegion{{RegionId: region, Error: &ecsdv1.ItemError{Reason: "THROTTLED"}, Since: timestamppb.New(observedAt)}}
}

func observed(revision int64) *timestamppb.Timestamp {
	return timestamppb.New(observedAt.Add(time.Duration(revision) * time.Second))
}

func (l *reader) instances() proto.Message {
	m := &ecsdv1.WatchInstancesResponse{Revision: l.number()}
	switch l.kind {
	case "snapshot":
		shown := &ecsdv1.WatchSnapshot{}
		for len(l.words) > 0 {
			shown.Instances = append(shown.Instances, l.instance(l.next()))
		}
		m.Event = &ecsdv1.WatchInstancesResponse_Snapshot{Snapshot: shown}
	case "complete":
		m.Event = &ecsdv1.WatchInstancesResponse_SnapshotComplete{SnapshotComplete: &ecsdv1.WatchSnapshotComplete{
			ResumeToken: l.next(), ObservedTime: observed(m.Revision), Degraded: l.degraded(),
		}}
	case "changed":
		changed := &ecsdv1.InstanceChanged{Instance: l.instance(l.next())}
		changed.Instance.InstanceName = l.option("name")
		if skipped := l.option("skipped"); skipped != "" {
			n, err := strconv.ParseInt(skipped, 10, 32)
			if err != nil {
				l.fail("skipped: %w", err)
			}
			changed.Skipped = int32(n)
		}
		m.Event = &ecsdv1.WatchInstancesResponse_Changed{Changed: changed}
	case "removed":
		m.Event = &ecsdv1.WatchInstancesResponse_Removed{Removed: &ecsdv1.InstanceRemoved{
			InstanceId: l.next(), RegionId: "cn-hangzhou",
			Reason: ecsdv1.InstanceRemovalReason(l.enum(l.next(), "INSTANCE_REMOVAL_REASON_", ecsdv1.InstanceRemovalReason_value)),
		}}
	case "checkpoint":
		m.Event = &ecsdv1.WatchInstancesResponse_Checkpoint{Checkpoint: l.checkpoint(m.Revision)}
	case "waiting":
		m.Event = &ecsdv1.WatchInstancesResponse_Waiting{Waiting: &ecsdv1.WatchWaiting{}}
	case "unknown":
		m.ProtoReflect().SetUnknown(futureEvent())
	default:
		l.fail("unknown kind %q", l.kind)
	}
	return m
}

func (l *reader) reclaims() proto.Message {
	m := &ecsdv1.WatchReclaimsResponse{Revision: l.number()}
	region := "cn-hangzhou"
	switch l.kind {
	case "notice":
		m.Event = &ecsdv1.WatchReclaimsResponse_Notice{Notice: &ecsdv1.ReclaimNotice{
			InstanceId: l.next(), RegionId: region, ZoneId: region + "-h", ObservedTime: observed(m.Revision), ReleaseTimeEstimate: observed(m.Revision + 300),
		}}
	case "released":
		m.Event = &ecsdv1.WatchReclaimsResponse_Released{Released: &ecsdv1.ReclaimReleased{InstanceId: l.next(), RegionId: region}}
	case "withdrawn":
		m.Event = &ecsdv1.WatchReclaimsResponse_Withdrawn{Withdrawn: &ecsdv1.ReclaimWithdrawn{InstanceId: l.next(), RegionId: region}}
	case "stopped":
		m.Event = &ecsdv1.WatchReclaimsResponse_Stopped{Stopped: &ecsdv1.ReclaimStopped{InstanceId: l.next(), RegionId: region}}
	case "checkpoint":
		m.Event = &ecsdv1.WatchReclaimsResponse_Checkpoint{Checkpoint: l.checkpoint(m.Revision)}
	case "waiting":
		m.Event = &ecsdv1.WatchReclaimsResponse_Waiting{Waiting: &ecsdv1.WatchWaiting{}}
	case "unknown":
		m.ProtoReflect().SetUnknown(futureEvent())
	default:
		l.fail("unknown kind %q", l.kind)
	}
	return m
}

func (l *reader) checkpoint(revision int64) *ecsdv1.WatchCheckpoint {
	return &ecsdv1.WatchCheckpoint{ResumeToken: l.next(), ObservedTime: observed(revision), Degraded: l.degraded()}
}

func (l *reader) renewalJob() proto.Message {
	m := &ecsdv1.WatchRenewalJobResponse{Job: &ecsdv1.RenewalJob{
		JobId: "j-1", State: ecsdv1.RenewalJobState(l.enum(l.next(), "RENEWAL_JOB_STATE_", ecsdv1.RenewalJobState_value)),
	}, ResumeToken: l.next()}
	for len(l.words) > 0 {
		id, state, _ := strings.Cut(l.next(), "=")
		renewal := &ecsdv1.Renewal{RenewalId: id, JobId: "j-1", State: ecsdv1.RenewalState(l.enum(state, "RENEWAL_STATE_", ecsdv1.RenewalState_value))}
		m.Renewals = append(m.Renewals, renewal)
	}
	counts := map[ecsdv1.RenewalState]int64{}
	for _, renewal := range m.GetRenewals() {
		counts[renewal.GetState()]++
	}
	for state := range ecsdv1.RenewalState(10) {
		if counts[state] > 0 {
			m.Job.Counts = append(m.Job.Counts, &ecsdv1.RenewalCount{State: state, Count: counts[state]})
		}
	}
	return m
}

func (l *reader) releaseJob() proto.Message {
	m := &ecsdv1.WatchReleaseJobResponse{Job: &ecsdv1.ReleaseJob{
		JobId: "j-1", State: ecsdv1.ReleaseJobState(l.enum(l.next(), "RELEASE_JOB_STATE_", ecsdv1.ReleaseJobState_value)),
	}, ResumeToken: l.next()}
	for len(l.words) > 0 {
		id, state, _ := strings.Cut(l.next(), "=")
		m.Items = append(m.Items, &ecsdv1.ReleaseJobItem{
			InstanceId: id, State: ecsdv1.ReleaseState(l.enum(state, "RELEASE_STATE_", ecsdv1.ReleaseState_value)),
		})
	}
	return m
}

// futureEvent is an event of a kind that no client knows yet: an empty message in field 900.
func futureEvent() []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, 900, protowire.BytesType), nil)
}
