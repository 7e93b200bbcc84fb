package wire_test

import (
	"encoding/json"
	"encoding/xml"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// sample writes one member of each kind.
func sample(w *wire.Writer, text string) {
	w.Open("SampleResponse")
	w.Str("Text", text)
	w.Int("Number", -7)
	w.Bool("Truth", true)
	w.Decimal("Price", 26040, 2)
	w.Minute("Time", time.Date(2026, 11, 27, 16, 0, 59, 0, time.UTC))
	w.Minute("Never", time.Time{})
	w.Object("Nested")
	w.Append("Address", func(b []byte) []byte { return append(b, "10.0.0.2"...) })
	w.End()
	w.List("Things", "Thing")
	w.Item()
	w.Str("Id", "a")
	w.End()
	w.Item()
	w.Str("Id", "b")
	w.End()
	w.End()
	w.List("Ids", "Id")
	w.ItemStr("x")
	w.ItemAppend(func(b []byte) []byte { return append(b, 'y') })
	w.End()
	w.List("None", "Nothing")
	w.End()
	w.Array("Quotas")
	w.Item()
	w.Str("Code", "q")
	w.End()
	w.End()
	w.Array("Words")
	w.ItemStr("x")
	w.ItemStr("y")
	w.End()
	w.Close()
}

// Both formats have the same content, with the cloud's form of lists.
func TestFormats(t *testing.T) {
	w := wire.NewWriter(nil, wire.JSON)
	sample(w, `a<b>&"c"\`)
	const wantJSON = `{"Text":"a<b>&\"c\"\\","Number":-7,"Truth":true,"Price":260.40,"Time":"2026-11-27T16:00Z","Never":"",` +
		`"Nested":{"Address":"10.0.0.2"},"Things":{"Thing":[{"Id":"a"},{"Id":"b"}]},"Ids":{"Id":["x","y"]},"None":{"Nothing":[]},` +
		`"Quotas":[{"Code":"q"}],"Words":["x","y"]}`
	if diff := cmp.Diff(wantJSON, string(w.Bytes())); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	w = wire.NewWriter(nil, wire.XML)
	sample(w, `a<b>&"c"\`)
	const wantXML = `<?xml version='1.0' encoding='UTF-8'?><SampleResponse><Text>a&lt;b&gt;&amp;"c"\</Text><Number>-7</Number>` +
		`<Truth>true</Truth><Price>260.40</Price><Time>2026-11-27T16:00Z</Time><Never></Never>` +
		`<Nested><Address>10.0.0.2</Address></Nested><Things><Thing><Id>a</Id></Thing><Thing><Id>b</Id></Thing></Things>` +
		`<Ids><Id>x</Id><Id>y</Id></Ids><None></None>` +
		`<Quotas><Code>q</Code></Quotas><Words>x</Words><Words>y</Words></SampleResponse>`
	if diff := cmp.Diff(wantXML, string(w.Bytes())); diff != "" {
		t.Errorf("XML (-want +got):\n%s", diff)
	}
}

// FuzzText writes any text and reads it back with the standard decoders.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\/<&>", "\x00\x1f\r\n\t", "中文\xff\xfe", "\uffff\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := wire.NewWriter(nil, wire.JSON)
		sample(w, text)
		var fromJSON struct{ Text string }
		if err := json.Unmarshal(w.Bytes(), &fromJSON); err != nil {
			t.Fatalf("JSON of %q: %v", text, err)
		}
		var want string
		for _, r := range text {
			want += string(r) // invalid bytes become U+FFFD one by one
		}
		if fromJSON.Text != want {
			t.Errorf("JSON of %q reads %q", text, fromJSON.Text)
		}
		w = wire.NewWriter(nil, wire.XML)
		sample(w, text)
		var fromXML struct{ Text string }
		if err := xml.Unmarshal(w.Bytes(), &fromXML); err != nil {
			t.Fatalf("XML of %q: %v", text, err)
		}
		if !utf8.Valid(w.Bytes()) {
			t.Errorf("XML of %q is not UTF-8", text)
		}
	})
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		units  int64
		places int
		want   string
	}{
		{0, 2, "0.00"},
		{5, 2, "0.05"},
		{-150, 2, "-1.50"},
		{26040, 2, "260.40"},
		{123, 3, "0.123"},
		{7, 0, "7"},
		{-1 << 63, 2, "-92233720368547758.08"},
	} {
		if got := string(wire.AppendDecimal(nil, c.units, c.places)); got != c.want {
			t.Errorf("%d with %d places: got %s, want %s", c.units, c.places, got, c.want)
		}
	}
}
