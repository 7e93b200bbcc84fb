package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/client/conformance/script"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// attempts compares what the server saw.
func (r *run) attempts(ctx context.Context, want *Attempts) error {
	if r.world.script == nil {
		return fmt.Errorf("a real server counts no attempts")
	}
	all := r.world.script.Attempts(want.Method)
	if want.Count != nil {
		ctx := limited(ctx, patience)
		for len(all) < *want.Count && tick(ctx) {
			all = r.world.script.Attempts(want.Method)
		}
		if len(all) != *want.Count {
			return fmt.Errorf("%d attempts of %s, want %d", len(all), want.Method, *want.Count)
		}
	}
	if want.RequestID == "reported" {
		reported := *want
		reported.RequestID, want = r.reported, &reported
	}
	for _, check := range []func([]*script.Attempt, *Attempts) error{checkGaps, checkRequestIDs, checkTokens, checkRequests, checkMetadata, checkDeadlines} {
		if err := check(all, want); err != nil {
			return fmt.Errorf("%s: %w", want.Method, err)
		}
	}
	if want.Cancelled > 0 {
		if len(all) == 0 || !all[len(all)-1].Cancelled(limited(ctx, time.Duration(want.Cancelled))) {
			return fmt.Errorf("%s: the server does not see the end of the last attempt within %s", want.Method, time.Duration(want.Cancelled))
		}
	}
	return nil
}

// tick waits a moment between two looks at a state that has no event.
func tick(ctx context.Context) bool {
	timer := time.NewTimer(10 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func checkGaps(all []*script.Attempt, want *Attempts) error {
	if len(want.Gaps) > max(len(all)-1, 0) {
		return fmt.Errorf("%d attempts have no %d gaps", len(all), len(want.Gaps))
	}
	for i, bounds := range want.Gaps {
		gap := all[i+1].At.Sub(all[i].At)
		if gap < time.Duration(bounds[0]) || gap > time.Duration(bounds[1])+slack {
			return fmt.Errorf("attempt %d came %s after the one before, want %v", i+2, gap, durations(bounds))
		}
	}
	return nil
}

func checkRequestIDs(all []*script.Attempt, want *Attempts) error {
	seen := map[string]int{}
	for _, attempt := range all {
		if r, ok := attempt.Request.(interface{ GetRequestId() string }); ok {
			seen[r.GetRequestId()]++
		}
	}
	switch {
	case want.SameRequestID && (len(seen) != 1 || seen[""] > 0):
		return fmt.Errorf("request_ids %v, want the same one in each attempt", seen)
	case want.RequestID != "" && seen[want.RequestID] != len(all):
		return fmt.Errorf("request_ids %v, want %s in each attempt", seen, want.RequestID)
	case want.DistinctRequestIDs && (len(seen) != len(all) || seen[""] > 0):
		return fmt.Errorf("request_ids %v, want a different one in each attempt", seen)
	case want.NoRequestID && seen[""] != len(all):
		return fmt.Errorf("request_ids %v, want none", seen)
	}
	return nil
}

func checkTokens(all []*script.Attempt, want *Attempts) error {
	var tokens, pages []string
	for _, attempt := range all {
		if r, ok := attempt.Request.(interface{ GetResumeToken() string }); ok {
			tokens = append(tokens, r.GetResumeToken())
		}
		if r, ok := attempt.Request.(interface{ GetPageToken() string }); ok {
			pages = append(pages, r.GetPageToken())
		}
	}
	if want.Tokens != nil && !slices.Equal(tokens, want.Tokens) {
		return fmt.Errorf("resume tokens %q, want %q", tokens, want.Tokens)
	}
	if want.PageTokens != nil && !slices.Equal(pages, want.PageTokens) {
		return fmt.Errorf("page tokens %q, want %q", pages, want.PageTokens)
	}
	return nil
}

func checkRequests(all []*script.Attempt, want *Attempts) error {
	for i, attempt := range all {
		encoded, err := proto.Marshal(attempt.Request)
		if err != nil {
			return err
		}
		if err := same(encoded, attempt.Request, want.Request); want.Request != nil && err != nil {
			return fmt.Errorf("request %d: %w", i+1, err)
		}
	}
	return nil
}

func checkMetadata(all []*script.Attempt, want *Attempts) error {
	for key, values := range want.Metadata {
		for i, value := range values {
			if i >= len(all) {
				return fmt.Errorf("%d attempts, want %d", len(all), len(values))
			}
			got := all[i].Metadata.Get(key)
			if value == "" && len(got) > 0 || value != "" && !slices.Equal(got, []string{value}) {
				return fmt.Errorf("attempt %d has %s %q, want %q", i+1, key, got, value)
			}
		}
	}
	return nil
}

func checkDeadlines(all []*script.Attempt, want *Attempts) error {
	if want.Deadline == nil {
		return nil
	}
	for i, attempt := range all {
		if attempt.Deadline < time.Duration(want.Deadline[0])-slack || attempt.Deadline > time.Duration(want.Deadline[1])*101/100 { // gRPC rounds it
			return fmt.Errorf("attempt %d has a deadline of %s, want %v", i+1, attempt.Deadline, durations(want.Deadline))
		}
	}
	return nil
}

// mirror waits until the state by a watch's events is that of the server.
func (r *run) mirror(ctx context.Context, m *Mirror) error {
	of := m.Of
	if of == "" {
		of = "watch"
	}
	limit := 45 * time.Second
	if m.Within > 0 {
		limit = time.Duration(m.Within) + slack
	}
	ctx = limited(ctx, limit)
	conn, err := grpc.NewClient(r.world.real.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	var seen, actual map[string]int32
	for {
		seen = map[string]int32{}
		for _, event := range r.commands[of].soFar() {
			switch o := event.GetObserved(); o.GetKind() {
			case "snapshot", "changed":
				seen[o.GetInstanceId()] = o.GetStatus()
			case "removed":
				delete(seen, o.GetInstanceId())
			}
			if failure := event.GetFailure(); failure != nil {
				return fmt.Errorf("the watch failed: %v", failure)
			}
		}
		list, err := ecsdv1.NewInstanceServiceClient(conn).ListInstances(ctx, &ecsdv1.ListInstancesRequest{PageSize: 100})
		if err == nil {
			actual = map[string]int32{}
			for _, i := range list.GetInstances() {
				actual[i.GetInstanceId()] = int32(i.GetStatus())
			}
			if equal(seen, actual) {
				return nil
			}
		}
		if !tick(ctx) {
			return fmt.Errorf("the mirror has %v, the server %v (%w)", seen, actual, err)
		}
	}
}

func equal(a, b map[string]int32) bool {
	if len(a) != len(b) {
		return false
	}
	for key, value := range a {
		if other, ok := b[key]; !ok || other != value {
			return false
		}
	}
	return true
}
