package changelog

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// An instance is stored as JSON without the fields that have no value: watchers
// wait until it is on disk. A field added by a later version reads as its zero
// value from an earlier row, and the next poll fills it.

// Encode returns the change of an instance between two states: nil before if it
// is new, nil after if it is gone.
func Encode(instanceID string, before, after *ecs.Instance) (Change, error) {
	c := Change{InstanceID: instanceID}
	var err error
	if c.Before, err = encodeBefore(instanceID, before, after); err != nil {
		return Change{}, err
	}
	if c.After, err = encode(instanceID, after); err != nil {
		return Change{}, err
	}
	return c, nil
}

// Decode returns the states of the change: nil before if the instance is new,
// nil after if it is gone.
func (c Change) Decode() (before, after *ecs.Instance, err error) {
	if after, err = decode(c.InstanceID, c.After); err != nil {
		return nil, nil, err
	}
	if before, err = c.decodeBefore(); err != nil {
		return nil, nil, err
	}
	return before, after, nil
}

// Decode returns the instance of the record.
func (r Record) Decode() (*ecs.Instance, error) { return decode(r.InstanceID, r.State) }

func encode(instanceID string, i *ecs.Instance) ([]byte, error) {
	if i == nil {
		return nil, nil
	}
	text, err := json.Marshal(i)
	if err != nil {
		return nil, fmt.Errorf("encode instance %s: %w", instanceID, err)
	}
	return text, nil
}

func decode(instanceID string, text []byte) (*ecs.Instance, error) {
	if text == nil {
		return nil, nil
	}
	i := new(ecs.Instance)
	if err := json.Unmarshal(text, i); err != nil {
		return nil, fmt.Errorf("decode instance %s: %w", instanceID, err)
	}
	return i, nil
}

// encodeBefore encodes only the fields of the earlier state that differ from the
// new one: they are few, and watchers wait until a change is on disk.
func encodeBefore(instanceID string, before, after *ecs.Instance) ([]byte, error) {
	if before == nil || after == nil {
		return encode(instanceID, before)
	}
	was, is := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	fields := map[string]any{}
	for i := range was.NumField() {
		if then, now := was.Field(i), is.Field(i); !same(then, now) {
			fields[was.Type().Field(i).Name] = then.Interface()
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode the earlier state of instance %s: %w", instanceID, err)
	}
	return text, nil
}

// same is reflect.DeepEqual of two fields, without the copies of both that their
// interfaces would take.
func same(a, b reflect.Value) bool {
	return a.Type().Comparable() && a.Equal(b) || reflect.DeepEqual(a.Addr().Interface(), b.Addr().Interface())
}

// decodeBefore decodes the earlier state, also if an earlier version stored all
// of its fields.
func (c Change) decodeBefore() (*ecs.Instance, error) {
	if c.Before == nil || c.After == nil {
		return decode(c.InstanceID, c.Before)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.Before, &fields); err != nil {
		return nil, fmt.Errorf("decode the earlier state of instance %s: %w", c.InstanceID, err)
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
		return nil, fmt.Errorf("decode the earlier state of instance %s: %w", c.InstanceID, err)
	}
	return i, nil
}
