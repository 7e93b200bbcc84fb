package autorenew

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxRecent is how many settings are kept in memory, at about 200 bytes each; the
// least recently used are dropped.
const maxRecent = 50_000

// settingKey identifies the setting of an instance.
type settingKey struct{ regionID, instanceID string }

// recentSetting is a setting and when its read began.
type recentSetting struct {
	setting ecs.AutoRenewSetting
	readAt  time.Time
}

func newRecent() *lru.Cache[settingKey, recentSetting] {
	recent, err := lru.New[settingKey, recentSetting](maxRecent)
	if err != nil {
		panic(err) // the size is not positive
	}
	return recent
}

// readSettings reads settings from the cloud: one result per ID, in request
// order. Those that were read within maxStaleness are not read again.
func (s *Settings) readSettings(ctx context.Context, regionID string, ids []string, maxStaleness time.Duration) []result {
	results := make([]result, len(ids))
	var (
		missing []string
		indexes []int
	)
	began := time.Now()
	for i, id := range ids {
		known, ok := s.recent.Get(settingKey{regionID, id})
		if ok && began.Sub(known.readAt) < maxStaleness {
			results[i] = result{ID: id, Value: known.setting}
			continue
		}
		missing, indexes = append(missing, id), append(indexes, i)
	}
	if len(missing) == 0 {
		return results
	}
	for n, read := range s.cloud.AutoRenewSettings(ctx, regionID, missing) {
		results[indexes[n]] = read
		if read.Err == nil {
			s.recent.Add(settingKey{regionID, read.ID}, recentSetting{read.Value, began})
		}
	}
	return results
}

// WithAutoRenew returns the instances, in order, with a setting in one of the
// statuses, by settings that were read within maxStaleness or are read now.
func (s *Settings) WithAutoRenew(ctx context.Context, regionID string, instances []ecs.Instance, statuses []ecs.AutoRenewStatus, maxStaleness time.Duration) ([]ecs.Instance, error) {
	return ecs.WithAutoRenew(instances, statuses, func(ids []string) []ecs.Result[ecs.AutoRenewSetting] {
		return s.readSettings(ctx, regionID, ids, maxStaleness)
	})
}
