package logbook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"syncline/sync/plainfile"
)

// File is the name of the newest file of a log.
const File = "syncline.log"

// How much is kept: one file that is written and older ones.
const (
	mostBytes = 4 << 20
	mostOlder = 4
)

// How long a line waits for another process that is putting the full file
// aside. It is short, as the line may be of somebody who looks at the window.
const (
	patience  = 250 * time.Millisecond
	lookAgain = 5 * time.Millisecond
)

// files are the log on the disk. Each line is appended by a write of its own
// to a file that is opened for it, so that processes may share the log, and
// none keeps another from putting a full file aside. The usual library for
// this, lumberjack, is made for one process and leaves a goroutine behind.
type files struct {
	dir      string
	most     int64
	patience time.Duration

	mu sync.Mutex
	// vain says that the last wait for the other process was in vain: a line
	// waits for a process that stands still once, not each of them.
	vain bool
}

// name is a file of the log; 0 is the newest.
func (f *files) name(age int) string {
	if age == 0 {
		return filepath.Join(f.dir, File)
	}
	return filepath.Join(f.dir, fmt.Sprintf("%s.%d%s", strings.TrimSuffix(File, ".log"), age, ".log"))
}

// Write appends a line.
func (f *files) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full(len(line)) {
		f.rotate(len(line))
	}
	if err := plainfile.Check(f.name(0)); err != nil {
		return 0, err
	}
	file, err := os.OpenFile(f.name(0), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(line)
	return n, errors.Join(err, file.Close())
}

func (f *files) full(more int) bool {
	info, err := os.Stat(f.name(0))
	return err == nil && info.Size() > 0 && info.Size()+int64(more) > f.most
}

// rotate puts the full file aside and forgets the oldest. Where that fails, or
// another process is at it for longer than a line can wait, the file goes on
// growing until a later line finds the way free: no line is lost over it.
func (f *files) rotate(more int) {
	lock := flock.New(f.lockName(), flock.SetPermissions(0o600))
	defer lock.Close()
	if !f.take(lock) || !f.full(more) { // not full: another process has done it
		return
	}
	for age := mostOlder - 1; age >= 0; age-- {
		if err := os.Rename(f.name(age), f.name(age+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
}

// take gets the lock, if need be after a wait.
func (f *files) take(lock *flock.Flock) bool {
	if f.vain {
		ours, err := lock.TryLock()
		f.vain = err != nil || !ours
		return !f.vain
	}
	ctx, stop := context.WithTimeout(context.Background(), f.patience)
	defer stop()
	ours, err := lock.TryLockContext(ctx, lookAgain)
	f.vain = err != nil || !ours
	return !f.vain
}

func (f *files) lockName() string { return filepath.Join(f.dir, "rotate.lock") }

// lines returns the lines of one file, nil where there is none. A line that
// was cut by a crash or a full disk is left out by whoever reads it.
func (f *files) lines(age int) ([][]byte, error) {
	all, err := plainfile.Read(f.name(age), math.MaxInt64-1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the log can't be read: %w", err)
	}
	return bytes.FieldsFunc(all, func(r rune) bool { return r == '\n' }), nil
}
