package answer

import (
	"slices"
	"sync"
	"time"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Instances is a response to DescribeInstances.
type Instances struct {
	RequestID string
	// Next is the NextToken, "" on the last page.
	Next      string
	Instances []ecs.Instance
}

// scratch pools slices to read into: the number of instances is known only at
// the end, and a slice that grows to a hundred allocates more than it holds.
// Slices in the pool are zeroed.
var scratch = sync.Pool{New: func() any { return new([]ecs.Instance) }}

// ReadInstances reads a response to DescribeInstances that arrived at observed.
func ReadInstances(body []byte, observed time.Time) (Instances, error) {
	var page Instances
	read, _ := scratch.Get().(*[]ecs.Instance)
	defer func() {
		clear(*read)
		*read = (*read)[:0]
		scratch.Put(read)
	}()
	r := instanceReader{observed: observed, words: make(words, 64)}
	id, err := object(body, func(d *jx.Decoder, key []byte) error {
		var err error
		switch string(key) {
		case "NextToken":
			page.Next, err = text(d)
		case "Instances":
			err = wrapped(d, "Instance", func(d *jx.Decoder) error {
				*read = append(*read, ecs.Instance{})
				return r.read(d, &(*read)[len(*read)-1])
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return Instances{}, err
	}
	page.RequestID = id
	if len(*read) > 0 {
		page.Instances = slices.Clone(*read)
	}
	return page, nil
}

// instanceReader reads the instances of one page.
type instanceReader struct {
	observed time.Time
	words
}

func (r *instanceReader) read(d *jx.Decoder, i *ecs.Instance) error {
	i.ObservedTime = r.observed
	var spot ecs.Spot
	err := fields(d, func(d *jx.Decoder, key []byte) error {
		set, ok := instanceFields[string(key)]
		if !ok {
			return d.Skip()
		}
		return set(r, d, i, &spot)
	})
	if err != nil {
		return err
	}
	i.Status = statuses[i.Raw.Status]
	i.ChargeType = chargeTypes[i.Raw.ChargeType]
	i.StoppedMode = stoppedModes[i.Raw.StoppedMode]
	if i.ChargeType != ecs.ChargeSubscription {
		// Pay-as-you-go carries a sentinel (2099-12-31T15:59Z, formerly
		// 2999-09-08T16:00Z). The charge type decides, never the date.
		i.ExpireTime = time.Time{}
	}
	if spot.Strategy != "" && spot.Strategy != "NoSpot" {
		if spot.Strategy != "SpotWithPriceLimit" {
			spot.PriceLimit = ""
		}
		i.Spot = &spot
	}
	return nil
}
