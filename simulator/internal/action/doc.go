// Package action answers the actions of the ECS API: one file for each, or
// for each family.
//
// In comes a call that is known to be signed, in a region that exists; out
// goes an answer or the cloud's refusal, with the codes, statuses and texts
// of the cloud's error tables. It knows neither HTTP nor faults, but for the
// gate that a paid call passes between claiming its token and paying.
package action
