package simulator_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// The load of BenchmarkLoad.
const (
	loadFleet   = 10_000
	loadClients = 4
	loadRate    = 50 // requests per second and client
	loadSpan    = 10 * time.Second
)

// BenchmarkLoad measures the client latencies of a simulator with ten thousand instances at two hundred requests per
// second, over loopback, all in this process. A request is sent at its scheduled time even if earlier ones are pending,
// and its latency counts from that time, so that a pause affects every request that it delays.
func BenchmarkLoad(b *testing.B) {
	s, err := simulator.New(simulator.Config{Regions: []string{"cn-hangzhou"}, Instances: loadFleet, Start: start, Speed: 1})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(s)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = s.Close()
		server.Close()
	})
	var ids []string
	for _, i := range s.Instances(simulator.InstanceFilter{ChargeType: "PrePaid", Status: "Running"}) {
		if len(i.LockReasons) == 0 {
			ids = append(ids, i.InstanceID)
		}
	}
	for b.Loop() {
		began, spent := time.Now(), cpu(b)
		latencies := load(b, &http.Client{Transport: transport}, server.URL, ids)
		spent, took := cpu(b)-spent, time.Since(began)
		slices.Sort(latencies)
		ms := func(share float64) float64 {
			return float64(latencies[int(share*float64(len(latencies)-1))].Microseconds()) / 1000
		}
		b.ReportMetric(ms(0.50), "p50-ms")
		b.ReportMetric(ms(0.99), "p99-ms")
		b.ReportMetric(ms(1), "max-ms")
		b.ReportMetric(float64(len(latencies))/took.Seconds(), "req/s")
		b.ReportMetric(float64(spent.Microseconds())/1000/float64(len(latencies)), "cpu-ms/req")
	}
}

// load runs all clients for the span and returns the latencies.
func load(b *testing.B, client *http.Client, address string, ids []string) []time.Duration {
	b.Helper()
	var mu sync.Mutex
	var latencies []time.Duration
	var clients sync.WaitGroup
	began := time.Now()
	for k := range loadClients {
		clients.Go(func() {
			var requests sync.WaitGroup
			defer requests.Wait()
			interval := time.Second / loadRate
			for n := range int(loadSpan / interval) {
				// The clients send in turn.
				due := began.Add(time.Duration(n)*interval + time.Duration(k)*interval/loadClients)
				time.Sleep(time.Until(due))
				requests.Go(func() {
					err := ask(client, address, loadRequest(n*loadClients+k, ids))
					latency := time.Since(due)
					mu.Lock()
					defer mu.Unlock()
					latencies = append(latencies, latency)
					if err != nil {
						b.Error(err)
					}
				})
			}
		})
	}
	clients.Wait()
	return latencies
}

// loadRequest returns the nth request of a mix like ecsd's: pages of the fleet, reads of some instances, prices,
// renewals.
func loadRequest(n int, ids []string) string {
	id := ids[n*31%len(ids)]
	switch n % 10 {
	case 0, 1, 2:
		return signed("GET", "DescribeInstances", values{"MaxResults": "100", "NextToken": behind(n * 97 % (loadFleet - 1))})
	case 3:
		return signed("GET", "DescribeInstances", values{
			"MaxResults": "100", "InstanceChargeType": "PrePaid",
			"Filter.3.Key": "ExpiredStartTime", "Filter.3.Value": "2026-11-25T00:00Z",
			"Filter.4.Key": "ExpiredEndTime", "Filter.4.Value": "2026-12-25T00:00Z",
		})
	case 4, 5:
		return signed("GET", "DescribeInstances", values{"InstanceIds": jsonOf(id, ids[n*37%len(ids)])})
	case 6:
		return signed("GET", "DescribeInstanceStatus", values{"InstanceId.1": id})
	case 7:
		return signed("GET", "DescribeRenewalPrice", values{"ResourceId": id})
	case 8:
		return signed("GET", "RenewInstance", values{"InstanceId": id, "Period": "1", "ClientToken": "load-" + strconv.Itoa(n)})
	default:
		return signed("GET", "DescribeSpotPriceHistory", values{
			"InstanceType": "ecs.g7.large", "NetworkType": "vpc", "StartTime": "2026-10-25T00:00:00Z",
		})
	}
}

// ask sends a request and reads its whole response.
func ask(client *http.Client, address, query string) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address+"/?"+query, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", response.Status, body)
	}
	return err
}
