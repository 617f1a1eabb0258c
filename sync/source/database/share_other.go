//go:build !linux && !windows

package database

import (
	"strings"

	"golang.org/x/sys/unix"
)

// onShare names the kind of share that a file lies on, "" for a disk.
func onShare(path string) string {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil {
		return ""
	}
	name := strings.ToLower(unix.ByteSliceToString(fs.Fstypename[:]))
	for _, share := range []string{"nfs", "smbfs", "afpfs", "webdav", "cifs"} {
		if strings.Contains(name, share) {
			return name
		}
	}
	return ""
}
