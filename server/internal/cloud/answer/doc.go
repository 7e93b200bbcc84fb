// Package answer decodes the cloud's JSON responses into values of ecs.
//
// It reads the few fields that ecsd uses, of the hundreds that the cloud sends.
// It is written by hand over a streaming decoder because the SDK's decoder
// builds every field: see the benchmark. It is tolerant in known variations of
// the cloud (numbers as strings, null for empty, absent lists, times with and
// without seconds) and strict otherwise: a response that is not a JSON object
// with a RequestId is not the cloud's.
//
// It retains nothing of the body: every string is a copy. Money never passes
// through a float.
package answer
