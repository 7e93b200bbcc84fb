package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
)

// The balance is always the initial balance minus the sum of the ledger; the ledger is append-only; a charge that is
// not covered has no effect.
func TestLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := control.Amount(rapid.Int64Range(0, 10_000).Draw(t, "balance"))
		paidIn := control.Amount(0)
		a := account.New(first, 100)
		var before []control.Order
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "step") == 0 {
				more := control.Amount(rapid.Int64Range(0, 1000).Draw(t, "payment"))
				a.SetBalance(a.Balance() + more)
				paidIn += more
			}
			amount := control.Amount(rapid.Int64Range(0, 3000).Draw(t, "amount"))
			balance := a.Balance()
			o, err := a.Charge(control.Order{Amount: amount, InstanceID: "i-1"})
			switch {
			case amount > balance && !errors.Is(err, account.ErrBalance):
				t.Fatalf("charged %s with %s left: %v", amount, balance, err)
			case amount <= balance && (err != nil || o.OrderID == "" || o.Currency != "CNY"):
				t.Fatalf("charge of %s with %s left: %+v, %v", amount, balance, o, err)
			}
			orders := a.Orders(control.LedgerFilter{})
			if diff := cmp.Diff(before, orders[:len(before)], cmp.Comparer(func(a, b control.Order) bool { return a == b })); diff != "" && len(before) > 0 {
				t.Fatalf("the ledger was rewritten:\n%s", diff)
			}
			before = orders
			sum := control.Amount(0)
			seen := map[string]bool{}
			for _, o := range orders {
				sum += o.Amount
				if seen[o.OrderID] {
					t.Fatalf("order %s is there twice", o.OrderID)
				}
				seen[o.OrderID] = true
			}
			if got := a.Balance(); got != first+paidIn-sum || got < 0 {
				t.Fatalf("balance %s, want %s + %s - %s", got, first, paidIn, sum)
			}
		}
	})
}

// model is the expected state of a token, computed independently of the register.
type model struct{ state, fingerprint, answer string }

func TestTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tokens := account.NewTokens(0)
		known := map[string]*model{}
		open := map[string]account.Claim{}
		now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		key := rapid.SampledFrom([]string{"a", "b", "c"})
		t.Repeat(map[string]func(*rapid.T){
			"claim": func(t *rapid.T) {
				k, print := key.Draw(t, "key"), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "fingerprint")
				claim, answer, replay, err := tokens.Claim(k, print, now)
				m := known[k]
				switch {
				case m == nil:
					if err != nil || replay {
						t.Fatalf("a new token: replay %v, %v", replay, err)
					}
					known[k] = &model{state: "processing", fingerprint: print}
					open[k] = claim
				case m.state == "poisoned":
					if !errors.Is(err, account.ErrTokenPoisoned) {
						t.Fatalf("a poisoned token: %v", err)
					}
				case m.fingerprint != print:
					if !errors.Is(err, account.ErrTokenMismatch) {
						t.Fatalf("other parameters: %v", err)
					}
				case m.state == "processing":
					if !errors.Is(err, account.ErrTokenProcessing) {
						t.Fatalf("in progress: %v", err)
					}
				default:
					if err != nil || !replay || answer != m.answer {
						t.Fatalf("replay: %v, answer %q, want %q, %v", replay, answer, m.answer, err)
					}
				}
			},
			"end": func(t *rapid.T) {
				k := key.Draw(t, "key")
				claim, ok := open[k]
				if !ok {
					t.Skip("nothing is in progress")
				}
				delete(open, k)
				switch rapid.IntRange(0, 2).Draw(t, "how") {
				case 0:
					known[k].state, known[k].answer = "done", rapid.String().Draw(t, "answer")
					claim.Done(known[k].answer)
				case 1:
					known[k].state = "poisoned"
					claim.Poison()
				case 2:
					delete(known, k)
					claim.Release()
				}
			},
		})
	})
}

func TestTokenLife(t *testing.T) {
	tokens := account.NewTokens(24 * time.Hour)
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	claim, _, _, _ := tokens.Claim("k", "x", now)
	claim.Done("order")
	if _, _, replay, _ := tokens.Claim("k", "x", now.Add(24*time.Hour-1)); !replay {
		t.Error("forgotten too early")
	}
	if _, _, replay, err := tokens.Claim("k", "other", now.Add(24*time.Hour)); replay || err != nil {
		t.Errorf("not forgotten: replay %v, %v", replay, err)
	}
}
