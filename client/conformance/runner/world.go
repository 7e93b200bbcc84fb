package runner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/ecsd-io/ecsd/client/conformance/chaos"
	"github.com/ecsd-io/ecsd/client/conformance/script"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

const (
	region = "cn-hangzhou"
	// startLimit is the time within which a real server must be ready.
	startLimit = 60 * time.Second
)

// world is the server of one case, behind its proxy.
type world struct {
	proxy  *chaos.Proxy
	script *script.Server
	real   *realServer
}

func newWorld(c *Case, binary string, authority *authority) (_ *world, err error) {
	w := &world{}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	var address string
	if c.Server == "real" {
		if w.real, err = newRealServer(binary, c.Fleet); err != nil {
			return nil, err
		}
		address = w.real.address
	} else {
		var options []grpc.ServerOption
		if c.TLS != "" {
			options = append(options, grpc.Creds(credentials.NewTLS(authority.server(c.TLS == "mutual"))))
		}
		if w.script, err = script.Serve(c.Script, options...); err != nil {
			return nil, err
		}
		address = w.script.Address()
	}
	if w.proxy, err = chaos.Listen(address); err != nil {
		return nil, err
	}
	if w.script != nil {
		w.script.SetCut(w.proxy.Cut)
	}
	return w, nil
}

func (w *world) close() {
	if w.proxy != nil {
		w.proxy.Close()
	}
	if w.script != nil {
		w.script.Close()
	}
	if w.real != nil {
		w.real.close()
	}
}

// realServer is an ecsd that polls a simulated cloud, which outlives it.
type realServer struct {
	address, admin string
	binary, folder string
	cloud          *simulator.Simulator
	instances      []string
	stopCloud      context.CancelFunc
	cloudEnded     chan error
	endpoint       string
	command        *exec.Cmd
}

func newRealServer(binary string, fleet int) (_ *realServer, err error) {
	if binary == "" {
		return nil, errors.New("no ecsd to start")
	}
	s := &realServer{binary: binary}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.folder, err = os.MkdirTemp("", "ecsd-conformance-"); err != nil {
		return nil, err
	}
	if s.cloud, err = simulator.New(simulator.Config{Regions: []string{region}, StartLatency: time.Second, StopLatency: time.Second, RenewLag: -1}); err != nil {
		return nil, err
	}
	// An even index is a pay-as-you-go spot instance, an odd one a subscription that expires in ten days.
	for i := range max(fleet, 2) {
		seed := simulator.Seed{ChargeType: "PostPaid", SpotStrategy: "SpotAsPriceGo"}
		if i%2 == 1 {
			after := control.Duration(10 * 24 * time.Hour)
			seed = simulator.Seed{ChargeType: "PrePaid", ExpireAfter: &after}
		}
		ids, err := s.cloud.Seed(seed)
		if err != nil {
			return nil, err
		}
		s.instances = append(s.instances, ids...)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.endpoint, s.cloudEnded = listener.Addr().String(), make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	s.stopCloud = stop
	go func() { s.cloudEnded <- s.cloud.Serve(ctx, listener) }()
	addresses, err := freeAddresses(2)
	if err != nil {
		return nil, err
	}
	s.address, s.admin = addresses[0], addresses[1]
	return s, s.start()
}

// start starts the process and waits until it is ready.
func (s *realServer) start() error {
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.command = exec.Command(s.binary, "serve", "--listen", s.address, "--admin-listen", s.admin,
		"--database", "sqlite:"+filepath.Join(s.folder, "ecsd.db"), "--endpoint", s.endpoint, "--endpoint-scheme", "http",
		"--region", region, "--poll-interval", "1s", "--renewal-settle-window", "30s", "--shutdown-grace", "2s")
	s.command.Env = append(os.Environ(), "ALIBABA_CLOUD_ACCESS_KEY_ID="+simulator.DefaultAccessKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+simulator.DefaultAccessKeySecret)
	s.command.Stdout, s.command.Stderr = log, log
	if err := s.command.Start(); err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for giveUp := time.Now().Add(startLimit); time.Now().Before(giveUp); <-tick.C {
		if response, err := client.Get("http://" + s.admin + "/healthz"); err == nil {
			_ = response.Body.Close()
			return nil
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.folder, "log"))
	return fmt.Errorf("ecsd is not ready after %s:\n%s", startLimit, text)
}

// end ends the process by a signal and waits for its exit.
func (s *realServer) end(signal syscall.Signal) {
	if s.command == nil || s.command.Process == nil {
		return
	}
	_ = s.command.Process.Signal(signal)
	_ = s.command.Wait()
	s.command = nil
}

func (s *realServer) close() {
	s.end(syscall.SIGKILL)
	if s.stopCloud != nil {
		s.stopCloud()
		if err := <-s.cloudEnded; err != nil {
			fmt.Fprintln(os.Stderr, "conformance: the simulated cloud ended with", err)
		}
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder)
	}
}

// change changes instances of the cloud.
func (s *realServer) change(c *Cloud) error {
	stopped := "Stopped"
	for indexes, change := range map[*[]int]control.Change{&c.Stop: {Status: &stopped}, &c.Vanish: {Vanish: true}, &c.Reclaim: {Reclaim: true}} {
		for _, i := range *indexes {
			if i >= len(s.instances) {
				return fmt.Errorf("the fleet has no instance %d", i)
			}
			if err := s.cloud.Change(s.instances[i], change); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeAddresses returns n unused loopback addresses.
func freeAddresses(n int) ([]string, error) {
	var addresses []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses, nil
}
