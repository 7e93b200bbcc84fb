package cloud

import (
	"context"
	"encoding/base64"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// RunInstances creates instances and starts them. It returns their IDs as soon
// as the cloud has accepted; they are Running some time later. With MinCount
// there may be fewer than Amount, else there are all or none.
//
// Every try carries the order's token, so that the cloud executes it once. An
// order without a token is refused before anything is sent. A call with an
// unknown outcome after its tries returns OUTCOME_UNKNOWN with EffectUnknown:
// the same order under the same token, or a search for its tags, settles it. An
// order with DryRun creates nothing, needs no token, and returns no error if
// the cloud would create the instances.
//
// Password and user data are sent and appear in no error, log or span.
func (e *Edge) RunInstances(ctx context.Context, o ecs.LaunchOrder) (ecs.Launched, error) {
	return e.launch(ctx, "RunInstances", o, checkLaunch(o), writeRun)
}

// CreateInstance creates one instance, as RunInstances does, and leaves it
// stopped and without a public address. An option that only RunInstances takes
// (more than one, an auto-release time, a launch template, several security
// groups) is an INVALID_FIELD error, and nothing is sent.
func (e *Edge) CreateInstance(ctx context.Context, o ecs.LaunchOrder) (ecs.Launched, error) {
	return e.launch(ctx, "CreateInstance", o, checkCreate(o), writeCreate)
}

// launch carries out an order that was checked.
func (e *Edge) launch(ctx context.Context, action string, o ecs.LaunchOrder, wrong error, write func(ecs.LaunchOrder) requests.AcsRequest) (ecs.Launched, error) {
	if wrong != nil {
		return ecs.Launched{}, wrong
	}
	var made ecs.Launched
	read := func(body []byte) (requestID string, err error) {
		made, requestID, err = answer.ReadLaunched(body)
		return requestID, err
	}
	if o.DryRun {
		// A dry run creates nothing, whatever its response.
		o.ClientToken, read = "", answer.RequestID
	} else if err := checkToken(o.ClientToken, o.RegionID, ""); err != nil {
		return ecs.Launched{}, err
	}
	err := e.do(ctx, operation{
		action: action, region: o.RegionID,
		changes: !o.DryRun, dryRun: o.DryRun,
		secrets: secretsOf(o.Spec),
		write:   func() requests.AcsRequest { return write(o) },
		read:    read,
	})
	if err != nil {
		return ecs.Launched{}, err
	}
	return made, nil
}

// secretsOf are the values of a spec that no text may quote.
func secretsOf(spec ecs.InstanceSpec) []string {
	return []string{spec.Password, string(spec.UserData), encoded(spec.UserData)}
}

// encoded writes user data as the cloud takes it.
func encoded(userData []byte) string { return base64.StdEncoding.EncodeToString(userData) }
