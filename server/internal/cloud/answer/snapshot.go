package answer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

var snapshotStates = map[string]ecs.SnapshotState{
	"progressing": ecs.SnapshotProgressing, "accomplished": ecs.SnapshotAccomplished, "failed": ecs.SnapshotFailed,
}

// SnapshotWord returns the cloud's word for a state, "" for the unknown one.
func SnapshotWord(s ecs.SnapshotState) string { return wordOf(snapshotStates, s) }

// ReadMade reads a response that must contain the ID of a created resource in
// the field name.
func ReadMade(body []byte, name string) (id, requestID string, err error) {
	id, requestID, err = ReadField(body, name)
	if err == nil && id == "" {
		err = fmt.Errorf("the answer has no %s", name)
	}
	return id, requestID, err
}

// ReadSnapshots reads a response to DescribeSnapshots.
func ReadSnapshots(body []byte) (page ecs.SnapshotPage, requestID string, err error) {
	w := make(words, 32)
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "NextToken":
			page.Next, err = text(d)
		case "Snapshots":
			err = wrapped(d, "Snapshot", func(d *jx.Decoder) error {
				snapshot, err := w.readSnapshot(d)
				if snapshot.ID != "" {
					page.Snapshots = append(page.Snapshots, snapshot)
				}
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return ecs.SnapshotPage{}, "", err
	}
	return page, requestID, nil
}

func (w words) readSnapshot(d *jx.Decoder) (s ecs.Snapshot, err error) {
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "SnapshotId":
			s.ID, err = text(d)
		case "SnapshotName":
			s.Name, err = text(d)
		case "Description":
			s.Description, err = text(d)
		case "RegionId":
			s.RegionID, err = w.word(d)
		case "SourceDiskId":
			s.DiskID, err = text(d)
		case "SourceDiskType":
			s.DiskType, err = w.word(d)
		case "SourceDiskSize":
			err = count(d, &s.SizeGiB)
		case "Status":
			s.RawState, err = w.word(d)
		case "Progress":
			s.ProgressPercent, err = percent(d)
		case "CreationTime":
			s.CreateTime, err = instant(d)
		case "RetentionDays":
			err = count(d, &s.RetentionDays)
		case "Tags":
			s.Tags, err = w.tags(d)
		default:
			err = d.Skip()
		}
		return err
	})
	s.State = snapshotStates[s.RawState]
	return s, err
}

// percent reads a share that the cloud writes as "42%"; anything else reads as
// 0.
func percent(d *jx.Decoder) (int32, error) {
	b, err := raw(d)
	n, wrong := strconv.ParseFloat(strings.TrimSuffix(string(b), "%"), 64)
	if wrong != nil || !(n >= 0 && n <= 100) {
		return 0, err
	}
	return int32(n), err
}
