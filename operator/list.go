package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// listCommand is `ecsd renewals list`.
type listCommand struct {
	State   []string `placeholder:"STATE" help:"Jobs in this state (repeatable): pending, running, needs-attention, succeeded, partial, failed or cancelled."`
	AskedBy string   `placeholder:"NAME" help:"Jobs of this caller."`
	Since   moment   `placeholder:"TIME" help:"Jobs created at this time or later."`
	Until   moment   `placeholder:"TIME" help:"Jobs created before this time."`
	Limit   int      `default:"20" placeholder:"N" help:"Maximum number of jobs; 0 for all. Default ${default}."`
}

// Validate checks the flags.
func (c *listCommand) Validate() error {
	_, err := values(c.State, "RENEWAL_JOB_STATE_", ecsdv1.RenewalJobState_value)
	if c.Limit < 0 {
		err = errors.Join(err, errors.New("--limit must be 0 or more"))
	}
	return err
}

// Run lists the jobs.
func (c *listCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial()
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListRenewalJobsRequest{Caller: c.AskedBy, CreateStartTime: timestamp(c.Since), CreateEndTime: timestamp(c.Until), PageSize: 1000}
	if c.Limit > 0 {
		request.PageSize = int32(min(c.Limit, 1000))
	}
	numbers, _ := values(c.State, "RENEWAL_JOB_STATE_", ecsdv1.RenewalJobState_value)
	for _, n := range numbers {
		request.States = append(request.States, ecsdv1.RenewalJobState(n))
	}
	table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "JOB\tASKED\tBY\tSTATE\tDONE\tFAILED\tSPENT\tBUDGET")
	for shown := 0; ; {
		page, err := ask(ctx, s.ListRenewalJobs, request)
		if err != nil {
			return s.failed(ctx, err)
		}
		for _, job := range page.GetJobs() {
			if c.Limit > 0 && shown == c.Limit {
				break
			}
			shown++
			t := count(job)
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d/%d\t%d\t%s\t%s\n", job.GetJobId(), timeWord(job.GetCreateTime()), orDash(job.GetCaller()),
				jobWord(job.GetState()), t.done, t.all, t.failed, moneyWord(job.GetSpent()), moneyWord(job.GetMaxTotalPrice()))
		}
		request.PageToken = page.GetNextPageToken()
		if request.PageToken == "" || c.Limit > 0 && shown == c.Limit {
			return table.Flush()
		}
	}
}

// values reads words of an enum.
func values(words []string, prefix string, known map[string]int32) ([]int32, error) {
	var numbers []int32
	for _, word := range words {
		name := prefix + strings.ToUpper(strings.ReplaceAll(word, "-", "_"))
		if known[name] == 0 {
			return nil, fmt.Errorf("invalid --state %q: see --help", word)
		}
		numbers = append(numbers, known[name])
	}
	return numbers, nil
}
