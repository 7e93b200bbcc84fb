package cloud_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// twice is a network that delivers each payment twice, the second copy after a
// delay, and returns the response to the second.
type twice struct {
	cloud http.Handler
	delay time.Duration
}

func (n *twice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("Action") == "RenewInstance" {
		n.cloud.ServeHTTP(httptest.NewRecorder(), r.Clone(r.Context()))
		time.Sleep(n.delay)
	}
	n.cloud.ServeHTTP(w, r)
}

func TestRequestDeliveredTwice_OutcomeIsUnknown(t *testing.T) {
	for code, delay := range map[string]time.Duration{"SignatureNonceUsed": 0, "InvalidTimeStamp.Expired": 16 * time.Minute} {
		for _, by := range []string{"grant", "renew"} {
			t.Run(code+"/"+by, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sim, err := simulator.New(simulator.Config{})
					if err != nil {
						t.Fatal(err)
					}
					defer sim.Close()
					long := map[string]time.Duration{"RenewInstance": time.Hour}
					edge, _ := overPipes(t, &twice{sim, delay}, cloud.Config{Timeouts: long})
					id := seed(t, sim, simulator.Seed{})[0]
					if by == "grant" {
						_, err = grantOf(t, edge).Send(t.Context(), order(id))
					} else {
						_, err = edge.Renew(t.Context(), order(id))
					}
					failure := ecs.AsError(err)
					if failure == nil || failure.Cloud.Code != code {
						t.Fatalf("got %+v, want %s", failure, code)
					}
					if failure.Reason != ecs.ReasonOutcomeUnknown || failure.Effect != ecs.EffectUnknown {
						t.Errorf("got %s with effect %d, want OUTCOME_UNKNOWN", failure.Reason, failure.Effect)
					}
					if n := len(sim.Ledger(simulator.LedgerFilter{})); n != 1 {
						t.Errorf("%d charges, want that of the first copy", n)
					}
				})
			})
		}
	}
}

// A restart delivered twice must not become a third.
func TestRebootDeliveredTwice_IsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: refuses(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")}
		edge, _ := overPipes(t, server, cloud.Config{})
		if got := edge.RebootInstances(t.Context(), hangzhou, []string{"i-1"}, false, false)[0]; reasonOf(t, got.Err) != ecs.ReasonOutcomeUnknown {
			t.Errorf("got %v, want OUTCOME_UNKNOWN", got.Err)
		}
		if n := len(server.asked()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}
