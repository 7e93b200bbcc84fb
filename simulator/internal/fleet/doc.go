// Package fleet holds the instances: by ID, and per region in the order of creation, with the filters and the pages of
// DescribeInstances.
//
// An [Instance] in the fleet is immutable: a change replaces it with a changed copy. So a reader holds the lock only
// while it collects pointers, and renders them later. The package knows no prices and no schedule.
package fleet
