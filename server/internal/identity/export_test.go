package identity

import "context"

// Check compares the access file once.
func (v *Verifier) Check() { v.checkFile("") }

// CheckTwice compares the access file twice, as its watch does.
func (v *Verifier) CheckTwice() { v.checkFile(v.checkFile("")) }

// Refresh fetches the keys that are due.
func (v *Verifier) Refresh(ctx context.Context) { v.refresh(ctx) }

// Check compares the files once.
func (m *Material) Check() { m.check("") }

// Forget forgets the verified credentials.
func (v *Verifier) Forget() { v.epoch.Add(1) }
