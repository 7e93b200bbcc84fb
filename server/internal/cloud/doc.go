// Package cloud is the edge to Alibaba Cloud, and the only importer of its SDK.
//
// It takes values of ecs (a region, IDs, a query, an order) and returns values
// of ecs and *ecs.Error. In between it batches reads of single instances, waits
// for the rate budget, signs, sends, reads the response, repeats calls that may
// be repeated, and translates errors into reasons of ecs. A call on many IDs is
// split by the cloud's limit and returns a result for each: if the cloud takes
// all of them or none, the refused ones are excluded and affect no other.
//
// The SDK names the parameters of an action. It does not sign and does not send.
// Its own sending shares a client that races, has no context, sticks to the
// first timeout, leaks connections when it retries, obeys proxy variables even
// for localhost, prints signed URLs under DEBUG=sdk, and panics on a numeric
// Code; hazard_test.go tests the edge against each of these.
//
// The package must never return an SDK type, an SDK error or a secret, charge
// twice, pay or destroy without a client token, or report an unknown outcome as
// known.
package cloud
