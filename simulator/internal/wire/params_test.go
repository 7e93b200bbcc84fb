package wire_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func TestParse(t *testing.T) {
	p, err := wire.Parse("b=2&a=%E4%B8%AD+x%2B&empty=&bare&b=3&&Tag.1.Key=k&Tag.1.Value=v&Tag.2.Key=k2", "Id.1=x&Id.2=y&Id.4=z&a=form")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	p.Each(func(k, v string) { got = append(got, k+"="+v) })
	want := []string{
		"Id.1=x", "Id.2=y", "Id.4=z", "Tag.1.Key=k", "Tag.1.Value=v", "Tag.2.Key=k2",
		"a=中 x+", "b=2", "bare=", "empty=",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"x", "y"}, p.List("Id")); diff != "" {
		t.Errorf("list stops at its first gap (-want +got):\n%s", diff)
	}
	pairs := []wire.Pair{{Key: "k", Value: "v", HasKey: true, HasValue: true}, {Key: "k2", HasKey: true}}
	if diff := cmp.Diff(pairs, p.Pairs("Tag")); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}

func TestParse_BadEncoding(t *testing.T) {
	for _, query := range []string{"a=%", "a=%2", "a=%zz", "%g0=1"} {
		if _, err := wire.Parse(query, ""); err == nil {
			t.Errorf("%q: got no error", query)
		}
		if _, err := wire.Parse("", query); err == nil {
			t.Errorf("form %q: got no error", query)
		}
	}
}

// FuzzParse compares with net/url if that accepts the query.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a=1&b=2", "a=%E4%B8%AD+x%2B", "&&=&a", "a=%", "Tag.1.Key=k&Tag.1.Value=v", "a;b=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p, err := wire.Parse(query, "")
		want, wantErr := url.ParseQuery(query)
		if wantErr != nil {
			return // net/url is stricter: it rejects semicolons too
		}
		if err != nil {
			t.Fatalf("%q: %v, but net/url reads it", query, err)
		}
		n := 0
		p.Each(func(key, value string) {
			n++
			if !want.Has(key) || want.Get(key) != value {
				t.Errorf("%q: %q is %q, net/url has %q", query, key, value, want[key])
			}
			if got := p.Get(key); got != value {
				t.Errorf("%q: Get(%q) is %q, Each gave %q", query, key, got, value)
			}
		})
		if n != len(want) {
			t.Errorf("%q: %d parameters, net/url has %d", query, n, len(want))
		}
	})
}
