// Package autorenew reads and sets the automatic renewal by the cloud, and
// forecasts its success.
//
// It takes instance IDs with a desired setting, and returns the settings that
// the cloud holds, the next deduction, and the drift: a setting that differs
// from the one last requested through ecsd. The cloud does not report a failed
// deduction, so the package keeps an observation of each subscription near its
// expiry: an expiry that has not moved after a deduction was due shows the
// failure. One replica at a time checks all regions for the metrics, under a
// lease.
//
// The package never pays, and never reports a setting that it has not read
// back.
package autorenew
