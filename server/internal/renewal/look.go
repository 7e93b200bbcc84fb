package renewal

import (
	"context"
	"fmt"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// look is the last look at the instances of a group, before their renewals are
// paid: whoever needs it first makes it for all.
type look struct {
	ids   []string
	once  sync.Once
	reads map[string]ecs.Result[ecs.Instance]
}

func (l *look) at(ctx context.Context, cloud Cloud, regionID, instanceID string) (ecs.Instance, error) {
	l.once.Do(func() {
		l.reads = make(map[string]ecs.Result[ecs.Instance], len(l.ids))
		for _, read := range cloud.Instances(ctx, regionID, l.ids) {
			l.reads[read.ID] = read
		}
	})
	read, there := l.reads[instanceID]
	if !there {
		return ecs.Instance{}, fmt.Errorf("instance %s was not looked at with its group", instanceID)
	}
	return read.Value, read.Err
}

// look reads the instance of a renewal that is to be planned: with its group
// where it is new in one.
func (c *carrier) look(ctx context.Context) (ecs.Instance, error) {
	if c.slot == nil || c.slot.look == nil {
		return c.read(ctx)
	}
	group := c.slot.look
	c.slot.look = nil
	return group.at(ctx, c.cloud, c.r.RegionID, c.r.InstanceID)
}
