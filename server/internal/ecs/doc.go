// Package ecs holds the terms of the domain: Instance, Status, ChargeType,
// Period, Money, Window, Reason and the values made of them.
//
// Its values are pure; every other package uses them. The package does no I/O
// and imports neither gRPC, nor the SDK, nor another package of the server, so
// its rules (the sold periods, the evidence for a verified renewal) can be read
// and tested in isolation.
package ecs
