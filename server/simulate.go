package server

import (
	"fmt"

	"github.com/ecsd-io/ecsd/simulator"
)

// newSimulator makes the simulator of --simulate with its demo fleet in the
// regions served.
func newSimulator(regions []string) (*simulator.Simulator, error) {
	config := simulator.Config{Regions: regions, Instances: simulator.DemoInstances}
	if err := config.Validate(); err != nil {
		return nil, &ConfigError{Rule: "--region with --simulate: " + err.Error()}
	}
	s, err := simulator.New(config)
	if err != nil {
		return nil, fmt.Errorf("embedded simulator: %w", err)
	}
	return s, nil
}
