//go:build !linux

package main

import "testing"

func runImage(t *testing.T, _ string) { t.Skip("the image runs on Linux") }

func newChroot(*testing.T) func() string { return nil }

func checkInstalled(t *testing.T, _ builder, _ func() string) {
	t.Skip("the package is installed on Linux")
}
