package answer

import (
	"time"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Instances is an answer to DescribeInstances.
type Instances struct {
	RequestID string
	// Next is the NextToken, "" on the last page.
	Next      string
	Instances []ecs.Instance
}

// ReadInstances reads an answer to DescribeInstances that arrived at observed.
func ReadInstances(body []byte, observed time.Time) (Instances, error) {
	var page Instances
	r := instanceReader{observed: observed, words: make(words, 64)}
	id, err := object(body, func(d *jx.Decoder, key []byte) error {
		var err error
		switch string(key) {
		case "NextToken":
			page.Next, err = text(d)
		case "Instances":
			err = wrapped(d, "Instance", func(d *jx.Decoder) error {
				if page.Instances == nil {
					page.Instances = make([]ecs.Instance, 0, 16)
				}
				page.Instances = append(page.Instances, ecs.Instance{})
				return r.read(d, &page.Instances[len(page.Instances)-1])
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
