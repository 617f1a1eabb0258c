package database

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// onShare names the kind of share that a file lies on, "" for a disk.
func onShare(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(abs) + `\`)
	if err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return "a network drive"
	}
	return ""
}
