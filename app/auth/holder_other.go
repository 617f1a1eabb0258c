//go:build !linux

package auth

// holder would name the process that listens on a port; this system tells it
// to no program without rights of its own.
func holder(int) string { return "" }
