package cloud

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

const benchRegion = "cn-hangzhou"

// canned responds to every request with the same bytes, so that only the work
// of the client is measured.
type canned []byte

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		ContentLength: int64(len(c)), Body: io.NopCloser(bytes.NewReader(c)),
	}, nil
}

// benchServer is a simulator with instances, behind HTTP.
func benchServer(tb testing.TB, count int) (sim *simulator.Simulator, host string, ids []string) {
	tb.Helper()
	sim, err := simulator.New(simulator.Config{ByHand: true, Start: time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)})
	if err != nil {
		tb.Fatal(err)
	}
	ids, err = sim.Seed(simulator.Seed{Count: count, RegionID: benchRegion, Tags: map[string]string{"env": "prod", "team": "web"}})
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(sim)
	tb.Cleanup(func() {
		server.Close()
		_ = sim.Close()
	})
	return sim, strings.TrimPrefix(server.URL, "http://"), ids
}

func benchEdge(tb testing.TB, host string, transport http.RoundTripper) *Edge {
	tb.Helper()
	config, err := Config{
		Regions: []string{benchRegion}, Endpoint: host, EndpointScheme: "http",
		Credentials: StaticKeys(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret, ""),
	}.normalize()
	if err != nil {
		tb.Fatal(err)
	}
	e := newEdge(config, transport)
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

// fullPage is a page of 100 instances with every field that the cloud sends.
func fullPage(tb testing.TB) []byte {
	tb.Helper()
	_, host, _ := benchServer(tb, 100)
	transport := newTransport()
	tb.Cleanup(transport.CloseIdleConnections)
	var page []byte
	recording := roundTrip(func(r *http.Request) (*http.Response, error) {
		response, err := transport.RoundTrip(r)
		if err == nil {
			page, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
			response.Body = io.NopCloser(bytes.NewReader(page))
		}
		return response, err
	})
	if _, err := benchEdge(tb, host, recording).InstancePage(context.Background(), benchRegion, ecs.Query{}, "", 100); err != nil {
		tb.Fatal(err)
	}
	return page
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// BenchmarkPage compares a page of 100 instances through the edge with the
// SDK's own DescribeInstances on the same bytes. Figure: at most 0.7 of the
// time and 0.5 of the allocations.
func BenchmarkPage(b *testing.B) {
	page := fullPage(b)
	b.Run("edge", func(b *testing.B) {
		e := benchEdge(b, "127.0.0.1:1", canned(page))
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			got, err := e.InstancePage(context.Background(), benchRegion, ecs.Query{}, "", 100)
			if err != nil || len(got.Instances) != 100 {
				b.Fatalf("%d instances, %v", len(got.Instances), err)
			}
		}
	})
	b.Run("sdk", func(b *testing.B) {
		config := sdk.NewConfig()
		config.Transport = canned(page)
		client, err := sdk.NewClientWithOptions(benchRegion, config, fixedKeys{AccessKeyID: "testid", AccessKeySecret: "testsecret"})
		if err != nil {
			b.Fatal(err)
		}
		client.Domain = "127.0.0.1:1"
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			request, response := sdkecs.CreateDescribeInstancesRequest(), sdkecs.CreateDescribeInstancesResponse()
			request.MaxResults = requests.NewInteger(100)
			if err := client.DoAction(request, response); err != nil || len(response.Instances.Instance) != 100 {
				b.Fatalf("%d instances, %v", len(response.Instances.Instance), err)
			}
		}
	})
}

// BenchmarkLoneRead compares a lone read of an instance through the edge with
// a bare HTTP request to the same server for the same response. Figure: under
// 1 ms added.
func BenchmarkLoneRead(b *testing.B) {
	_, host, ids := benchServer(b, 1000)
	b.Run("edge", func(b *testing.B) {
		transport := newTransport()
		defer transport.CloseIdleConnections()
		e := benchEdge(b, host, transport)
		for b.Loop() {
			if got := e.Instances(context.Background(), benchRegion, ids[:1]); got[0].Err != nil {
				b.Fatal(got[0].Err)
			}
		}
	})
	b.Run("http", func(b *testing.B) {
		transport := newTransport()
		defer transport.CloseIdleConnections()
		e := benchEdge(b, host, transport)
		signer := newSigner(Keys{AccessKeyID: simulator.DefaultAccessKeyID, AccessKeySecret: simulator.DefaultAccessKeySecret})
		// Every request needs its own signature: they are signed before.
		prepared := make(chan *http.Request, 1<<16)
		prepare := func() {
			for range cap(prepared) - len(prepared) {
				request := writeQuery(benchRegion, ecs.Query{IDs: ids[:1]}, "", maxPage)
				request.SetDomain(e.config.Endpoint)
				request.SetScheme("http")
				signed, err := signer.sign(context.Background(), request)
				if err != nil {
					b.Fatal(err)
				}
				prepared <- signed
			}
		}
		prepare()
		for b.Loop() {
			if len(prepared) == 0 {
				b.StopTimer()
				prepare()
				b.StartTimer()
			}
			response, err := transport.RoundTrip(<-prepared)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	})
}

// BenchmarkBurst reads 1,000 different instances at the same time. Figure: at
// most 15 calls.
func BenchmarkBurst(b *testing.B) {
	sim, host, ids := benchServer(b, 1000)
	transport := newTransport()
	defer transport.CloseIdleConnections()
	e := benchEdge(b, host, transport)
	most, total, bursts := int64(0), int64(0), int64(0)
	for b.Loop() {
		before := sim.Stats().Calls
		var readers sync.WaitGroup
		failures := make(chan error, len(ids))
		for _, id := range ids {
			readers.Go(func() {
				if got := e.Instances(context.Background(), benchRegion, []string{id}); got[0].Err != nil {
					failures <- fmt.Errorf("%s: %w", id, got[0].Err)
				}
			})
		}
		readers.Wait()
		close(failures)
		for err := range failures {
			b.Fatal(err)
		}
		calls := sim.Stats().Calls - before
		most, total, bursts = max(most, calls), total+calls, bursts+1
	}
	b.ReportMetric(float64(total)/float64(bursts), "calls/burst")
	b.ReportMetric(float64(most), "most-calls")
}
