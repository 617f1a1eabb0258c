package practice

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// The file of a portal is one line that tells its format, then frames. A frame
// is a header of twelve bytes (the length of the payload, its checksum, and the
// checksum of these eight bytes) and the payload, whose first byte tells
// whether the rest is compressed. The payload is a list of entries. The first
// frames are the whole portal, as compaction wrote them; each further one is
// what one call changed.
const (
	fileTitle   = "syncline practice portal "
	fileFormat  = 2
	headerSize  = 12
	largeFrame  = 1 << 20 // when a snapshot begins another frame
	longJournal = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends a frame with the payload.
func appendFrame(b, payload []byte) []byte {
	body := append([]byte{0}, payload...)
	if len(payload) > 4096 {
		var small bytes.Buffer
		small.WriteByte(1)
		w, _ := flate.NewWriter(&small, flate.BestSpeed) // the level is valid
		_, _ = w.Write(payload)                          // a buffer takes everything
		_ = w.Close()
		body = small.Bytes()
	}
	var h [headerSize]byte
	binary.LittleEndian.PutUint32(h[0:], uint32(len(body)))
	binary.LittleEndian.PutUint32(h[4:], crc32.Checksum(body, castagnoli))
	binary.LittleEndian.PutUint32(h[8:], crc32.Checksum(h[:8], castagnoli))
	return append(append(b, h[:]...), body...)
}

// frames reads the payloads of a file's frames. An incomplete last frame is
// what a crash leaves; it was never acknowledged and is left out. Anything else
// that does not fit is damage, and where it begins is told.
func frames(file []byte) (payloads [][]byte, err error) {
	at := bytes.IndexByte(file, '\n') + 1
	damaged := func() error { return fmt.Errorf("it is damaged at byte %d of %d", at, len(file)) }
	for at < len(file) {
		rest := file[at:]
		if len(rest) < headerSize || len(bytes.Trim(rest, "\x00")) == 0 {
			return payloads, nil
		}
		size := int(binary.LittleEndian.Uint32(rest))
		if binary.LittleEndian.Uint32(rest[8:]) != crc32.Checksum(rest[:8], castagnoli) || size < 1 {
			return nil, damaged()
		}
		rest = rest[headerSize:]
		if len(rest) < size {
			return payloads, nil
		}
		body := rest[:size]
		if binary.LittleEndian.Uint32(file[at+4:]) != crc32.Checksum(body, castagnoli) {
			return nil, damaged()
		}
		payload := body[1:]
		if body[0] == 1 {
			if payload, err = io.ReadAll(flate.NewReader(bytes.NewReader(payload))); err != nil {
				return nil, damaged()
			}
		}
		payloads = append(payloads, payload)
		at += headerSize + size
	}
	return payloads, nil
}

// format reads the first line of a file.
func format(file []byte) (version int, ok bool) {
	line, _, found := bytes.Cut(file, []byte{'\n'})
	number, titled := bytes.CutPrefix(line, []byte(fileTitle))
	version, err := strconv.Atoi(string(number))
	return version, found && titled && err == nil && version > 0
}

// journal appends to the file of a portal. Its methods are safe for concurrent
// use; many callers share one fsync.
type journal struct {
	path string

	mu      sync.Mutex
	changed *sync.Cond // when busy ends
	file    *os.File
	busy    bool   // somebody writes
	waiting []byte // frames that are not written yet
	queued  int64  // how many bytes were ever appended
	durable int64  // how many of them are on the disk
	size    int64  // of the file, as far as it is known to be whole
	whole   int64  // of the file when it was compacted
	closed  bool
}

func newJournal(path string) *journal {
	j := &journal{path: path}
	j.changed = sync.NewCond(&j.mu)
	return j
}

// append queues the frame of one call's changes. The returned mark is for wait.
func (j *journal) append(payload []byte) (mark int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(payload) > 0 {
		before := len(j.waiting)
		j.waiting = appendFrame(j.waiting, payload)
		j.queued += int64(len(j.waiting) - before)
	}
	return j.queued
}

// errClosed is the answer to changes after Close.
var errClosed = errors.New("the portal was closed")

// wait returns when everything up to the mark is on the disk. When that fails
// the changes stay queued, and the next call tries again.
func (j *journal) wait(mark int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.durable < mark {
		if j.busy {
			j.changed.Wait()
			continue
		}
		if j.closed {
			return errClosed
		}
		if err := j.write(); err != nil {
			return fmt.Errorf("the practice portal's file %s can't be written: %w", j.path, err)
		}
	}
	return nil
}

// write brings what is queued to the disk. It is called with the lock held and
// lets go of it meanwhile.
func (j *journal) write() error {
	b, upTo := j.waiting, j.queued
	j.busy, j.waiting = true, nil
	file, at := j.file, j.size
	j.mu.Unlock()
	_, err := file.WriteAt(b, at)
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		_ = file.Truncate(at) // what is half written must not stay; the next write begins here anyway
	}
	j.mu.Lock()
	j.busy = false
	if err == nil {
		j.durable, j.size = upTo, at+int64(len(b))
	} else {
		j.waiting = append(b, j.waiting...)
	}
	j.changed.Broadcast()
	return err
}

// long reports whether so much was appended that compaction pays.
func (j *journal) long() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size-j.whole > longJournal
}

// replace makes content the whole file: written beside it, brought to the disk
// and renamed over it. Everything that was appended before must be in it. When
// it fails the old file stays as it was.
func (j *journal) replace(content []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.busy {
		j.changed.Wait()
	}
	if j.closed {
		return errClosed
	}
	next := j.path + ".new"
	if err := writeWhole(next, content); err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("the practice portal's file %s can't be written: %w", j.path, err)
	}
	if j.file != nil {
		_ = j.file.Close() // Windows renames over closed files only; all that counts is on the disk
	}
	renamed := os.Rename(next, j.path)
	file, err := os.OpenFile(j.path, os.O_RDWR, 0o600)
	if err = errors.Join(renamed, err); err != nil {
		j.file = file
		return fmt.Errorf("the practice portal's file %s can't be replaced: %w", j.path, err)
	}
	j.file, j.size, j.whole = file, int64(len(content)), int64(len(content))
	j.waiting, j.durable = nil, j.queued
	return syncFolder(filepath.Dir(j.path))
}

func writeWhole(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes a rename last. Not every system can; there it is left to it.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.busy {
		j.changed.Wait()
	}
	if j.closed {
		return nil
	}
	j.closed = true
	return j.file.Close()
}
