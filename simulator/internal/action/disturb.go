package action

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// disturb applies the faults of a list to a page. A page by number is cut from a list in another order; number is 0 for a
// page by token: only its order changes.
func (c *Call) disturb(w *World, filter *fleet.Filter, page fleet.Page, number, size, limit int) []*fleet.Instance {
	if c.Denied || !c.Reordered && len(c.Omitted) == 0 {
		return page.Instances
	}
	dice := rand.New(rand.NewPCG(c.Dice, uint64(number)))
	listed := slices.Clone(page.Instances)
	if c.Reordered {
		if number > 0 {
			listed = slices.Clone(w.Fleet.PageByNumber(c.Region.ID, filter, 1, math.MaxInt32, limit).Instances)
		}
		dice.Shuffle(len(listed), func(i, j int) { listed[i], listed[j] = listed[j], listed[i] })
		if number > 0 {
			first := min((number-1)*size, len(listed))
			listed = listed[first:min(first+size, len(listed))]
		}
	}
	for _, id := range c.Omitted {
		switch {
		case id != "":
			listed = slices.DeleteFunc(listed, func(i *fleet.Instance) bool { return i.ID == id })
		case len(listed) > 0:
			n := dice.IntN(len(listed))
			listed = slices.Delete(listed, n, n+1)
		}
	}
	return listed
}
