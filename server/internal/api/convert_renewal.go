package api

import (
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// moneyProto returns nil if there is no amount.
func moneyProto(m ecs.Money) *ecsdv1.Money {
	if m.IsZero() {
		return nil
	}
	return &ecsdv1.Money{CurrencyCode: m.CurrencyCode, Units: m.Units, Nanos: m.Nanos}
}

// periodProto returns nil if there is no period, and for a target day.
func periodProto(p ecs.Period) *ecsdv1.Period {
	if p.IsZero() || p.Unit == ecs.RenewDay {
		return nil
	}
	return &ecsdv1.Period{Count: p.Count, Unit: periodUnits.to(p.Unit)}
}

// dayProto returns 0 except for a target day.
func dayProto(p ecs.Period) int32 {
	if p.Unit == ecs.RenewDay {
		return p.Count
	}
	return 0
}

func renewalProto(r ledger.Renewal) *ecsdv1.Renewal {
	var after time.Time
	switch {
	case r.State == ledger.Renewed:
		after = r.ExpireAfter
	case r.State == ledger.Planned && r.ID == "": // a dry run
		after = r.ExpireExpected
	}
	converted := &ecsdv1.Renewal{
		RenewalId:        r.ID,
		JobId:            r.JobID,
		RequestId:        r.RequestID,
		Caller:           r.Caller,
		Message:          r.Failure.Message,
		State:            renewalStates.to(r.State),
		Reason:           string(r.Failure.Reason),
		InstanceId:       r.InstanceID,
		RegionId:         r.RegionID,
		Price:            moneyProto(r.Price),
		OrderId:          r.OrderID,
		ExpireTimeBefore: timeProto(r.ExpireBefore),
		ExpireTimeAfter:  timeProto(after),
		Attempts:         attemptsProto(r.Attempts),
		CreateTime:       timeProto(r.CreateTime),
		UpdateTime:       timeProto(r.UpdateTime),

		PaymentTime:        timeProto(r.PaidTime),
		ExpireTimeForecast: timeProto(r.ExpireExpected),

		InstanceName: r.InstanceName,
		Note:         r.Note,
		AccountId:    r.AccountID,
	}
	for _, d := range r.Decisions {
		converted.Decisions = append(converted.Decisions, &ecsdv1.RenewalDecision{
			Resolution: resolutions.to(payment.ParseResolution(d.Resolution)), DecideTime: timeProto(d.Time),
			Caller: d.By, Note: d.Note, OrderId: d.OrderID,
		})
	}
	if day := dayProto(r.Period); day > 0 {
		converted.Term = &ecsdv1.Renewal_TargetExpireDay{TargetExpireDay: day}
	} else if p := periodProto(r.Period); p != nil {
		converted.Term = &ecsdv1.Renewal_Period{Period: p}
	}
	return converted
}

func attemptsProto(attempts []ledger.Attempt) []*ecsdv1.RenewalAttempt {
	protos := make([]*ecsdv1.RenewalAttempt, len(attempts))
	for i, a := range attempts {
		protos[i] = &ecsdv1.RenewalAttempt{
			Number:       a.Number,
			SendTime:     timeProto(a.SendTime),
			FinishTime:   timeProto(a.FinishTime),
			Outcome:      attemptOutcomes.to(a.Outcome),
			EcsCode:      a.CloudCode,
			EcsRequestId: a.CloudRequestID,
			OrderId:      a.OrderID,
		}
	}
	return protos
}

func quoteProto(id string, p ecs.Period, q renewal.Quote) *ecsdv1.RenewalQuote {
	return &ecsdv1.RenewalQuote{
		InstanceId:      id,
		Period:          periodProto(p),
		Price:           moneyProto(q.Price),
		OriginalPrice:   moneyProto(q.Original),
		Discount:        moneyProto(q.Discount),
		ExpireTime:      timeProto(q.ExpireTime),
		ExpireTimeAfter: timeProto(q.ExpireTimeAfter),
		ObservedTime:    timeProto(q.ObservedTime),
	}
}

// driftProto is nil if there is none.
func driftProto(d *ecs.DesiredAutoRenew) *ecsdv1.AutoRenewDrift {
	if d == nil {
		return nil
	}
	return &ecsdv1.AutoRenewDrift{
		DesiredStatus: autoRenewStatuses.to(d.Status), DesiredPeriod: periodProto(d.Period), RequestTime: timeProto(d.RequestTime), Caller: d.Caller,
	}
}

func settingResults(settings []ecs.Result[autorenew.Setting]) []*ecsdv1.AutoRenewSettingResult {
	results := make([]*ecsdv1.AutoRenewSettingResult, len(settings))
	for i, s := range settings {
		results[i] = &ecsdv1.AutoRenewSettingResult{InstanceId: s.ID}
		if s.Err != nil {
			results[i].Result = &ecsdv1.AutoRenewSettingResult_Error{Error: itemError(s.Err)}
			continue
		}
		results[i].Result = &ecsdv1.AutoRenewSettingResult_Setting{Setting: &ecsdv1.AutoRenewSetting{
			InstanceId:        s.ID,
			Status:            autoRenewStatuses.to(s.Value.Status),
			ProviderStatus:    s.Value.RawStatus,
			Period:            periodProto(s.Value.Period),
			AutoRenewState:    autoRenewStates.to(s.Value.State),
			NextDeductionTime: timeProto(s.Value.Next),
			Drift:             driftProto(s.Value.Drift),
		}}
	}
	return results
}
