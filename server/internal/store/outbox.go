package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

const (
	insertMessages = `INSERT INTO notify_messages (message_id, receiver, state, event, region_id, day, threshold, attempts, create_time) VALUES `

	insertItems = `INSERT INTO notify_items (receiver, item_key, message_id, withdrawn, retain_until, detail) VALUES `

	// An item that was withdrawn and is true again is reported in the new message.
	orAgain = ` ON CONFLICT (receiver, item_key) DO UPDATE SET message_id = excluded.message_id, withdrawn = 0,
		retain_until = excluded.retain_until, detail = excluded.detail WHERE notify_items.withdrawn = 1`

	pendingMessages = `FROM notify_messages AS m WHERE m.state = 'PENDING'`

	withdrawEmpty = `UPDATE notify_messages SET state = 'WITHDRAWN' WHERE state = 'PENDING'
		AND NOT EXISTS (SELECT 1 FROM notify_items AS i WHERE i.message_id = notify_messages.message_id AND i.withdrawn = 0)`

	selectReceivers = `SELECT COALESCE(r.receiver, p.receiver), COALESCE(r.failures, 0), COALESCE(r.next_time, 0), COALESCE(r.last_error, ''),
		COALESCE(r.last_error_time, 0), COALESCE(r.last_success_time, 0), COALESCE(p.messages, 0), COALESCE(p.oldest, 0)
		FROM notify_receivers AS r FULL JOIN (SELECT receiver, count(*) AS messages, min(create_time) AS oldest
			FROM notify_messages WHERE state = 'PENDING' GROUP BY receiver) AS p ON p.receiver = r.receiver`

	upsertReceiver = `INSERT INTO notify_receivers (receiver, failures, next_time, last_error, last_error_time, last_success_time)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (receiver) DO UPDATE SET `
)

// ReportedItems reads the keys of all items that were put into the outbox and
// not withdrawn.
func (s *Store) ReportedItems(ctx context.Context) ([]outbox.Key, error) {
	keys, err := query(ctx, s.reader, scanKey, `SELECT receiver, item_key FROM notify_items WHERE withdrawn = 0`)
	if err != nil {
		return nil, fmt.Errorf("read the reported items: %w", err)
	}
	return keys, nil
}

// PendingItems reads the keys of the items in messages that wait.
func (s *Store) PendingItems(ctx context.Context) ([]outbox.Key, error) {
	keys, err := query(ctx, s.reader, scanKey, `SELECT i.receiver, i.item_key FROM notify_items AS i
		WHERE i.withdrawn = 0 AND i.message_id IN (SELECT m.message_id `+pendingMessages+`)`)
	if err != nil {
		return nil, fmt.Errorf("read the pending items: %w", err)
	}
	return keys, nil
}

func scanKey(line row) (k outbox.Key, err error) { return k, line.Scan(&k.Receiver, &k.Item) }

// ChangeOutbox adds messages and withdraws items of messages that wait, in one
// transaction under a lease. A message without items is withdrawn too. It is on
// disk when it returns.
func (s *Store) ChangeOutbox(ctx context.Context, lease ecs.Lease, add []outbox.Message, withdraw []outbox.Key) error {
	type itemOf struct {
		outbox.Item
		message *outbox.Message
	}
	var items []itemOf
	for i := range add {
		for _, item := range add[i].Items {
			items = append(items, itemOf{item, &add[i]})
		}
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, lease); err != nil {
			return err
		}
		for _, k := range withdraw {
			if _, err := tx.ExecContext(ctx, `UPDATE notify_items SET withdrawn = 1 WHERE receiver = $1 AND item_key = $2
				AND message_id IN (SELECT m.message_id `+pendingMessages+`)`, k.Receiver, k.Item); err != nil {
				return err
			}
		}
		if err := (chunked[outbox.Message]{rows: add, columns: 9, before: insertMessages, valuesOfARow: func(m outbox.Message) []any {
			return []any{m.ID, m.Receiver, "PENDING", string(m.Event), m.RegionID, m.Day, m.Threshold, m.Attempts, millis(m.CreateTime)}
		}}).exec(ctx, tx, s.engine); err != nil {
			return err
		}
		if err := (chunked[itemOf]{rows: items, columns: 6, before: insertItems, after: orAgain, valuesOfARow: func(i itemOf) []any {
			return []any{i.message.Receiver, i.Key, i.message.ID, 0, millis(i.RetainUntil), encodeItem(i.Item)}
		}}).exec(ctx, tx, s.engine); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, withdrawEmpty)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the outbox: %w", err)
	}
	return nil
}

func encodeItem(i outbox.Item) string {
	encoded, err := json.Marshal(i)
	if err != nil {
		panic(err) // texts and times in range always encode
	}
	return string(encoded)
}

// NextMessage reads the message that a receiver gets next, with its items: the
// one with the fewest attempts, of those the oldest. ok is false if none waits.
func (s *Store) NextMessage(ctx context.Context, receiver string) (m outbox.Message, ok bool, err error) {
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		found, err := query(ctx, tx, func(line row) (m outbox.Message, err error) {
			var created int64
			err = line.Scan(&m.ID, &m.Receiver, &m.Event, &m.RegionID, &m.Day, &m.Threshold, &m.Attempts, &created)
			m.CreateTime = moment(created)
			return m, err
		}, `SELECT m.message_id, m.receiver, m.event, m.region_id, m.day, m.threshold, m.attempts, m.create_time `+pendingMessages+`
			AND m.receiver = $1 ORDER BY m.attempts, m.create_time, m.message_id LIMIT 1`, receiver)
		if err != nil || len(found) == 0 {
			return err
		}
		m, ok = found[0], true
		m.Items, err = query(ctx, tx, func(line row) (i outbox.Item, err error) {
			var until int64
			var detail string
			if err := line.Scan(&i.Key, &until, &detail); err != nil {
				return i, err
			}
			i.RetainUntil = moment(until)
			return i, json.Unmarshal([]byte(detail), &i)
		}, `SELECT item_key, retain_until, detail FROM notify_items WHERE message_id = $1 AND withdrawn = 0`, m.ID)
		slices.SortFunc(m.Items, outbox.Item.Compare)
		return err
	})
	if err != nil {
		return outbox.Message{}, false, fmt.Errorf("read the next message to %s: %w", receiver, err)
	}
	return m, ok, nil
}

// BeginSend counts an attempt under a lease, before the message is sent. It
// returns ErrStateMoved if the message does not wait any more.
func (s *Store) BeginSend(ctx context.Context, lease ecs.Lease, messageID string) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, lease); err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, `UPDATE notify_messages SET attempts = attempts + 1 WHERE message_id = $1 AND state = 'PENDING'`, messageID))
		if err == nil && n != 1 {
			err = ecs.ErrStateMoved
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("begin to send message %s: %w", messageID, err)
	}
	return nil
}

// Delivered records that the receiver of a message has acknowledged it. It needs
// no lease, because it is a fact.
func (s *Store) Delivered(ctx context.Context, m outbox.Message, at time.Time) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE notify_messages SET state = 'DELIVERED' WHERE message_id = $1`, m.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, upsertReceiver+`failures = 0, next_time = 0, last_success_time = excluded.last_success_time`,
			m.Receiver, 0, 0, "", 0, millis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("record the delivery of message %s: %w", m.ID, err)
	}
	return nil
}

// SendFailed records a failed send to a receiver, which gets no message before
// next. The message stays PENDING.
func (s *Store) SendFailed(ctx context.Context, receiver string, failures int, at, next time.Time, failure string) error {
	_, err := s.db.ExecContext(ctx, upsertReceiver+`failures = excluded.failures, next_time = excluded.next_time,
		last_error = excluded.last_error, last_error_time = excluded.last_error_time`,
		receiver, failures, millis(next), failure, millis(at), 0)
	if err != nil {
		return fmt.Errorf("record a failed send to %s: %w", receiver, explain(err))
	}
	return nil
}

// Receivers reads the state of the receivers that have one.
func (s *Store) Receivers(ctx context.Context) ([]outbox.Receiver, error) {
	found, err := query(ctx, s.reader, func(line row) (r outbox.Receiver, err error) {
		var next, failed, succeeded, oldest int64
		err = line.Scan(&r.Name, &r.Failures, &next, &r.LastError, &failed, &succeeded, &r.Pending, &oldest)
		r.NextTime, r.LastErrorTime, r.LastSuccessTime, r.Oldest = moment(next), moment(failed), moment(succeeded), moment(oldest)
		return r, err
	}, selectReceivers)
	if err != nil {
		return nil, fmt.Errorf("read the receivers: %w", err)
	}
	return found, nil
}

// TrimOutbox gives up the messages that wait since before a time, removes the
// others of that age, and forgets the items that need not be retained at now,
// under a lease. It returns how many messages were given up, by receiver.
func (s *Store) TrimOutbox(ctx context.Context, lease ecs.Lease, before, now time.Time) (expired map[string]int, err error) {
	expired = map[string]int{}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, lease); err != nil {
			return err
		}
		receivers, err := query(ctx, tx, func(line row) (name string, err error) { return name, line.Scan(&name) },
			`UPDATE notify_messages SET state = 'EXPIRED' WHERE state = 'PENDING' AND create_time < $1 RETURNING receiver`, millis(before))
		for _, name := range receivers {
			expired[name]++
		}
		if err != nil {
			return err
		}
		// One that was just given up stays until the next time, for the reader of the database.
		if _, err := tx.ExecContext(ctx, `DELETE FROM notify_messages WHERE create_time < $1 AND state IN ('DELIVERED', 'WITHDRAWN')
			OR create_time < $2 AND state = 'EXPIRED'`, millis(before), millis(before.Add(-24*time.Hour))); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM notify_items WHERE retain_until < $1
			AND message_id NOT IN (SELECT m.message_id `+pendingMessages+`)`, millis(now))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("trim the outbox: %w", err)
	}
	return expired, nil
}
