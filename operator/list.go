package operator

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// listCommand is `ecsd renewals list`, the model of a command that lists; see the description of the package.
type listCommand struct {
	State   []string `placeholder:"STATE" help:"Jobs in this state (repeatable): pending, running, needs-attention, succeeded, partial, failed or cancelled."`
	AskedBy string   `placeholder:"NAME" help:"Jobs of this caller."`
	Since   past     `placeholder:"TIME" help:"Jobs created at this time or later, such as 7d (ago), yesterday or 2026-12-01."`
	Until   past     `placeholder:"TIME" help:"Jobs created before this time."`
	Limit   int      `default:"20" placeholder:"N" help:"Maximum number of jobs; 0 for all. Default ${default}."`
}

// Examples of the command.
func (*listCommand) Examples() string {
	return `# The jobs of the last week that are not done:
ecsd renewals list --since 7d --state pending,running,needs-attention
# All jobs, for a program:
ecsd renewals list --limit 0 -o json`
}

// Validate checks the flags.
func (c *listCommand) Validate() error {
	_, err := values[ecsdv1.RenewalJobState]("--state", c.State)
	if c.Limit < 0 {
		err = errors.Join(err, errors.New("--limit must be 0 or more"))
	}
	return err
}

// Run lists the jobs.
func (c *listCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	states, _ := values[ecsdv1.RenewalJobState]("--state", c.State)
	jobs := s.client.ListRenewalJobs(ctx, &ecsdv1.ListRenewalJobsRequest{
		Caller: c.AskedBy, States: states, CreateStartTime: timestamp(c.Since), CreateEndTime: timestamp(c.Until), PageSize: pageSize(c.Limit),
	})
	return list(ctx, s, jobColumns, output.Limit(c.Limit, jobs))
}

var jobColumns = []output.Column[*ecsdv1.RenewalJob]{
	{Title: "JOB", Name: "job_id", Value: func(j *ecsdv1.RenewalJob) any { return j.GetJobId() }},
	{Title: "CREATED", Name: "create_time", Drop: 4, Value: func(j *ecsdv1.RenewalJob) any { return j.GetCreateTime() }},
	{Title: "CALLER", Name: "caller", Cut: true, Drop: 3, Value: func(j *ecsdv1.RenewalJob) any { return j.GetCaller() }},
	{Title: "STATE", Name: "state", Value: func(j *ecsdv1.RenewalJob) any { return j.GetState() }, Colour: func(j *ecsdv1.RenewalJob) output.Colour { return jobColour(j.GetState()) }},
	{Title: "DONE", Value: func(j *ecsdv1.RenewalJob) any { f := count(j); return fmt.Sprintf("%d/%d", f.done, f.all) }},
	{Name: "renewals", Value: func(j *ecsdv1.RenewalJob) any { return count(j).all }},
	{Name: "done", Value: func(j *ecsdv1.RenewalJob) any { return count(j).done }},
	{Name: "paid", Value: func(j *ecsdv1.RenewalJob) any { return count(j).paid }},
	{Title: "FAILED", Name: "failed", Drop: 1, Value: func(j *ecsdv1.RenewalJob) any { return count(j).failed }},
	{Name: "needs_attention", Value: func(j *ecsdv1.RenewalJob) any { return count(j).attention }},
	{Title: "SPENT", Name: "spent", Drop: 2, Value: func(j *ecsdv1.RenewalJob) any { return j.GetSpent() }},
	{Title: "BUDGET", Name: "max_total_price", Drop: 5, Value: func(j *ecsdv1.RenewalJob) any { return j.GetMaxTotalPrice() }},
	{Name: "currency", Value: func(j *ecsdv1.RenewalJob) any { return j.GetSpent().GetCurrencyCode() }},
	{Name: "request_id", Value: func(j *ecsdv1.RenewalJob) any { return j.GetRequestId() }},
	{Name: "note", Value: func(j *ecsdv1.RenewalJob) any { return j.GetNote() }},
}

func jobColour(state ecsdv1.RenewalJobState) output.Colour {
	switch state {
	case ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_SUCCEEDED:
		return output.Good
	case ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_FAILED, ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_NEEDS_ATTENTION:
		return output.Bad
	case ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PARTIAL, ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_CANCELLED:
		return output.Warn
	}
	return output.Plain
}

// list writes a list as the result of a command.
func list[T proto.Message](ctx context.Context, s *session, columns []output.Column[T], items iter.Seq2[T, error]) error {
	return s.failed(ctx, output.List(s.out, columns, items))
}

// pageSize returns the size of the pages of a list with a limit.
func pageSize(limit int) int32 {
	const largest = 1000
	if limit <= 0 || limit > largest {
		return largest
	}
	return int32(limit)
}

// enum is an enum of the contract.
type enum interface {
	~int32
	protoreflect.Enum
}

// values reads the values of an enum as people write them, such as needs-attention.
func values[E enum](flag string, words []string) (found []E, err error) {
	var none E
	known := map[string]E{}
	all := none.Descriptor().Values()
	for i := range all.Len() {
		value := E(all.Get(i).Number())
		if value != 0 {
			known[strings.ToLower(strings.ReplaceAll(output.Enum(value), "_", "-"))] = value
		}
	}
	for _, word := range words {
		value, ok := known[strings.ToLower(strings.ReplaceAll(word, "_", "-"))]
		if !ok {
			return nil, fmt.Errorf("invalid %s %q: want %s", flag, word, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		found = append(found, value)
	}
	return found, nil
}
