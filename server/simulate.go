package server

import (
	"fmt"

	"github.com/ecsd-io/ecsd/simulator"
)

// newSimulator makes the simulator of --simulate with its demo fleet in the
// regions served.
func newSimulator(regions []string) (*simulator.Simulator, error) {
	s, err := simulator.New(simulator.Config{Regions: regions, Instances: simulator.DemoInstances})
	if err != nil {
		return nil, fmt.Errorf("embedded simulator: %w", err)
	}
	return s, nil
}
