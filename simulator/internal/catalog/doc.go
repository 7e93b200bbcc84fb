// Package catalog holds the offers of the simulated cloud: regions with their zones, instance types with their prices,
// images. It is fixed data and never changes at run time.
package catalog
