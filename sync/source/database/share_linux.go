package database

import "golang.org/x/sys/unix"

// shares are the file systems of a network, by the number that the kernel gives.
var shares = map[int64]string{0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "SMB", 0xFE534D42: "SMB", 0x5346414F: "AFS", 0x01021997: "9P", 0x00C36400: "Ceph"}

// onShare names the kind of share that a file lies on, "" for a disk.
func onShare(path string) string {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil {
		return ""
	}
	return shares[int64(fs.Type)&0xFFFFFFFF] //nolint:unconvert // its type differs between machines
}
