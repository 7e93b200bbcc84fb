package changelog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// seen is a state of i-1 as a poll found it some seconds after the start; "" if
// it was gone.
type seen struct {
	at     int
	status string
}

var statusOf = map[string]ecs.Status{
	"Pending": ecs.StatusPending, "Starting": ecs.StatusStarting, "Running": ecs.StatusRunning,
	"Stopping": ecs.StatusStopping, "Stopped": ecs.StatusStopped,
}

// called is a call some seconds after the start.
type called struct {
	at     int
	action string
}

// A change is attributed to the latest call that can have produced it, once.
func TestAttribution(t *testing.T) {
	start := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	after := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	for name, c := range map[string]struct {
		calls []called
		first string // the status before the first change; "" if the instance is new
		found []seen
		want  string // the time of the call that each change is attributed to, - for none
	}{
		"a stop":                               {[]called{{10, "StopInstances"}}, "Running", []seen{{11, "Stopping"}, {40, "Stopped"}}, "10 10"},
		"a stop between two polls":             {[]called{{10, "StopInstances"}}, "Running", []seen{{40, "Stopped"}}, "10"},
		"a start":                              {[]called{{10, "StartInstances"}}, "Stopped", []seen{{11, "Starting"}, {40, "Running"}}, "10 10"},
		"a reboot":                             {[]called{{10, "RebootInstances"}}, "Running", []seen{{11, "Stopping"}, {20, "Starting"}, {40, "Running"}}, "10 10 10"},
		"a launch":                             {[]called{{10, "RunInstances"}}, "", []seen{{11, "Pending"}, {20, "Starting"}, {40, "Running"}}, "10 10 10"},
		"a release":                            {[]called{{10, "DeleteInstances"}}, "Running", []seen{{11, "Stopping"}, {20, "Stopped"}, {21, ""}}, "10 10 10"},
		"a stop in the console":                {nil, "Running", []seen{{11, "Stopping"}, {40, "Stopped"}}, "- -"},
		"a stop before the call":               {[]called{{30, "StopInstances"}}, "Running", []seen{{11, "Stopping"}, {20, "Stopped"}}, "- -"},
		"another effect":                       {[]called{{10, "StartInstances"}}, "Running", []seen{{11, "Stopping"}, {40, "Stopped"}}, "- -"},
		"a release in the console":             {[]called{{10, "StopInstances"}}, "Running", []seen{{11, "Stopping"}, {20, "Stopped"}, {30, ""}}, "10 10 -"},
		"two stops":                            {[]called{{10, "StopInstances"}, {12, "StopInstances"}}, "Running", []seen{{13, "Stopping"}, {40, "Stopped"}}, "12 12"},
		"a stop, a start, a stop":              {[]called{{10, "StopInstances"}, {50, "StartInstances"}, {90, "StopInstances"}}, "Running", []seen{{11, "Stopping"}, {40, "Stopped"}, {51, "Starting"}, {80, "Running"}, {91, "Stopping"}, {99, "Stopped"}}, "10 10 50 50 90 90"},
		"a second stop in the console":         {[]called{{10, "StopInstances"}}, "Running", []seen{{11, "Stopping"}, {20, "Stopped"}, {30, "Starting"}, {40, "Running"}, {50, "Stopping"}, {60, "Stopped"}}, "10 10 - - - -"},
		"a stop in the console after a reboot": {[]called{{10, "RebootInstances"}}, "Running", []seen{{11, "Stopping"}, {20, "Starting"}, {30, "Running"}, {40, "Stopping"}, {60, "Stopped"}}, "10 10 10 - -"},
		"a stop that is found late":            {[]called{{10, "StopInstances"}}, "Running", []seen{{311, "Stopping"}, {340, "Stopped"}}, "- -"},
		"a slow stop":                          {[]called{{10, "StopInstances"}}, "Running", []seen{{310, "Stopping"}, {910, "Stopped"}}, "10 10"},
		"a stop that takes too long":           {[]called{{10, "StopInstances"}}, "Running", []seen{{310, "Stopping"}, {911, "Stopped"}}, "10 -"},
		"a launch that is found late":          {[]called{{10, "RunInstances"}}, "", []seen{{911, "Running"}}, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			var causes []Cause
			for _, call := range c.calls {
				causes = append(causes, Cause{ID: fmt.Sprint(call.at), RegionID: "cn-a", InstanceID: "i-1", Action: call.action, CallTime: after(call.at)})
			}
			a := NewAttribution(causes)
			var before *ecs.Instance
			if c.first != "" {
				before = &ecs.Instance{ID: "i-1", Status: statusOf[c.first]}
			}
			var got []string
			for _, s := range c.found {
				var now *ecs.Instance
				if s.status != "" {
					now = &ecs.Instance{ID: "i-1", Status: statusOf[s.status]}
				}
				if other := a.Add("cn-b", "i-1", after(s.at), before, now); other != nil {
					t.Errorf("a change in another region is attributed to %+v", other)
				}
				if other := a.Add("cn-a", "i-2", after(s.at), before, now); other != nil {
					t.Errorf("a change of another instance is attributed to %+v", other)
				}
				if cause := a.Add("cn-a", "i-1", after(s.at), before, now); cause != nil {
					got = append(got, cause.ID)
				} else {
					got = append(got, "-")
				}
				before = now
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("attributed to %s, want %s", got, c.want)
			}
		})
	}
}

// A setting is attributed to the call that changes it, and not to another.
func TestAttribution_Settings(t *testing.T) {
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	changes := map[string]func(*ecs.Instance){
		"ModifyInstanceAutoReleaseTime": func(i *ecs.Instance) { i.AutoReleaseTime = at },
		"ModifyInstanceAttribute":       func(i *ecs.Instance) { i.DeletionProtection = true },
		"AllocatePublicIpAddress":       func(i *ecs.Instance) { i.Network.PublicIPAddresses = []string{"192.0.2.1"} },
		"TagResources":                  func(i *ecs.Instance) { i.Tags = []ecs.Tag{{Key: "k", Value: "v"}} },
		"RenewInstance":                 func(i *ecs.Instance) { i.ExpireTime = at },
		"ModifyPrepayInstanceSpec":      func(i *ecs.Instance) { i.Type = "ecs.g7.large" },
	}
	for action := range changes {
		for changed, change := range changes {
			a := NewAttribution([]Cause{{RegionID: "cn-a", InstanceID: "i-1", Action: action, CallTime: at}})
			before, now := ecs.Instance{ID: "i-1"}, ecs.Instance{ID: "i-1"}
			change(&now)
			cause := a.Add("cn-a", "i-1", at.Add(time.Minute), &before, &now)
			if got, want := cause != nil, action == changed; got != want {
				t.Errorf("the effect of %s is attributed to %s: %v, want %v", changed, action, got, want)
			}
			if again := a.Add("cn-a", "i-1", at.Add(time.Minute), &before, &now); again != nil {
				t.Errorf("a second effect of %s is attributed to one call of %s", changed, action)
			}
		}
	}
}
