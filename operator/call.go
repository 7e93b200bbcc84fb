package operator

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

const (
	// callTimeout limits a call that does no work in the cloud.
	callTimeout = 30 * time.Second
	// workTimeout limits a call that reads or changes many instances in the cloud, or pays: the server waits for rate limits
	// and for the effect.
	workTimeout = 10 * time.Minute
)

// unary is a method of a client of the contract.
type unary[Request, Answer any] func(context.Context, *Request, ...grpc.CallOption) (*Answer, error)

// ask makes a call that is limited by callTimeout.
func ask[Request, Answer any](ctx context.Context, call unary[Request, Answer], request *Request) (*Answer, error) {
	return within(ctx, callTimeout, call, request)
}

// work makes a call that is limited by workTimeout.
func work[Request, Answer any](ctx context.Context, call unary[Request, Answer], request *Request) (*Answer, error) {
	return within(ctx, workTimeout, call, request)
}

func within[Request, Answer any](ctx context.Context, timeout time.Duration, call unary[Request, Answer], request *Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return call(ctx, request)
}
