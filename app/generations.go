package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// generations keeps the number of runs of each sync in a small file of the
// user's, outside of every workspace: a workspace that is put back from a copy
// is behind it, and is so known for old. It is not kept in the keychain, because
// it must work where there is none, as on servers; it is no secret. It is
// lost with the user's settings at worst, and then only that check is.
//
// It implements engine.Generations. It is safe for use by several processes.
type generations struct{ dir string }

// generationsFile is what the file holds.
type generationsFile struct {
	Version int              `json:"version"`
	Runs    map[string]int64 `json:"runs"` // by sync, object and portal
}

// configDir is the user's folder for what is kept outside of workspaces.
func configDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "linux" {
		return filepath.Join(dir, "syncline"), nil
	}
	return filepath.Join(dir, "Syncline runs"), nil // the workspace is in "Syncline" there
}

func (g generations) path() string { return filepath.Join(g.dir, "generations.json") }

func entryOf(sync string, portal int64) string { return fmt.Sprintf("%s@%d", sync, portal) }

// Generation returns the number of runs of a sync with a portal.
func (g generations) Generation(_ context.Context, sync string, portal int64) (int64, bool, error) {
	f, err := g.read()
	n, ok := f.Runs[entryOf(sync, portal)]
	return n, ok, err
}

// SetGeneration keeps the number of runs of a sync with a portal.
func (g generations) SetGeneration(ctx context.Context, sync string, portal, n int64) error {
	if err := os.MkdirAll(g.dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(g.dir, "generations.lock"), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // others hold it for a moment only
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("%s is in use: %w", g.path(), err)
	}
	defer func() { _ = lock.Unlock() }() // the process's end releases it too
	f, err := g.read()
	if err != nil {
		// What can't be read is of no use any more; it is kept aside and begun anew.
		if err := os.Rename(g.path(), g.path()+".damaged"); err != nil {
			return err
		}
		f = generationsFile{}
	}
	if f.Runs == nil {
		f.Runs = make(map[string]int64)
	}
	f.Version, f.Runs[entryOf(sync, portal)] = 1, n
	return g.write(f)
}

func (g generations) read() (f generationsFile, err error) {
	text, err := os.ReadFile(g.path())
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return generationsFile{}, fmt.Errorf("%s is damaged: %w", g.path(), err)
	}
	return f, nil
}

// write puts a whole new file in the old one's place.
func (g generations) write(f generationsFile) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(g.dir, ".generations-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(text, '\n'))
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), g.path())
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
