package api

// mibPerGiB turns the contract's memory into the cloud's.
const mibPerGiB = 1024

// atLeast checks a number of vCPUs; 0 is none.
func (c *check) atLeast(field string, n int32) int32 {
	if n < 0 {
		c.fail(field, "must be 0 or more; got %d", n)
	}
	return n
}

// memory checks an amount of memory and returns it in GiB; 0 is none.
func (c *check) memory(field string, mib int64) float64 {
	if mib < 0 {
		c.fail(field, "must be 0 or more; got %d", mib)
	}
	return float64(mib) / mibPerGiB
}
