package subscription

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// ChangeDisks makes a change of the disks of an instance that costs nothing now: of pay-as-you-go disks, whose hours are
// billed at the old price up to now.
func (e *Engine) ChangeDisks(instanceID string, change func() error, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	i, ok := e.fleet.Get(instanceID)
	if !ok {
		return fmt.Errorf("change the disks of %s: %w", instanceID, fleet.ErrNotFound)
	}
	e.usage.Close(i, now)
	err := change()
	if _, lost := e.fleet.Update(instanceID, func(i *fleet.Instance) { i.UsedFrom = now }); err == nil {
		err = lost
	}
	if err != nil {
		return fmt.Errorf("change the disks of %s: %w", instanceID, err)
	}
	return nil
}
