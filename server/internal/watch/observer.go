package watch

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Observer is told what the room does, for metrics. A nil function is not
// called; none may block.
type Observer struct {
	// Polled: a region was listed to its end, from began on.
	Polled func(regionID string, began time.Time)
	// Failed: a region could not be listed.
	Failed func(regionID string, cause *ecs.Error)
	// Changed: a revision with so many changes was written at a time.
	Changed func(regionID string, changes int)
}

func (o Observer) polled(regionID string, began time.Time) {
	if o.Polled != nil {
		o.Polled(regionID, began)
	}
}

func (o Observer) failed(regionID string, cause *ecs.Error) {
	if o.Failed != nil {
		o.Failed(regionID, cause)
	}
}

func (o Observer) changed(regionID string, changes int) {
	if o.Changed != nil {
		o.Changed(regionID, changes)
	}
}
