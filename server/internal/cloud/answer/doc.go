// Package answer reads the cloud's JSON answers into values of ecs.
//
// What comes in is the body of one answer; what goes out are the few fields
// that ecsd knows, of the hundreds that the cloud sends. It is written by hand
// over a streaming decoder because the SDK's decoder builds every field: see
// the benchmark. It is tolerant where the cloud is known to vary (numbers as
// strings, null for empty, absent lists, times with and without seconds) and
// strict where silence would hurt: an answer that is not a JSON object with a
// RequestId is not the cloud's.
//
// It keeps nothing of the body: every string is a copy. Money never passes
// through a float.
package answer
