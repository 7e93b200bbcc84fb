package simulator_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// billed returns the sum of the bills of pay-as-you-go.
func (c *cloud) billed() (sum control.Amount) {
	for _, b := range c.Bills() {
		sum += b.Amount
	}
	return sum
}

// history is a random history of an account.
type history struct {
	*cloud
	ids      []string
	disks    []string // created on their own
	deposits control.Amount
	// orders and bills are those of the last check: both lists only grow.
	orders []control.Order
	bills  []control.Bill
}

func (h *history) any(rt *rapid.T) string { return rapid.SampledFrom(h.ids).Draw(rt, "instance") }

func (h *history) launch(rt *rapid.T) {
	count := rapid.IntRange(1, 2).Draw(rt, "count")
	response := ecs.CreateRunInstancesResponse()
	h.code(launch(func(r *ecs.RunInstancesRequest) {
		r.Amount = requests.NewInteger(count)
		switch rapid.IntRange(0, 3).Draw(rt, "charge") {
		case 0:
			r.InstanceChargeType, r.Period, r.PeriodUnit = "PrePaid", requests.NewInteger(rapid.IntRange(1, 4).Draw(rt, "weeks")), "Week"
		case 1:
			r.InstanceChargeType, r.Period = "PrePaid", requests.Integer(rapid.SampledFrom([]string{"1", "6", "12", "36"}).Draw(rt, "months"))
		case 2:
			r.SpotStrategy = "SpotAsPriceGo"
		}
		if r.InstanceChargeType == "PrePaid" && rapid.Bool().Draw(rt, "auto-renew") {
			r.AutoRenew, r.AutoRenewPeriod = "true", "1"
		}
		if rapid.Bool().Draw(rt, "parts") {
			withManyParts(r)
			keep := rapid.Bool().Draw(rt, "keep the disk")
			(*r.DataDisk)[0].DeleteWithInstance = strconv.FormatBool(!keep)
		}
	}), response) // the balance may not cover it
	h.ids = append(h.ids, response.InstanceIdSets.InstanceIdSet...)
}

func (h *history) changeCharge(rt *rapid.T) {
	_, _ = h.convert(h.any(rt), func(r *ecs.ModifyInstanceChargeTypeRequest) {
		if rapid.Bool().Draw(rt, "pay-as-you-go") {
			r.InstanceChargeType = "PostPaid"
			return
		}
		r.IncludeDataDisks = requests.NewBoolean(rapid.Bool().Draw(rt, "data disks"))
		r.PeriodUnit = rapid.SampledFrom([]string{"Month", "Week"}).Draw(rt, "unit")
		r.Period = requests.Integer(rapid.SampledFrom([]string{"1", "3", "12"}).Draw(rt, "period"))
	})
}

func (h *history) resizeAny(rt *rapid.T) {
	id, to := h.any(rt), rapid.SampledFrom([]string{"ecs.c7.large", "ecs.g7.large", "ecs.g7.xlarge", "ecs.r7.2xlarge"}).Draw(rt, "type")
	h.resize(id, to, nil)
	h.respec(id, to, "")
}

func (h *history) renewAny(rt *rapid.T) {
	request := ecs.CreateRenewInstanceRequest()
	request.InstanceId = h.any(rt)
	switch rapid.IntRange(0, 2).Draw(rt, "unit") {
	case 0:
		request.Period, request.PeriodUnit = requests.NewInteger(rapid.IntRange(1, 4).Draw(rt, "weeks")), "Week"
	case 1:
		request.Period = requests.Integer(rapid.SampledFrom([]string{"1", "9", "12", "24"}).Draw(rt, "months"))
	default:
		request.ExpectedRenewDay = "1"
	}
	h.code(request, ecs.CreateRenewInstanceResponse())
}

// changeDisks buys, attaches, resizes, converts, detaches or deletes a disk; what does not fit is refused.
func (h *history) changeDisks(rt *rapid.T) {
	zone, instance := "cn-hangzhou-h", h.any(rt)
	if i, err := h.Instance(instance); err == nil {
		zone = i.ZoneID
	}
	size := strconv.Itoa(100 * rapid.IntRange(1, 9).Draw(rt, "size"))
	if rapid.Bool().Draw(rt, "new") || len(h.disks) == 0 {
		params := values{"InstanceId": instance, "Size": size, "DiskCategory": "cloud_essd"}
		if rapid.Bool().Draw(rt, "alone") {
			params = values{"ZoneId": zone, "Size": size, "DiskCategory": "cloud_essd"}
		}
		var made diskMade
		if a := h.call("CreateDisk", params); a.status == 200 {
			if err := json.Unmarshal([]byte(a.body), &made); err != nil {
				rt.Fatal(err)
			}
			h.disks = append(h.disks, made.ID)
		}
		return
	}
	disk := rapid.SampledFrom(h.disks).Draw(rt, "disk")
	of := values{"InstanceId": instance, "DiskId": disk}
	switch rapid.IntRange(0, 4).Draw(rt, "change") {
	case 0:
		h.call("AttachDisk", of)
	case 1:
		h.call("DetachDisk", of)
	case 2:
		h.call("ResizeDisk", values{"DiskId": disk, "NewSize": size})
	case 3:
		h.call("ModifyDiskChargeType", values{
			"InstanceId": instance, "DiskIds": `["` + disk + `"]`, "DiskChargeType": rapid.SampledFrom([]string{"PrePaid", "PostPaid"}).Draw(rt, "to"),
		})
	default:
		h.call("DeleteDisk", values{"DiskId": disk})
	}
}

func (h *history) setStatus(rt *rapid.T) {
	id := h.any(rt)
	if i, err := h.Instance(id); err == nil && len(i.LockReasons) == 0 {
		h.change(id, simulator.Change{Status: ref(rapid.SampledFrom([]string{"Running", "Stopped"}).Draw(rt, "status"))})
	}
}

// check requires that the account adds up, that its lists only grow, and that no instance earned money.
func (h *history) check(rt *rapid.T) {
	orders, bills := h.Ledger(simulator.LedgerFilter{}), h.Bills()
	if len(orders) < len(h.orders) || !slices.Equal(orders[:len(h.orders)], h.orders) {
		rt.Fatalf("the ledger changed what it had")
	}
	if len(bills) < len(h.bills) || !slices.Equal(bills[:len(h.bills)], h.bills) {
		rt.Fatalf("the bills changed")
	}
	h.orders, h.bills = orders, bills
	paid, refunded, of := control.Amount(0), control.Amount(0), map[string]control.Amount{}
	for _, o := range orders {
		if of[o.InstanceID] += o.Amount; of[o.InstanceID] < 0 {
			rt.Fatalf("%s got %s more than it paid", o.InstanceID, -of[o.InstanceID])
		}
		switch refund := o.Type == control.OrderRefund || o.Type == control.OrderDowngrade; {
		case refund && o.Amount > 0, !refund && o.Amount < 0:
			rt.Fatalf("an order of type %s over %s", o.Type, o.Amount)
		case refund:
			refunded -= o.Amount
		default:
			paid += o.Amount
		}
	}
	for n, b := range bills {
		if b.Amount <= 0 || !b.Until.After(b.From) || n > 0 && b.From.Before(bills[n-1].Until) {
			rt.Fatalf("bill %+v", b)
		}
	}
	if b, want := h.Balance(), h.deposits-paid+refunded-h.billed(); b != want {
		rt.Fatalf("balance %s, want %s: %s deposited, %s paid, %s refunded, %s billed", b, want, h.deposits, paid, refunded, h.billed())
	}
}

// Over any history the balance is the deposits less the orders and bills plus the refunds, to the cent, and no sequence
// of calls gains money.
func TestMoney_AddsUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		first := control.Amount(rapid.SampledFrom([]int{20_000_00, 1_000_000_00}).Draw(rt, "balance"))
		h := &history{cloud: newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, RenewLag: -1, Balance: first}), deposits: first}
		h.ids = h.run(withManyParts)
		rt.Repeat(map[string]func(*rapid.T){
			"launch": func(rt *rapid.T) {
				if len(h.ids) < 6 {
					h.launch(rt)
				}
			},
			"wait": func(rt *rapid.T) {
				h.advance(time.Duration(rapid.IntRange(1, 20*24*60).Draw(rt, "minutes")) * time.Minute)
			},
			"disks": h.changeDisks, "status": h.setStatus, "resize": h.resizeAny, "renew": h.renewAny, "charge": h.changeCharge,
			"release": func(rt *rapid.T) { h.release(h.any(rt), force) },
			"auto-renew": func(rt *rapid.T) {
				request := ecs.CreateModifyInstanceAutoRenewAttributeRequest()
				request.InstanceId, request.AutoRenew = h.any(rt), requests.NewBoolean(rapid.Bool().Draw(rt, "on"))
				request.Duration, request.PeriodUnit = "1", rapid.SampledFrom([]string{"Week", "Month", "Year"}).Draw(rt, "unit")
				h.code(request, ecs.CreateModifyInstanceAutoRenewAttributeResponse())
			},
			"deposit": func(rt *rapid.T) {
				more := control.Amount(rapid.IntRange(1, 10_000_00).Draw(rt, "deposit"))
				h.deposits += more
				h.SetBalance(h.Balance() + more)
			},
			"": h.check,
		})
	})
}
