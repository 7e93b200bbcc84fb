package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// verifyOften is how often the new expiry of a renewal that somebody waits for
// is looked for. Those of larger jobs wait together: see verifier.
const verifyOften = 2 * time.Second

// verify waits until the cloud shows the expiry that was paid for. It ends
// UNVERIFIED where it does not; that is paid all the same.
func (c *carrier) verify(ctx context.Context) error {
	for {
		instance, err := c.read(ctx)
		if done, err := c.verified(ctx, instance, err); done {
			return err
		}
		if err := sleepToTick(ctx, max(verifyOften, time.Since(c.stood)/10)); err != nil {
			return err
		}
	}
}

// verified ends a renewal by what was read of its instance, and says whether
// that was the end.
func (c *carrier) verified(ctx context.Context, instance ecs.Instance, err error) (done bool, _ error) {
	next := c.r
	if err == nil && next.Period.Proves(instance.ExpireTime, next.ExpireBefore, next.ExpireExpected) {
		next.ExpireAfter, next.Failure = instance.ExpireTime, ledger.Failure{}
		return true, c.move(ctx, next, ledger.Renewed)
	}
	if time.Since(c.stood) < c.config.VerifyWindow {
		return false, nil
	}
	if err == nil && instance.ExpireTime.After(next.ExpireBefore) {
		next.ExpireAfter = instance.ExpireTime
	}
	next.Failure = ledger.Failure{
		Reason: ecs.ReasonExpiryUnverified,
		Message: fmt.Sprintf("paid, but the cloud did not show the expiry of %s within %s",
			stamp(next.ExpireExpected), c.config.VerifyWindow),
	}
	return true, c.move(ctx, next, ledger.Unverified)
}
