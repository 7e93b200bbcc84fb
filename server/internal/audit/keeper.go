package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Chain is the part of the store that a Keeper uses.
type Chain interface {
	// SealAudit seals at most limit records under a lease and returns the new block,
	// the zero value if there was nothing to seal.
	SealAudit(ctx context.Context, lease ecs.Lease, limit int) (Block, error)
	// TrimAudit removes the records of blocks sealed before a time.
	TrimAudit(ctx context.Context, lease ecs.Lease, before time.Time) error
	// AuditHead reads the newest block.
	AuditHead(ctx context.Context) (Block, error)
	// AuditBlocks reads blocks, oldest first, after a number.
	AuditBlocks(ctx context.Context, after int64, limit int) ([]Block, error)
	// ListAudit reads records, newest first.
	ListAudit(ctx context.Context, f Filter, after string, limit int) ([]Record, error)
}

const (
	// maxBlock bounds the records of one block.
	maxBlock = 1000
	// sealInterval is how long a record waits for its seal.
	sealInterval = time.Second
	// trimInterval is how often old records are removed.
	trimInterval = time.Minute
	// checked is the number of blocks that a new keeper verifies.
	checked = 10
)

// Keeper seals records and removes old ones. One process at a time runs it, under
// a lease.
type Keeper struct {
	Chain Chain
	// Retention is how long records are kept after their seal, 0 for ever.
	Retention time.Duration
	Logger    *slog.Logger
}

// Run seals until ctx ends or the lease is lost, and returns the error of either.
// Failures of the store are logged, and retried.
func (k Keeper) Run(ctx context.Context, lease func() ecs.Lease) error {
	if err := k.verify(ctx); err != nil && ctx.Err() == nil {
		k.Logger.Error("audit chain broken", "error", err.Error(), "verify", "ecsd audit verify")
	}
	tick := time.NewTicker(sealInterval)
	defer tick.Stop()
	var trimmed time.Time
	for {
		err := k.seal(ctx, lease)
		if err == nil && k.Retention > 0 && time.Since(trimmed) >= trimInterval {
			trimmed = time.Now()
			err = k.Chain.TrimAudit(ctx, lease(), trimmed.Add(-k.Retention))
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ecs.ErrLeaseLost):
			return ecs.ErrLeaseLost
		case err != nil:
			k.Logger.WarnContext(ctx, "seal audit failed, retrying", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// seal seals all records that wait.
func (k Keeper) seal(ctx context.Context, lease func() ecs.Lease) error {
	for {
		b, err := k.Chain.SealAudit(ctx, lease(), maxBlock)
		if err != nil || b.Number == 0 {
			return err
		}
		k.Logger.InfoContext(ctx, "audit block sealed", "block", b.Number, "records", b.Count, "hash", hex.EncodeToString(b.Hash))
		if b.Count < maxBlock {
			return nil
		}
	}
}

// verify checks the newest blocks, so that a chain that was changed while no
// server ran is reported when one starts.
func (k Keeper) verify(ctx context.Context) error {
	head, err := k.Chain.AuditHead(ctx)
	if err != nil || head.Number == 0 {
		return err
	}
	blocks, err := k.Chain.AuditBlocks(ctx, max(head.Number-checked-1, 0), checked+1)
	if err != nil {
		return err
	}
	for i, b := range blocks {
		var previous *Block
		if i > 0 {
			previous = &blocks[i-1]
		} else if b.Number != 1 {
			continue // its predecessor was not read
		}
		records, err := k.Chain.ListAudit(ctx, Filter{Block: b.Number}, "", maxBlock+1)
		if err != nil {
			return err
		}
		slices.Reverse(records)
		if err := Verify(previous, b, records); err != nil {
			return err
		}
	}
	return nil
}
