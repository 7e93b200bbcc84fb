package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Fleet holds the instances that were last observed, which costs no call.
type Fleet interface {
	// Seen returns the instances seen within maxStaleness, by ID.
	Seen(regionID string, ids []string, maxStaleness time.Duration) map[string]ecs.Instance
	// SeenAll returns at most limit instances of a region that match a query, after
	// an ID; ok is false if the region was not seen whole within maxStaleness.
	SeenAll(regionID string, q ecs.Query, maxStaleness time.Duration, after string, limit int) (_ []ecs.Instance, ok bool)
}

// Settings reads auto-renew settings.
type Settings interface {
	// Outlooks returns the outlook of each subscription, in order, by settings that
	// were read within maxStaleness or are read now. If a setting cannot be read,
	// its outlook is zero, and there is an error.
	Outlooks(ctx context.Context, instances []ecs.Instance, maxStaleness time.Duration) ([]ecs.AutoRenewOutlook, error)
}

// Ledger lists what needs attention, newest first.
type Ledger interface {
	ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)
	ListModifications(ctx context.Context, f ledger.ModificationFilter, after ledger.Cursor, limit int) ([]ledger.Modification, error)
}

// Outbox keeps the messages. Acknowledged writes are on disk. Those with a lease
// return ErrLeaseLost if it has a successor.
type Outbox interface {
	Leases
	Queue
	Deliveries
}

// Leases elect the replica that sends.
type Leases = lease.Store

// Queue is the part of the outbox that fills it.
type Queue interface {
	// ReportedItems reads the keys of all items that were added and not withdrawn.
	ReportedItems(ctx context.Context) ([]outbox.Key, error)
	// PendingItems reads the keys of the items in messages that wait.
	PendingItems(ctx context.Context) ([]outbox.Key, error)
	// ChangeOutbox adds messages and withdraws items of messages that wait.
	ChangeOutbox(ctx context.Context, lease ecs.Lease, add []outbox.Message, withdraw []outbox.Key) error
	// TrimOutbox gives up messages that wait since before a time, and forgets what
	// need not be retained. It counts the former by receiver.
	TrimOutbox(ctx context.Context, lease ecs.Lease, before, now time.Time) (map[string]int, error)
}

// Deliveries is the part of the outbox that empties it.
type Deliveries interface {
	// NextMessage reads the message that a receiver gets next; ok is false for none.
	NextMessage(ctx context.Context, receiver string) (m outbox.Message, ok bool, err error)
	// BeginSend counts an attempt before it is made; ErrStateMoved if the message
	// does not wait any more.
	BeginSend(ctx context.Context, lease ecs.Lease, messageID string) error
	// Delivered records an acknowledgement.
	Delivered(ctx context.Context, m outbox.Message, at time.Time) error
	// SendFailed records a failed send; the receiver gets no message before next.
	SendFailed(ctx context.Context, receiver string, failures int, at, next time.Time, failure string) error
	// Receivers reads the state of the receivers that have one.
	Receivers(ctx context.Context) ([]outbox.Receiver, error)
}

// Sources are what a Notifier reads.
type Sources struct {
	Fleet    Fleet
	Settings Settings
	Ledger   Ledger
}

// Config has the settings of an operator. The zero value of an optional field
// means its default.
type Config struct {
	File *File
	// Regions are those that are served.
	Regions []string
	// Holder is unique to the life of a process.
	Holder string
	// StoreID makes the UIDs of the calendar unique.
	StoreID string
	// Check is the interval of the comparison. Default 1 min.
	Check time.Duration
	// MaxStaleness is the age up to which the memory of a region is used. Default
	// 10 min.
	MaxStaleness time.Duration
	// Backoff is the pause after the first failed send; it doubles up to
	// maxBackoff. Default 10 s.
	Backoff time.Duration
	// SendTimeout bounds one send. Default sendTimeout.
	SendTimeout time.Duration
	// AccountID returns the cloud account, "" as long as it is unknown. Default
	// unknown.
	AccountID func() string
	// Sent receives the outcome of each send: delivered, failed, or unknown if the
	// receiver may have accepted the message. It must not block. Default none.
	Sent func(receiver, outcome string)
	// Clock is the cloud's, by which subscriptions expire. Default time.Now.
	Clock ecs.Clock
	// Logger reports deliveries and failures. Default slog.Default().
	Logger *slog.Logger
}

const (
	leaseName = "notifications"
	// storeTimeout bounds each call to the store.
	storeTimeout = 10 * time.Second
	// startPatience is how long the first sends of a process wait for the
	// observation of all regions, so that nothing is sent that is no longer true.
	startPatience = time.Minute
	// startCheck is the interval of the comparison until then.
	startCheck = time.Second
	// trimInterval is how often old rows are removed.
	trimInterval = time.Hour
	// maxPendingAge is how long a message waits for its receiver.
	maxPendingAge = 30 * 24 * time.Hour
)

// Notifier reports to receivers. It is safe for concurrent use.
type Notifier struct {
	sources Sources
	outbox  Outbox
	config  Config

	// reported are the items that were reported; nil if they must be read. Only
	// the holder of the lease uses it.
	reported map[outbox.Key]bool
	// unread is since when the settings of a region could not be read.
	unread map[string]time.Time
}

// New returns a Notifier. Run sends.
func New(sources Sources, out Outbox, config Config) *Notifier {
	if config.Check <= 0 {
		config.Check = time.Minute
	}
	if config.MaxStaleness <= 0 {
		config.MaxStaleness = 10 * time.Minute
	}
	if config.Backoff <= 0 {
		config.Backoff = 10 * time.Second
	}
	if config.SendTimeout <= 0 {
		config.SendTimeout = sendTimeout
	}
	if config.AccountID == nil {
		config.AccountID = func() string { return "" }
	}
	if config.Sent == nil {
		config.Sent = func(string, string) {}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return &Notifier{sources: sources, outbox: out, config: config, unread: map[string]time.Time{}}
}

// Run compares and sends while this process has the lease, until ctx ends.
func (n *Notifier) Run(ctx context.Context) {
	if len(n.config.File.Receivers) == 0 {
		return
	}
	_ = lease.Run(ctx, n.outbox, lease.Config{Name: leaseName, Holder: n.config.Holder, Logger: n.config.Logger}, n.work) // the error is that of ctx
}

// work sends until the lease is lost or ctx ends.
func (n *Notifier) work(ctx context.Context, held *lease.Held) error {
	n.reported = nil
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	var senders []*sender
	ready := make(chan struct{})
	for _, r := range n.config.File.Receivers {
		s := &sender{
			receiver: r, poster: newPoster(r, n.config.SendTimeout), outbox: n.outbox, held: held, config: &n.config, wake: make(chan struct{}, 1),
		}
		senders = append(senders, s)
		running.Go(func() {
			defer s.poster.close()
			select {
			case <-ready:
				rescue.Loop(ctx, n.config.Logger, "notifications to "+r.Name, s.run)
			case <-ctx.Done():
			}
		})
	}
	began, trimmed, started, failing := time.Now(), time.Time{}, false, false
	for {
		complete, err := n.compare(ctx, held, senders)
		if err == nil && time.Since(trimmed) >= trimInterval {
			trimmed = time.Now()
			err = n.trim(ctx, held)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ecs.ErrLeaseLost):
			return ecs.ErrLeaseLost
		case err != nil && !failing:
			n.config.Logger.Warn("compare for notifications failed, retrying", slog.String("error", err.Error()))
		}
		failing = err != nil
		if !started && (err == nil && complete || time.Since(began) >= startPatience) {
			started = true
			close(ready)
		}
		wait := n.config.Check
		if !started {
			wait = min(wait, startCheck)
		}
		if err := sleep.For(ctx, wait); err != nil {
			return err
		}
	}
}

// trim gives up and forgets what is old.
func (n *Notifier) trim(ctx context.Context, held *lease.Held) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	expired, err := n.outbox.TrimOutbox(ctx, held.Lease(), time.Now().Add(-maxPendingAge), n.config.Clock.Now())
	for receiver, count := range expired {
		n.config.Logger.Error("notifications given up", slog.String("receiver", receiver), slog.Int("messages", count), slog.Duration("age", maxPendingAge))
	}
	n.reported = nil // some are forgotten
	return err
}

// Status is a receiver of the file with its state.
type Status struct {
	Kind Kind
	outbox.Receiver
}

// Receivers returns the receivers of the file, in its order, as any replica sees
// them.
func (n *Notifier) Receivers(ctx context.Context) ([]Status, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	stored, err := n.outbox.Receivers(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Status, len(n.config.File.Receivers))
	for i, r := range n.config.File.Receivers {
		all[i] = Status{Kind: r.Kind, Receiver: outbox.Receiver{Name: r.Name}}
		for _, s := range stored {
			if s.Name == r.Name {
				all[i].Receiver = s
			}
		}
	}
	return all, nil
}
