package action

import (
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/auth"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/label"
	"github.com/ecsd-io/ecsd/simulator/internal/lifecycle"
	"github.com/ecsd-io/ecsd/simulator/internal/market"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
	"github.com/ecsd-io/ecsd/simulator/internal/stock"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/throttle"
	"github.com/ecsd-io/ecsd/simulator/internal/usage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// World is the state that actions work on.
type World struct {
	Regions []*catalog.Region
	Fleet   *fleet.Fleet
	Account *account.Account
	Tokens  *account.Tokens
	Engine  *subscription.Engine
	Machine *lifecycle.Machine
	Nursery *seed.Nursery
	Stock   *stock.Stock
	Storage *storage.Store
	Meter   *usage.Meter
	Labels  *label.Labels
	Market  *market.Market
	// Auth issues temporary keys.
	Auth *auth.Authenticator
	// OwnerID is the account's number.
	OwnerID int64
	// OrderLag is the age at which an order is visible in billing.
	OrderLag time.Duration
	// NoPageToken leaves NextToken empty in a list of instances by page number.
	NoPageToken bool
	// Rates are the rates at which ECS is throttled, by action or [throttle.Any].
	Rates map[string]throttle.Rate
	// RenewDay is the account's unified expiration date, a day of the month.
	RenewDay int
}

// Region returns a served region, or nil.
func (w *World) Region(id string) *catalog.Region {
	for _, r := range w.Regions {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// At returns the world for a read that sees the instances as they were at a time.
func (w *World) At(t time.Time) *World {
	then := *w
	then.Fleet = w.Fleet.Past(t)
	return &then
}

// Gate is the effect of a fault on a call, just before it acts.
type Gate struct {
	// Refusal, if set, is returned instead of acting.
	Refusal *wire.Error
	// Poison spoils the call's client token, whether it is rejected here or acts.
	Poison bool
}

// Call is one request.
type Call struct {
	// Name is the name of the action.
	Name string
	// Host is the endpoint that the client called, without the port.
	Host      string
	Params    wire.Params
	Region    *catalog.Region
	Now       time.Time // simulated
	RequestID string
	// Denied is set for a RAM user without permission. With EmptyLists, lists of instances and disks are then empty, as
	// they were in the cloud until 2025-12-20.
	Denied, EmptyLists bool
	// Role is the role of the caller, nil for the account itself.
	Role *auth.Role
	// Omitted are instances that a fault leaves out of a list; an empty ID stands for any one of them.
	Omitted []string
	// Reordered is set if a fault makes the order of a list random. Dice is the randomness for it, and for an omitted
	// instance.
	Reordered bool
	Dice      uint64
	// Empty is set if a fault makes the list empty, and Late is the age below which a fault hides its elements.
	Empty bool
	Late  time.Duration
	// Gate is called once per call, just before it acts. It may block.
	Gate func() Gate
	// Out receives the response. Its contents are dropped if the call is rejected.
	Out *wire.Writer
}

// Handler handles a call.
type Handler func(*World, *Call) *wire.Error

// Action describes how to call an action.
type Action struct {
	Handler Handler
	// AnyRegion permits a call without RegionId. It acts in the region of the endpoint that it was sent to, else in the
	// region of the IDs in it, else in the first region.
	AnyRegion bool
	// MissingRegion, if set, replaces the general error for a missing RegionId.
	MissingRegion *wire.Error
	// UnknownRegion, if set, is the error for a RegionId that is not served.
	UnknownRegion *wire.Error
	// OwnGate is set if the handler calls the call's gate itself.
	OwnGate bool
}

// open starts a response.
func (c *Call) open(action string) *wire.Writer {
	c.Out.Open(action + "Response")
	c.Out.Str("RequestId", c.RequestID)
	return c.Out
}

// number parses a whole number between low and high; fallback if it was not sent.
func (c *Call) number(name string, fallback, low, high int) (int, *wire.Error) {
	text := c.Params.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, wire.Invalid(name)
	}
	return n, nil
}

// boolean parses true or false; false if it was not sent.
func (c *Call) boolean(name string) (value, sent bool, refusal *wire.Error) {
	switch c.Params.Get(name) {
	case "":
		return false, false, nil
	case "true", "True", "TRUE": // the Python SDK sends True
		return true, true, nil
	case "false", "False", "FALSE":
		return false, true, nil
	}
	return false, false, wire.Invalid(name)
}
