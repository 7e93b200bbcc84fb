package cloud_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// journal records what an edge reports to Config.Changing.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) changing(_ context.Context, regionID, action string, ids []string) func([]string) {
	j.note(fmt.Sprint(regionID, " ", action, " ", ids))
	return func(refused []string) { j.note(fmt.Sprint(action, " refused ", refused)) }
}

func journaled(t *testing.T, answer func(n int, q url.Values) (status int, body string)) (*journal, *cloud.Edge) {
	j := &journal{}
	return j, edgeTo(t, documentWith(answer), cloud.Config{Changing: j.changing})
}

// Each call that may change instances is reported before it leaves; a dry run, a
// read and a launch, which has no instances yet, are not.
func TestChanging(t *testing.T) {
	ids := instanceIDs(2)
	one := ids[0]
	for name, c := range map[string]struct {
		call func(context.Context, *cloud.Edge)
		want []string
	}{
		"start": {func(ctx context.Context, e *cloud.Edge) { e.StartInstances(ctx, hangzhou, ids, false) }, []string{fmt.Sprint("cn-hangzhou StartInstances ", ids)}},
		"stop": {func(ctx context.Context, e *cloud.Edge) {
			e.StopInstances(ctx, hangzhou, ids, ecs.StopOptions{}, false)
		}, []string{fmt.Sprint("cn-hangzhou StopInstances ", ids)}},
		"reboot": {func(ctx context.Context, e *cloud.Edge) { e.RebootInstances(ctx, hangzhou, ids, false, false) }, []string{fmt.Sprint("cn-hangzhou RebootInstances ", ids)}},
		"delete": {func(ctx context.Context, e *cloud.Edge) {
			e.DeleteInstances(ctx, hangzhou, ids, ecs.DeleteOptions{}, "token", false)
		}, []string{fmt.Sprint("cn-hangzhou DeleteInstances ", ids)}},
		"tag":          {func(ctx context.Context, e *cloud.Edge) { e.TagInstances(ctx, hangzhou, ids, []ecs.Tag{{Key: "k"}}) }, []string{fmt.Sprint("cn-hangzhou TagResources ", ids)}},
		"untag":        {func(ctx context.Context, e *cloud.Edge) { e.UntagInstances(ctx, hangzhou, ids, []string{"k"}) }, []string{fmt.Sprint("cn-hangzhou UntagResources ", ids)}},
		"release time": {func(ctx context.Context, e *cloud.Edge) { _ = e.SetAutoReleaseTime(ctx, hangzhou, one, time.Time{}) }, []string{fmt.Sprintf("cn-hangzhou ModifyInstanceAutoReleaseTime [%s]", one)}},
		"protection":   {func(ctx context.Context, e *cloud.Edge) { _ = e.SetDeletionProtection(ctx, hangzhou, one, true) }, []string{fmt.Sprintf("cn-hangzhou ModifyInstanceAttribute [%s]", one)}},
		"address":      {func(ctx context.Context, e *cloud.Edge) { _, _ = e.AllocatePublicIPAddress(ctx, hangzhou, one) }, []string{fmt.Sprintf("cn-hangzhou AllocatePublicIpAddress [%s]", one)}},
		"dry run":      {func(ctx context.Context, e *cloud.Edge) { e.StartInstances(ctx, hangzhou, ids, true) }, nil},
		"read":         {func(ctx context.Context, e *cloud.Edge) { e.Instances(ctx, hangzhou, ids) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			j, edge := journaled(t, func(_ int, q url.Values) (int, string) {
				if len(listed(q, "InstanceId")) > 0 {
					return switched(q, nil)
				}
				return http.StatusOK, `{"RequestId":"R1","IpAddress":"192.0.2.1"}`
			})
			c.call(soon(t), edge)
			if !slices.Equal(j.lines, c.want) {
				t.Errorf("reported %q, want %q", j.lines, c.want)
			}
		})
	}
}

// An instance that the cloud refused to change is reported, one with an unknown
// outcome is not.
func TestChanging_Refused(t *testing.T) {
	ids := instanceIDs(3)
	stop := func(t *testing.T, answer func(n int, q url.Values) (int, string)) []string {
		j, edge := journaled(t, answer)
		edge.StopInstances(soon(t), hangzhou, ids, ecs.StopOptions{}, false)
		return j.lines
	}
	left := fmt.Sprint("cn-hangzhou StopInstances ", ids)
	bad := map[string]string{ids[1]: "IncorrectInstanceStatus"}
	if got, want := stop(t, func(_ int, q url.Values) (int, string) { return switched(q, bad) }), []string{left, fmt.Sprintf("StopInstances refused [%s]", ids[1])}; !slices.Equal(got, want) {
		t.Errorf("one refused: reported %q, want %q", got, want)
	}
	denied := func(int, url.Values) (int, string) {
		return http.StatusForbidden, `{"RequestId":"R1","Code":"Forbidden.RAM","Message":"denied"}`
	}
	if got, want := stop(t, denied), []string{left, fmt.Sprint("StopInstances refused ", ids)}; !slices.Equal(got, want) {
		t.Errorf("all refused: reported %q, want %q", got, want)
	}
	silent := func(int, url.Values) (int, string) { return 0, "" }
	if got, want := stop(t, silent), []string{left}; !slices.Equal(got, want) {
		t.Errorf("no response: reported %q, want %q", got, want)
	}
	lost := func(n int, q url.Values) (int, string) {
		if n == 1 {
			return 0, ""
		}
		return switched(q, bad)
	}
	if got, want := stop(t, lost), []string{left}; !slices.Equal(got, want) {
		t.Errorf("a lost response, then one refused: reported %q, want %q", got, want)
	}
}
