package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// Calls by the ID of an instance that ecsd launched wait until the cloud shows
// it.
func TestLaunchedInstance_NotVisibleYet(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(w *world, id string) error{
		"GetInstance": func(w *world, id string) error {
			_, err := w.instances.GetInstance(within(w.t, 20*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: id})
			return err
		},
		"RenewInstance": func(w *world, id string) error {
			_, err := w.renewals.RenewInstance(within(w.t, 20*time.Second), &ecsdv1.RenewInstanceRequest{
				InstanceId: id,
				RequestId:  uuid.NewString(),
				Period:     &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH},
				PriceLimit: anyPrice,
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Config{ListLag: 3 * time.Second, ListLagByID: true}, nil)
			request := w.launch(1)
			request.Spec.ChargeType = subscription
			request.PriceLimit = &ecsdv1.RunInstancesRequest_AnyPrice{AnyPrice: true}
			request.Spec.Period = &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
			// The deadline passes during the wait for the new instance: for the client, or first for the server, which then
			// returns the ID alone. On busy cores it may pass before the launch.
			var answer *ecsdv1.RunInstancesResponse
			var err error
			for deadline := time.Second; len(w.there()) == 0 && deadline < time.Minute; deadline *= 2 {
				answer, err = w.instances.RunInstances(within(t, deadline), request)
			}
			if err == nil && answer.GetInstances()[0].GetStatus() != ecsdv1.InstanceStatus_INSTANCE_STATUS_UNSPECIFIED {
				t.Fatalf("the launch returned %v, want an instance that is not visible", answer)
			}
			if err := call(w, w.there()[0]); err != nil {
				t.Errorf("got %v, want the call to wait", err)
			}
		})
	}
}
