package localfile

import (
	"errors"
	"io/fs"
	"syscall"
)

// Windows error codes, winerror.h.
const (
	errSharingViolation = syscall.Errno(32)
	errLockViolation    = syscall.Errno(33)
	errHandleDiskFull   = syscall.Errno(39)
	errDiskFull         = syscall.Errno(112)
	errWriteProtect     = syscall.Errno(19)
)

// SyncDir does nothing: Windows has no call that syncs a directory, and NTFS
// journals its names.
func (OS) SyncDir(string) error { return nil }

// links is 1: Windows tells the number of names only of an open file.
func links(fs.FileInfo) uint64 { return 1 }

func diskFull(err error) bool {
	return errors.Is(err, errDiskFull) || errors.Is(err, errHandleDiskFull)
}

func readOnlyDisk(err error) bool { return errors.Is(err, errWriteProtect) }

func inUse(err error) bool {
	return errors.Is(err, errSharingViolation) || errors.Is(err, errLockViolation)
}

// keepOwner does nothing: a new file inherits its folder's access list.
func keepOwner(string, fs.FileInfo) {}
