// Package label holds the tags of resources that have no record of their own: images, security groups, key pairs, launch
// templates.
package label
