package changelog

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The earlier state is decoded from any differing fields, and from the whole
// state that an earlier version wrote.
func TestDecode_EarlierState(t *testing.T) {
	plain := func() *ecs.Instance {
		return &ecs.Instance{
			ID: "i-1", RegionID: "cn-hangzhou", Name: "a", Status: ecs.StatusRunning, CPU: 2,
			ExpireTime: time.Unix(1_800_000_000, 0).UTC(), Tags: []ecs.Tag{{Key: "team", Value: "x"}, {Key: "env", Value: "p"}},
			Spot: &ecs.Spot{}, Network: ecs.Network{VPCID: "vpc-1", PrivateIPAddresses: []string{"10.0.0.1"}},
		}
	}
	for name, was := range map[string]func(*ecs.Instance){
		"nothing":      func(*ecs.Instance) {},
		"a name":       func(i *ecs.Instance) { i.Name = "b" },
		"fewer tags":   func(i *ecs.Instance) { i.Tags = i.Tags[:1] },
		"no tags":      func(i *ecs.Instance) { i.Tags = nil },
		"not spot":     func(i *ecs.Instance) { i.Spot = nil },
		"no addresses": func(i *ecs.Instance) { i.Network.PrivateIPAddresses = nil },
		"no expiry":    func(i *ecs.Instance) { i.ExpireTime = time.Time{} },
		"all":          func(i *ecs.Instance) { *i = ecs.Instance{ID: "i-1"} },
	} {
		t.Run(name, func(t *testing.T) {
			before, after := plain(), plain()
			was(before)
			for _, c := range []struct{ before, after *ecs.Instance }{{before, after}, {after, before}, {before, nil}, {nil, after}} {
				row, err := Encode("i-1", c.before, c.after)
				if err != nil {
					t.Fatal(err)
				}
				whole := row
				whole.Before = allFields(t, c.before)
				for _, row := range []Change{row, whole} {
					readBefore, readAfter, err := row.Decode()
					if err != nil {
						t.Fatal(err)
					}
					if !reflect.DeepEqual(readBefore, c.before) || !reflect.DeepEqual(readAfter, c.after) {
						t.Errorf("of %s and %s came back %+v and %+v", row.Before, row.After, readBefore, readAfter)
					}
				}
				if c.before != nil && c.after != nil && name == "a name" && len(row.Before) > len(`{"Name":"a"}`) {
					t.Errorf("the row holds more than the difference: %s", row.Before)
				}
			}
		})
	}
}

// allFields encodes an instance as earlier versions did: with the fields that have
// no value.
func allFields(t *testing.T, i *ecs.Instance) []byte {
	t.Helper()
	if i == nil {
		return nil
	}
	fields, value := map[string]any{}, reflect.ValueOf(i).Elem()
	for n := range value.NumField() {
		fields[value.Type().Field(n).Name] = value.Field(n).Interface()
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
