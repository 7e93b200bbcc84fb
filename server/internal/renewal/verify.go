package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// The cloud shows a new expiry up to about ten seconds late. Where somebody
	// waits for the one renewal it is looked for often at first; those of a
	// larger job are read a hundred at a time, and twice as a rule.
	verifyOften  = 2 * time.Second
	verifySeldom = 10 * time.Second
	oftenFor     = 20 * time.Second
)

// verify waits until the cloud shows the expiry that was paid for. It ends
// UNVERIFIED where it does not; that is paid all the same.
func (c *carrier) verify(ctx context.Context) error {
	paid := c.r.UpdateTime
	for looked := false; ; looked = true {
		if looked || !c.spec.Single {
			if err := sleepToTick(ctx, c.verifyPoll(paid)); err != nil {
				return err
			}
		}
		instance, err := c.read(ctx)
		next := c.r
		if err == nil && next.Period.Proves(instance.ExpireTime, next.ExpireBefore, next.ExpireExpected) {
			next.ExpireAfter, next.Failure = instance.ExpireTime, ecs.RenewalFailure{}
			return c.move(ctx, next, ecs.RenewalRenewed)
		}
		if time.Since(paid) >= c.config.VerifyWindow {
			if err == nil && instance.ExpireTime.After(next.ExpireBefore) {
				next.ExpireAfter = instance.ExpireTime
			}
			next.Failure = ecs.RenewalFailure{
				Reason: ecs.ReasonExpiryUnverified,
				Message: fmt.Sprintf("paid, but the cloud did not show the expiry of %s within %s",
					stamp(next.ExpireExpected), c.config.VerifyWindow),
			}
			return c.move(ctx, next, ecs.RenewalUnverified)
		}
	}
}

func (c *carrier) verifyPoll(paid time.Time) time.Duration {
	if c.spec.Single && time.Since(paid) < oftenFor {
		return verifyOften
	}
	return verifySeldom
}
