package runner

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// story returns one line per event of a watch:
//
//	snapshot i-1 RUNNING @5
//	changed i-1 STOPPED from RUNNING @6 [skipped 2]
//	removed i-1 RELEASED @7
//	notice i-1 @5, released i-1 @6, withdrawn i-1 @6, stopped i-1 @6, ended i-1 @6
//	checkpoint TOKEN @7 [snapshot] [degraded cn-hangzhou]
//	interrupted REASON, or "interrupted" if the cause is not from ecsd
//	restarted REASON
//	job RUNNING TOKEN r-1=4 r-2=2
//
// A value that the contract does not know is its number.
func story(o *subjectpb.Observed) string {
	line := o.GetKind()
	at := fmt.Sprintf(" @%d", o.GetRevision())
	switch o.GetKind() {
	case "snapshot":
		return line + " " + o.GetInstanceId() + " " + statusName(o.GetStatus()) + at
	case "changed":
		line += " " + o.GetInstanceId() + " " + statusName(o.GetStatus()) + " from " + statusName(o.GetPreviousStatus()) + at
		if o.GetSkipped() != 0 {
			line += fmt.Sprintf(" skipped %d", o.GetSkipped())
		}
		return line
	case "removed":
		return line + " " + o.GetInstanceId() + " " + name(o.GetRemovalReason(), "INSTANCE_REMOVAL_REASON_", ecsdv1.InstanceRemovalReason_name) + at
	case "notice", "released", "withdrawn", "stopped", "ended":
		return line + " " + o.GetInstanceId() + at
	case "checkpoint":
		line += " " + o.GetResumeToken() + at
		if o.GetSnapshot() {
			line += " snapshot"
		}
		if len(o.GetDegraded()) > 0 {
			line += " degraded " + strings.Join(o.GetDegraded(), ",")
		}
		return line
	case "interrupted", "restarted":
		return strings.TrimSpace(line + " " + o.GetReason())
	case "job":
		return strings.TrimSpace(fmt.Sprintf("job %d %s %s", o.GetStatus(), o.GetResumeToken(), strings.Join(o.GetChanged(), " ")))
	}
	return "unknown kind " + line
}

func statusName(n int32) string { return name(n, "INSTANCE_STATUS_", ecsdv1.InstanceStatus_name) }

func name(n int32, prefix string, names map[int32]string) string {
	if s, ok := names[n]; ok {
		return strings.TrimPrefix(s, prefix)
	}
	return strconv.Itoa(int(n))
}

// audit returns the broken promises of a watch of instances, whatever the case is about:
// no event twice, none out of order, no interruption in the midst of a batch, no removal of an unreported instance.
func audit(events []*subjectpb.Event, resumed bool) (broken []string) {
	known, revisions := map[string]bool{}, map[string]int64{}
	open, restarted, shown := false, false, false
	mark := int64(-1)
	for _, event := range events {
		o := event.GetObserved()
		if o == nil {
			continue
		}
		id := o.GetInstanceId()
		breaks := func(text string) { broken = append(broken, story(o)+": "+text) }
		switch o.GetKind() {
		case "snapshot":
			open = true
			if known[id] || shown {
				breaks("a snapshot in the midst of a watch, or an instance twice")
			}
			known[id] = true
		case "changed":
			open = true
			if last, ok := revisions[id]; ok && o.GetRevision() <= last {
				breaks("a change twice, or out of order")
			}
			if !restarted && o.GetRevision() <= mark {
				breaks("a change from before the last checkpoint")
			}
			if !known[id] && o.GetPreviousStatus() != 0 && !resumed {
				breaks("a previous status of an instance that was not reported")
			}
			known[id], revisions[id] = true, o.GetRevision()
		case "removed":
			open = true
			if !known[id] && !resumed {
				breaks("the removal of an instance that was not reported")
			}
			delete(known, id)
		case "checkpoint":
			if !restarted && o.GetRevision() < mark {
				breaks("an older checkpoint than the last one")
			}
			open, restarted, shown, mark = false, false, true, o.GetRevision()
			if o.GetResumeToken() == "" {
				breaks("no resume token")
			}
		case "interrupted":
			if open {
				breaks("an interruption in the midst of a batch")
			}
		case "restarted":
			if open {
				breaks("a restart in the midst of a batch")
			}
			restarted, open = true, true
			clear(revisions)
		}
	}
	return broken
}
