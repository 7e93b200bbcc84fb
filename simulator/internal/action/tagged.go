package action

import (
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
)

// tagKind is a type of resources that can have tags.
type tagKind struct {
	// each visits the resources of the call's region after a position, in order, until visit returns false.
	each func(w *World, c *Call, from uint64, visit tagVisit)
	// tags returns the tags of a resource, and whether the region has the resource.
	tags func(w *World, c *Call, id string) ([]fleet.Tag, bool)
	// change replaces the tags of a resource.
	change func(w *World, c *Call, id string, change func([]fleet.Tag) []fleet.Tag)
}

type tagVisit = func(position uint64, id string, tags []fleet.Tag) bool

// tagKinds are the resource types of the cloud; nil for one of which the simulated account has none.
func tagKinds() map[string]*tagKind {
	return map[string]*tagKind{
		"instance": {eachInstance, instanceTags, changeInstanceTags},
		"disk":     {eachTaggedDisk, diskTags, changeDiskTags},
		"snapshot": {eachSnapshot, snapshotTags, changeSnapshotTags},
		imageKind: labelled(imageKind, func(*World, *Call) (list []labelledResource) {
			for _, image := range catalog.Images {
				list = append(list, labelledResource{id: image.ID})
			}
			return list
		}),
		groupKind: labelled(groupKind, func(w *World, c *Call) (list []labelledResource) {
			for _, g := range w.Nursery.Network(c.Region).Groups {
				list = append(list, labelledResource{g.ID, g.Tags})
			}
			return list
		}),
		"keypair": labelled("keypair", func(w *World, c *Call) []labelledResource {
			return []labelledResource{{id: w.Nursery.Network(c.Region).KeyPairName}}
		}),
		"launchtemplate": labelled("launchtemplate", func(_ *World, c *Call) (list []labelledResource) {
			for _, t := range catalog.LaunchTemplates {
				list = append(list, labelledResource{id: "lt-" + c.Region.IDPrefix + t.ID})
			}
			return list
		}),
		"volume": nil, "eni": nil, "ddh": nil, "ddhcluster": nil, "reservedinstance": nil, "snapshotpolicy": nil,
		"elasticityassurance": nil, "capacityreservation": nil, "command": nil, "invocation": nil, "activation": nil,
		"managedinstance": nil,
	}
}

func eachInstance(w *World, c *Call, from uint64, visit tagVisit) {
	w.Fleet.Walk(c.Region.ID, from+1, func(seq uint64, i *fleet.Instance) bool { return visit(seq, i.ID, i.Tags) })
}

func instanceTags(w *World, c *Call, id string) ([]fleet.Tag, bool) {
	i, ok := w.Fleet.Find(c.Region.ID, id)
	if !ok {
		return nil, false
	}
	return i.Tags, true
}

func changeInstanceTags(w *World, _ *Call, id string, change func([]fleet.Tag) []fleet.Tag) {
	_, _ = w.Fleet.Update(id, func(i *fleet.Instance) { i.Tags = change(i.Tags) }) // released in between
}

// eachTaggedDisk visits the disks in the order of their instances. A position counts the disks before it.
func eachTaggedDisk(w *World, c *Call, from uint64, visit tagVisit) {
	position := uint64(0)
	eachDisk(w, c, &diskFilter{}, fleet.Cursor{}, func(f found) bool {
		position++
		return position <= from || visit(position, f.disk.ID, f.disk.Tags)
	})
}

func diskTags(w *World, c *Call, id string) ([]fleet.Tag, bool) {
	d, ok := findDisk(w, c, id)
	return d.Tags, ok
}

// findDisk returns a disk of the call's region, with an instance or without.
func findDisk(w *World, c *Call, id string) (storage.Disk, bool) {
	disks := w.Storage.Loose(c.Region.ID)
	if i, ok := w.Fleet.Find(c.Region.ID, w.Storage.Owner(id)); ok {
		disks = append(disks, w.Storage.Of(i)...)
	}
	n := slices.IndexFunc(disks, func(d storage.Disk) bool { return d.ID == id })
	if n < 0 {
		return storage.Disk{}, false
	}
	return disks[n], true
}

func changeDiskTags(w *World, c *Call, id string, change func([]fleet.Tag) []fleet.Tag) {
	if d, ok := findDisk(w, c, id); ok {
		w.Storage.SetTags(id, change(d.Tags))
	}
}

func eachSnapshot(w *World, c *Call, from uint64, visit tagVisit) {
	for _, s := range w.Storage.Snapshots(c.Region.ID, c.Now) {
		if s.Number > from && !visit(s.Number, s.ID, s.Tags) {
			return
		}
	}
}

func snapshotTags(w *World, c *Call, id string) ([]fleet.Tag, bool) {
	s, ok := w.Storage.Snapshot(id, c.Now)
	if !ok || s.Disk.Region != c.Region {
		return nil, false
	}
	return s.Tags, true
}

func changeSnapshotTags(w *World, _ *Call, id string, change func([]fleet.Tag) []fleet.Tag) {
	w.Storage.TagSnapshot(id, change)
}

// The types of resources with tags that lists of their own show.
const (
	imageKind = "image"
	groupKind = "securitygroup"
)

// labelledResource is a resource with tags in World.Labels, and its tags at its creation.
type labelledResource struct {
	id      string
	created []fleet.Tag
}

// labelled is a kind with tags in World.Labels; list returns its resources in the call's region.
func labelled(kind string, list func(*World, *Call) []labelledResource) *tagKind {
	find := func(w *World, c *Call, id string) (labelledResource, bool) {
		all := list(w, c)
		n := slices.IndexFunc(all, func(r labelledResource) bool { return r.id == id })
		if n < 0 {
			return labelledResource{}, false
		}
		return all[n], true
	}
	return &tagKind{
		each: func(w *World, c *Call, from uint64, visit tagVisit) {
			all := list(w, c)
			for n := from; n < uint64(len(all)); n++ {
				if !visit(n+1, all[n].id, w.Labels.Of(kind, all[n].id, all[n].created)) {
					return
				}
			}
		},
		tags: func(w *World, c *Call, id string) ([]fleet.Tag, bool) {
			r, ok := find(w, c, id)
			return w.Labels.Of(kind, id, r.created), ok
		},
		change: func(w *World, c *Call, id string, change func([]fleet.Tag) []fleet.Tag) {
			r, _ := find(w, c, id)
			w.Labels.Change(kind, id, r.created, change)
		},
	}
}
