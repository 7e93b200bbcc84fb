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

// readers pools the memory to read a page with.
var readers = sync.Pool{New: func() any { return &instanceReader{words: make(words, 64)} }}

// ReadInstances reads a response to DescribeInstances that arrived at observed.
// The instances overwrite those of into; if it is nil, they get their own
// memory.
func ReadInstances(body []byte, observed time.Time, into []ecs.Instance) (Instances, error) {
	r, _ := readers.Get().(*instanceReader)
	r.observed, r.page = observed, into[:0]
	if into == nil {
		// Their number is known only at the end, and a slice that grows to a hundred
		// allocates more than it holds.
		r.page = r.scratch
	}
	page, err := r.readPage(body)
	if into == nil {
		if page.Instances = nil; len(r.page) > 0 {
			page.Instances = slices.Clone(r.page)
		}
		clear(r.page)
		r.scratch = r.page[:0]
	}
	r.page = nil
	clear(r.words)
	readers.Put(r)
	if err != nil {
		return Instances{}, err
	}
	return page, nil
}

// instanceReader reads the instances of one page.
type instanceReader struct {
	observed time.Time
	page     []ecs.Instance
	spot     ecs.Spot // of the instance being read
	words
	scratch []ecs.Instance
}

func (r *instanceReader) readPage(body []byte) (page Instances, err error) {
	page.RequestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "NextToken":
			page.Next, err = text(d)
		case "Instances":
			err = wrapped(d, "Instance", func(d *jx.Decoder) error {
				r.page = append(r.page, ecs.Instance{})
				return r.read(d, &r.page[len(r.page)-1])
			})
		default:
			err = d.Skip()
		}
		return err
	})
	page.Instances = r.page
	return page, err
}

func (r *instanceReader) read(d *jx.Decoder, i *ecs.Instance) error {
	i.ObservedTime, r.spot = r.observed, ecs.Spot{}
	err := fields(d, func(d *jx.Decoder, key []byte) error {
		set, ok := instanceFields[string(key)]
		if !ok {
			return d.Skip()
		}
		return set(r, d, i, &r.spot)
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
	if r.spot.Strategy != "" && r.spot.Strategy != "NoSpot" {
		spot := r.spot
		if spot.Strategy != "SpotWithPriceLimit" {
			spot.PriceLimit = ""
		}
		i.Spot = &spot
	}
	return nil
}
