package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file to the newest version, one transaction a step (a new
// file is made in one), and refuses files of a newer program or with changed
// history. before is called ahead of the first step of a file that is not new, with
// its version; an error of it ends the migration. SQLite's DDL and user_version are
// transactional, which is why no library is needed.
func migrate(ctx context.Context, db *sql.DB, before func(have int) error) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var have int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&have); err != nil {
		return err
	}
	if have > len(names) {
		return fmt.Errorf("it was written by a newer Syncline (format %d, this one knows %d): install the newer version", have, len(names))
	}
	if err := unchanged(ctx, db, names[:have]); err != nil {
		return err
	}
	at := 1
	switch {
	case have == 0:
		at = len(names)
	case have < len(names):
		if err := before(have); err != nil {
			return err
		}
	}
	for i := have; i < len(names); i += at {
		if err := steps(ctx, db, i+1, names[i:i+at]); err != nil {
			if ctx.Err() != nil {
				return ctx.Err() // the step was rolled back, whatever the database says of it
			}
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return nil
}

// unchanged compares the migrations that made the file with those of this
// program: where one reads differently, its tables are not what the program
// takes them for.
func unchanged(ctx context.Context, db *sql.DB, names []string) error {
	for i, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		var applied string
		err = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, migrationKey(i+1)).Scan(&applied)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if applied != checksum(text) {
			return fmt.Errorf("it was made by another build of Syncline, whose format %d differs from this one's: open it with the build that made it, or start with another workspace folder", i+1)
		}
	}
	return nil
}

func migrationKey(version int) string { return fmt.Sprintf("migration.%d", version) }

// checksum does not depend on how a checkout ends its lines.
func checksum(text []byte) string {
	sum := sha256.Sum256(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(sum[:])
}

// steps carries out migrations from a version on in one transaction.
func steps(ctx context.Context, db *sql.DB, version int, names []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Another process may have come first.
	var have int
	if err := tx.QueryRow(`PRAGMA user_version`).Scan(&have); err != nil {
		return err
	}
	for i, name := range names {
		if have >= version+i {
			continue
		}
		if err := step(tx, version+i, name); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func step(tx *sql.Tx, version int, name string) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(string(text)); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO meta VALUES(?, ?)`, migrationKey(version), checksum(text)); err != nil {
		return err
	}
	_, err = tx.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, version))
	return err
}
