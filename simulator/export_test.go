package simulator

// WithRead returns the config with a function that is called with the action and each parameter that a handler looks
// up.
func WithRead(c Config, read func(action, parameter string)) Config {
	c.read = read
	return c
}
