// Package catalog knows what the cloud offers: today its regions.
//
// What goes out is a list that changes a few times a year, so it is read once
// and kept for a while; a cloud that does not answer is no reason to forget it.
// It changes nothing in the cloud.
package catalog

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// keepRegions is how long a list of regions is answered without asking again.
const keepRegions = time.Hour

// Cloud is what catalog needs of the edge.
type Cloud interface {
	Regions(ctx context.Context) ([]ecs.Region, error)
}

// Catalog answers what the cloud offers. It is safe for concurrent use.
type Catalog struct {
	cloud  Cloud
	flight singleflight.Group

	mu      sync.RWMutex
	regions []ecs.Region
	readAt  time.Time
}

// New returns a Catalog over the cloud.
func New(cloud Cloud) *Catalog { return &Catalog{cloud: cloud} }

// Regions lists the account's regions, at most an hour old; older where
// the cloud does not answer. The slice is shared: callers only read it.
func (c *Catalog) Regions(ctx context.Context) ([]ecs.Region, error) {
	kept, readAt := c.kept()
	if kept != nil && time.Since(readAt) < keepRegions {
		return kept, nil
	}
	// The read belongs to all who wait for it, so one caller's end is not its
	// end; the edge's own time-out bounds it.
	answer := c.flight.DoChan("regions", func() (any, error) {
		regions, err := c.cloud.Regions(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.regions, c.readAt = regions, time.Now()
		return regions, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-answer:
		if result.Err == nil {
			return result.Val.([]ecs.Region), nil
		}
		if kept != nil {
			return kept, nil
		}
		return nil, result.Err
	}
}

func (c *Catalog) kept() ([]ecs.Region, time.Time) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.regions, c.readAt
}
