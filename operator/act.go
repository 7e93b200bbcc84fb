package operator

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// action holds the flags of commands that change instances.
type action struct {
	Preview bool `help:"Run every check and show the effect; change nothing." group:"How:"`

	confirmation `embed:""`
}

// prompts fails if the command needs a confirmation and cannot prompt.
func (a *action) prompts(streams Streams) error {
	return promptable(streams, a.Yes || a.Preview)
}

// id returns the ID of the request, and prints it before anything is sent. A preview leaves nothing behind and prints
// none.
func (a *action) id(s *session) string {
	if a.Preview {
		return cmp.Or(a.RequestID, client.NewRequestID())
	}
	return a.begin(s)
}

// partID returns the ID of the n-th call of a request, which is the same when the command is repeated.
func partID(id string, n int) string {
	if n == 0 {
		return id
	}
	return uuid.NewSHA1(uuid.MustParse(id), fmt.Appendf(nil, "%d", n)).String()
}

// waits are the flags of commands that can wait for the status that they cause.
type waits struct {
	Wait    bool          `help:"Wait until the instances have the status." group:"How:"`
	Timeout time.Duration `default:"10m" placeholder:"DURATION" help:"Deadline of --wait. Default ${default}." group:"How:"`
}

// operation is a change of the status of many instances.
type operation struct {
	verb   string // such as stop
	ending ecsdv1.InstanceStatus
	// call acts on a part of the instances. Its ID is empty for a preview.
	call func(ctx context.Context, b batch, requestID string, preview bool) ([]*ecsdv1.InstanceTransitionResult, error)
}

// transition is the outcome of an operation for one instance.
type transition struct {
	*ecsdv1.InstanceTransitionResult
	instance *ecsdv1.Instance
}

// before returns the status before the operation: the one that the cloud returned, else the last observed one.
func (t transition) before() ecsdv1.InstanceStatus {
	if status := t.GetTransition().GetPreviousStatus(); status != ecsdv1.InstanceStatus_INSTANCE_STATUS_UNSPECIFIED {
		return status
	}
	return t.instance.GetStatus()
}

var transitionColumns = []output.Column[transition]{
	{Title: "NAME", Name: "instance_name", Value: func(t transition) any { return t.instance.GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(t transition) any { return t.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(t transition) any { return t.instance.GetRegionId() }, Region: true, Drop: 1},
	{Title: "BEFORE", Name: "previous_status", Value: func(t transition) any { return t.before() }, Drop: 2},
	{Title: "NOW", Name: "current_status", Value: func(t transition) any { return t.GetTransition().GetCurrentStatus() }},
	{Title: "ERROR", Name: "error", Value: func(t transition) any { return t.GetError().GetReason() }, Colour: func(t transition) output.Colour { return output.Bad }},
	{Name: "message", Value: func(t transition) any { return t.GetError().GetMessage() }},
}

// operate previews an operation on instances, confirms it, carries it out in parts of size, and waits if that is asked.
// The first part that fails ends it.
func (s *session) operate(ctx context.Context, o operation, a *action, w waits, instances []*ecsdv1.Instance, size int, ask bool) error {
	parts := batches(instances, size)
	names := byID(instances)
	id := a.id(s)
	if a.Preview || ask && !a.Yes {
		checked, err := s.each(ctx, o, parts, names, "", true)
		if err != nil {
			return err
		}
		if err := output.List(s.out, transitionColumns, output.Of(checked)); err != nil || a.Preview {
			return err
		}
		if err := a.confirm(ctx, s, fmt.Sprintf("%s %s?", title(o.verb), output.Plural(int64(len(instances)), "instance"))); err != nil {
			return err
		}
	}
	var all []transition
	failed := 0
	for n, part := range parts {
		results, err := s.each(ctx, o, []batch{part}, names, partID(id, n), false)
		if err != nil && n > 0 {
			_ = output.List(s.out, transitionColumns, output.Of(all)) // what has been done, before the error
		}
		if err != nil {
			return err
		}
		all = append(all, results...)
		failed += failures(results)
		if (w.Wait || size < batchSize) && failed == 0 {
			if err := s.await(ctx, part, o.ending, w.Timeout); err != nil {
				return err
			}
		}
		if size < batchSize {
			s.out.Printf("%s of %s done\n", output.Number(int64(len(all))), output.Plural(int64(len(instances)), "instance"))
			if failed > 0 {
				break
			}
		}
	}
	if err := output.List(s.out, transitionColumns, output.Of(all)); err != nil {
		return err
	}
	return notAll(o.verb, failed, len(instances), id)
}

// each calls the operation for parts of the instances.
func (s *session) each(ctx context.Context, o operation, parts []batch, names map[string]*ecsdv1.Instance, id string, preview bool) ([]transition, error) {
	var all []transition
	for _, part := range parts {
		results, err := o.call(ctx, part, id, preview)
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		for _, r := range results {
			all = append(all, transition{r, names[r.GetInstanceId()]})
		}
	}
	return all, nil
}

// failures returns how many results have an error.
func failures[R interface{ GetError() *ecsdv1.ItemError }](results []R) (n int) {
	for _, r := range results {
		if r.GetError() != nil {
			n++
		}
	}
	return n
}

// notAll is the error of an operation that failed for some instances.
func notAll(verb string, failed, all int, id string) error {
	if failed == 0 {
		return nil
	}
	return &Error{fmt.Sprintf("%s failed for %d of %s\n  to repeat   the same command with --request-id %s does nothing twice", verb, failed, output.Plural(int64(all), "instance"), id), exitNotSucceeded}
}

// notSet is the error of a setting that failed for some instances.
func notSet(failed, all int) error {
	if failed == 0 {
		return nil
	}
	return &Error{fmt.Sprintf("not set for %d of %s", failed, output.Plural(int64(all), "instance")), exitNotSucceeded}
}

// await waits until the instances of a part have a status.
func (s *session) await(ctx context.Context, b batch, status ecsdv1.InstanceStatus, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	results, err := s.client.Wait(ctx, &ecsdv1.WaitInstancesRequest{RegionId: b.region, InstanceIds: b.ids, Status: status})
	if err != nil {
		return s.failed(ctx, err)
	}
	for _, r := range results {
		if e := r.GetError(); e != nil {
			return &Error{fmt.Sprintf("%s did not become %s: %s: %s", r.GetInstanceId(), output.Enum(status), e.GetReason(), client.ItemError(e).Message), exitNotSucceeded}
		}
	}
	return nil
}

// title returns a verb with a capital letter.
func title(verb string) string { return string(verb[0]-'a'+'A') + verb[1:] }
