// Package autorenew reads and sets what the cloud renews automatically, and
// forecasts whether it will.
//
// In come instance IDs with a desired setting; out go the settings that the cloud
// holds, the next deduction, and the drift: a setting that differs from the one
// last requested through ecsd. The cloud does not report a deduction that failed,
// so the package keeps an observation of each subscription near its expiry: an
// expiry that has not moved after a deduction was due shows the failure. One
// replica at a time checks all regions for the metrics, under a lease.
//
// The package never pays, and never reports a setting that it has not read back.
package autorenew
