package ecs

import "time"

// RequestState is the state of a recorded request.
type RequestState string

const (
	// RequestOpen: the intent is stored and may have been sent; its outcome is not
	// known yet.
	RequestOpen RequestState = "OPEN"
	// RequestDeferred: the cloud put it off and did nothing; the same request
	// sends it again.
	RequestDeferred RequestState = "DEFERRED"
	// RequestDone: it was carried out.
	RequestDone RequestState = "DONE"
	// RequestFailed: it was refused and nothing was done, so that the same
	// request tries again; or its outcome is beyond settling.
	RequestFailed RequestState = "FAILED"
)

// RequestRecord records a request that creates or destroys instances, from the
// intent to its outcome, so that it takes effect once. It holds no password and
// no user data: the payload is there only as a hash.
type RequestRecord struct {
	RequestID string
	// Action is the cloud's, such as RunInstances.
	Action string
	// PayloadHash binds RequestID to the payload.
	PayloadHash string
	Caller      string
	RegionID    string
	State       RequestState
	// Wanted is the number of ordered instances, 0 if none are created.
	Wanted int32
	// Tagged reports that the created instances carry RequestTag and can be found
	// by it.
	Tagged bool
	// ClientToken is the token of every send until it is proved to have had no
	// effect; TokenNumber counts the tokens, from 1.
	ClientToken string
	TokenNumber int32
	// Uncertain is false only if every send of the current token is known to have
	// had no effect. An uncertain token is replaced only after proof.
	Uncertain bool
	// TokenTime is when the token was first sent, SendTime when last.
	TokenTime time.Time
	SendTime  time.Time
	OrderID   string
	Failure   Failure
	// Sends reports that an order leaves after the record is written in state OPEN.
	// Price is what the order charges once: nil for nothing, zero if the cloud
	// returns no price. Neither is read from the store.
	Sends bool
	Price *Money
	// Items are the created instances, or those to release.
	Items      []RequestItem
	CreateTime time.Time
	UpdateTime time.Time
}

// RequestItem is the stored part of one instance of a request.
type RequestItem struct {
	InstanceID string
	// State is one of the Item constants.
	State string
	// Detail is JSON, "" for none.
	Detail string
}

// The states of an item of a request.
const (
	// ItemMade: a launch made the instance.
	ItemMade = "MADE"
	// ItemKept: no release was sent, or the cloud refused it.
	ItemKept = "KEPT"
	// ItemDeleting is stored before a release is sent: an instance that is gone
	// after that was released.
	ItemDeleting = "DELETING"
	// ItemReleased is final.
	ItemReleased = "RELEASED"
	// ItemSent is stored before a start, stop, reboot or allocation is sent.
	ItemSent = "SENT"
	// ItemDone: the cloud accepted it.
	ItemDone = "DONE"
)
