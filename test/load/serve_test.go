package load_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server"
)

// serverVariable holds the settings of a server's process, as JSON.
const serverVariable = "ECSD_LOAD_SERVER"

// settings configure an ecsd, or a bare server.
type settings struct {
	Bare         bool
	Endpoint     string
	Database     string
	PollInterval time.Duration
	// Profiles is a folder for the profiles, one of each kind, written at the end.
	Profiles string
}

// order is a command from a test to a server's process, one line of JSON on its standard input. The process responds to
// each with one line. It measures itself for an empty order only: that collects garbage, which would spare it the
// collections of a round.
type order struct {
	// Greet makes the bare server start every stream with these messages.
	Greet [][]byte `json:",omitempty"`
	// Publish makes the bare server send these messages to the watchers of each instance.
	Publish map[string][][]byte `json:",omitempty"`
}

// usage is the response of a process.
type usage struct {
	// Address is the server's address.
	Address string
	// Began is the start time of a Publish, in nanoseconds of Unix time.
	Began int64
	// Live is the memory in use after a garbage collection: heap and stacks.
	Live, Stacks uint64
	// Grown is the memory of the stacks before that collection.
	Grown uint64
	// Peak is the largest resident memory since the start, 0 if the system does
	// not report it.
	Peak uint64
	// Mallocs counts the allocations since its start.
	Mallocs uint64
}

// serve runs a server's process. It ends when its input does.
func serve(text string) int {
	var s settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return failed(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var (
		bare    *bareServer
		address string
		err     error
	)
	ended := make(chan error, 1)
	if s.Bare {
		bare, err = newBareServer()
		if err != nil {
			return failed(err)
		}
		address = bare.address
		go func() { ended <- bare.serve(ctx) }()
	} else {
		cfg := server.DefaultConfig()
		cfg.Listen, cfg.Admin, cfg.Regions = "127.0.0.1:0", "127.0.0.1:0", []string{hangzhou}
		cfg.Endpoints, cfg.Scheme, cfg.Database, cfg.PollInterval = []server.Endpoint{{Host: s.Endpoint}}, "http", s.Database, s.PollInterval
		cfg.LogOutput = io.Discard
		ecsd, err := server.New(ctx, cfg)
		if err != nil {
			return failed(err)
		}
		address = ecsd.Addresses().GRPC
		go func() { ended <- ecsd.Serve(ctx) }()
	}
	answers := json.NewEncoder(os.Stdout)
	if err := answers.Encode(usage{Address: address}); err != nil {
		return failed(err)
	}
	endProfiles := profile(s.Profiles)
	orders := json.NewDecoder(os.Stdin)
	for {
		var o order
		if err := orders.Decode(&o); err != nil {
			break
		}
		var u usage
		switch {
		case o.Greet != nil:
			err = bare.greet(o.Greet)
		case o.Publish != nil:
			u.Began, err = bare.publish(o.Publish)
		default:
			u = measure()
		}
		if err == nil {
			err = answers.Encode(u)
		}
		if err != nil {
			return failed(err)
		}
	}
	endProfiles()
	stop()
	if err := <-ended; err != nil {
		return failed(err)
	}
	return 0
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// measure first collects garbage; stacks shrink by half per collection.
func measure() usage {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	peak, grown := peakMemory(), memory.StackInuse
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&memory)
	return usage{Live: memory.HeapAlloc + memory.StackInuse, Stacks: memory.StackInuse, Grown: grown, Peak: peak, Mallocs: memory.Mallocs}
}

// peakMemory reads the largest resident memory of this process from Linux.
func peakMemory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes uint64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); err == nil {
			return kilobytes << 10
		}
	}
	return 0
}

// profile starts the profiles of a process and returns a function that ends them. Without a folder both do nothing.
func profile(folder string) (end func()) {
	if folder == "" {
		return func() {}
	}
	runtime.MemProfileRate = 512
	cpu, err := os.Create(folder + "/cpu.pprof")
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		panic(err)
	}
	return func() {
		pprof.StopCPUProfile()
		cpu.Close()
		for _, name := range []string{"allocs", "heap", "goroutine"} {
			file, err := os.Create(folder + "/" + name + ".pprof")
			if err != nil {
				panic(err)
			}
			if err := pprof.Lookup(name).WriteTo(file, 0); err != nil {
				panic(err)
			}
			file.Close()
		}
	}
}
