package localfile

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncline/sync/source"
)

// Backups is the folder beside a file that holds its previous versions, the
// name hidden by its dot. A version is named after the file and the UTC time
// it was replaced: "customers.2026-11-24T06-22-31.123Z.csv".
const Backups = ".syncline-backups"

// DefaultKeep is how many previous versions of a file are kept.
const DefaultKeep = 5

// staleAfter is the age at which a temporary file of a killed process may go.
// A preparation waits for a person at most, and then is minutes old.
const staleAfter = 24 * time.Hour

// Replacer replaces files. The zero value is not usable; see New.
type Replacer struct {
	Disk Disk
	Now  func() time.Time
	Keep int // previous versions kept per file; 0 keeps none
}

// New returns a Replacer on the operating system's files.
func New() *Replacer { return &Replacer{Disk: OS{}, Now: time.Now, Keep: DefaultKeep} }

// Staged is a complete, durable new content that waits beside the file it will
// replace. Its methods are not for concurrent use.
type Staged struct {
	r             *Replacer
	path          string // as the user knows it
	target        string // the real file
	temp          string // "" when there is nothing to rename
	before, after string
}

// Stage writes the new content of path by calling write, and syncs it. path
// itself is untouched. before is the Hash of the content that write derives
// the new one from. Errors are *source.ReadOnlyError where the place can't be
// written (permission, a full disk), or what write returned.
func (r *Replacer) Stage(ctx context.Context, path, before string, write func(io.Writer) error) (*Staged, error) {
	target, err := Target(path)
	if err != nil {
		return nil, err
	}
	info, err := r.Disk.Stat(target)
	if err != nil {
		return nil, explain(path, err)
	}
	if err := writable(path, info); err != nil {
		return nil, err
	}
	if msg := r.linked(target, info); msg != "" {
		return nil, &source.ReadOnlyError{Location: path, Msg: msg}
	}
	r.sweep(target)
	s := &Staged{r: r, path: path, target: target, before: before, temp: tempName(target)}
	if s.after, err = r.fill(ctx, s.temp, info, write); err != nil {
		return nil, errors.Join(cannotWrite(path, err), s.discard())
	}
	return s, nil
}

// Unchanged is a Staged whose Commit has nothing to do.
func (r *Replacer) Unchanged(path, version string) *Staged {
	return &Staged{r: r, path: path, before: version, after: version}
}

// writable refuses a file that its owner marked as read-only: a rename over it
// would succeed, because only the folder's permissions count for that.
func writable(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o222 == 0 {
		return &source.ReadOnlyError{Location: path,
			Msg: "is marked as read-only. Take the mark away in the file's properties, or make a copy and use that"}
	}
	return nil
}

// Linked says in a sentence why a file that has other names (hard links) is not
// written, "" where it has none. A file that can't be looked at has none.
func Linked(path string) string {
	r := New()
	target, err := Target(path)
	if err != nil {
		return ""
	}
	info, err := r.Disk.Stat(target)
	if err != nil {
		return ""
	}
	return r.linked(target, info)
}

// linked tells of names other than our own backups, which are hard links.
func (r *Replacer) linked(target string, info fs.FileInfo) string {
	names := links(info)
	if names < 2 {
		return ""
	}
	dir := filepath.Join(filepath.Dir(target), Backups)
	entries, _ := r.Disk.ReadDir(dir) // there may be none
	for _, e := range entries {
		if other, err := r.Disk.Stat(filepath.Join(dir, e.Name())); err == nil && os.SameFile(info, other) {
			names--
		}
	}
	if names < 2 {
		return ""
	}
	return fmt.Sprintf("has %d names (hard links). A new version would come under this name only, and the others would keep the old one, so it is not written: make a copy and use that, or remove the other names", names)
}

func (r *Replacer) fill(ctx context.Context, temp string, like fs.FileInfo, write func(io.Writer) error) (string, error) {
	f, err := r.Disk.Create(temp, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, h), 256<<10)
	err = write(ctxWriter{ctx, out})
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		keepOwner(temp, like)
		err = f.Chmod(like.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

// Before is the version that Commit replaces.
func (s *Staged) Before() string { return s.before }

// After is the version that Commit brings about.
func (s *Staged) After() string { return s.after }

// Commit puts the new content in the file's place and keeps the old one as a
// backup, unless Keep is 0. If the file is not what Stage saw, nothing happens
// and the error is source.ErrMoved. With source.ErrUnconfirmed the new content
// stands there, but a loss of power may still bring the old one back; after any
// other error the file is whole old. The Staged is used up either way.
func (s *Staged) Commit(ctx context.Context) error {
	if s.temp == "" {
		return nil
	}
	defer func() { _ = s.discard() }()                // sweep removes later what stays now
	for _, path := range []string{s.path, s.target} { // a link and its target may lie in different folders
		if err := Lock(path); err != nil {
			return err
		}
	}
	seen, err := s.r.Disk.Stat(s.target)
	if err != nil {
		return s.moved(err)
	}
	now, err := hash(ctx, s.r.Disk, s.target)
	if err != nil {
		return s.moved(err)
	}
	if now != s.before {
		return source.ErrMoved
	}
	var backup string
	if s.r.Keep > 0 {
		if backup, err = s.r.backup(s.target); err != nil {
			return cannotWrite(s.path, fmt.Errorf("the backup of the previous version can't be kept: %w", err))
		}
	}
	drop := func() {
		if backup != "" {
			_ = s.r.Disk.Remove(backup)
		}
	}
	// The hash of a large file takes a moment; whoever saved in that moment shows in the file's time.
	last, err := s.r.Disk.Stat(s.target)
	if err != nil || !Same(seen, last) {
		drop()
		return s.moved(err)
	}
	if err := s.r.Disk.Rename(s.temp, s.target); err != nil {
		// On a disk in the network the answer may be lost of what took place.
		if now, herr := hash(context.WithoutCancel(ctx), s.r.Disk, s.target); herr == nil && now == s.after && s.after != s.before {
			s.temp = ""
			return s.unconfirmed(err)
		}
		drop()
		return cannotWrite(s.path, err)
	}
	s.temp = ""
	if err := s.r.Disk.SyncDir(filepath.Dir(s.target)); err != nil {
		return s.unconfirmed(err)
	}
	if s.r.Keep > 0 {
		s.r.prune(s.target)
	}
	return nil
}

// unconfirmed is the error of a rename that took place and may not last.
func (s *Staged) unconfirmed(err error) error {
	return &Error{Path: s.path, Msg: "was written, but the disk did not confirm it: " + cause(err) + ". Check the disk and run again: the next run looks at the file first",
		Err: errors.Join(source.ErrUnconfirmed, err)}
}

// moved is ErrMoved for a file that is gone or another one, else err.
func (s *Staged) moved(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return source.ErrMoved
	}
	return err
}

// Discard removes what Stage made. It may be called after Commit, and twice.
func (s *Staged) Discard() error {
	if err := s.discard(); err != nil {
		return &Error{Path: s.path, Msg: "left a temporary file behind: " + cause(err), Err: err}
	}
	return nil
}

func (s *Staged) discard() error {
	if s.temp == "" {
		return nil
	}
	err := s.r.Disk.Remove(s.temp)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		s.temp = ""
		return nil
	}
	return err
}

// backup gives the present content a second name in the backup folder: as a
// hard link, at no cost, or as a synced copy where the file system has none.
func (r *Replacer) backup(target string) (string, error) {
	dir := filepath.Join(filepath.Dir(target), Backups)
	if err := r.Disk.Mkdir(dir); err != nil {
		return "", err
	}
	stem, ext := splitExt(filepath.Base(target))
	at := r.Now().UTC().Truncate(time.Millisecond)
	if kept := r.backups(dir, stem, ext); len(kept) > 0 {
		// Newer than the newest, so that a clock set back cannot make prune take the wrong one.
		if next := kept[len(kept)-1].Add(time.Millisecond); next.After(at) {
			at = next
		}
	}
	name := filepath.Join(dir, backupName(stem, at, ext))
	if err := r.Disk.Link(target, name); err == nil {
		return name, r.Disk.SyncDir(dir)
	}
	if err := r.copy(target, name); err != nil {
		_ = r.Disk.Remove(name)
		return "", err
	}
	return name, r.Disk.SyncDir(dir)
}

const backupTime = "2006-01-02T15-04-05.000Z"

func backupName(stem string, at time.Time, ext string) string {
	return stem + "." + at.Format(backupTime) + ext
}

// backups are the times of a file's backups, oldest first. An unreadable
// folder has none.
func (r *Replacer) backups(dir, stem, ext string) []time.Time {
	entries, err := r.Disk.ReadDir(dir)
	if err != nil {
		return nil
	}
	var at []time.Time
	for _, e := range entries {
		middle, ok := strings.CutPrefix(e.Name(), stem+".")
		middle, ok2 := strings.CutSuffix(middle, ext)
		if t, err := time.Parse(backupTime, middle); ok && ok2 && err == nil {
			at = append(at, t)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}

func (r *Replacer) copy(from, to string) error {
	in, err := r.Disk.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := r.Disk.Create(to, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, in, make([]byte, 256<<10))
	if err == nil {
		err = out.Sync()
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// prune keeps the newest backups of a file. It fails silently: an old version
// too many harms nobody.
func (r *Replacer) prune(target string) {
	dir := filepath.Join(filepath.Dir(target), Backups)
	stem, ext := splitExt(filepath.Base(target))
	kept := r.backups(dir, stem, ext)
	for ; len(kept) > r.Keep; kept = kept[1:] {
		_ = r.Disk.Remove(filepath.Join(dir, backupName(stem, kept[0], ext)))
	}
}

const tempSuffix = ".syncline-tmp"

func tempName(target string) string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+"."+hex.EncodeToString(b[:])+tempSuffix)
}

// sweep removes what a killed process staged for the same file long ago.
func (r *Replacer) sweep(target string) {
	dir := filepath.Dir(target)
	entries, err := r.Disk.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "."+filepath.Base(target)+".") || !strings.HasSuffix(e.Name(), tempSuffix) {
			continue
		}
		if info, err := e.Info(); err == nil && r.Now().Sub(info.ModTime()) > staleAfter {
			_ = r.Disk.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

func splitExt(name string) (stem, ext string) {
	ext = filepath.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

// cannotWrite explains a failed write; the original is intact in every case.
func cannotWrite(path string, err error) error {
	var msg string
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case diskFull(err):
		msg = "The disk it is on is full. The file was left as it was; free some space (about the file's own size) and try again"
	case readOnlyDisk(err):
		msg = "is on a disk that can only be read. Copy it to another disk and use the copy"
	case errors.Is(err, fs.ErrPermission):
		msg = fmt.Sprintf("can't be replaced: you may not write to the folder %s. Ask for write permission, or move the file to a folder of your own", filepath.Dir(path))
	case inUse(err):
		msg = "is in use by another program. Close it there and try again"
	default:
		var pe *fs.PathError
		if !errors.As(err, &pe) && !isLink(err) {
			return err // what the content's writer said
		}
		msg = "can't be written: " + cause(err) + ". The file was left as it was"
	}
	return &source.ReadOnlyError{Location: path, Msg: msg, Err: err}
}

type ctxWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c ctxWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

func isLink(err error) bool {
	var le *os.LinkError
	return errors.As(err, &le)
}
