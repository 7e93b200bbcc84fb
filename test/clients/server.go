package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	startLimit = 30 * time.Second
	stopLimit  = 20 * time.Second
)

// server is a running ecsd with its demo fleet.
type server struct {
	address string
	log     string // file with the output of the process
	command *exec.Cmd
	done    chan struct{} // closed when the process has ended
	ended   error         // exit error; read it after done is closed
}

// startServer builds ecsd into dir, starts it on free ports and waits until it reports that it serves.
func startServer(ctx context.Context, dir string) (*server, error) {
	binary := filepath.Join(dir, "ecsd")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./server/cmd/ecsd")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build ecsd: %w", err)
	}

	ports, err := freeAddresses(3)
	if err != nil {
		return nil, err
	}
	s := &server{address: ports[0], log: filepath.Join(dir, "log"), done: make(chan struct{})}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.command = exec.Command(binary, "serve", "--simulate", "--listen", ports[0], "--simulator-listen", ports[1],
		"--admin-listen", ports[2], "--database", "sqlite:"+filepath.Join(dir, "ecsd.db"))
	s.command.Stdout, s.command.Stderr = log, log
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start ecsd: %w", err)
	}
	go func() {
		s.ended = s.command.Wait()
		close(s.done)
	}()

	if err := s.awaitServing(ctx); err != nil {
		_ = s.command.Process.Kill()
		<-s.done
		return nil, fmt.Errorf("ecsd does not serve: %w\n%s", err, s.printed())
	}
	return s, nil
}

// awaitServing returns when the server's health is SERVING. It returns an error if the server ends first or takes too
// long.
func (s *server) awaitServing(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	go func() {
		select {
		case <-s.done:
			cancel()
		case <-ctx.Done():
		}
	}()

	conn, err := grpc.NewClient(s.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	watch, err := healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	for {
		health, err := watch.Recv()
		if err != nil {
			return err
		}
		if health.GetStatus() == healthpb.HealthCheckResponse_SERVING {
			return nil
		}
	}
}

// stop asks the server to stop. It returns an error if the server does not stop cleanly.
func (s *server) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop ecsd: %w\n%s", err, s.printed())
	}
	select {
	case <-s.done:
	case <-time.After(stopLimit):
		_ = s.command.Process.Kill()
		<-s.done
		return fmt.Errorf("ecsd did not stop within %v\n%s", stopLimit, s.printed())
	}
	if s.ended != nil {
		return fmt.Errorf("ecsd did not stop cleanly: %w\n%s", s.ended, s.printed())
	}
	return nil
}

func (s *server) printed() []byte {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return []byte(err.Error())
	}
	return text
}

// freeAddresses returns n unused loopback addresses.
func freeAddresses(n int) ([]string, error) {
	addresses := make([]string, 0, n)
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
