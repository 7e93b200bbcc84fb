package e2e_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A caller with short deadlines retries one request_id while the outcome of its order is
// unknown. Each response that is not final has the state and the attempts, and
// there is a final one: paid, or a renewal that needs attention.
func TestRenewInstance_DeadlinesEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		kind control.Kind
		poor bool // the account has no money for a second send
		want codes.Code
		paid int
	}{
		{"paid, response lost", control.LostReply, false, codes.OK, 1},
		{"request lost", control.Reset, false, codes.OK, 1},
		{"token rejected", control.Poison, false, codes.OK, 1},
		{"request lost, then refused", control.Reset, true, codes.Unknown, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.RenewalSettle = time.Second })
			id := w.seed(simulator.Seed{})[0]
			w.fault(simulator.Fault{Action: "RenewInstance", Kind: test.kind, Count: 1})
			if test.poor {
				w.sim.SetBalance(0)
			}
			request := &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
			var err error
			attempts, responses := 0, 0
			for end := time.Now().Add(time.Minute); time.Now().Before(end); responses++ {
				_, err = w.renewals.RenewInstance(within(t, 2*time.Second), request)
				if status.Code(err) != codes.DeadlineExceeded {
					break
				}
				info, _ := detail[*errdetails.ErrorInfo](err)
				got, parsed := strconv.Atoi(info.GetMetadata()["attempts"])
				if info.GetMetadata()["state"] == "" || parsed != nil || got < attempts {
					t.Errorf("a response that is not final: %v, metadata %v, %d attempts before", err, info.GetMetadata(), attempts)
				}
				attempts = got
			}
			if status.Code(err) != test.want || responses == 0 {
				t.Errorf("after %d deadlines: %v, want %s", responses, err, test.want)
			}
			if n := len(w.sim.Ledger(simulator.LedgerFilter{})); n != test.paid {
				t.Errorf("%d charges, want %d", n, test.paid)
			}
		})
	}
}
