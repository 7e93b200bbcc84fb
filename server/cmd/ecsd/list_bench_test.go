package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// BenchmarkInstancesList compares `ecsd instances list -o json` of 10,000 instances with the API's own time: a client
// that reads the same pages. It reports the ratio of the times and the memory of the command.
func BenchmarkInstancesList(b *testing.B) {
	for _, source := range []struct{ name, maxAge string }{{"cloud", "0s"}, {"memory", "10m"}} {
		b.Run(source.name, func(b *testing.B) { benchmarkList(b, source.maxAge) })
	}
}

func benchmarkList(b *testing.B, maxAge string) {
	cloud := startUntil(b, "simulator:", "simulator", "--listen=127.0.0.1:0", "--instances=10000", "--regions=cn-hangzhou")
	endpoint := strings.TrimPrefix(strings.TrimSuffix(strings.Fields(cloud.line)[4], ","), "http://")
	server := start(b, "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--database=sqlite::memory:", "--region=cn-hangzhou",
		"--endpoint="+endpoint, "--endpoint-scheme=http", "--log-level=warn")
	c, err := client.Dial(server.at["gRPC"], client.WithInsecure())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	age, err := time.ParseDuration(maxAge)
	if err != nil {
		b.Fatal(err)
	}
	request := &ecsdv1.ListInstancesRequest{PageSize: 1000, MaxStaleness: durationpb.New(age)}
	list := func() (count int) {
		for _, err := range c.ListInstances(b.Context(), request) {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		return count
	}
	list() // the first list waits for the first poll
	var api, command, cpu time.Duration
	var memory int64
	for b.Loop() {
		began := time.Now()
		if n := list(); n != 10_000 {
			b.Fatalf("%d instances, want 10,000", n)
		}
		api += time.Since(began)
		began = time.Now()
		cli := exec.CommandContext(b.Context(), os.Args[0], "instances", "list", "-o", "json", "--max-age="+maxAge, "--address="+server.at["gRPC"])
		cli.Env = append(os.Environ(), runsMain+"=1")
		if err := cli.Run(); err != nil {
			b.Fatal(err)
		}
		command += time.Since(began)
		cpu += cli.ProcessState.UserTime() + cli.ProcessState.SystemTime()
		memory = max(memory, cli.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	}
	b.ReportMetric(command.Seconds()/api.Seconds(), "cli/api")
	b.ReportMetric(float64(memory)/1024, "cli-MiB")
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cli-cpu-s")
	b.ReportMetric(api.Seconds()/float64(b.N), "api-s")
}
