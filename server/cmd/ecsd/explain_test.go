package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// The story of a job is found by each of its IDs: who asked, what was sent and
// charged, and what changed, in the order of time.
func TestExplain(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 2)
	h.address = h.polling().at["gRPC"]
	request := uuid.NewString()
	created := h.ecsd("create", "--within=14d", "--period=1m", "--yes", "--budget=100000CNY", "--request-id="+request, "--watch").want(t, 0, "SUCCEEDED")
	job := jobLine.FindStringSubmatch(created.out)[1]
	var instance, order string
	for instance, order = range h.orders() {
		break
	}
	renewal := regexp.MustCompile(`(?m)^([0-9a-f-]{36}) +` + instance).FindStringSubmatch(h.ecsd("show", job).out)[1]
	steps := []string{"planned: " + instance, "attempt 1: accepted", "RenewInstance", "paid " + instance, "order " + order, instance + " is RENEWED"}
	steps[2] = "CreateRenewalJob order sent " + instance
	for name, c := range map[string]struct {
		id   string
		more []string
	}{
		"request":  {request, []string{"CreateRenewalJob allowed", "created: 2 renewals", "is SUCCEEDED: 2 of 2 done"}},
		"job":      {job, []string{"CreateRenewalJob allowed", "created: 2 renewals", "is SUCCEEDED: 2 of 2 done"}},
		"renewal":  {renewal, nil},
		"order":    {order, nil},
		"instance": {instance, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := h.command("explain", c.id).want(t, 0, append(c.more, steps...)...)
			var times []string
			for _, line := range strings.Split(strings.TrimSpace(s.out), "\n")[1:] {
				times = append(times, line[:len("2026-11-29 08:00")])
			}
			if !slices.IsSorted(times) {
				t.Errorf("the events are not in the order of time:\n%s", s.out)
			}
			events := strings.Split(strings.TrimSpace(h.command("explain", c.id, "-o", "json").want(t, 0).out), "\n")
			var event struct{ Time, Source, Event string }
			if err := json.Unmarshal([]byte(events[0]), &event); err != nil || event.Time == "" || event.Source == "" || len(events) != len(times) {
				t.Errorf("%d events of JSON, %d of a table, the first %+v (%v)", len(events), len(times), event, err)
			}
		})
	}
	if other := h.command("explain", renewal); strings.Count(other.out, " is RENEWED") != 1 {
		t.Errorf("the story of one renewal has others:\n%s", other.out)
	}
	await(t, "the change of the expiry is found", func() bool {
		return strings.Contains(h.command("explain", request).out, "was changed: expire_time")
	})
	h.command("explain", uuid.NewString()).want(t, exitFailed, "no record of")
	h.command("explain", "i-bp1nosuchinstance").want(t, exitFailed, "no record of")
	h.command("explain").want(t, exitUsage, "ID must have")
	h.command("explain", strings.Repeat("x", 129)).want(t, exitUsage, "1 to 128 characters")
}
