package ledger_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

var oneMonth = &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}

// client is a caller of one server.
type client struct {
	ecsdv1.RenewalServiceClient

	t testing.TB
}

func dial(t testing.TB, address string) client {
	t.Helper()
	return client{ecsdv1.NewRenewalServiceClient(open(t, address)), t}
}

// open returns a connection to a server.
func open(t testing.TB, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		// A killed server is soon available again.
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: 20 * time.Second}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// create creates a job that renews instances for a month, and returns its ID. A nil budget is any price.
func (c client) create(ids []string, budget *ecsdv1.Money) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 50*time.Second)
	defer cancel()
	request := &ecsdv1.CreateRenewalJobRequest{
		RequestId:  uuid.NewString(),
		Selection:  &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: ids}}},
		Term:       &ecsdv1.CreateRenewalJobRequest_Period{Period: oneMonth},
		PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true},
	}
	if budget != nil {
		request.PriceLimit = &ecsdv1.CreateRenewalJobRequest_MaxTotalPrice{MaxTotalPrice: budget}
	}
	created, err := c.CreateRenewalJob(ctx, request)
	if err != nil {
		c.t.Fatal(err)
	}
	return created.GetJob().GetJobId()
}

// overlap creates a job over instances that another job may renew as well, and retries until a server responds. before,
// if set, excludes instances that expire then or later.
func (c client) overlap(ctx context.Context, ids []string, before time.Time) (jobID string) {
	request := &ecsdv1.CreateRenewalJobRequest{RequestId: uuid.NewString(), Selection: &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: ids}}}, Term: &ecsdv1.CreateRenewalJobRequest_Period{Period: oneMonth}, PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true}}
	if !before.IsZero() {
		request.OnlyIfExpiringBefore = timestamppb.New(before)
	}
	for {
		try, cancel := context.WithTimeout(ctx, 20*time.Second)
		created, err := c.CreateRenewalJob(try, request)
		cancel()
		if err == nil {
			return created.GetJob().GetJobId()
		}
		if !pause(ctx, 300*time.Millisecond) {
			c.t.Errorf("an overlapping job was not stored: %v", err)
			return ""
		}
	}
}

// evidence collects what the cloud, the network and the ledger show.
func (c client) evidence(cloud *cloud) evidence {
	c.t.Helper()
	e := evidence{bill: cloud.Ledger(simulator.LedgerFilter{}), renewals: c.renewals("")}
	cloud.mu.Lock()
	e.sends = slices.Clone(cloud.sends)
	cloud.mu.Unlock()
	ctx, cancel := context.WithTimeout(c.t.Context(), 50*time.Second)
	defer cancel()
	for token := ""; ; {
		page, err := c.ListRenewalJobs(ctx, &ecsdv1.ListRenewalJobsRequest{PageSize: 100, PageToken: token})
		if err != nil {
			c.t.Fatal(err)
		}
		e.jobs = append(e.jobs, page.GetJobs()...)
		if token = page.GetNextPageToken(); token == "" {
			return e
		}
	}
}

// ended waits until a job has ended. It retries while the server does not respond.
func (c client) ended(jobID string, patience time.Duration) *ecsdv1.RenewalJob {
	c.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var job *ecsdv1.RenewalJob
	for giveUp := time.Now().Add(patience); time.Now().Before(giveUp); <-tick.C {
		ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
		answer, err := c.GetRenewalJob(ctx, &ecsdv1.GetRenewalJobRequest{JobId: jobID})
		cancel()
		if err != nil {
			continue
		}
		switch job = answer.GetJob(); job.GetState() {
		case ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PENDING, ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_RUNNING:
		default:
			return job
		}
	}
	c.t.Fatalf("the job is not over after %s: %v", patience, job)
	return nil
}

// follow watches a job from its beginning to its end, and returns the number of renewals in the messages. received, if
// set, is called for each message.
func (c client) follow(jobID string, received func()) (renewals int) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Minute)
	defer cancel()
	watch, err := c.WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: jobID})
	for err == nil {
		var message *ecsdv1.WatchRenewalJobResponse
		if message, err = watch.Recv(); err == nil {
			renewals += len(message.GetRenewals())
			if received != nil {
				received()
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		c.t.Errorf("a watch of job %s ended with %v", jobID, err)
	}
	return renewals
}

// renewals returns the renewals of a job, or all.
func (c client) renewals(jobID string) (all []*ecsdv1.Renewal) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 50*time.Second)
	defer cancel()
	for token := ""; ; {
		page, err := c.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{JobId: jobID, PageSize: 1000, PageToken: token})
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, page.GetRenewals()...)
		if token = page.GetNextPageToken(); token == "" {
			return all
		}
	}
}
