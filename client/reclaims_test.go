package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/codes"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func notice(revision int64, id string) *ecsdv1.WatchReclaimsResponse {
	return &ecsdv1.WatchReclaimsResponse{Revision: revision, Event: &ecsdv1.WatchReclaimsResponse_Notice{Notice: &ecsdv1.ReclaimNotice{InstanceId: id, RegionId: "cn-hangzhou"}}}
}

func released(revision int64, id string) *ecsdv1.WatchReclaimsResponse {
	return &ecsdv1.WatchReclaimsResponse{Revision: revision, Event: &ecsdv1.WatchReclaimsResponse_Released{Released: &ecsdv1.ReclaimReleased{InstanceId: id, RegionId: "cn-hangzhou"}}}
}

func withdrawn(revision int64, id string) *ecsdv1.WatchReclaimsResponse {
	return &ecsdv1.WatchReclaimsResponse{Revision: revision, Event: &ecsdv1.WatchReclaimsResponse_Withdrawn{Withdrawn: &ecsdv1.ReclaimWithdrawn{InstanceId: id, RegionId: "cn-hangzhou"}}}
}

func reclaimCheckpoint(revision int64, token string) *ecsdv1.WatchReclaimsResponse {
	return &ecsdv1.WatchReclaimsResponse{Revision: revision, Event: &ecsdv1.WatchReclaimsResponse_Checkpoint{Checkpoint: &ecsdv1.WatchCheckpoint{ResumeToken: token}}}
}

func tell(stream reclaimStream, messages ...*ecsdv1.WatchReclaimsResponse) error {
	for _, m := range messages {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func reclaimsTold(ctx context.Context, c *client.Client, request *ecsdv1.WatchReclaimsRequest, last string) (lines []string, _ error) {
	for event, err := range c.WatchReclaims(ctx, request) {
		if err != nil {
			return lines, err
		}
		switch e := event.(type) {
		case *client.ReclaimNotice:
			lines = append(lines, fmt.Sprintf("notice %d %s", e.Revision, e.InstanceID))
		case *client.ReclaimEnded:
			lines = append(lines, fmt.Sprintf("ended %d %s in %s: %d", e.Revision, e.InstanceID, e.RegionID, e.Outcome))
		case *client.Checkpoint:
			lines = append(lines, fmt.Sprintf("checkpoint %d %s %t", e.Revision, e.ResumeToken, e.Snapshot))
			if e.ResumeToken == last {
				return lines, nil
			}
		case *client.Interrupted:
			lines = append(lines, "interrupted")
		case *client.Restarted:
			lines = append(lines, "restarted "+client.ErrorOf(e.Cause).ReasonName)
		}
	}
	return lines, nil
}

// A watch of reclaims resumes like a watch of instances.
func TestReclaims_Resume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reclaims: func(n int, _ *ecsdv1.WatchReclaimsRequest, stream reclaimStream) error {
			if n == 0 {
				return errors.Join(tell(stream, notice(3, "i-1"), notice(3, "i-2"), reclaimCheckpoint(3, "t3"), notice(4, "i-3"), reclaimCheckpoint(4, "t4"), released(5, "i-1")), draining)
			}
			_ = tell(stream, released(5, "i-1"), withdrawn(5, "i-2"), notice(5, "i-4"), reclaimCheckpoint(5, "t5"))
			return silent(stream)
		}}
		lines, err := reclaimsTold(t.Context(), f.dial(t), nil, "t5")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "notice 3 i-1", "notice 3 i-2", "checkpoint 3 t3 true", "notice 4 i-3", "checkpoint 4 t4 false", "interrupted",
			"ended 5 i-1 in cn-hangzhou: 1", "ended 5 i-2 in cn-hangzhou: 2", "notice 5 i-4", "checkpoint 5 t5 false")
	})
}

// If it cannot resume, reported notices are not repeated, and finished reclaims end.
func TestReclaims_Restart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reclaims: func(n int, _ *ecsdv1.WatchReclaimsRequest, stream reclaimStream) error {
			switch n {
			case 0:
				return errors.Join(tell(stream, notice(30, "i-1"), notice(30, "i-2"), reclaimCheckpoint(30, "t30")), draining)
			case 1:
				return failure(codes.InvalidArgument, "INVALID_RESUME_TOKEN", 0)
			}
			_ = tell(stream, notice(2, "i-2"), notice(2, "i-3"), reclaimCheckpoint(2, "u2"), released(3, "i-2"), reclaimCheckpoint(3, "u3"))
			return silent(stream)
		}}
		lines, err := reclaimsTold(t.Context(), f.dial(t), nil, "u3")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "notice 30 i-1", "notice 30 i-2", "checkpoint 30 t30 true", "interrupted", "interrupted", "restarted INVALID_RESUME_TOKEN",
			"notice 2 i-3", "ended 2 i-1 in cn-hangzhou: 0", "checkpoint 2 u2 true", "ended 3 i-2 in cn-hangzhou: 1", "checkpoint 3 u3 false")
	})
}

// After the caller's token, a reclaim may end without a notice in this watch, and an unusable token is an error.
func TestReclaims_CallersToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reclaims: func(n int, _ *ecsdv1.WatchReclaimsRequest, stream reclaimStream) error {
			if n == 0 {
				return errors.Join(tell(stream, released(5, "i-1"), reclaimCheckpoint(5, "t5")), draining)
			}
			return failure(codes.OutOfRange, "RESUME_TOKEN_EXPIRED", 0)
		}}
		lines, err := reclaimsTold(t.Context(), f.dial(t), &ecsdv1.WatchReclaimsRequest{ResumeToken: "t4"}, "")
		if client.Reason(err) != ecsdv1.ErrorReason_ERROR_REASON_RESUME_TOKEN_EXPIRED {
			t.Errorf("got %v", err)
		}
		wantStory(t, lines, "ended 5 i-1 in cn-hangzhou: 1", "checkpoint 5 t5 false", "interrupted")
	})
}
