package e2e_test

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// The terms of most requests: one month, at any price.
var (
	anyPrice    = &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}
	anyTotal    = &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true}
	forOneMonth = &ecsdv1.CreateRenewalJobRequest_Period{Period: oneMonth}
)

// byID selects instances by their IDs.
func byID(ids []string) *ecsdv1.RenewalSelection {
	return &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: ids}}}
}

// inWindow selects the subscriptions of a window.
func inWindow(w *ecsdv1.ExpiryWindow) *ecsdv1.RenewalSelection {
	return &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Window{Window: w}}
}

// inNext selects the subscriptions that expire within a span from now, and those
// that have expired and can still be renewed.
func inNext(span time.Duration) *ecsdv1.RenewalSelection {
	return inWindow(&ecsdv1.ExpiryWindow{End: &ecsdv1.ExpiryWindow_Within{Within: durationpb.New(span)}})
}

// upTo limits the total price of a job.
func upTo(total *ecsdv1.Money) *ecsdv1.CreateRenewalJobRequest_MaxTotalPrice {
	return &ecsdv1.CreateRenewalJobRequest_MaxTotalPrice{MaxTotalPrice: total}
}
