//go:build unix

package localfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// SyncDir makes the names in a directory durable. File systems that cannot
// sync a directory (some network shares) answer EINVAL or ENOTSUP, which is
// not a failure of the rename.
func (OS) SyncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}

// links is how many names a file has.
func links(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink) //nolint:unconvert // of another width on other systems
	}
	return 1
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func readOnlyDisk(err error) bool { return errors.Is(err, syscall.EROFS) }

func inUse(err error) bool { return errors.Is(err, syscall.ETXTBSY) || errors.Is(err, syscall.EBUSY) }

// keepOwner gives a new file the owner and group of the one it replaces. Only
// root may give files away; for everyone else the owner is themselves already,
// so a refusal is not an error.
func keepOwner(name string, was fs.FileInfo) {
	if st, ok := was.Sys().(*syscall.Stat_t); ok {
		_ = os.Lchown(name, int(st.Uid), int(st.Gid))
	}
}
