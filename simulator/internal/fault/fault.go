// Package fault decides which calls fail, and how.
//
// The faults and, per call, its action, region and instances come in; a plan goes out. The randomness is seeded, so
// that the same calls in the same order get the same plan.
package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
)

// Plan holds the faults of one call. The zero Plan is a call without faults.
type Plan struct {
	// DelayBefore and DelayAfter are delays before and after the commit.
	DelayBefore, DelayAfter time.Duration
	// Before and After, if set, end the call on that side of the commit.
	Before, After *control.Fault
	// Denied removes the caller's permissions. With EmptyLists, lists are then empty.
	Denied, EmptyLists bool
	// Omitted are the instances that a list leaves out; an empty ID stands for any one of them.
	Omitted []string
	// Reordered makes the order of a list random. Dice is the randomness for it, and for an omitted instance.
	Reordered bool
	Dice      uint64
	// Stale is the age of the instances in a read.
	Stale time.Duration
	// Empty makes a list empty; Late hides what is younger in a list.
	Empty bool
	Late  time.Duration
}

// Faults is safe for concurrent use.
type Faults struct {
	mu     sync.Mutex
	dice   *rand.Rand
	faults []*control.Fault
	lastID int
}

// New returns an empty set.
func New(seed uint64) *Faults {
	return &Faults{dice: rand.New(rand.NewPCG(seed, 0xfa017))}
}

// Add adds a fault and returns its ID.
func (s *Faults) Add(f control.Fault) (string, error) {
	if err := f.Check(); err != nil {
		return "", fmt.Errorf("fault: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	f.ID, f.Struck = fmt.Sprintf("f-%d", s.lastID), 0
	s.faults = append(s.faults, &f)
	return f.ID, nil
}

// List returns the faults, oldest first, including spent ones.
func (s *Faults) List() []control.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]control.Fault, 0, len(s.faults))
	for _, f := range s.faults {
		list = append(list, *f)
	}
	return list
}

// Clear removes all faults.
func (s *Faults) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Plan returns the faults of a call.
func (s *Faults) Plan(action, region string, instances func() []string) Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	var p Plan
	for _, f := range s.faults {
		if !matches(f, action, region, instances) || f.Count > 0 && f.Struck >= f.Count {
			continue
		}
		if f.Probability > 0 && s.dice.Float64() >= f.Probability {
			continue
		}
		if f.Kind == control.Stale && !reads(action) {
			continue
		}
		if p.add(*f) {
			f.Struck++
		}
		if f.Kind == control.Reordered || f.Kind == control.Omitted && f.InstanceID == "" {
			p.Dice = s.dice.Uint64()
		}
	}
	return p
}

// add adds a fault to the plan, unless another one takes precedence.
func (p *Plan) add(f control.Fault) bool {
	switch f.Kind {
	case control.Slow:
		if f.When == control.Before {
			p.DelayBefore += time.Duration(f.Delay)
		} else {
			p.DelayAfter += time.Duration(f.Delay)
		}
		return true
	case control.Denied:
		p.Denied = true
		return true
	case control.Empty:
		p.Empty = true
		return true
	case control.Late:
		p.Late = max(p.Late, time.Duration(f.Delay))
		return true
	case control.DeniedEmpty:
		p.Denied, p.EmptyLists = true, true
		return true
	case control.Reordered:
		p.Reordered = true
		return true
	case control.Stale:
		p.Stale = max(p.Stale, time.Duration(f.Delay))
		return true
	case control.Omitted:
		p.Omitted = append(p.Omitted, f.InstanceID)
		return true
	}
	if p.Before != nil || p.After != nil {
		return false
	}
	if f.When == control.Before {
		p.Before = &f
	} else {
		p.After = &f
	}
	return true
}

// reads reports whether an action only reads.
func reads(action string) bool {
	return strings.HasPrefix(action, "Describe") || strings.HasPrefix(action, "List")
}

func matches(f *control.Fault, action, region string, instances func() []string) bool {
	if f.Kind == control.Omitted && f.InstanceID == "" && len(instances()) > 0 {
		return false // a read of named instances has no pages
	}
	return (f.Action == "" || f.Action == "*" || f.Action == action) &&
		(f.RegionID == "" || f.RegionID == region) &&
		(f.InstanceID == "" || slices.Contains(instances(), f.InstanceID) || f.Kind == control.Omitted && len(instances()) == 0)
}
