package output

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

var columns = []Column[*ecsdv1.Instance]{
	{Title: "INSTANCE", Name: "instance_id", Value: func(i *ecsdv1.Instance) any { return i.GetInstanceId() }},
	{Title: "NAME", Name: "instance_name", Cut: true, Value: func(i *ecsdv1.Instance) any { return i.GetInstanceName() }},
	{Title: "REGION", Name: "region_id", Region: true, Drop: 1, Value: func(i *ecsdv1.Instance) any { return i.GetRegionId() }},
	{
		Title: "STATUS", Name: "status", Value: func(i *ecsdv1.Instance) any { return i.GetStatus() },
		Colour: func(*ecsdv1.Instance) Colour { return Good },
	},
	{Title: "EXPIRES", Name: "expire_time", Drop: 2, Value: func(i *ecsdv1.Instance) any { return i.GetExpireTime() }},
	{Name: "zone_id", Value: func(i *ecsdv1.Instance) any { return i.GetZoneId() }},
}

func instance(id, name, region string) *ecsdv1.Instance {
	return &ecsdv1.Instance{
		InstanceId: id, InstanceName: name, RegionId: region, ZoneId: region + "-b", Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING,
		ExpireTime: &timestamppb.Timestamp{Seconds: 1_796_000_000},
	}
}

var two = []*ecsdv1.Instance{instance("i-1", "生产数据库主节点-001", "cn-hangzhou"), instance("i-2", "web\x1b[2J-1", "cn-hangzhou")}

// printed returns the list in a format, on a terminal of a width if that is not 0.
func printed(t *testing.T, format Format, width int, colour bool, items iter.Seq2[*ecsdv1.Instance, error]) (stdout, stderr string, err error) {
	t.Helper()
	var out, people strings.Builder
	p := New(&out, &people, Options{Format: format})
	p.width, p.colour = func() int { return width }, colour
	err = List(p, columns, items)
	return out.String(), people.String(), err
}

func TestList_Table(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, "INSTANCE  NAME                  REGION       STATUS   EXPIRES\n" +
			"i-1       生产数据库主节点-001  cn-hangzhou  RUNNING  2026-11-30 08:53+08\n" +
			"i-2       web�[2J-1             cn-hangzhou  RUNNING  2026-11-30 08:53+08\n"},
		// The region is one, so that nothing is lost without it.
		{70, "INSTANCE  NAME                  STATUS   EXPIRES\n" +
			"i-1       生产数据库主节点-001  RUNNING  2026-11-30 08:53+08\n" +
			"i-2       web�[2J-1             RUNNING  2026-11-30 08:53+08\n"},
		{50, "INSTANCE  NAME        STATUS   EXPIRES\n" +
			"i-1       生产数据…   RUNNING  2026-11-30 08:53+08\n" +
			"i-2       web�[2J-1   RUNNING  2026-11-30 08:53+08\n"},
		{40, "INSTANCE  NAME                  STATUS\n" +
			"i-1       生产数据库主节点-001  RUNNING\n" +
			"i-2       web�[2J-1             RUNNING\n" +
			"not shown for lack of width: EXPIRES\n"},
		{20, "INSTANCE  NAME      \n" +
			"i-1       生产数…  \n" +
			"i-2       web�[2J…  \n" +
			"not shown for lack …\n"},
	} {
		got, _, err := printed(t, Table, c.width, false, Of(two))
		if err != nil {
			t.Fatal(err)
		}
		if c.width == 20 {
			for line := range strings.Lines(got) {
				if n := Width(strings.TrimSuffix(line, "\n")); n > 20 {
					t.Errorf("at 20 columns a line has %d: %s", n, line)
				}
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("at %d columns (-want +got):\n%s", c.width, diff)
		}
	}
}

func TestList_Colours(t *testing.T) {
	if got, _, _ := printed(t, Table, 200, true, Of(two)); !strings.Contains(got, "  \x1b[32mRUNNING\x1b[0m  2026") {
		t.Errorf("the status has no colour: %q", got)
	}
	if got, _, _ := printed(t, Table, 200, false, Of(two)); strings.Contains(got, "\x1b") {
		t.Errorf("without colours there are sequences: %q", got)
	}
}

func TestList_Regions(t *testing.T) {
	got, _, _ := printed(t, Table, 70, false, Of(append(two[:1:1], instance("i-3", "a", "cn-beijing"))))
	if !strings.Contains(got, "REGION") || !strings.Contains(got, "cn-beijing") {
		t.Errorf("the regions differ, and are not shown:\n%s", got)
	}
}

func TestList_JSON(t *testing.T) {
	got, _, err := printed(t, JSON, 0, false, Of(two))
	want := `{"instance_id":"i-1","instance_name":"生产数据库主节点-001","region_id":"cn-hangzhou",`
	if err != nil || strings.Count(got, "\n") != 2 || !strings.HasPrefix(got, want) {
		t.Errorf("(%v) %s", err, got)
	}
	if strings.Contains(got, "\x1b") {
		t.Errorf("a control character is not escaped: %q", got)
	}
}

func TestList_CSV(t *testing.T) {
	got, _, err := printed(t, CSV, 40, true, Of(two[:1]))
	want := "instance_id,instance_name,region_id,status,expire_time,zone_id\ni-1,生产数据库主节点-001,cn-hangzhou,RUNNING,2026-11-30T00:53:20Z,cn-hangzhou-b\n"
	if err != nil || got != want {
		t.Errorf("(%v) %s", err, cmp.Diff(want, got))
	}
}

// What was read before an error is written in every format, and the error is returned.
func TestList_Error(t *testing.T) {
	broken := errors.New("broken")
	for _, format := range []Format{Table, JSON, CSV} {
		got, _, err := printed(t, format, 0, false, func(yield func(*ecsdv1.Instance, error) bool) {
			_ = yield(two[0], nil) && yield(nil, broken)
		})
		if !errors.Is(err, broken) || !strings.Contains(got, "i-1") {
			t.Errorf("%s: %v\n%s", format, err, got)
		}
	}
}

// A long list is written while it is read: the first rows are out before the last are made.
func TestList_Streams(t *testing.T) {
	for _, format := range []Format{Table, JSON, CSV} {
		var out lockedBuffer
		p := New(&out, &out, Options{Format: format})
		err := List(p, columns, func(yield func(*ecsdv1.Instance, error) bool) {
			for n := range 3 * measured {
				if n == 2*measured && !strings.Contains(out.String(), "i-100") {
					t.Errorf("%s: after %d rows nothing is written", format, n)
				}
				if !yield(instance(fmt.Sprintf("i-%d", n), "web", "cn-hangzhou"), nil) {
					return
				}
			}
		})
		if err != nil || strings.Count(out.String(), "\n") < 3*measured {
			t.Errorf("%s: %d lines (%v)", format, strings.Count(out.String(), "\n"), err)
		}
	}
}

// lockedBuffer is read by the source of the items, which a list in JSON calls on a goroutine of its own.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// In JSON and CSV, text for people does not reach standard output.
func TestPrinter_People(t *testing.T) {
	for format, toOut := range map[Format]bool{Table: true, JSON: false, CSV: false} {
		var out, people strings.Builder
		p := New(&out, &people, Options{Format: format})
		p.Field("job", "1")
		if (out.String() == "job        1\n") != toOut || (people.String() == "") != toOut {
			t.Errorf("%s: standard output %q, standard error %q", format, &out, &people)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		units      int64
		nanos      int32
		want, text string
	}{
		{1234567, 500_000_000, "1,234,567.50 CNY", "1234567.50"},
		{0, 1, "0.000000001 CNY", "0.000000001"},
		{-12, -340_000_000, "-12.34 CNY", "-12.34"},
		{0, -500_000_000, "-0.50 CNY", "-0.50"},
		{math.MaxInt64, 0, "9,223,372,036,854,775,807.00 CNY", "9223372036854775807.00"},
	} {
		m := &ecsdv1.Money{CurrencyCode: "CNY", Units: c.units, Nanos: c.nanos}
		if got := Money(m); got != c.want {
			t.Errorf("Money = %q, want %q", got, c.want)
		}
		if got := Amount(m); got != c.text {
			t.Errorf("Amount = %q, want %q", got, c.text)
		}
	}
}

func TestEnum(t *testing.T) {
	for value, want := range map[ecsdv1.PeriodUnit]string{
		ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH: "MONTH", ecsdv1.PeriodUnit_PERIOD_UNIT_UNSPECIFIED: "", 99: "99",
	} {
		if got := Enum(value); got != want {
			t.Errorf("Enum(%d) = %q, want %q", value, got, want)
		}
	}
}

// BenchmarkList writes 10,000 instances; the bytes per operation that remain in use are those of the first rows.
func BenchmarkList(b *testing.B) {
	for _, format := range []Format{Table, JSON, CSV} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			item := instance("i-bp1", "web-1", "cn-hangzhou")
			for b.Loop() {
				p := New(discard{}, discard{}, Options{Format: format})
				_ = List(p, columns, func(yield func(*ecsdv1.Instance, error) bool) {
					for range 10_000 {
						if !yield(item, nil) {
							return
						}
					}
				})
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// Spaces between tokens go; spaces and escaped quotes in strings stay.
func TestCompact_KeepsStrings(t *testing.T) {
	got := string(compact([]byte(`{"a": "b \" : c\\",  "d":[1, 2]}`)))
	if want := `{"a":"b \" : c\\","d":[1,2]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A list that ends early ends the reader of its items before it returns.
func TestAhead_EndsItsReader(t *testing.T) {
	ended := false
	items := func(yield func(int, error) bool) {
		defer func() { ended = true }()
		for n := 0; yield(n, nil); n++ {
		}
	}
	for n, err := range ahead(items) {
		if err != nil || n == 2*measured {
			break
		}
	}
	if !ended {
		t.Error("the items are still read")
	}
}
