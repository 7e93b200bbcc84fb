package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// shelf is a list of the cloud: items in regions, by pages that may hold more
// than requested.
type shelf struct {
	items map[string][]string
	least int
	fail  map[string]bool
	reads int
}

func (s *shelf) read(_ context.Context, regionID, token string, limit int) ([]*wrapperspb.StringValue, string, error) {
	s.reads++
	if s.fail[regionID] {
		return nil, "", errors.New("no answer from " + regionID)
	}
	from := 0
	if token != "" {
		from, _ = strconv.Atoi(token)
	}
	all := protos(s.items[regionID], func(item *string) *wrapperspb.StringValue { return wrapperspb.String(*item) })
	to := min(from+max(limit, s.least), len(all))
	if to == len(all) {
		return all[from:to], "", nil
	}
	return all[from:to], strconv.Itoa(to), nil
}

func texts(items []*wrapperspb.StringValue) (texts []string) {
	for _, item := range items {
		texts = append(texts, item.GetValue())
	}
	return texts
}

// walkOf begins a walk, or continues from a token.
func walkOf(regionIDs []string, limit int, token string) pageWalk {
	w := pageWalk{tokens: newSealer("store").to("walk"), limit: limit}
	if token != "" {
		var c check
		w.cursor = w.tokens.decode(&c, token, regionIDs)
		if c.err() != nil {
			panic(c.err())
		}
		return w
	}
	for _, id := range regionIDs {
		w.cursor.Regions = append(w.cursor.Regions, ecs.RegionCursor{RegionID: id})
	}
	return w
}

// TestWalk_ReadsEverythingOnce: for all requested and returned page sizes, every
// item is returned once, in order, and no page is too long.
func TestWalk_ReadsEverythingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shelf{items: map[string][]string{}, least: rapid.IntRange(1, 12).Draw(t, "least")}
		var regionIDs, want []string
		for r := range rapid.IntRange(1, 4).Draw(t, "regions") {
			id := fmt.Sprintf("cn-r%d", r)
			regionIDs = append(regionIDs, id)
			for n := range rapid.IntRange(0, 30).Draw(t, "items") {
				s.items[id] = append(s.items[id], fmt.Sprintf("%s/%d", id, n))
			}
			want = append(want, s.items[id]...)
		}
		var got []string
		for token, pages := "", 0; ; pages++ {
			limit := rapid.IntRange(1, 15).Draw(t, "limit")
			p, err := readPage(context.Background(), walkOf(regionIDs, limit, token), s.read)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.items) > limit {
				t.Fatalf("a page of %d holds %d", limit, len(p.items))
			}
			got = append(got, texts(p.items)...)
			if token = p.next; token == "" {
				break
			}
			if pages > len(want)+len(regionIDs) {
				t.Fatalf("the walk does not end")
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// A region that cannot be read is named and left behind; all of them are the
// call's error.
func TestWalk_UnreachableRegions(t *testing.T) {
	s := &shelf{items: map[string][]string{"cn-b": {"b"}}, fail: map[string]bool{"cn-a": true}}
	p, err := readPage(t.Context(), walkOf([]string{"cn-a", "cn-b"}, 10, ""), s.read)
	if err != nil || !slices.Equal(texts(p.items), []string{"b"}) || p.next != "" {
		t.Errorf("%+v (%v)", p, err)
	}
	if len(p.unreachable) != 1 || p.unreachable[0].RegionID != "cn-a" {
		t.Errorf("unreachable: %v", p.unreachable)
	}
	s.fail["cn-b"] = true
	if _, err := readPage(t.Context(), walkOf([]string{"cn-a", "cn-b"}, 10, ""), s.read); err == nil || err.Error() != "no answer from cn-a" {
		t.Errorf("where no region answers: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readPage(ended, walkOf([]string{"cn-b"}, 10, ""), s.read); !errors.Is(err, context.Canceled) {
		t.Errorf("a walk that nobody waits for: %v", err)
	}
}
