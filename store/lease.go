package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"syncline/sync/plainfile"
)

// ErrBusy is wrapped by Lease when another process runs the sync.
var ErrBusy = errors.New("this sync is running in another window or command")

// Lease makes the caller the only one who runs a sync until release is called.
// It is a lock of the operating system, so a killed process lets go of it.
func (s *Store) Lease(syncID int64) (release func(), err error) {
	path := filepath.Join(s.dir, fmt.Sprintf("sync-%d.lock", syncID))
	l := flock.New(path, flock.SetPermissions(0o600))
	got, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the lock file %s can't be used: %w", path, err)
	}
	if !got {
		by := ""
		if pid, err := plainfile.Read(path+".pid", 64); err == nil {
			by = fmt.Sprintf(" (process %s)", strings.TrimSpace(string(pid)))
		}
		return nil, fmt.Errorf("%w%s: wait for it, or stop it there", ErrBusy, by)
	}
	// The name of the holder is only for the message above.
	if plainfile.Check(path+".pid") == nil {
		_ = os.WriteFile(path+".pid", []byte(fmt.Sprint(os.Getpid())), 0o600)
	}
	return func() {
		os.Remove(path + ".pid")
		_ = l.Unlock() // the process's end releases it too
	}, nil
}
