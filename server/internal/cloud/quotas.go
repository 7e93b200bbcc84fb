package cloud

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/quotas"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

const (
	// quotasPerPage is the most that Quota Center returns at once, and
	// maxQuotaPages the pages that are read for a region.
	quotasPerPage = 100
	maxQuotaPages = 20
	// rateWindow is the window of a rate budget.
	rateWindow = time.Minute
)

// ReadRateLimits reads the rate limits of the account from Quota Center, by one
// call per hundred limits of each region, and sets the rate budget to them. It
// returns the number of limits that it set. It needs the permission
// quotas:ListProductQuotas. After an error, the limits that were read hold, and
// the budget learns the others from throttled calls.
func (e *Edge) ReadRateLimits(ctx context.Context) (set int, err error) {
	for _, region := range e.config.Regions {
		limits, err := e.rateLimits(ctx, region)
		if err != nil {
			return set, err
		}
		e.budget.Publish(limits)
		set += len(limits)
	}
	return set, nil
}

// rateLimits reads the limits of a region.
func (e *Edge) rateLimits(ctx context.Context, regionID string) (map[budget.Key]budget.Limit, error) {
	limits := make(map[budget.Key]budget.Limit)
	token := ""
	for range maxQuotaPages {
		page, next, err := e.quotaPage(ctx, regionID, token)
		if err != nil {
			return nil, err
		}
		for _, q := range page {
			action, limit := actionOf(q), e.limitOf(q)
			if action == "" || limit.PerMinute < 1 || q.RegionID != "" && q.RegionID != regionID {
				continue
			}
			key := budget.Key{Region: regionID, Action: action}
			if known, twice := limits[key]; !twice || limit.PerMinute < known.PerMinute {
				limits[key] = limit
			}
		}
		if next == "" || next == token {
			break
		}
		token = next
	}
	return limits, nil
}

func (e *Edge) quotaPage(ctx context.Context, regionID, token string) (page []answer.RateQuota, next string, err error) {
	err = e.do(ctx, operation{
		action: "ListProductQuotas", region: regionID, host: e.config.quotasHost(),
		write: func() requests.AcsRequest {
			r := quotas.CreateListProductQuotasRequest()
			r.ProductCode, r.QuotaCategory = productECS, "FlowControl"
			r.Dimensions = &[]quotas.ListProductQuotasDimensions{{Key: "regionId", Value: regionID}}
			r.MaxResults, r.NextToken = requests.NewInteger(quotasPerPage), token
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			page, next, requestID, err = answer.ReadRateQuotas(body)
			return requestID, err
		},
	})
	if err != nil {
		return nil, "", fmt.Errorf("read the rate limits of %s: %w", regionID, err)
	}
	return page, next, nil
}

// actionOf returns the action of ECS that a limit is for, "" if ecsd does not
// call it. The form of the code is not documented: the action is one of its
// words.
func actionOf(q answer.RateQuota) string {
	for _, text := range []string{q.Code, q.Name} {
		words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, word := range words {
			if _, found := slices.BinarySearch(actions, word); found {
				return word
			}
		}
	}
	return ""
}

// limitOf converts a limit to calls per minute. If the cloud counts in shorter
// windows, the calls of a minute may not leave at once.
func (e *Edge) limitOf(q answer.RateQuota) budget.Limit {
	if q.Period <= 0 || q.Total <= 0 {
		return budget.Limit{}
	}
	perMinute := float64(q.Total) * float64(rateWindow) / float64(q.Period)
	if q.Shared {
		perMinute /= float64(len(e.config.Regions))
	}
	return budget.Limit{PerMinute: int(min(perMinute, maxRate)), Burst: q.Period >= rateWindow}
}

// maxRate is far above any limit of the cloud, and no overflow.
const maxRate = 1_000_000
