package api

import (
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/spot"
)

func spotZonesProto(zones []spot.Zone) []*ecsdv1.SpotZone {
	protos := make([]*ecsdv1.SpotZone, len(zones))
	for i, z := range zones {
		protos[i] = &ecsdv1.SpotZone{ZoneId: z.ZoneID, LocalName: z.LocalName, InstanceTypes: z.InstanceTypes}
	}
	return protos
}

func spotPricesProto(s *spot.Series) *ecsdv1.SpotPrices {
	points := make([]*ecsdv1.SpotPrice, len(s.Points))
	for i, p := range s.Points {
		points[i] = &ecsdv1.SpotPrice{Time: timeProto(p.Time), Price: moneyProto(p.Price), ListPrice: moneyProto(p.ListPrice)}
	}
	return &ecsdv1.SpotPrices{ZoneId: s.ZoneID, Summary: spotSummaryProto(&s.Summary), Points: points}
}

func spotSummaryProto(m *spot.Summary) *ecsdv1.SpotPriceSummary {
	return &ecsdv1.SpotPriceSummary{
		LatestPrice:      moneyProto(m.Latest.Price),
		LatestTime:       timeProto(m.Latest.Time),
		MinPrice:         moneyProto(m.Min.Price),
		MeanPrice:        moneyProto(m.Mean),
		MaxPrice:         moneyProto(m.Max.Price),
		ListPrice:        moneyProto(m.Latest.ListPrice),
		ListPricePercent: float64(m.LatestShare) / 100,
		PointCount:       int32(m.Points),
	}
}

func spotAdviceProto(advice []ecs.SpotAdvice) []*ecsdv1.SpotAdvice {
	protos := make([]*ecsdv1.SpotAdvice, len(advice))
	for i, a := range advice {
		protos[i] = &ecsdv1.SpotAdvice{
			ZoneId:                   a.ZoneID,
			InstanceType:             a.InstanceType,
			AveragePricePercent:      a.AverageDiscountPercent,
			InterruptionRatePercent:  a.InterruptionRatePercent,
			ProviderInterruptionRate: a.RawInterruptionRate,
		}
	}
	return protos
}
