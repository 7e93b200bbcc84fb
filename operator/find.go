package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// targets are the instances that a command acts on: named ones, or all that match the filters.
type targets struct {
	Instances []string `arg:"" optional:"" name:"instance" help:"IDs of instances, of any served regions. Default: those that match the filters."`
	regions   `embed:""`
	filters   `embed:""`
}

// check requires names or filters.
func (t *targets) check() error {
	filter, err := t.filter()
	named := len(t.Instances) > 0
	switch {
	case err != nil:
		return err
	case named && filter != nil:
		return errors.New("instances are named, so give no filter")
	case !named && filter == nil:
		return errors.New("name instances, or give a filter such as --tag env=dev, --name 'web-*' or --status running")
	}
	return nil
}

// maxStaleness is the age of the observations that names and regions are taken from. The server checks the instances
// again before it acts.
const maxStaleness = time.Minute

// batchSize is the highest number of instances per call.
const batchSize = 1000

// find returns the instances, in the order of their regions. It fails if one that is named is in no region.
func (t *targets) find(ctx context.Context, s *session) ([]*ecsdv1.Instance, error) {
	if len(t.Instances) > 0 {
		return s.named(ctx, t.Instances, t.Region)
	}
	return s.matching(ctx, t.Region, t.mustFilter())
}

// matching returns the instances that match a filter, at least one.
func (s *session) matching(ctx context.Context, in []string, filter *ecsdv1.InstanceFilter) ([]*ecsdv1.Instance, error) {
	var found []*ecsdv1.Instance
	request := &ecsdv1.ListInstancesRequest{RegionIds: in, Filter: filter, PageSize: batchSize, MaxStaleness: durationpb.New(maxStaleness)}
	for instance, err := range s.client.ListInstances(ctx, request) {
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		found = append(found, instance)
	}
	if len(found) == 0 {
		return nil, &Error{"no instance matches the filter", exitNoneRenewable}
	}
	slices.SortStableFunc(found, func(a, b *ecsdv1.Instance) int { return strings.Compare(a.GetRegionId(), b.GetRegionId()) })
	return found, nil
}

// named returns instances by ID, from the given regions or all that the server serves. It fails if one is in none.
func (s *session) named(ctx context.Context, ids, in []string) ([]*ecsdv1.Instance, error) {
	found, absent, err := s.located(ctx, ids, in)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	if absent != "" {
		return nil, &Error{absent, exitFailed}
	}
	return found, nil
}

// located returns instances by ID, in the order of their regions, and what to report about IDs that are in none of the
// given or served regions.
func (s *session) located(ctx context.Context, ids, in []string) (instances []*ecsdv1.Instance, absent string, err error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(in) == 0 {
		if in, err = s.served(ctx); err != nil {
			return nil, "", err
		}
	}
	found := make(map[string]*ecsdv1.Instance, len(ids))
	var failures []string
	for _, region := range in {
		missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return found[id] != nil })
		for part := range slices.Chunk(missing, batchSize) {
			answer, err := work(ctx, s.client.Instances().BatchGetInstances, &ecsdv1.BatchGetInstancesRequest{
				RegionId: region, InstanceIds: part, MaxStaleness: durationpb.New(maxStaleness),
			})
			if err != nil {
				return nil, "", err
			}
			for _, result := range answer.GetResults() {
				switch e := result.GetError(); {
				case e == nil:
					found[result.GetInstanceId()] = result.GetInstance()
				case client.ItemError(e).Reason != ecsdv1.ErrorReason_ERROR_REASON_INSTANCE_NOT_FOUND:
					failures = append(failures, fmt.Sprintf("\n  %-22s %s in %s: %s", result.GetInstanceId(), e.GetReason(), region, e.GetMessage()))
				}
			}
		}
	}
	for _, region := range in {
		for _, id := range ids {
			if i := found[id]; i != nil && i.GetRegionId() == region {
				instances = append(instances, i)
			}
		}
	}
	if missing := slices.DeleteFunc(ids, func(id string) bool { return found[id] != nil }); len(missing) > 0 {
		absent = fmt.Sprintf("INSTANCE_NOT_FOUND: %s not found in %s%s", strings.Join(missing, ", "), strings.Join(in, ", "), strings.Join(failures, ""))
	}
	return instances, absent, nil
}

// served returns the regions that the server serves.
func (s *session) served(ctx context.Context) ([]string, error) {
	answer, err := ask(ctx, s.client.Catalog().ListRegions, &ecsdv1.ListRegionsRequest{})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, region := range answer.GetRegions() {
		if region.GetServed() {
			ids = append(ids, region.GetRegionId())
		}
	}
	return ids, nil
}

// batch is a part of the instances of one call: of one region, batchSize at most.
type batch struct {
	region string
	ids    []string
}

// batches splits instances, which are in the order of their regions.
func batches(instances []*ecsdv1.Instance, size int) []batch {
	var all []batch
	for _, i := range instances {
		last := len(all) - 1
		if last < 0 || all[last].region != i.GetRegionId() || len(all[last].ids) == size {
			all = append(all, batch{region: i.GetRegionId()})
			last++
		}
		all[last].ids = append(all[last].ids, i.GetInstanceId())
	}
	return all
}
