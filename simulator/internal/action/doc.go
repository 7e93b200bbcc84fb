// Package action implements the actions of the ECS API: one file per action or family.
//
// A signed call in an existing region comes in; a response or the cloud's error goes out, with the codes, statuses and
// texts of the cloud's error tables. The package knows neither HTTP nor faults, except for the gate that a paid call
// passes between the claim of its token and the payment.
package action
