package ecs

// Cursor is the position in a list over several regions. It holds every region
// that is not read to its end; an empty cursor is the end of the list.
type Cursor struct {
	Regions []RegionCursor
	// Window pins a relative window to the moment of the first page.
	Window Window
}

// RegionCursor is a place in one region's list: the cloud's own token and how
// many instances of the page behind it were already handed out.
type RegionCursor struct {
	RegionID string
	Token    string
	Skip     int
}

// RegionError names a region that could not be read, and why.
type RegionError struct {
	RegionID string
	Err      error
}
