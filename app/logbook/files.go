package logbook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"

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

// files are the log on the disk. Each line is appended by a write of its own
// to a file that is opened for it, so that processes may share the log, and
// none keeps another from putting a full file aside. The usual library for
// this, lumberjack, is made for one process and leaves a goroutine behind.
type files struct {
	dir  string
	most int64
	mu   sync.Mutex
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
// another process is at it, the file goes on growing until the next line.
func (f *files) rotate(more int) {
	lock := flock.New(filepath.Join(f.dir, "rotate.lock"), flock.SetPermissions(0o600))
	if ours, err := lock.TryLock(); err != nil || !ours {
		return
	}
	defer lock.Close()
	if !f.full(more) { // another process has done it
		return
	}
	for age := mostOlder - 1; age >= 0; age-- {
		if err := os.Rename(f.name(age), f.name(age+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
}

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
