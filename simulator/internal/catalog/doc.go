// Package catalog is what the simulated cloud has on offer: regions with
// their zones, instance types with their prices, images. It is fixed data and
// never changes at run time.
package catalog
