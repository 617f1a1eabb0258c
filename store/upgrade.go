package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Earlier is the folder in the workspace in which copies of it from before the
// last upgrades of its format lie.
const Earlier = "before-upgrades"

// copiesKept is how many of them stay.
const copiesKept = 3

// beforeUpgrade keeps a copy of the workspace as it is, before a newer Syncline
// changes its format. A program that has it open would not know the new one.
func (s *Store) beforeUpgrade(ctx context.Context, have int, alone bool) error {
	if !alone {
		return errors.New("it has the format of an earlier Syncline and is open in another window or command: close that, and try again")
	}
	dir := filepath.Join(s.dir, Earlier)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, fmt.Sprintf("format-%03d-%s.db", have, s.now().UTC().Format("20060102-150405")))
	if _, err := s.write.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		_ = os.Remove(path) // half of a copy is none
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("it has the format of an earlier Syncline, and no copy of it could be made in %s before it gets the new one; nothing was changed: free some space there, and try again: %w", dir, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return dropOldest(dir)
}

func dropOldest(dir string) error {
	copies, err := filepath.Glob(filepath.Join(dir, "format-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(copies)
	for len(copies) > copiesKept {
		if err := os.Remove(copies[0]); err != nil {
			return err
		}
		copies = copies[1:]
	}
	return nil
}
