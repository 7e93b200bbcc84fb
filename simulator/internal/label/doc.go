// Package label holds the tags of resources with records that do not change: images, security groups, key pairs, launch
// templates.
package label
