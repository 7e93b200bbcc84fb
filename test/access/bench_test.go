package access_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
)

// plainBearer sends a token without TLS, to a server on loopback.
type plainBearer struct{ bearer }

func (plainBearer) RequireTransportSecurity() bool { return false }

// plain starts a server without TLS, with or without callers, and connects.
func plain(b *testing.B, identified bool, token func(w *world) string) (*grpc.ClientConn, string) {
	b.Helper()
	w := newWorld(b, callers, func(c *server.Config) {
		c.TLSCert, c.TLSKey, c.TLSClientCA, c.LogLevel = "", "", "", "warn"
		if !identified {
			c.AccessFile = ""
		}
	})
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if text := token(w); text != "" {
		options = append(options, grpc.WithPerRPCCredentials(plainBearer{bearer(text)}))
	}
	conn, err := grpc.NewClient(w.at.GRPC, options...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	id := w.seed(hangzhou, nil)
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	if _, err := instances(conn).WaitInstances(ctx, &ecsdv1.WaitInstancesRequest{InstanceIds: []string{id}, Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}); err != nil {
		b.Fatal(err)
	}
	return conn, id
}

func noToken(*world) string { return "" }

func staticToken(*world) string { return tokenOf("admin") }

func jwtToken(w *world) string {
	return w.issuer.Sign(w.t, w.claims("ci", time.Now().Add(24*time.Hour)))
}

// BenchmarkIdentity compares calls that do not reach the cloud: without
// identity, with a static token, and with a JWT that was verified before. The
// rounds alternate, and each ratio is the median of the rounds.
func BenchmarkIdentity(b *testing.B) {
	kinds := []struct {
		name  string
		conn  *grpc.ClientConn
		id    string
		rates []float64
	}{{name: "none"}, {name: "token"}, {name: "jwt"}}
	kinds[0].conn, kinds[0].id = plain(b, false, noToken)
	kinds[1].conn, kinds[1].id = plain(b, true, staticToken)
	kinds[2].conn, kinds[2].id = plain(b, true, jwtToken)
	const workers, calls = 8, 250
	b.ResetTimer()
	for range max(b.N, 15) {
		for k := range kinds {
			var running sync.WaitGroup
			began := time.Now()
			for range workers {
				running.Go(func() {
					for range calls {
						if _, err := instances(kinds[k].conn).GetInstance(b.Context(), &ecsdv1.GetInstanceRequest{InstanceId: kinds[k].id, MaxStaleness: durationpb.New(time.Hour)}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			running.Wait()
			kinds[k].rates = append(kinds[k].rates, workers*calls/time.Since(began).Seconds())
		}
	}
	ratio := func(of, to []float64) float64 {
		ratios := make([]float64, len(of))
		for i := range of {
			ratios[i] = of[i] / to[i]
		}
		slices.Sort(ratios)
		return ratios[len(ratios)/2]
	}
	b.ReportMetric(ratio(kinds[1].rates, kinds[0].rates), "token/none")
	b.ReportMetric(ratio(kinds[2].rates, kinds[0].rates), "jwt/none")
	b.ReportMetric(ratio(kinds[2].rates, kinds[1].rates), "jwt/token")
}

// BenchmarkIdentity_Watchers compares the memory of idle watchers, of the server
// and its client together, with and without identity.
func BenchmarkIdentity_Watchers(b *testing.B) {
	const watches = 900 // below the streams of one connection
	measure := func(identified bool, token func(*world) string) float64 {
		conn, _ := plain(b, identified, token)
		before := memory()
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		streams := make([]ecsdv1.InstanceService_WatchInstancesClient, watches)
		for i := range streams {
			stream, err := instances(conn).WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(5 * time.Minute)})
			if err != nil {
				b.Fatal(err)
			}
			for complete := false; !complete; {
				message, err := stream.Recv()
				if err != nil {
					b.Fatal(err)
				}
				complete = message.GetSnapshotComplete() != nil
			}
			streams[i] = stream
		}
		used := memory() - before
		runtime.KeepAlive(streams)
		return used / watches
	}
	for range b.N {
		without, with := measure(false, noToken), measure(true, staticToken)
		b.ReportMetric(without, "B/watch-none")
		b.ReportMetric(with-without, "B/watch-added")
	}
}

// memory is the live heap and the stacks.
func memory() float64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}
