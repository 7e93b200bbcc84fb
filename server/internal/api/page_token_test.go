package api

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

var (
	someTokens  = newSealer("store").of("ListInstances", &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-hangzhou"}})
	someRegions = []string{"cn-hangzhou", "cn-shanghai"}
	someCursor  = ecs.Cursor{
		Regions: []ecs.RegionCursor{{RegionID: "cn-hangzhou", Token: "caeba0bbb2be03f8", Skip: 3}, {RegionID: "cn-shanghai"}},
		Window:  ecs.Window{After: time.Date(2026, 11, 20, 1, 2, 3, 4, time.UTC)},
	}
)

func TestPageToken_RoundTrip(t *testing.T) {
	var c check
	got := someTokens.decode(&c, someTokens.encode(someCursor), someRegions)
	if diff := cmp.Diff(someCursor, got); diff != "" || c.err() != nil {
		t.Errorf("%v\n%s", c.err(), diff)
	}
	if token := someTokens.encode(ecs.Cursor{Window: someCursor.Window}); token != "" {
		t.Errorf("the end of a list has the token %q", token)
	}
}

func TestPageToken_OtherRequest(t *testing.T) {
	token := someTokens.encode(someCursor)
	for name, tokens := range map[string]binding{
		"another region":   newSealer("store").of("ListInstances", &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-shanghai"}}),
		"another database": newSealer("other").of("ListInstances", &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-hangzhou"}}),
		"another method":   newSealer("store").of("ListExpiringInstances", &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-hangzhou"}}),
	} {
		var c check
		tokens.decode(&c, token, someRegions)
		if !ecs.HasReason(c.err(), ecs.ReasonInvalidPageToken) {
			t.Errorf("%s: got %v, want INVALID_PAGE_TOKEN", name, c.err())
		}
	}
}

// The pages of one list may be of different sizes.
func TestPageToken_SameRequest(t *testing.T) {
	var c check
	next := &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-hangzhou"}, PageSize: 7, PageToken: someTokens.encode(someCursor)}
	newSealer("store").of("ListInstances", next).decode(&c, next.GetPageToken(), someRegions)
	if c.err() != nil || next.GetPageSize() != 7 {
		t.Errorf("got %v, and the request is %v", c.err(), next)
	}
}

// FuzzPageToken passes any text as a token: it is refused, or it is a cursor
// from which a list can continue. A forged checksum causes no panic.
func FuzzPageToken(f *testing.F) {
	good := someTokens.encode(someCursor)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"c":{"Regions":[{"RegionID":"cn-hangzhou","Skip":-1}]}}`)))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		var c check
		cursor := someTokens.decode(&c, text, someRegions)
		if c.err() != nil {
			return
		}
		for _, r := range cursor.Regions {
			if r.Skip < 0 || !ecs.ValidRegionID(r.RegionID) {
				t.Fatalf("%q gave %+v", text, cursor)
			}
		}
	})
}
