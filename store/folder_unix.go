//go:build unix

package store

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// closeFolder closes a workspace folder that is open to others, and says so. A
// folder that is another user's, or that holds other things than a workspace,
// is left alone; then it says what to do.
func closeFolder(dir string) (note string) {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(st.Uid) == os.Geteuid() && isWorkspace(dir) && os.Chmod(dir, info.Mode().Perm()&0o700) == nil {
		return fmt.Sprintf("The workspace folder %s was open to other users of this computer. It is closed to them now.", dir)
	}
	may := "look at"
	if info.Mode().Perm()&0o022 != 0 {
		may = "change"
	}
	return fmt.Sprintf("The workspace folder %s is open to other users of this computer, who may %s what is in it. Close it (chmod 700), or choose a folder of your own with --workspace.", dir, may)
}

// isWorkspace reports whether a folder holds a workspace or nothing at all.
func isWorkspace(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, File)); err == nil {
		return true
	}
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}
