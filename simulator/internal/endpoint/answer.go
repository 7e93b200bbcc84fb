package endpoint

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/action"
	"github.com/ecsd-io/ecsd/simulator/internal/auth"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// errStruck marks a fault that writes its own response.
var errStruck = &wire.Error{Status: 500, Code: "Struck"}

// answer throttles, applies faults, acts and responds.
func (x *exchange) answer(key auth.Key) {
	e := x.endpoint
	now := e.Clock.Settle()
	if wait, ok := e.Throttle.Take(x.region.ID, x.name, now); !ok {
		e.stats.count(x.name, x.region.ID, throttled)
		if speed := e.Clock.Speed(); speed > 0 {
			wait = time.Duration(float64(wait) / speed) // clients wait in wall time
		}
		x.throttle(wait, "Throttling", "")
		return
	}
	x.plan = e.Faults.Plan(x.name, x.region.ID, x.instances)
	call := &action.Call{
		Name: x.name, Host: x.called, Params: x.params, Region: x.region, Now: now, RequestID: x.requestID,
		Denied: key.Denied || x.plan.Denied, EmptyLists: key.EmptyLists || x.plan.EmptyLists, Role: key.Role, Omitted: x.plan.Omitted, Reordered: x.plan.Reordered, Dice: x.plan.Dice,
		Empty: x.plan.Empty, Late: x.plan.Late, Out: x.out, Gate: x.gate,
	}
	if !x.action.OwnGate {
		if gate := x.gate(); gate.Refusal != nil {
			x.strike(x.plan.Before)
			return
		}
	}
	world := e.World
	if x.plan.Stale > 0 {
		world = world.At(now.Add(-x.plan.Stale))
	}
	if e.Read != nil {
		call.Params = call.Params.Observed(func(key string) { e.Read(x.name, key) })
	}
	refusal := x.action.Handler(world, call)
	if refusal == errStruck {
		x.strike(x.plan.Before)
		return
	}
	x.wait(x.r.Context(), x.plan.DelayAfter)
	switch {
	case refusal != nil:
		e.stats.count(x.name, x.region.ID, failed)
		x.refuse(refusal)
	case x.plan.After != nil:
		x.strike(x.plan.After)
	default:
		e.stats.count(x.name, x.region.ID, succeeded)
		x.send(http.StatusOK, x.out.Bytes())
	}
}

// gate runs just before a call acts. A call that is delayed here acts in the end even if its client has left, as in the
// cloud.
func (x *exchange) gate() action.Gate {
	x.wait(context.Background(), x.plan.DelayBefore)
	gate := action.Gate{}
	if f := x.plan.Before; f != nil {
		gate.Refusal, gate.Poison = errStruck, f.Kind == control.Poison
	}
	if f := x.plan.After; f != nil {
		gate.Poison = f.Kind == control.Poison
	}
	return gate
}

func (x *exchange) wait(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-x.endpoint.Closing:
	}
}

// strike writes the response of a fault. The rendered response, if any, is still in x.out.
func (x *exchange) strike(f *control.Fault) {
	outcome := failed
	if f.Kind == control.Throttled {
		outcome = throttled
	}
	x.endpoint.stats.count(x.name, x.region.ID, outcome)
	switch f.Kind {
	case control.Throttled:
		x.throttle(time.Duration(f.RetryAfter), or(f.Code, "Throttling"), f.Message)
	case control.Reset:
		x.reset()
	case control.LostReply:
		panic(http.ErrAbortHandler) // closes the connection without a response
	case control.Cut:
		x.cut()
	case control.HTML:
		x.w.Header().Set("Content-Type", "text/html")
		x.w.WriteHeader(orStatus(f.HTTPStatus, http.StatusBadGateway))
		_, _ = x.w.Write([]byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n" +
			"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"))
	case control.NumericCode:
		x.w.Header().Set("Content-Type", "application/json")
		status := orStatus(f.HTTPStatus, http.StatusInternalServerError)
		x.w.WriteHeader(status)
		_, _ = fmt.Fprintf(x.w, `{"Code":%d,"Message":"upstream failure"}`, status)
	default: // Failed and Poison
		x.refuse(wire.Refuse(orStatus(f.HTTPStatus, http.StatusInternalServerError), or(f.Code, "InternalError"),
			or(f.Message, "The request processing has failed due to some unknown error, exception or failure.")))
	}
}

// throttleMessages are the cloud's texts.
var throttleMessages = map[string]string{
	"Throttling":      "Request was denied due to request throttling.",
	"Throttling.User": "Request was denied due to user flow control.",
	"Throttling.Api":  "Request was denied due to api flow control.",
}

func (x *exchange) throttle(wait time.Duration, code, message string) {
	if wait > 0 {
		ms := (wait + time.Millisecond - 1) / time.Millisecond
		x.w.Header().Set("x-acs-retry-after", strconv.FormatInt(int64(ms), 10))
	}
	x.refuse(wire.Refuse(http.StatusBadRequest, code, or(message, or(throttleMessages[code], throttleMessages["Throttling"]))))
}

// reset resets the connection.
func (x *exchange) reset() {
	if hijacker, ok := x.w.(http.Hijacker); ok {
		if conn, _, err := hijacker.Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// cut announces the whole body and sends half of it.
func (x *exchange) cut() {
	body := x.out.Bytes()
	x.header(len(body))
	x.w.WriteHeader(http.StatusOK)
	_, _ = x.w.Write(body[:len(body)/2])
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

func (x *exchange) header(length int) {
	h := x.w.Header()
	h.Set("Content-Type", x.format.ContentType())
	h.Set("Content-Length", strconv.Itoa(length))
	h.Set("x-acs-request-id", x.requestID)
}

func (x *exchange) send(status int, body []byte) {
	x.header(len(body))
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // the client may have left
}

// instances returns the IDs in a request, in each form that actions use.
func (x *exchange) instances() []string {
	ids := x.params.List("InstanceId")
	ids = append(ids, x.params.List("ResourceId")...)
	return append(ids, listed(x.params.Get("ResourceId")+","+x.params.Get("InstanceId")+","+x.params.Get("InstanceIds"))...)
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func orStatus(status, fallback int) int {
	if status == 0 {
		return fallback
	}
	return status
}
