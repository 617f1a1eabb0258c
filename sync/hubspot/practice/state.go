package practice

import (
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/gofrs/flock"

	"syncline/sync/plainfile"
)

// A FileError says why a portal's file can't be used. The file is left as it
// is.
type FileError struct {
	Path string
	// Damaged says that the file is no portal's or was damaged: moving it away
	// lets a new portal begin. Otherwise it is a newer program's, or in use.
	Damaged bool
	Msg     string
}

func (e *FileError) Error() string { return e.Msg }

// Open opens the portal that is kept in a file, or makes the one that the
// options describe and keeps it there. Everything of an existing portal comes
// from its file, its identity and its seed too; only behaviour (switches,
// limits, faults, latency, app) comes from the options. Only one process at a
// time can have a portal open. A file that can't be used gives a *FileError.
//
// A change is on the disk, by fsync, before its call is answered, so that
// killing the process or losing power takes nothing back that a caller was
// told: a workspace that remembers record ids finds these records again. A call
// that was not answered may have taken effect or not, as at HubSpot. What no
// call changes is kept by Close only: how much of the day's budget reads spent.
// Tokens are kept as digests.
func Open(path string, o Options) (*Portal, error) {
	for _, file := range []string{path, path + ".lock"} {
		var other *plainfile.KindError
		if err := plainfile.Check(file); errors.As(err, &other) {
			return nil, &FileError{Path: path, Msg: fmt.Sprintf("%s is %s, not an ordinary file: name another file for the practice portal", file, other.What)}
		}
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the practice portal's file %s can't be used: %w", path, err)
	case !ok:
		return nil, &FileError{Path: path, Msg: fmt.Sprintf("the practice portal in %s is in use by another Syncline: close that one first", path)}
	}
	p, err := openLocked(path, o)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	p.lock = lock
	return p, nil
}

func openLocked(path string, o Options) (*Portal, error) {
	file, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the practice portal's file can't be read: %w", err)
	}
	var p *Portal
	if err == nil {
		p, err = decodePortal(path, file, o)
		if err != nil {
			return nil, err
		}
	} else {
		p = build(o)
		p.changes = newChanges()
		p.populate()
	}
	p.journal = newJournal(path)
	return p, p.journal.replace(p.snapshot())
}

// decodePortal makes a portal of a file's content.
func decodePortal(path string, file []byte, o Options) (*Portal, error) {
	damaged := func(err error) error {
		return &FileError{Path: path, Damaged: true, Msg: fmt.Sprintf("the practice portal's file %s can't be read: %v", path, err)}
	}
	version, ok := format(file)
	switch {
	case !ok:
		return nil, damaged(errors.New("it is not a practice portal's file"))
	case version > fileFormat:
		return nil, &FileError{Path: path, Msg: fmt.Sprintf("the practice portal's file %s was written by a newer Syncline (format %d, this one knows %d): use that one, or move the file away to begin a new portal", path, version, fileFormat)}
	}
	list, err := frames(file)
	if err == nil && len(list) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, damaged(err)
	}
	id, err := readIdentity(list[0])
	if err != nil {
		return nil, damaged(err)
	}
	o.Seed, o.PortalID, o.Name, o.AccountType, o.TimeZone = id.Seed, id.PortalID, id.Name, id.Type, id.Zone
	o.Currency, o.UIDomain, o.Hublet = id.Currency, id.UIDomain, id.Hublet
	p := build(o)
	p.changes = newChanges()
	r := &restore{portal: p}
	for _, payload := range list {
		if err := r.read(payload); err != nil {
			return nil, damaged(err)
		}
	}
	if !r.whole {
		return nil, damaged(errors.New("it ends too early"))
	}
	p.claimAll()
	return p, nil
}

// Close brings a portal that was opened from a file to rest: the file is
// compacted and let go. Calls are answered 500 from then on. Close of a portal
// that has no file does nothing.
func (p *Portal) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.journal == nil || p.lock == nil {
		return nil
	}
	err := p.journal.replace(p.snapshot())
	if err != nil { // the old file and what was appended to it still hold everything
		err = errors.Join(err, p.journal.wait(p.journal.append(p.takeChanges())))
	}
	err = errors.Join(err, p.journal.close(), p.lock.Unlock())
	p.lock = nil
	return err
}

// leave ends what the lock was taken for: changes are on the disk when it
// returns. Call it where Unlock would be called.
func (p *Portal) leave() {
	mark := p.keep()
	p.mu.Unlock()
	_ = p.durable(mark) // a person's edit stays queued, and the next call tells
}

// keep queues what changed for the file. It is called with the lock held.
func (p *Portal) keep() (mark int64) {
	if p.journal == nil {
		return 0
	}
	mark = p.journal.append(p.takeChanges())
	if p.journal.long() {
		_ = p.journal.replace(p.snapshot()) // when it fails the old file stays good
	}
	return mark
}

// durable waits until what keep queued is on the disk.
func (p *Portal) durable(mark int64) error {
	if p.journal == nil {
		return nil
	}
	return p.journal.wait(mark)
}

// undurable is the answer to a call that could not be kept.
func (p *Portal) undurable() *answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusal(refuse(http.StatusInternalServerError, "", "internal error"))
}
