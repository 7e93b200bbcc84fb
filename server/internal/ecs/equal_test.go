package ecs_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// TestInstanceEqual changes each field there is, also those added later, and
// wants the change seen.
func TestInstanceEqual(t *testing.T) {
	full := func() ecs.Instance {
		i := ecs.Instance{Spot: &ecs.Spot{}, Tags: make([]ecs.Tag, 1), Locks: make([]ecs.Lock, 1), SecurityGroupIDs: make([]string, 1)}
		i.Network.PrivateIPAddresses, i.Network.PublicIPAddresses = make([]string, 1), make([]string, 1)
		return i
	}
	count := len(leaves(reflect.ValueOf(new(full())).Elem(), ""))
	for n := range count {
		a, b := full(), full()
		leaf := leaves(reflect.ValueOf(&b).Elem(), "Instance")[n]
		set(t, leaf.value)
		want := leaf.path == "Instance.ObservedTime" || leaf.path == "Instance.Network.InternetChargeType"
		if a.Equal(&b) != want || b.Equal(&a) != want {
			t.Errorf("equal is not %v where %s differs", want, leaf.path)
		}
	}
	a, b := full(), full()
	if b.Spot = nil; a.Equal(&b) || b.Equal(&a) {
		t.Error("an instance that is no spot instance equals one that is")
	}
	if b = full(); !a.Equal(&b) {
		t.Error("equal instances differ")
	}
}

type leaf struct {
	path  string
	value reflect.Value
}

func leaves(v reflect.Value, path string) []leaf {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Pointer:
		return leaves(v.Elem(), path)
	case v.Kind() == reflect.Slice:
		return leaves(v.Index(0), path)
	case v.Kind() == reflect.Struct:
		var all []leaf
		for i := range v.NumField() {
			all = append(all, leaves(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
		return all
	}
	return []leaf{{path, v}}
}

func set(t *testing.T, v reflect.Value) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	default:
		t.Fatalf("no other value for a %s", v.Type())
	}
}
