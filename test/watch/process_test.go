package watch_test

import (
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

const hangzhou = "cn-hangzhou"

var binary string

func TestMain(m *testing.M) {
	if flag.Parse(); testing.Short() {
		return // a suite of the whole system
	}
	path, remove, err := program.Build()
	if err != nil {
		panic(err)
	}
	binary = path
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", simulator.DefaultAccessKeyID)
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", simulator.DefaultAccessKeySecret)
	goleak.VerifyTestMain(postgres.Main(m), goleak.Cleanup(func(code int) {
		remove()
		os.Exit(code)
	}))
}

// newCloud serves a simulator until the test ends.
func newCloud(t *testing.T) (*simulator.Simulator, string) {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Regions: []string{hangzhou}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- sim.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	return sim, listener.Addr().String()
}

// process is an ecsd that polls one region each second.
type process struct {
	*program.Process
	t *testing.T
}

// newProcess starts an ecsd connected to an endpoint.
func newProcess(t *testing.T, endpoint, database string, args ...string) *process {
	t.Helper()
	args = append([]string{"--region", hangzhou, "--poll-interval", "1s"}, args...)
	return &process{program.Start(t, binary, endpoint, database, args...), t}
}

// polled waits until a poll that started after the time is complete.
func (p *process) polled(after time.Time) {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	age := regexp.MustCompile(`ecsd_watch_poll_age_seconds\{region="` + hangzhou + `"\} (\S+)`)
	for giveUp := time.Now().Add(90 * time.Second); time.Now().Before(giveUp); time.Sleep(50 * time.Millisecond) {
		answer, err := client.Get("http://" + p.Admin + "/metrics")
		if err != nil {
			continue
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		found := age.FindSubmatch(text)
		if err != nil || found == nil {
			continue
		}
		if seconds, err := strconv.ParseFloat(string(found[1]), 64); err == nil && time.Duration(seconds*float64(time.Second)) < time.Since(after) {
			return
		}
	}
	p.t.Error("no poll is complete")
}
