// Package store is the workspace: one SQLite file that holds connections,
// syncs, observations, links, bases, plans, the journal, conflicts, failed
// rows and the audit trail. It never holds a secret. All SQL of the program
// stands here.
//
// A Store may be used by several goroutines; writes are serialised on one
// connection, reads go to others and see the last commit. Every write is
// durable when its call returns (WAL, synchronous=FULL).
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	_ "github.com/mattn/go-sqlite3" // the driver: cgo SQLite, kept by its author since 2011, MIT

	"syncline/sync/plainfile"
)

// File is the name of the workspace's database in its folder.
const File = "syncline.db"

// driverName is the driver of database/sql that opens the file; the tests put
// one in its place that sees every statement.
var driverName = "sqlite3"

// ErrNotFound is returned where one thing was asked for and is not there.
var ErrNotFound = errors.New("not found")

// Store is an open workspace.
type Store struct {
	dir    string
	write  *sql.DB    // one connection
	turn   sync.Mutex // of the transactions: what one that failed had made of forms is forgotten before the next begins
	read   *sql.DB
	shared *flock.Flock
	now    func() time.Time
	note   string // see Note

	lookup *sql.DB // for forms, while another query is under way
	forms  *forms

	scratch bool // see Scratch
}

// Open opens the workspace in dir and makes it when it is not there. A file of
// a newer program is refused. After an exit that was not clean the file is
// checked first.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the workspace folder %s can't be made; choose another one with --workspace: %w", dir, err)
	}
	s := &Store{dir: dir, now: time.Now, note: closeFolder(dir)}
	alone, err := s.lock()
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx, alone); err != nil {
		return nil, errors.Join(err, s.shared.Unlock())
	}
	return s, nil
}

// lock takes a shared lock on the workspace and tells whether nobody else has
// one, which a crash releases.
func (s *Store) lock() (alone bool, err error) {
	for _, name := range []string{"workspace.lock", File, File + "-wal", File + "-shm"} {
		if err := plainfile.Check(filepath.Join(s.dir, name)); err != nil {
			return false, fmt.Errorf("the workspace folder %s can't be used: choose another one with --workspace: %w", s.dir, err)
		}
	}
	s.shared = flock.New(filepath.Join(s.dir, "workspace.lock"), flock.SetPermissions(0o600))
	alone, err = s.shared.TryLock()
	if err != nil {
		return false, fmt.Errorf("the workspace folder %s can't be used: %w", s.dir, err)
	}
	if !alone {
		if err := s.shared.RLock(); err != nil {
			return false, fmt.Errorf("the workspace folder %s can't be used: %w", s.dir, err)
		}
	}
	return alone, nil
}

// checkpointPages is how many pages of 4 KB the log holds before they are brought
// into the file. Pages that many commits write are brought there once; SQLite's
// own 1,000 take a twentieth more of a run's processor time.
const checkpointPages = "4000"

func (s *Store) open(ctx context.Context, alone bool) error {
	path := filepath.Join(s.dir, File)
	var err error
	if s.write, err = sql.Open(driverName, dsn(path, "_txlock=immediate&_cache_size=-32768")); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if _, err := s.write.ExecContext(ctx, `PRAGMA wal_autocheckpoint = `+checkpointPages); err != nil {
		s.write.Close()
		return describe(path, err)
	}
	if err := migrate(ctx, s.write, func(have int) error { return s.beforeUpgrade(ctx, have, alone) }); err != nil {
		s.write.Close()
		return describe(path, err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		_ = os.Chmod(name, 0o600) // some disks know no permissions; the folder is closed to others too
	}
	if alone {
		if err := s.recover(ctx); err != nil {
			s.write.Close()
			return describe(path, err)
		}
		if err = s.shared.Unlock(); err == nil {
			err = s.shared.RLock()
		}
		if err != nil {
			s.write.Close()
			return err
		}
	}
	if s.read, err = sql.Open(driverName, dsn(path, "mode=ro&_query_only=1&_cache_size=-4096")); err != nil {
		s.write.Close()
		return err
	}
	s.read.SetMaxOpenConns(4)
	return s.openForms(path)
}

// recover checks the file when the last user did not close it, and marks it as
// in use.
func (s *Store) recover(ctx context.Context) error {
	var clean string
	err := s.write.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'clean'`).Scan(&clean)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if clean == "0" {
		var verdict string
		if err := s.write.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return fmt.Errorf("the file is damaged (%s): restore a backup of it, or start with another workspace folder", verdict)
		}
		// What a killed program left running will never end by itself.
		if _, err := s.write.ExecContext(ctx, `UPDATE run SET state = 'interrupted' WHERE state = 'running'`); err != nil {
			return err
		}
	}
	_, err = s.write.ExecContext(ctx, `INSERT INTO meta VALUES('clean','0') ON CONFLICT(key) DO UPDATE SET value = '0'`)
	return err
}

// dsn holds the settings that durability and speed rest on: FULL because NORMAL loses acknowledged
// commits at a power loss, and no mmap because an I/O error under it kills the process. Without
// its cache of statements a quarter of a run was spent on preparing the same ones again. The
// caches of pages are small, each connection having its own: the system caches the file anyway.
func dsn(path, more string) string {
	return "file:" + escaped(path) +
		"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_foreign_keys=1&_secure_delete=FAST&_stmt_cache_size=64&" + more
}

// escaped is a path as SQLite takes it in the address of a file.
func escaped(path string) string {
	return strings.NewReplacer("?", "%3f", "#", "%23", "%", "%25").Replace(path)
}

// Close marks the workspace as closed in order and releases it.
func (s *Store) Close() error {
	if s.scratch {
		return s.closeScratch()
	}
	s.read.Close()
	s.lookup.Close()
	if err := s.shared.Unlock(); err == nil {
		if alone, _ := s.shared.TryLock(); alone {
			// Where one of these fails, the next start checks the file: no more.
			for _, last := range []string{`UPDATE meta SET value = '1' WHERE key = 'clean'`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
				_, _ = s.write.Exec(last)
			}
			defer func() { _ = s.shared.Unlock() }() // the process's end releases it too
		}
	}
	return s.write.Close()
}

// Note says that the workspace was or is open to other users of the computer,
// "" where it is not.
func (s *Store) Note() string { return s.note }

// Dir returns the workspace's folder.
func (s *Store) Dir() string { return s.dir }

// tx runs f in one durable transaction.
func (s *Store) tx(ctx context.Context, f func(*sql.Tx) error) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return describe(s.dir, err)
	}
	if err = f(tx); err != nil {
		tx.Rollback()
		s.forms.forget()
	} else if err = tx.Commit(); err != nil {
		s.forms.forget()
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // that is what ended it, between two statements
	}
	return describe(s.dir, err)
}

// describe says what a person can do about the disk; other errors pass.
func describe(where string, err error) error {
	if err == nil {
		return nil
	}
	msg := err.Error()
	switch {
	case strings.Contains(msg, "database or disk is full"):
		return fmt.Errorf("the disk of the workspace (%s) is full: free some space and run again, nothing is lost: %w", where, err)
	case strings.Contains(msg, "readonly database"), strings.Contains(msg, "unable to open database"):
		return fmt.Errorf("the workspace (%s) can't be written: check its permissions or choose another folder: %w", where, err)
	case strings.Contains(msg, "not a database"), strings.Contains(msg, "malformed"):
		return fmt.Errorf("the workspace file in %s is damaged: restore a backup of it, or start with another workspace folder: %w", where, err)
	}
	return err
}

func one(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
