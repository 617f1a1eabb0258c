package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/source"
	"syncline/sync/source/localfile"
)

// CopyError says that two documents have the same id. Which of them the links
// and bases belong to can't be known, so that neither is taken for the sync
// until one has an id of its own: see NewID.
type CopyError struct {
	Path  string // the document that was asked for
	Other string // the one that was known before
	ID    string
}

func (e *CopyError) Error() string {
	return fmt.Sprintf("%s is a copy of %s: both have the id %s and would be taken for the same sync; give one of them an id of its own", e.Path, e.Other, e.ID)
}

// syncsOf returns the syncs of a document, newest first, none where it was
// never seen. A document that lies elsewhere than before is the same sync,
// moved; one that is a copy of another is a *CopyError.
func (a *App) syncsOf(ctx context.Context, d *definition.Definition) ([]store.Sync, error) {
	path, err := filepath.Abs(d.Path)
	if err != nil {
		return nil, err
	}
	at, err := a.Store.SyncsAt(ctx, path)
	if err != nil || d.ID == "" {
		return at, err
	}
	syncs, err := a.Store.SyncsOf(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	moved := false
	for i, y := range syncs {
		if y.Path == path || sameFile(y.Path, path) {
			continue
		}
		if hasID(y.Path, d.ID) {
			return nil, &CopyError{Path: path, Other: y.Path, ID: d.ID}
		}
		syncs[i].Path, moved = path, true
	}
	if moved {
		if err := a.Store.MoveSync(ctx, d.ID, path); err != nil {
			return nil, err
		}
	}
	if len(syncs) > 0 {
		return syncs, nil
	}
	// The id was written into the document elsewhere; here it was known by its path.
	for _, y := range at {
		if !y.Written {
			syncs = append(syncs, y)
		}
	}
	return syncs, nil
}

func sameFile(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

// hasID tells whether the document at path is there and is the sync with this
// id.
func hasID(path, id string) bool {
	doc, err := os.ReadFile(path)
	return err == nil && definition.HasID(doc, id)
}

// place finds where the document of a sync lies now. What the application
// stores itself moves with the workspace; where another document went it learns
// when it is shown the document.
func (a *App) place(ctx context.Context, y store.Sync) (string, error) {
	if y.UID == "" || !y.Written || hasID(y.Path, y.UID) {
		return y.Path, nil
	}
	own := filepath.Join(a.Store.Dir(), "syncs", filepath.Base(y.Path))
	if own != y.Path && hasID(own, y.UID) {
		return own, a.Store.MoveSync(ctx, y.UID, own)
	}
	doc, err := os.ReadFile(y.Path)
	if errors.Is(err, os.ErrNotExist) {
		return "", &UseError{Msg: fmt.Sprintf("the document of the sync %q is not at %s any more: put it back, or let “syncline check” see it where it lies now", y.Name, y.Path)}
	}
	if d, bad := definition.Parse(doc, y.Path); err == nil && bad == nil && d.ID != "" {
		return "", &UseError{Msg: fmt.Sprintf("the document at %s is another sync now (%s): let “syncline check” see where that of the sync %q lies", y.Path, d.ID, y.Name)}
	}
	return y.Path, nil
}

// setID puts an id into the document at path, whose other bytes stay. The file
// is whole at any moment and keeps its mode.
func setID(ctx context.Context, path, id string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	named, err := definition.SetID(doc, id)
	if err != nil {
		return err
	}
	return rewrite(ctx, path, doc, named, func(s *localfile.Staged) error { return s.Commit(ctx) })
}

// writable reports why the document can't be given an id.
func writable(ctx context.Context, path string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if _, err := definition.SetID(doc, definition.NewID()); err != nil {
		return err
	}
	return rewrite(ctx, path, doc, doc, func(*localfile.Staged) error { return nil })
}

func rewrite(ctx context.Context, path string, from, to []byte, commit func(*localfile.Staged) error) (err error) {
	// The only line that changes is one of ours: no previous version is worth a folder of backups.
	r := &localfile.Replacer{Disk: localfile.OS{}, Now: time.Now}
	sum := sha256.Sum256(from)
	s, err := r.Stage(ctx, path, hex.EncodeToString(sum[:]), func(w io.Writer) error {
		_, err := w.Write(to)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Discard()) }()
	if err := commit(s); !errors.Is(err, source.ErrUnconfirmed) {
		return err
	}
	return nil // should the old line come back, the sync is known by its path
}

// identify gives the engine what it needs to know the document's sync by its
// id, and says of a document that can't be written that it counts by its path.
func (a *App) identify(ctx context.Context, s *Session) error {
	d := s.Definition
	if dir, err := configDir(); a.Env.Config != "" || err == nil {
		s.Engine.Generations = generations{cmp.Or(a.Env.Config, dir)}
	}
	if _, err := a.syncsOf(ctx, d); err != nil || d.ID != "" {
		return err
	}
	if err := writable(ctx, d.Path); err != nil {
		s.Notes = append(s.Notes, fmt.Sprintf("The id of this sync can't be written into its document (%v): it counts by its path, so leave the document where it is.", err))
		// The same document in another workspace shall find the records that it made.
		s.Engine.FreshID = definition.PathID(absolute(d.Path))
		return nil
	}
	s.Engine.WriteID = func(ctx context.Context, id string) error { return setID(ctx, d.Path, id) }
	return nil
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// NewID gives the document at path an id of its own, and returns it: it is a
// new sync then, without the links and bases of the one it was copied from.
func (a *App) NewID(ctx context.Context, path string) (string, error) {
	d, err := definition.Load(path)
	if err != nil {
		return "", err
	}
	id := definition.NewID()
	if err := setID(ctx, path, id); err != nil {
		return "", err
	}
	if d.ID == "" {
		// What was known by this path stays what it was, without a document.
		return id, a.Store.WroteUID(ctx, absolute(path))
	}
	return id, nil
}
