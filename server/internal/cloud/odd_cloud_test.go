package cloud_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The tests of this file hold the edge against a cloud, or a proxy, that
// responds oddly.

// Every list of the edge, read from page to page until it ends or fails.
var lists = map[string]func(ctx context.Context, e *cloud.Edge, cursor string) (next string, err error){
	"instances": func(ctx context.Context, e *cloud.Edge, cursor string) (string, error) {
		page, err := e.InstancePage(ctx, hangzhou, ecs.Query{}, cursor, 100)
		return page.Next, err
	},
	"disks": func(ctx context.Context, e *cloud.Edge, cursor string) (string, error) {
		page, err := e.Disks(ctx, hangzhou, ecs.DiskQuery{}, cursor, 100)
		return page.Next, err
	},
	"snapshots": func(ctx context.Context, e *cloud.Edge, cursor string) (string, error) {
		page, err := e.Snapshots(ctx, hangzhou, ecs.SnapshotQuery{}, cursor, 100)
		return page.Next, err
	},
	"types": func(ctx context.Context, e *cloud.Edge, cursor string) (string, error) {
		page, err := e.InstanceTypes(ctx, hangzhou, ecs.TypeQuery{}, cursor, 100)
		return page.Next, err
	},
}

func TestList_ThatDoesNotEndIsRefused(t *testing.T) {
	content := `"Instances":{"Instance":[{"InstanceId":"i-1"}]},"Disks":{"Disk":[{"DiskId":"d-1"}]},` +
		`"Snapshots":{"Snapshot":[{"SnapshotId":"s-1"}]},"InstanceTypes":{"InstanceType":[{"InstanceTypeId":"ecs.g7.large"}]}`
	for name, c := range map[string]struct {
		body func(n int) string
		most int
	}{
		"the same token":          {func(int) string { return `"NextToken":"t",` + content }, 3},
		"tokens in a circle":      {func(n int) string { return fmt.Sprintf(`"NextToken":"t%d",%s`, n%7, content) }, 30},
		"empty pages, new tokens": {func(n int) string { return fmt.Sprintf(`"NextToken":"t%d"`, n) }, 60},
	} {
		for list, read := range lists {
			t.Run(name+"/"+list, func(t *testing.T) {
				pages := 0
				_, edge := document(t, func(n int, q url.Values) (int, string) {
					if q.Get("DryRun") != "" {
						return refused(400, "DryRunOperation", "passed")
					}
					return accepted(c.body(n))
				})
				cursor := ""
				for {
					next, err := read(soon(t), edge, cursor)
					if err != nil {
						if reasonOf(t, err) != ecs.ReasonCloudUnreachable || !strings.Contains(err.Error(), "does not end") {
							t.Errorf("got %v, want CLOUD_UNREACHABLE that says why", err)
						}
						return
					}
					if cursor = next; cursor == "" {
						t.Fatalf("the list ended after %d pages", pages)
					}
					if pages++; pages > c.most {
						t.Fatalf("%d pages were read, want an error after %d at most", pages, c.most)
					}
				}
			})
		}
	}
}

func TestRead_ByIDsThatDoesNotEnd(t *testing.T) {
	_, edge := document(t, func(n int, _ url.Values) (int, string) { return accepted(fmt.Sprintf(`"NextToken":"t%d"`, n)) })
	if err := edge.Instances(soon(t), hangzhou, []string{"i-1"})[0].Err; reasonOf(t, err) != ecs.ReasonCloudUnreachable {
		t.Errorf("got %v, want CLOUD_UNREACHABLE", err)
	}
}

// Memory is allocated for the received data, not for the announced length.
func TestContentLength_IsNotBelieved(t *testing.T) {
	var ready sync.WaitGroup
	release := make(chan struct{})
	const calls = 8
	ready.Add(calls)
	edge := edgeTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "33000000")
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()
		ready.Done()
		<-release
	}), cloud.Config{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range calls {
		all.Go(func() { _, _ = edge.InstancePage(ctx, hangzhou, ecs.Query{}, "", 100) })
	}
	ready.Wait()
	time.Sleep(50 * time.Millisecond) // the heads are read
	runtime.ReadMemStats(&after)
	cancel()
	all.Wait()
	close(release)
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 8<<20 {
		t.Errorf("%d responses of one byte took %d bytes, want 8 MiB at most", calls, grown)
	}
}

func TestResponse_LargerThanItsActionNeeds(t *testing.T) {
	edge := edgeTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"RequestId":"R1","OrderId":"O1","Rest":%q}`, strings.Repeat("x", 2<<20))
	}), cloud.Config{})
	grant := grantOf(t, edge)
	if _, err := grant.Send(soon(t), order("i-1")); reasonOf(t, err) != ecs.ReasonOutcomeUnknown {
		t.Errorf("a response of 2 MiB to a payment: got %v, want OUTCOME_UNKNOWN", err)
	}
}

func TestRetryAfter_IsTwoWindowsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := throttles(1, 99999999999*time.Millisecond)
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		if err := edge.Ping(patient(t)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Minute+time.Second {
			t.Errorf("the action was stopped for %s, want 2m at most", took)
		}
	})
}

func TestText_IsValidUTF8(t *testing.T) {
	_, edge := document(t, func(int, url.Values) (int, string) {
		return accepted("\"Instances\":{\"Instance\":[{\"InstanceId\":\"i-1\",\"InstanceName\":\"a\xff\xfeb\",\"ZoneId\":\"z\xc3\",\"Tags\":{\"Tag\":[{\"TagKey\":\"k\xff\",\"TagValue\":\"v\xff\"}]}}]}")
	})
	page, err := edge.InstancePage(soon(t), hangzhou, ecs.Query{}, "", 10)
	if err != nil || len(page.Instances) != 1 {
		t.Fatalf("got %v, %v", page, err)
	}
	i := page.Instances[0]
	for name, text := range map[string]string{"name": i.Name, "zone": i.ZoneID, "tag": i.Tags[0].Key, "value": i.Tags[0].Value} {
		if !utf8.ValidString(text) || text == "" {
			t.Errorf("the %s is %q, want valid UTF-8", name, text)
		}
	}
}

func TestPrice_NegativeIsRefused(t *testing.T) {
	for _, price := range []string{`"TradePrice":-5,"OriginalPrice":5`, `"TradePrice":5,"DiscountPrice":"-0.01"`} {
		_, edge := document(t, func(int, url.Values) (int, string) {
			return accepted(`"PriceInfo":{"Price":{"Currency":"CNY",` + price + `}}`)
		})
		if quote, err := edge.RenewalPrice(soon(t), hangzhou, "i-1", oneMonth); err == nil {
			t.Errorf("%s: got %v, want an error", price, quote)
		}
	}
}

// A cloud that echoes the request as its code must not put a key into an error,
// a log or a metric.
func TestCode_IsScrubbedAndBounded(t *testing.T) {
	var labels []string
	var mu sync.Mutex
	secret := "LTAI5tVerySecretKeyId0123"
	codes := []string{"Bad." + secret, "Made.Up.1", "Made.Up.2", "InvalidParameter.Made.Up", "InsufficientBalance"}
	endpoint := &stub{}
	endpoint.answer = func(w http.ResponseWriter, r *http.Request) {
		refuses(http.StatusBadRequest, codes[(len(endpoint.asked())-1)%len(codes)], "no")(w, r)
	}
	edge := edgeTo(t, endpoint, cloud.Config{
		Credentials: cloud.StaticKeys(secret, "secret", ""),
		Observer: cloud.Observer{Ended: func(e cloud.CallEnd) {
			mu.Lock()
			labels = append(labels, e.Code)
			mu.Unlock()
		}},
	})
	for range codes {
		if err := edge.Ping(soon(t)); err == nil || strings.Contains(err.Error(), secret) || strings.Contains(ecs.AsError(err).Cloud.Code, secret) {
			t.Errorf("got %v, want an error without the key", err)
		}
	}
	if got, want := strings.Join(labels, " "), "unknown unknown unknown InvalidParameter* InsufficientBalance"; got != want {
		t.Errorf("the labels are %s, want %s", got, want)
	}
}

func TestClock_ThatIsOffIsNamed(t *testing.T) {
	for words, off := range map[string]time.Duration{"20m0s behind": 20 * time.Minute, "16m0s ahead": -16 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			edge, _ := overPipes(t, &stub{answer: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
				refuses(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")(w, r)
			}}, cloud.Config{})
			err := edge.Ping(t.Context())
			if reasonOf(t, err) != ecs.ReasonClockSkewed || !strings.Contains(err.Error(), words) {
				t.Errorf("got %v, want CLOCK_SKEWED and %q", err, words)
			}
			_, err = grantOf(t, edge).Send(t.Context(), order("i-1"))
			if failure := ecs.AsError(err); failure.Effect != ecs.EffectUnknown || !strings.Contains(failure.Message, words) {
				t.Errorf("a payment: got %v, want an unknown outcome and %q", err, words)
			}
		})
	}
}

// logTo collects the lines of a log.
func logTo(lines *strings.Builder, mu *sync.Mutex) *slog.Logger {
	return slog.New(slog.NewTextHandler(writerFunc(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return lines.Write(b)
	}), nil))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestLog_NamesTheHostThatWasNotReached(t *testing.T) {
	var lines strings.Builder
	var mu sync.Mutex
	edge := newEdge(t, cloud.Config{Endpoint: "127.0.0.1:1", EndpointScheme: "http", Logger: logTo(&lines, &mu)})
	for range 2 {
		_ = edge.Ping(soon(t))
	}
	mu.Lock()
	defer mu.Unlock()
	if got := lines.String(); strings.Count(got, "host=127.0.0.1:1") != 1 || !strings.Contains(got, "refused") || strings.Contains(got, "Signature") {
		t.Errorf("the log is %q, want one line with the host and the cause", got)
	}
}

func TestLog_NamesTheProxyThatRefused(t *testing.T) {
	var lines strings.Builder
	var mu sync.Mutex
	edge := edgeTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>denied by policy</html>", http.StatusForbidden)
	}), cloud.Config{Logger: logTo(&lines, &mu)})
	_ = edge.Ping(soon(t))
	mu.Lock()
	defer mu.Unlock()
	if got := lines.String(); !strings.Contains(got, "http_status=403") || !strings.Contains(got, "host=127.0.0.1:") {
		t.Errorf("the log is %q, want the host and the proxy's 403", got)
	}
}
