package client_test

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func ExampleDial() {
	address, stop := serveFleet()
	defer stop()

	c, err := client.Dial(address, client.WithInsecure(), client.WithCaller("billing"))
	if err != nil {
		panic(err)
	}
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := c.Instances().GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: "i-bp1web001"})
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.GetInstance().GetInstanceName(), answer.GetInstance().GetStatus())
	// Output: web-001 INSTANCE_STATUS_RUNNING
}

func ExampleClient_ListInstances() {
	address, stop := serveFleet()
	defer stop()

	c, err := client.Dial(address, client.WithInsecure(), client.WithCaller("billing"))
	if err != nil {
		panic(err)
	}
	defer c.Close()
	for instance, err := range c.ListInstances(context.Background(), nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println(instance.GetInstanceId(), instance.GetStatus())
	}
	// Output:
	// i-bp1web001 INSTANCE_STATUS_RUNNING
	// i-bp1web002 INSTANCE_STATUS_STOPPED
}

func ExampleReason() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()

	_, err = c.Instances().GetInstance(context.Background(), &ecsdv1.GetInstanceRequest{InstanceId: "i-bp1nosuch"})
	switch client.Reason(err) {
	case ecsdv1.ErrorReason_ERROR_REASON_INSTANCE_NOT_FOUND:
		fmt.Println("it was released, or never was")
	default:
		fmt.Println(err)
	}
	// Output: it was released, or never was
}

func ExampleErrorOf() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()

	_, err = c.Instances().StartInstances(context.Background(), &ecsdv1.StartInstancesRequest{})
	e := client.ErrorOf(err)
	fmt.Println(e.Code, e.ReasonName)
	for _, field := range e.Fields {
		fmt.Println(field.GetField(), field.GetDescription())
	}
	if e.Retryable {
		fmt.Println("again after", e.RetryDelay)
	}
	// Output:
	// InvalidArgument INVALID_FIELD
	// instance_ids must have 1 to 1000 ids; got 0
}

func ExampleClient_ListExpiringInstances() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()
	ctx := context.Background()

	fortnight := &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * 24 * time.Hour)}
	for expiring, err := range c.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: fortnight}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(expiring.GetInstance().GetInstanceId(), expiring.GetInstance().GetExpireTime().AsTime().Format(time.DateOnly))
	}
	// Output:
	// i-bp1web001 2026-11-24
	// i-bp1web002 2026-11-26
}

func ExampleClient_Renew() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()
	ctx := context.Background()

	limit, err := client.Money("500.00", "CNY")
	if err != nil {
		panic(err)
	}
	renewal, err := c.Renew(ctx, &ecsdv1.RenewInstanceRequest{
		InstanceId: "i-bp1web001", Period: client.Months(1),
		PriceLimit: &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: limit},
	}, nil)
	if err == nil && renewal.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
		fmt.Println("paid", client.MoneyString(renewal.GetPrice()))
	}
	// Output: paid 260 CNY
}

// A cache of the instances of a region that stays consistent: the watch repeats whatever was lost in transit.
func ExampleClient_Watch() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cache := map[string]*ecsdv1.Instance{}
	for event, err := range c.Watch(ctx, &ecsdv1.WatchInstancesRequest{RegionIds: []string{"cn-hangzhou"}}) {
		if err != nil {
			panic(err)
		}
		switch e := event.(type) {
		case *client.Snapshot:
			cache[e.Instance.GetInstanceId()] = e.Instance
		case *client.Changed:
			cache[e.Instance.GetInstanceId()] = e.Instance
			fmt.Println(e.Instance.GetInstanceName(), "was", e.PreviousStatus, "and is", e.Instance.GetStatus())
		case *client.Removed:
			delete(cache, e.InstanceID)
			fmt.Println(e.InstanceID, e.Reason)
			return
		case *client.Checkpoint:
			fmt.Println(len(cache), "instances as of", e.ObservedTime.Format(time.TimeOnly))
		}
	}
	// Output:
	// 2 instances as of 08:00:00
	// web-001 was INSTANCE_STATUS_RUNNING and is INSTANCE_STATUS_STOPPED
	// 2 instances as of 08:00:30
	// i-bp1web002 INSTANCE_REMOVAL_REASON_RELEASED
}

// Freshness: the reported state may be old if the server cannot poll a region, or is unreachable.
func ExampleCheckpoint() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()

	for event, err := range c.Watch(context.Background(), nil) {
		if err != nil {
			panic(err)
		}
		switch e := event.(type) {
		case *client.Interrupted:
			fmt.Println("no news:", client.ErrorOf(e.Err).ReasonName)
		case *client.Checkpoint:
			for _, region := range e.Degraded {
				fmt.Println(region.GetRegionId(), client.ItemError(region.GetError()).Reason)
			}
			if len(e.Degraded) > 0 {
				return
			}
		}
	}
	// Output:
	// no news: SERVER_DRAINING
	// cn-hangzhou ERROR_REASON_THROTTLED
}

func ExampleClient_Wait() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	results, err := c.Wait(ctx, &ecsdv1.WaitInstancesRequest{
		InstanceIds: []string{"i-bp1web001", "i-bp1nosuch"}, Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING,
	})
	if err != nil {
		panic(err)
	}
	for _, result := range results {
		if e := client.ItemError(result.GetError()); e != nil {
			fmt.Println(result.GetInstanceId(), e.ReasonName)
			continue
		}
		fmt.Println(result.GetInstanceId(), result.GetInstance().GetStatus())
	}
	// Output:
	// i-bp1web001 INSTANCE_STATUS_RUNNING
	// i-bp1nosuch INSTANCE_NOT_FOUND
}

func ExampleClient_WatchReclaims() {
	address, stop := serveFleet()
	defer stop()
	c, err := client.Dial(address, client.WithInsecure())
	if err != nil {
		panic(err)
	}
	defer c.Close()

	for event, err := range c.WatchReclaims(context.Background(), nil) {
		if err != nil {
			panic(err)
		}
		switch e := event.(type) {
		case *client.ReclaimNotice:
			fmt.Println("drain", e.InstanceID, "until", e.ReleaseTimeEstimate.Format(time.TimeOnly))
		case *client.ReclaimEnded:
			fmt.Println(e.InstanceID, "is gone:", e.Outcome == client.ReclaimOutcomeReleased)
			return
		}
	}
	// Output:
	// drain i-bp1spot01 until 08:05:00
	// i-bp1spot01 is gone: true
}
