package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// groupLimit is the maximum of instances in a listing by tag or by resource group.
const groupLimit = 1000

func describeInstances(w *World, c *Call) *wire.Error {
	if c.Denied && !c.EmptyLists {
		return errForbidden
	}
	filter, refusal := instanceFilter(c)
	if refusal != nil {
		return refusal
	}
	dryRun, _, refusal := c.boolean("DryRun")
	if refusal != nil {
		return refusal
	}
	if dryRun {
		// The only way to distinguish an empty fleet from a missing permission.
		if c.Denied {
			return errForbidden
		}
		return errDryRun
	}
	limit := 0
	if len(filter.Tags) > 0 || filter.ResourceGroupID != "" {
		limit = groupLimit
	}

	var page fleet.Page
	number, size := 0, 0
	_, byResults := c.Params.Lookup("MaxResults")
	_, byToken := c.Params.Lookup("NextToken")
	if byResults || byToken {
		maxResults, refusal := maxResults(c.Params.Get("MaxResults"))
		if refusal != nil {
			return refusal
		}
		cursor, err := fleet.ParseToken(c.Params.Get("NextToken"))
		if err != nil {
			return wire.Invalid("NextToken")
		}
		if !c.Denied {
			page = w.Fleet.PageAfter(c.Region.ID, filter, cursor, maxResults, limit)
		}
	} else {
		if number, refusal = c.number("PageNumber", 1, 1, 1<<24); refusal != nil {
			return refusal
		}
		if size, refusal = c.number("PageSize", 10, 1, 100); refusal != nil {
			return refusal
		}
		if !c.Denied {
			page = w.Fleet.PageByNumber(c.Region.ID, filter, number, size, limit)
		}
		if w.NoPageToken {
			page.Next = fleet.Cursor{}
		}
	}

	out := c.open("DescribeInstances")
	out.Str("NextToken", page.Next.Token())
	// With NextToken paging the cloud's TotalCount is meaningless.
	out.Int("TotalCount", int64(page.Total))
	out.Int("PageNumber", int64(number))
	out.Int("PageSize", int64(size))
	out.List("Instances", "Instance")
	for _, i := range c.disturb(w, filter, page, number, size, limit) {
		out.Item()
		writeInstance(out, i, w.OwnerID)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// maxResults returns the cloud's interpretation of MaxResults: 10 if it is missing or less, 100 if it is more.
func maxResults(text string) (int, *wire.Error) {
	if text == "" {
		return 10, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, wire.Invalid("MaxResults")
	}
	return min(max(n, 10), 100), nil
}
