package action

import (
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// launch is a parsed request of RunInstances or CreateInstance.
type launch struct {
	run           bool // ends Running, with a public address if it has bandwidth
	amount, least int
	zone          int // index of the region's zone
	vSwitchID     string
	vpcID         string
	kind          *catalog.InstanceType
	image         *catalog.Image
	name, host    naming
	hostNames     []string // of the first instances

	chargeType  string
	period      subscription.Period
	autoRenew   int
	spot        fleet.Spot
	autoRelease time.Time
	protected   bool

	description, internetChargeType string
	bandwidthIn, bandwidthOut       int
	ioOptimized                     bool
	httpTokens                      string
	noMetadata                      bool
	hopLimit                        int
	keyPair, resourceGroup          string
	setup                           catalog.Setup  // the setup to price
	disks                           []storage.Disk // the system disk first
	securityGroups                  []string
	tags                            []fleet.Tag
}

// launchReaders parse and check the parameters. Each may rely on those before it.
var launchReaders = []func(*World, *Call, *launch) *wire.Error{
	readTemplate, readAmount, readKind, readCharging, readSpot, readAutoRelease,
	readPlace, readGroups, readNames, readAccess, readBandwidth, readDisks, readOptions, readLaunchTags, readAbsent, readUnused,
}

func runInstances(w *World, c *Call) *wire.Error {
	return launchInstances(w, c, "RunInstances", true)
}

func createInstance(w *World, c *Call) *wire.Error {
	return launchInstances(w, c, "CreateInstance", false)
}

func launchInstances(w *World, c *Call, action string, run bool) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	if !validToken(c.Params.Get("ClientToken")) {
		return errToken
	}
	l := &launch{run: run}
	for _, read := range launchReaders {
		if refusal := read(w, c, l); refusal != nil {
			return refusal
		}
	}
	dryRun, _, refusal := c.boolean("DryRun")
	switch {
	case refusal != nil:
		return refusal
	case dryRun:
		if !buyable(w, c.Region, l.zone, l.kind, l.least) {
			return errNoStock
		}
		return errDryRun
	}
	answer, refusal := once(w, c, generalTokenWords, func(token string) (string, *wire.Error) {
		return l.buy(w, c, action, token)
	})
	if refusal != nil {
		return refusal
	}
	writeLaunch(c, action, answer)
	return nil
}

// buy creates the instances and pays for them. It returns the data for a replay of the client token: the order, the
// price and the IDs.
func (l *launch) buy(w *World, c *Call, action, token string) (string, *wire.Error) {
	zone := c.Region.Zones[l.zone]
	if !buyable(w, c.Region, l.zone, l.kind, l.least) {
		return "", errNoStock
	}
	count, err := w.Stock.Take(zone, l.kind.ID, l.amount, l.least)
	if err != nil {
		return "", refusalFor(err)
	}
	made := w.Nursery.Launch(c.Region, l.zone, count)
	ids := make([]string, 0, count)
	for n, i := range made {
		l.dress(i, n)
		l.attach(w, i)
		if l.run && l.bandwidthOut > 0 {
			i.PublicIP = w.Nursery.Public()
		}
		ids = append(ids, i.ID)
	}
	bill := l.bill(w, c)
	orderID, err := w.Machine.Launch(made, subscription.Purchase{
		Action: action, ClientToken: token, Period: l.period, AutoRenew: l.autoRenew, Bill: bill,
	}, l.run, c.Now)
	if err != nil {
		w.Stock.Return(zone, l.kind.ID, count)
		for _, id := range ids {
			w.Storage.Detach(id)
		}
		return "", lookUp(launchRefusals, err)
	}
	price := strconv.FormatInt(catalog.Total(bill).Trade*int64(count), 10)
	return orderID + " " + price + " " + strings.Join(ids, " "), nil
}

// buyable reports whether a zone has at least the given stock of a type.
func buyable(w *World, r *catalog.Region, zone int, t *catalog.InstanceType, least int) bool {
	left, limited := w.Stock.Left(r.Zones[zone], t.ID)
	return catalog.StockOf(r, r.Zones[zone], t).Buyable() && (!limited || left >= least)
}

// bill returns the price of one instance with its disks and bandwidth: the period of a subscription, otherwise the first
// hour, at the market price for a spot instance.
func (l *launch) bill(w *World, c *Call) []catalog.Line {
	count, unit := 1, catalog.Hour
	if l.chargeType == fleet.PrePaid {
		count, unit = l.period.Count, l.period.Unit
	}
	lines := catalog.Bill(l.setup, count, unit)
	if l.spot.Strategy != noSpot {
		lines[0].Amount.Trade = w.Market.Price(c.Region.Zones[l.zone], l.kind, c.Now)
	}
	return lines
}

// dress sets the requested attributes of the instance with a number.
func (l *launch) dress(i *fleet.Instance, number int) {
	i.Name, i.HostName = l.name.of(number, i.ID), l.host.of(number, "")
	if number < len(l.hostNames) {
		i.HostName = l.hostNames[number]
	}
	if i.HostName == "" {
		i.HostName = "iZ" + i.ID[len("i-"):] + "Z" // the cloud's default
	}
	i.Description, i.Type, i.Image = l.description, l.kind, l.image
	i.VPCID, i.VSwitchID = l.vpcID, l.vSwitchID
	i.SecurityGroupIDs, i.Tags = l.securityGroups, l.tags
	i.Spot, i.AutoRelease, i.DeletionProtection = l.spot, l.autoRelease, l.protected
	i.ChargeType = l.chargeType
	i.InternetChargeType = l.internetChargeType
	i.BandwidthIn, i.BandwidthOut = l.bandwidthIn, l.bandwidthOut
	i.IOOptimized, i.HTTPTokens, i.HopLimit = l.ioOptimized, l.httpTokens, l.hopLimit
	i.NoMetadata = l.noMetadata
	i.KeyPairName, i.ResourceGroupID = l.keyPair, l.resourceGroup
}

func writeLaunch(c *Call, action, answer string) {
	fields := strings.Fields(answer)
	orderID, ids := fields[0], fields[2:]
	thousandths, _ := strconv.ParseInt(fields[1], 10, 64) // it was formatted by buy
	out := c.open(action)
	out.Str("OrderId", orderID)
	out.Decimal("TradePrice", thousandths, 3)
	if action == "CreateInstance" {
		out.Str("InstanceId", ids[0])
	} else {
		out.List("InstanceIdSets", "InstanceIdSet")
		for _, id := range ids {
			out.ItemStr(id)
		}
		out.End()
	}
	out.Close()
}
