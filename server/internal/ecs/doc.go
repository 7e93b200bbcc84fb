// Package ecs holds the words of the domain: Instance, Status, ChargeType,
// Period, Money, Window, Reason and the values made of them.
//
// What comes in and goes out are pure values; every other room speaks in them.
// The package does no I/O and imports neither gRPC, nor the SDK, nor another
// room, so a rule that is written here (which periods are sold, when a renewal
// may be called verified) can be read and tested by itself.
package ecs
