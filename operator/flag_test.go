package operator

import (
	"fmt"
	"testing"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func TestShare_Sizes(t *testing.T) {
	for _, test := range []struct {
		text      string
		all, want int
	}{{"", 7, batchSize}, {"3", 7, 3}, {"10%", 7, 1}, {"10%", 25, 2}, {"100%", 25, 25}, {"100%", 5000, batchSize}} {
		var s share
		if test.text != "" {
			if err := s.UnmarshalText([]byte(test.text)); err != nil {
				t.Fatalf("%q: %v", test.text, err)
			}
		}
		if got := s.of(test.all); got != test.want {
			t.Errorf("%q of %d is %d, want %d", test.text, test.all, got, test.want)
		}
	}
}

// A part of the instances is of one region and of limited size.
func TestBatches_ByRegionAndSize(t *testing.T) {
	var instances []*ecsdv1.Instance
	for n := range 5 {
		instances = append(instances, &ecsdv1.Instance{RegionId: "a", InstanceId: fmt.Sprint(n)})
	}
	instances = append(instances, &ecsdv1.Instance{RegionId: "b", InstanceId: "5"})
	got := fmt.Sprint(batches(instances, 2))
	if want := "[{a [0 1]} {a [2 3]} {a [4]} {b [5]}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The parts of a repeated command have the IDs of the first time, and different ones.
func TestPartID_Stable(t *testing.T) {
	const id = "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11"
	if partID(id, 0) != id {
		t.Errorf("the first part has the ID %s, want that of the request", partID(id, 0))
	}
	first, second := partID(id, 1), partID(id, 2)
	if first != partID(id, len("1")) || first == second || first == id {
		t.Errorf("the IDs of the parts are %s and %s", first, second)
	}
}

func TestSum_CarriesNanos(t *testing.T) {
	got := sum(&ecsdv1.Money{CurrencyCode: "CNY", Units: 1, Nanos: 600_000_000}, &ecsdv1.Money{CurrencyCode: "CNY", Units: 2, Nanos: 700_000_000})
	if got.GetUnits() != 4 || got.GetNanos() != 300_000_000 {
		t.Errorf("1.60 and 2.70 are %v, want 4.30", got)
	}
}
