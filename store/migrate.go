package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file to the newest version, one transaction a step, and
// refuses files of a newer program or with changed history. SQLite's DDL and
// user_version are transactional, which is why no library is needed.
func migrate(ctx context.Context, db *sql.DB) error {
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
	for i := have; i < len(names); i++ {
		if err := step(ctx, db, i+1, names[i]); err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, version int, name string) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Another process may have come first.
	var have int
	if err := tx.QueryRow(`PRAGMA user_version`).Scan(&have); err != nil || have >= version {
		return err
	}
	if _, err := tx.Exec(string(text)); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	if _, err := tx.Exec(`INSERT INTO meta VALUES(?, ?)`, fmt.Sprintf("migration.%d", version), hex.EncodeToString(sum[:])); err != nil {
		return err
	}
	if _, err := tx.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, version)); err != nil {
		return err
	}
	return tx.Commit()
}
