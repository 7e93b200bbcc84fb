// Package label holds the tags of resources whose records do not change: images, security groups, key pairs, launch
// templates.
package label
