package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// item is the state of one instance in a release. Exported fields are stored.
type item struct {
	state   string
	Outcome Outcome `json:"Fate"`
	// Saves are the snapshots by disk id.
	Saves map[string]save
	// Sends counts the sends of the release, each under its own token.
	Sends int32
}

// save is a snapshot requested by a release.
type save struct {
	SnapshotID string
	// Number counts the snapshots of the disk under one request, from 1.
	Number int32
	// Time is the time of the request.
	Time time.Time
}

// item finds an instance's item, made on first use.
func (r *release) item(id string) *item {
	if r.items[id] == nil {
		r.items[id] = &item{state: ecs.ItemKept, Saves: map[string]save{}}
	}
	return r.items[id]
}

// row returns the stored form of the item.
func (r *release) row(id string) (ecs.RequestItem, error) {
	it := r.item(id)
	detail, err := json.Marshal(it)
	return ecs.RequestItem{InstanceID: id, State: it.state, Detail: string(detail)}, err
}

func (r *release) rows(ids []string) ([]ecs.RequestItem, error) {
	var rows []ecs.RequestItem
	for _, id := range ids {
		row, err := r.row(id)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// load decodes the stored items.
func (r *release) load(rows []ecs.RequestItem) error {
	for _, row := range rows {
		it := r.item(row.InstanceID)
		if row.Detail != "" {
			if err := json.Unmarshal([]byte(row.Detail), it); err != nil {
				return fmt.Errorf("read the record of instance %s of request %s: %w", row.InstanceID, r.q.RequestID, err)
			}
		}
		it.state = row.State
		if it.Saves == nil {
			it.Saves = map[string]save{}
		}
	}
	return nil
}

// open finds the record of the release, or makes it.
func (r *release) open(ctx context.Context) (ecs.RequestRecord, error) {
	record, err := r.lifecycle.stored(ctx, r.q.key())
	switch {
	case errors.Is(err, ecs.ErrNoRecord):
		now := time.Now().UTC()
		record = ecs.RequestRecord{
			RequestID: r.q.RequestID, Action: actionRelease, PayloadHash: r.q.Fingerprint, Caller: r.q.Caller, RegionID: r.q.RegionID,
			State: ecs.RequestOpen, CreateTime: now, UpdateTime: now,
		}
		err = r.lifecycle.requests.CreateRequest(ctx, record)
		if errors.Is(err, ecs.ErrRequestIDTaken) {
			record, err = r.lifecycle.stored(ctx, r.q.key())
		}
	case err == nil && record.State == ecs.RequestOpen:
		// It is in use, and must not be forgotten meanwhile.
		record, err = r.lifecycle.transition(ctx, record, ecs.RequestOpen)
	}
	if err != nil {
		return record, err
	}
	if err := r.load(record.Items); err != nil {
		return record, err
	}
	record.Items = nil // written one by one from here on
	return record, nil
}

// releaseRecord is the journal of a release that its caller waits for: a record
// of its request.
type releaseRecord struct {
	release *release
	record  ecs.RequestRecord
}

func (r *releaseRecord) store(ctx context.Context, ids []string) error {
	rows, err := r.release.rows(ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	return write(ctx, func(ctx context.Context) error {
		return r.release.lifecycle.requests.SaveRequestItems(ctx, r.release.q.RequestID, rows)
	})
}

func (r *releaseRecord) intend(ctx context.Context, ids []string) (string, error) {
	rows, err := r.release.rows(ids)
	if err != nil {
		return "", err
	}
	r.record.TokenNumber++
	r.record.Items = rows
	if r.record, err = r.release.lifecycle.transition(ctx, r.record, ecs.RequestOpen); err != nil {
		return "", err
	}
	r.record.Items = nil
	return ecs.ClientToken("release", r.release.q.RequestID, strconv.Itoa(int(r.record.TokenNumber))), nil
}

// finish ends the record if every instance was released.
func (r *releaseRecord) finish(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if r.release.item(id).state != ecs.ItemReleased {
			return nil
		}
	}
	if r.record.State == ecs.RequestDone {
		return nil
	}
	_, err := r.release.lifecycle.transition(ctx, r.record, ecs.RequestDone)
	return err
}
