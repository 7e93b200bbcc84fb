package watch

import (
	"encoding/json"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// An instance is JSON in the store: a field that a later version adds reads as
// its zero value from what an earlier one wrote, and the next poll fills it.

func encode(i *ecs.Instance) ([]byte, error) {
	if i == nil {
		return nil, nil
	}
	text, err := json.Marshal(i)
	if err != nil {
		return nil, fmt.Errorf("write instance %s: %w", i.ID, err)
	}
	return text, nil
}

func decode(id string, text []byte) (*ecs.Instance, error) {
	if text == nil {
		return nil, nil
	}
	i := new(ecs.Instance)
	if err := json.Unmarshal(text, i); err != nil {
		return nil, fmt.Errorf("read instance %s from the store: %w", id, err)
	}
	return i, nil
}

// encodeRows makes the rows of those changes that have none yet.
func encodeRows(changes []*Change) error {
	for _, c := range changes {
		if c.row != nil {
			continue
		}
		row := &ecs.Change{InstanceID: c.InstanceID}
		var err error
		if row.Before, err = encode(c.Before); err != nil {
			return err
		}
		if row.After, err = encode(c.After); err != nil {
			return err
		}
		c.row = row
	}
	return nil
}

// decodeRevision reads the changes of a revision.
func decodeRevision(r ecs.Revision) ([]*Change, error) {
	changes := make([]*Change, 0, len(r.Changes))
	for _, c := range r.Changes {
		before, err := decode(c.InstanceID, c.Before)
		if err != nil {
			return nil, err
		}
		after, err := decode(c.InstanceID, c.After)
		if err != nil {
			return nil, err
		}
		changes = append(changes, &Change{Revision: r.Number, RegionID: r.RegionID, InstanceID: c.InstanceID, Before: before, After: after})
	}
	return changes, nil
}
