// Package fleet holds the instances: by id, and for each region in the order
// of their making, with the filters and the pages of DescribeInstances.
//
// An [Instance] is never changed once it is in the fleet: a change puts a
// changed copy in its place. So a reader holds the lock only while it
// collects pointers and can take its time to render them. The package does
// not know what anything costs or when anything happens.
package fleet
