package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"
)

// A transaction that a person's stop ends between two of its statements fails
// with the stop, and not with what the driver makes of it.
func TestAStopBetweenTwoStatementsIsAStop(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, stop := context.WithCancel(t.Context())
	err = s.tx(ctx, func(tx *sql.Tx) error {
		stop()
		for { // the rollback comes from another goroutine
			if _, err := tx.Exec(`UPDATE meta SET value = value WHERE key = 'clean'`); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the transaction ended with %v", err)
	}
}
