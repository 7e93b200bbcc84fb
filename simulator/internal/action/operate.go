package action

import (
	"errors"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/lifecycle"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// operation parses an action's operation on instances from its parameters.
type operation func(*Call) (lifecycle.Operation, *wire.Error)

func startOperation(*Call) (lifecycle.Operation, *wire.Error) { return lifecycle.Start(), nil }

func stopOperation(c *Call) (op lifecycle.Operation, refusal *wire.Error) {
	force, _, refusal := c.boolean("ForceStop")
	if refusal != nil {
		return op, refusal
	}
	mode := c.Params.Get("StoppedMode")
	if mode != "" && mode != "KeepCharging" && mode != "StopCharging" {
		return op, wire.Invalid("StoppedMode")
	}
	return lifecycle.Stop(force, mode == "StopCharging"), nil
}

// rebootOperation checks the force parameter, which has no visible effect in the API. The batch uses another name for
// it.
func rebootOperation(c *Call) (op lifecycle.Operation, refusal *wire.Error) {
	for _, name := range []string{"ForceStop", "ForceReboot"} {
		if _, _, refusal := c.boolean(name); refusal != nil {
			return op, refusal
		}
	}
	return lifecycle.Reboot(), nil
}

func releaseOperation(c *Call) (op lifecycle.Operation, refusal *wire.Error) {
	force, _, refusal := c.boolean("Force")
	if refusal != nil {
		return op, refusal
	}
	terminate, _, refusal := c.boolean("TerminateSubscription")
	return lifecycle.Release(force, terminate), refusal
}

// operateOne returns the handler of an action for one instance.
func operateOne(action string, read operation) Handler {
	return func(w *World, c *Call) *wire.Error {
		id := c.Params.Get("InstanceId")
		switch {
		case c.Denied:
			return errForbidden
		case id == "":
			return wire.Missing("InstanceId")
		}
		op, refusal := read(c)
		if refusal != nil {
			return refusal
		}
		dryRun, _, refusal := c.boolean("DryRun")
		if refusal != nil {
			return refusal
		}
		if dryRun {
			if refusal := check(w, c, action, op, []string{id}); refusal != nil {
				return refusal
			}
			return errDryRun
		}
		if _, refusal := do(w, c, action, op, []string{id}); refusal != nil {
			return refusal
		}
		c.open(action).Close()
		return nil
	}
}

// operateMany returns the handler of an action for 1 to 100 instances, with one result per instance.
func operateMany(action string, read operation) Handler {
	return func(w *World, c *Call) *wire.Error {
		ids, op, dryRun, refusal := readBatch(c, read)
		if refusal != nil {
			return refusal
		}
		together := true
		switch c.Params.Get("BatchOptimization") {
		case "", "AllTogether":
		case "SuccessFirst":
			together = false
		default:
			return wire.Invalid("BatchOptimization")
		}
		if dryRun {
			if refusal := check(w, c, action, op, ids); refusal != nil {
				return refusal
			}
			return errDryRunBatch
		}
		var replies []reply
		if together {
			outcomes, refusal := do(w, c, action, op, ids)
			if refusal != nil {
				return refusal
			}
			for _, o := range outcomes {
				replies = append(replies, reply{Outcome: o})
			}
		} else {
			replies = successFirst(w, c, action, op, ids)
		}
		writeReplies(c, action, replies)
		return nil
	}
}

// readBatch parses the common parameters of batch actions.
func readBatch(c *Call, read operation) (ids []string, op lifecycle.Operation, dryRun bool, refusal *wire.Error) {
	if c.Denied {
		return nil, op, false, errForbidden
	}
	ids = unique(c.Params.List("InstanceId"))
	switch {
	case len(ids) == 0:
		return nil, op, false, wire.Missing("InstanceId")
	case len(ids) > maxListed:
		return nil, op, false, wire.Invalid("InstanceId")
	}
	if op, refusal = read(c); refusal != nil {
		return nil, op, false, refusal
	}
	dryRun, _, refusal = c.boolean("DryRun")
	return ids, op, dryRun, refusal
}

// reply is the result of a batch for one instance.
type reply struct {
	lifecycle.Outcome
	refusal *wire.Error
}

func successFirst(w *World, c *Call, action string, op lifecycle.Operation, ids []string) []reply {
	replies := make([]reply, 0, len(ids))
	for _, id := range ids {
		outcomes, refusal := do(w, c, action, op, []string{id})
		if refusal == nil {
			replies = append(replies, reply{Outcome: outcomes[0]})
			continue
		}
		r := reply{Outcome: lifecycle.Outcome{InstanceID: id}, refusal: refusal}
		if i, ok := w.Fleet.Find(c.Region.ID, id); ok {
			r.Previous, r.Current = i.Status, i.Status
		}
		replies = append(replies, r)
	}
	return replies
}

func writeReplies(c *Call, action string, replies []reply) {
	out := c.open(action)
	out.List("InstanceResponses", "InstanceResponse")
	for _, r := range replies {
		code, message := "200", "success"
		if r.refusal != nil {
			code, message = r.refusal.Code, r.refusal.Message
		}
		out.Item()
		out.Str("InstanceId", r.InstanceID)
		out.Str("Code", code)
		out.Str("Message", message)
		out.Str("PreviousStatus", string(r.Previous))
		out.Str("CurrentStatus", string(r.Current))
		out.End()
	}
	out.End()
	out.Close()
}

// deleteInstances has no results per instance: it releases all or none.
func deleteInstances(w *World, c *Call) *wire.Error {
	ids, op, dryRun, refusal := readBatch(c, releaseOperation)
	switch {
	case refusal != nil:
		return refusal
	case !validToken(c.Params.Get("ClientToken")):
		return errToken
	}
	if dryRun {
		if refusal := check(w, c, "DeleteInstances", op, ids); refusal != nil {
			return refusal
		}
		return errDryRunBatch
	}
	task, refusal := once(w, c, generalTokenWords, func(string) (string, *wire.Error) {
		_, refusal := do(w, c, "DeleteInstances", op, ids)
		return w.Nursery.ID("tg-", c.Region), refusal
	})
	if refusal != nil {
		return refusal
	}
	out := c.open("DeleteInstances")
	out.Str("TaskGroupId", task)
	out.Close()
	return nil
}

func check(w *World, c *Call, action string, op lifecycle.Operation, ids []string) *wire.Error {
	if refusal := startable(w, c, action, ids); refusal != nil {
		return refusal
	}
	return refusalOf(w, c, action, ids, w.Machine.Check(op, c.Region.ID, ids, c.Now))
}

func do(w *World, c *Call, action string, op lifecycle.Operation, ids []string) ([]lifecycle.Outcome, *wire.Error) {
	if refusal := startable(w, c, action, ids); refusal != nil {
		return nil, refusal
	}
	outcomes, err := w.Machine.Do(op, c.Region.ID, ids, c.Now)
	return outcomes, refusalOf(w, c, action, ids, err)
}

// startable rejects the start of an instance that returned its vCPU and memory in an economical stop, if the zone has
// no stock.
func startable(w *World, c *Call, action string, ids []string) *wire.Error {
	if action != "StartInstance" && action != "StartInstances" {
		return nil
	}
	for _, id := range ids {
		i, ok := w.Fleet.Find(c.Region.ID, id)
		if !ok || i.Status != fleet.Stopped || i.StoppedMode != "StopCharging" {
			continue
		}
		if left, limited := w.Stock.Left(i.ZoneID, i.Type.ID); limited && left == 0 {
			return errNoStock
		}
		if i.Spot.PriceLimit > 0 && i.Spot.PriceLimit < w.Market.Price(i.ZoneID, i.Type, c.Now) {
			return errSpotStart
		}
	}
	return nil
}

// refusalOf returns the API error for an error of the machine; for a start of an instance that is locked for payment,
// the error names the kind of lock.
func refusalOf(w *World, c *Call, action string, ids []string, err error) *wire.Error {
	if err == nil {
		return nil
	}
	start := action == "StartInstance" || action == "StartInstances"
	if !start || !errors.Is(err, lifecycle.ErrArrears) {
		return refusalFor(err)
	}
	for _, id := range ids {
		i, ok := w.Fleet.Find(c.Region.ID, id)
		if ok && i.Locked(fleet.LockFinancial) && i.ChargeType == fleet.PostPaid {
			return errStartArrears
		}
	}
	return errStartExpired
}
