package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// The cloud shows a new expiry up to about ten seconds late, so it is
	// looked for often at first and seldom after.
	verifyOften  = 2 * time.Second
	verifySeldom = 10 * time.Second
	oftenFor     = 20 * time.Second
)

// verify waits until the cloud shows the expiry that was paid for. It ends
// UNVERIFIED where it does not; that is paid all the same.
func (e *Engine) verify(ctx context.Context, r ecs.Renewal) (ecs.Renewal, error) {
	paid := r.UpdateTime
	for {
		expiry, err := e.expiry(ctx, r)
		if err == nil && !expiry.Before(r.ExpireExpected) {
			r.ExpireAfter, r.Failure = expiry, ecs.RenewalFailure{}
			return e.move(ctx, r, ecs.RenewalRenewed)
		}
		if time.Since(paid) >= e.config.VerifyWindow {
			if err == nil && expiry.After(r.ExpireBefore) {
				r.ExpireAfter = expiry
			}
			r.Failure = ecs.RenewalFailure{
				Reason: ecs.ReasonExpiryUnverified,
				Message: fmt.Sprintf("paid, but the cloud did not show an expiry of at least %s within %s",
					r.ExpireExpected.Format(time.RFC3339), e.config.VerifyWindow),
			}
			return e.move(ctx, r, ecs.RenewalUnverified)
		}
		wait := verifySeldom
		if time.Since(paid) < oftenFor {
			wait = verifyOften
		}
		if err := sleep(ctx, wait); err != nil {
			return r, err
		}
	}
}
