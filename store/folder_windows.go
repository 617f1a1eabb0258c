package store

// closeFolder does nothing: on Windows a folder in the user's profile is closed
// to others by its access list.
func closeFolder(string) string { return "" }
