// Package logbook is the program's log: structured lines in the workspace,
// which hold no secret, no e-mail address, no phone number and no value of
// anybody's records, so that they can be shown to a stranger.
package logbook

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"syncline/sync/redact"
)

// Book is the log of a workspace. Several goroutines, and several processes,
// may write to the same one. It holds no file open.
type Book struct {
	files files
	known redact.Known
	home  string
}

// Open makes the folder of the log where it is missing.
func Open(dir string) (*Book, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s for the log can't be made: %w", dir, err)
	}
	b := &Book{files: files{dir: dir, most: mostBytes, patience: patience}}
	if home, err := os.UserHomeDir(); err == nil && len(filepath.Clean(home)) > 1 {
		b.home = filepath.Clean(home)
	}
	return b, nil
}

// Hide makes a secret known, so that no line can hold it, in whatever place it
// turns up. It is kept in memory only.
func (b *Book) Hide(secret string) { b.known.Add(secret) }

// Logger writes to the book. A line that can't be written is lost: the work
// that it tells of must not fail over it.
func (b *Book) Logger() *slog.Logger {
	return slog.New(&handler{book: b, lines: slog.NewJSONHandler(&b.files, nil)})
}

// clean takes out of a text what a stranger must not read.
func (b *Book) clean(s string) string {
	s = b.known.Hide(s)
	if b.home != "" {
		s = strings.ReplaceAll(s, b.home, "~") // its name is often a person's
	}
	return redact.Personal(s)
}
