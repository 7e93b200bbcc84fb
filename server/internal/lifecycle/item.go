package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// item is the state of one instance in a release. Exported fields are stored.
type item struct {
	state   string
	Outcome Outcome `json:"Fate"`
	// Saves are the snapshots by disk id.
	Saves map[string]save
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

// store writes the items.
func (r *release) store(ctx context.Context, ids []string) error {
	rows, err := r.rows(ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	return write(ctx, func(ctx context.Context) error { return r.records.SaveRequestItems(ctx, r.q.RequestID, rows) })
}

// open finds the record of the release, or makes it.
func (r *release) open(ctx context.Context) error {
	var err error
	r.record, err = r.stored(ctx, r.q.key())
	switch {
	case errors.Is(err, ecs.ErrNoRecord):
		now := time.Now().UTC()
		r.record = ecs.RequestRecord{
			RequestID: r.q.RequestID, Action: actionRelease, PayloadHash: r.q.Fingerprint, Caller: r.q.Caller, RegionID: r.q.RegionID,
			State: ecs.RequestOpen, CreateTime: now, UpdateTime: now,
		}
		err = r.records.CreateRequest(ctx, r.record)
		if errors.Is(err, ecs.ErrRequestIDTaken) {
			r.record, err = r.stored(ctx, r.q.key())
		}
	case err == nil && r.record.State == ecs.RequestOpen:
		// It is in use, and must not be forgotten meanwhile.
		r.record, err = r.move(ctx, r.record, ecs.RequestOpen)
	}
	if err != nil {
		return err
	}
	for _, row := range r.record.Items {
		it := r.item(row.InstanceID)
		if err := json.Unmarshal([]byte(row.Detail), it); err != nil {
			return fmt.Errorf("read the record of instance %s of request %s: %w", row.InstanceID, r.q.RequestID, err)
		}
		it.state = row.State
		if it.Saves == nil {
			it.Saves = map[string]save{}
		}
	}
	r.record.Items = nil // written one by one from here on
	return nil
}
