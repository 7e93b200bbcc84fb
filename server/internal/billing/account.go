package billing

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// patience bounds a read of the balance or of the ends of subscriptions: what they
// add to a response does not delay it for longer.
const patience = 3 * time.Second

// Balance returns what the account can pay now, no amount if that cannot be read.
func (b *Bills) Balance(ctx context.Context) (amount ecs.Money) {
	b.brief(ctx, balance, func(ctx context.Context) error {
		read, err := b.cloud.Balance(ctx)
		if err == nil {
			amount = read
		}
		return err
	})
	return amount
}

// SubscriptionEnds returns when the cloud plans to stop and release subscriptions,
// by instance ID, as far as that can be read.
func (b *Bills) SubscriptionEnds(ctx context.Context, ids []string) (found map[string]ecs.SubscriptionEnd) {
	if len(ids) > 0 {
		b.brief(ctx, ends, func(ctx context.Context) (err error) {
			found, err = b.cloud.SubscriptionEnds(ctx, ids)
			return err
		})
	}
	return found
}

// brief makes a read that the response can do without.
func (b *Bills) brief(ctx context.Context, what string, read func(context.Context) error) {
	if b.paused(what) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := b.wait(ctx)
	if err == nil {
		err = read(ctx)
	}
	b.note(ctx, what, err)
}
