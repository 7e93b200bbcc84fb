package api

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
)

// normaliseJob sets the defaults of unset fields and sorts unordered lists, so
// that equal requests have one fingerprint. A relative window stays relative:
// the same request an hour later is the same request.
func (s *renewalService) normaliseJob(req *ecsdv1.CreateRenewalJobRequest) {
	named, window := req.GetSelection().GetInstances(), req.GetSelection().GetWindow()
	if named != nil {
		var c check
		named.RegionId = s.regions.one(&c, named.GetRegionId())
		slices.Sort(named.InstanceIds)
	}
	if window != nil {
		normaliseWindow(window)
	}
}

func normaliseWindow(w *ecsdv1.ExpiryWindow) {
	if w.GetIncludeExpired() {
		w.IncludeExpired = nil
	}
	slices.Sort(w.RegionIds)
	if w.Filter == nil {
		w.Filter = &ecsdv1.InstanceFilter{}
	}
	w.Filter.ChargeTypes = []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}
	slices.Sort(w.Filter.Statuses)
	slices.Sort(w.Filter.LockReasons)
	slices.Sort(w.Filter.AutoRenewStatuses)
	for _, values := range [][]string{w.Filter.ZoneIds, w.Filter.InstanceTypes, w.Filter.PrivateIpAddresses, w.Filter.PublicIpAddresses} {
		slices.Sort(values)
	}
	slices.SortFunc(w.Filter.Tags, func(a, b *ecsdv1.Tag) int {
		return cmp.Or(strings.Compare(a.GetKey(), b.GetKey()), strings.Compare(a.GetValue(), b.GetValue()))
	})
}

// normaliseRenew removes any_price: builds that had no such field stored "no
// limit" as an absent one.
func normaliseRenew(req *ecsdv1.RenewInstanceRequest) {
	if _, anyPrice := req.GetPriceLimit().(*ecsdv1.RenewInstanceRequest_AnyPrice); anyPrice {
		req.PriceLimit = nil
	}
}

// flatFingerprint returns the fingerprint of a request for a job as builds
// computed it whose request had no selection, but the fields of it. A request
// that such a build stored is found again under its request_id.
func flatFingerprint(req *ecsdv1.CreateRenewalJobRequest, regionID string) string {
	req = proto.CloneOf(req)
	named, window := req.GetSelection().GetInstances(), req.GetSelection().GetWindow()
	var flat []byte
	text := func(number protowire.Number, values ...string) {
		for _, v := range values {
			flat = protowire.AppendString(protowire.AppendTag(flat, number, protowire.BytesType), v)
		}
	}
	message := func(number protowire.Number, m proto.Message) {
		if m.ProtoReflect().IsValid() {
			flat = protowire.AppendBytes(protowire.AppendTag(flat, number, protowire.BytesType), fingerprint.Canonical(m))
		}
	}
	if named != nil {
		slices.Sort(named.InstanceIds)
		text(2, regionID)
		text(3, named.GetInstanceIds()...)
	}
	if window != nil {
		normaliseWindow(window)
		text(4, window.GetRegionIds()...)
		message(5, window.GetExpireStartTime())
		message(6, window.GetExpireEndTime())
		message(7, window.GetWithin())
		message(8, window.GetFilter())
	}
	message(9, req.GetPeriod())
	message(10, req.GetMaxTotalPrice())
	message(11, req.GetOnlyIfExpiringBefore())
	if day := req.GetTargetExpireDay(); day != 0 {
		flat = protowire.AppendVarint(protowire.AppendTag(flat, 13, protowire.VarintType), uint64(day))
	}
	if window != nil && window.IncludeExpired != nil {
		flat = protowire.AppendVarint(protowire.AppendTag(flat, 14, protowire.VarintType), 0)
	}
	return fingerprint.OfEncoded("CreateRenewalJob", flat)
}
