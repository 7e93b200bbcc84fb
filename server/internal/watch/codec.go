package watch

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// An instance is stored as JSON: a field added by a later version reads as its
// zero value from an earlier row, and the next poll fills it.

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

// encodeBefore writes only the fields of the earlier state that differ from the
// new one: they are few, and watchers wait until a change is on disk.
func encodeBefore(c *Change) ([]byte, error) {
	if c.Before == nil || c.After == nil {
		return encode(c.Before)
	}
	was, is := reflect.ValueOf(c.Before).Elem(), reflect.ValueOf(c.After).Elem()
	fields := map[string]any{}
	for i := range was.NumField() {
		if then := was.Field(i).Interface(); !reflect.DeepEqual(then, is.Field(i).Interface()) {
			fields[was.Type().Field(i).Name] = then
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write what instance %s was: %w", c.InstanceID, err)
	}
	return text, nil
}

// decodeBefore reads the earlier state, also if an earlier version wrote all of
// its fields.
func decodeBefore(c ecs.Change) (*ecs.Instance, error) {
	if c.Before == nil || c.After == nil {
		return decode(c.InstanceID, c.Before)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.Before, &fields); err != nil {
		return nil, fmt.Errorf("read what instance %s was from the store: %w", c.InstanceID, err)
	}
	i, err := decode(c.InstanceID, c.After)
	if err != nil {
		return nil, err
	}
	for name := range fields {
		// Decoding would leave earlier values in a map or behind a pointer.
		if field := reflect.ValueOf(i).Elem().FieldByName(name); field.IsValid() {
			field.SetZero()
		}
	}
	if err := json.Unmarshal(c.Before, i); err != nil {
		return nil, fmt.Errorf("read what instance %s was from the store: %w", c.InstanceID, err)
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
		if row.Before, err = encodeBefore(c); err != nil {
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
		before, err := decodeBefore(c)
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
