// Package cloud is the edge to Alibaba Cloud, and the one importer of its SDK.
//
// What comes in are values of ecs (a region, ids, a query, an order); what
// goes out are values of ecs and *ecs.Error. In between it batches reads of
// single instances, waits for its share of the rate budget, signs, sends,
// reads the answer, repeats what may be repeated, and says in the words of ecs
// what went wrong. A call on many ids is split by the cloud's limit and answers
// for each: where the cloud takes all of them or none, the ones that it refuses
// for are sifted out, and harm no other.
//
// The SDK is used for what it is good at: naming the parameters of an action
// and signing them. It does not send. Its own sending shares a client that
// races, has no context, sticks to the first timeout, leaks connections when
// it retries, obeys proxy variables even for localhost, prints signed URLs
// under DEBUG=sdk, and panics on a numeric Code; hazard_test.go holds each of
// these against the edge.
//
// It must never let an SDK type, an SDK error or a secret upward, pay twice,
// pay or destroy without a client token, or call an outcome known that is not.
package cloud
