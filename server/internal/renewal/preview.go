package renewal

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// PreviewLife is how long a plan is kept for its later pages.
const PreviewLife = 15 * time.Minute

// Pages keeps the parts of plans.
type Pages interface {
	// SavePreview stores the parts of a plan, and removes the plans that were stored
	// before since.
	SavePreview(ctx context.Context, id string, parts [][]byte, at, since time.Time) error
	// PreviewPart reads a part of a plan that was stored after since, ecs.ErrNoRecord
	// if there is none.
	PreviewPart(ctx context.Context, id string, part int, since time.Time) ([]byte, error)
}

// Previews keeps plans for their later pages. It is safe for concurrent use.
type Previews struct{ pages Pages }

// NewPreviews returns Previews that the pages keep.
func NewPreviews(pages Pages) Previews { return Previews{pages} }

// Keep stores a plan in parts, encoded by the caller, and returns its ID. Any
// replica can read it.
func (p Previews) Keep(ctx context.Context, parts [][]byte) (id string, err error) {
	id = uuid.NewString()
	now := time.Now().UTC()
	return id, p.pages.SavePreview(ctx, id, parts, now, now.Add(-PreviewLife))
}

// Kept returns a part of a stored plan, ecs.ErrNoRecord if it is no longer kept.
func (p Previews) Kept(ctx context.Context, id string, part int) ([]byte, error) {
	return p.pages.PreviewPart(ctx, id, part, time.Now().Add(-PreviewLife))
}
