package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// maxBackoff bounds the pause between two sends to a receiver that is down.
	maxBackoff = 15 * time.Minute
	// storePause is the pause before a failed call to the store is repeated.
	storePause = time.Second
)

// The outcomes of a send, as the metrics name them.
const (
	delivered = "delivered"
	failed    = "failed"
	unknown   = "unknown"
)

// sender sends the messages of one receiver, one at a time.
type sender struct {
	receiver Receiver
	poster   *poster
	outbox   Deliveries
	held     *lease.Held
	config   *Config
	wake     chan struct{}
}

// notify tells the sender about new messages. It does not wait.
func (s *sender) notify() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run sends until ctx ends.
func (s *sender) run(ctx context.Context) {
	var state outbox.Receiver
	if !s.stored(ctx, "read", func(ctx context.Context) (err error) {
		state, err = s.state(ctx)
		return err
	}) {
		return
	}
	for ctx.Err() == nil {
		// No longer than the longest wait, if the clock of the replica that stored it is ahead.
		if wait := min(time.Until(state.NextTime), maxRetryAfter+maxBackoff); wait > 0 {
			if sleep.For(ctx, wait) != nil {
				return
			}
		}
		var m outbox.Message
		var ok bool
		if !s.stored(ctx, "read", func(ctx context.Context) (err error) {
			m, ok, err = s.outbox.NextMessage(ctx, s.receiver.Name)
			return err
		}) {
			return
		}
		if !ok {
			select {
			case <-s.wake:
			case <-ctx.Done():
			}
			continue
		}
		s.send(ctx, m, &state)
	}
}

func (s *sender) state(ctx context.Context) (outbox.Receiver, error) {
	all, err := s.outbox.Receivers(ctx)
	for _, r := range all {
		if r.Name == s.receiver.Name {
			return r, err
		}
	}
	return outbox.Receiver{Name: s.receiver.Name}, err
}

// send sends a message once and records the outcome. The attempt is recorded
// before, so that no other replica sends the message at the same time.
func (s *sender) send(ctx context.Context, m outbox.Message, state *outbox.Receiver) {
	moved := false
	if !s.stored(ctx, "begin", func(ctx context.Context) error {
		err := s.outbox.BeginSend(ctx, s.held.Lease(), m.ID)
		if moved = errors.Is(err, ecs.ErrStateMoved); moved {
			return nil
		}
		return err
	}) || moved {
		return
	}
	sent := s.poster.post(ctx, notice{m, s.config.AccountID()}, time.Now())
	attributes := []slog.Attr{
		slog.String("receiver", s.receiver.Name), slog.String("message_id", m.ID), slog.String("event", string(m.Event)),
		slog.String("region", m.RegionID), slog.Int("items", len(m.Items)), slog.Int("attempt", m.Attempts+1),
	}
	var failure *sendError
	if !errors.As(sent, &failure) {
		// It is recorded before anything else is sent, however long that takes.
		s.stored(context.WithoutCancel(ctx), "record", func(recording context.Context) error {
			err := s.outbox.Delivered(recording, m, time.Now())
			if err != nil && ctx.Err() != nil {
				s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "delivery not recorded, it is sent again", append(attributes, slog.String("error", err.Error()))...)
				return nil
			}
			return err
		})
		*state = outbox.Receiver{Name: s.receiver.Name}
		s.config.Sent(s.receiver.Name, delivered)
		s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "notification delivered", attributes...)
		return
	}
	outcome := failed
	if failure.ambiguous {
		outcome = unknown
	}
	s.config.Sent(s.receiver.Name, outcome)
	if ctx.Err() != nil {
		return // the send was cut by the end of the process or of the lease
	}
	state.Failures++
	now := time.Now()
	state.NextTime = now.Add(max(s.backoff(state.Failures), failure.after))
	s.stored(ctx, "record", func(ctx context.Context) error {
		return s.outbox.SendFailed(ctx, s.receiver.Name, state.Failures, now, state.NextTime, failure.text)
	})
	s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "notification failed, retrying", append(attributes, slog.String("error", failure.text),
		slog.Time("next_time", state.NextTime))...)
}

// backoff is the pause after some failures in a row, plus or minus a quarter.
func (s *sender) backoff(failures int) time.Duration {
	pause := min(s.config.Backoff<<min(failures-1, 20), maxBackoff)
	return pause*3/4 + rand.N(pause/2+1)
}

// stored calls the store until it succeeds, and reports false if ctx ended or
// the lease is lost.
func (s *sender) stored(ctx context.Context, what string, do func(context.Context) error) bool {
	for failing := false; ; failing = true {
		once, cancel := context.WithTimeout(ctx, storeTimeout)
		err := do(once)
		cancel()
		switch {
		case err == nil:
			return true
		case errors.Is(err, ecs.ErrLeaseLost):
			s.held.Lost()
			return false
		case ctx.Err() != nil:
			return false
		case !failing:
			s.config.Logger.Warn(fmt.Sprintf("%s notifications failed, retrying", what), slog.String("receiver", s.receiver.Name), slog.String("error", err.Error()))
		}
		if sleep.For(ctx, storePause) != nil {
			return false
		}
	}
}
