package intercept

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// arrivalTimeout is how long the first request of a call may take to arrive,
	// from the moment that its handler reads it.
	arrivalTimeout = 10 * time.Second
	// arrivingBytes bounds the memory of requests that are arriving, each at the
	// size of the largest.
	arrivingBytes = 256 << 20
)

// arrivals bounds the number and the time of calls with an incomplete request,
// because a client could send nearly all of many requests, and never the rest.
// It retains nothing of a complete request.
type arrivals struct {
	// requests and probes count them by the address of the peer. Probes of the
	// health are apart, so that an overloaded server is not taken for a dead one.
	requests, probes *shares
	refuse           func(error) error // turns an error into its status
}

func newArrivals(maxMessage int, refuse func(error) error) *arrivals {
	most := max(1, arrivingBytes/maxMessage)
	return &arrivals{requests: newShares(most), probes: newShares(most), refuse: refuse}
}

// endable is the part of a stream of grpc that ends a call while its handler is
// blocked in a read. Only the context of the whole call ends a read otherwise,
// and a context that a timer can cancel costs each watch 0.5 KB for its life.
type endable interface {
	WriteStatus(st *status.Status) error
}

// receive reads a request of a call, by read. If that takes longer than the
// timeout, it ends the call.
func (l *arrivals) receive(ctx context.Context, timeout time.Duration, read func() error) error {
	stream := grpc.ServerTransportStreamFromContext(ctx)
	pending, peer := l.requests, peerHost(ctx)
	if strings.HasPrefix(stream.Method(), "/grpc.health.") {
		pending = l.probes
	}
	if v := pending.enter(peer); v != admitted {
		return overloaded(v, "requests that have not arrived", peer, pending.most)
	}
	defer pending.leave(peer)
	late := time.AfterFunc(timeout, func() {
		_ = stream.(endable).WriteStatus(status.Convert(l.refuse(tooLate(timeout)))) // fails only if the call has ended
	})
	err := read()
	if !late.Stop() {
		return tooLate(timeout)
	}
	return err
}

func tooLate(timeout time.Duration) error {
	err := ecs.Errorf(ecs.ReasonServerOverloaded, "the request did not arrive within %s; nothing was done", timeout)
	err.Retry, err.RetryAfter = ecs.RetryBackoff, overloadRetryAfter
	return err
}

// Registrar registers services with a server that has the options of the chain.
// It bounds how long the requests of unary calls take to arrive.
func (c *Chain) Registrar(server grpc.ServiceRegistrar) grpc.ServiceRegistrar {
	return arrivingServices{server, c.arrivals}
}

type arrivingServices struct {
	grpc.ServiceRegistrar

	arrivals *arrivals
}

// RegisterService registers a copy of the service.
func (s arrivingServices) RegisterService(desc *grpc.ServiceDesc, impl any) {
	d := *desc
	d.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, m := range desc.Methods {
		handle := m.Handler
		m.Handler = func(srv any, ctx context.Context, decode func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
			return handle(srv, ctx, func(request any) error {
				return s.arrivals.receive(ctx, arrivalTimeout, func() error { return decode(request) })
			}, chain)
		}
		d.Methods[i] = m
	}
	s.ServiceRegistrar.RegisterService(&d, impl)
}
