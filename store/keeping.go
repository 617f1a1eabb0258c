package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
)

// Keeping says how long the workspace keeps what no sync needs any more, in
// days; 0 is for ever. Links, bases, decisions and what is open are kept for
// ever.
type Keeping struct {
	PlanRows int `json:"plan-rows"` // the rows of plans that a run has applied, since they were made
	// Changes are what runs wrote, field by field, since they began. Undos and
	// reports rest on it.
	Changes int `json:"changes"`
	// Gone are the rows and records that are no more and have no link, since they
	// were missed first.
	Gone int `json:"gone"`
}

// usualKeeping is how long things are kept where nobody chose.
var usualKeeping = Keeping{PlanRows: 365, Gone: 365}

// Keeping returns the rules of this workspace.
func (s *Store) Keeping(ctx context.Context) (Keeping, error) {
	k := usualKeeping
	var text string
	err := s.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'keeping'`).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	err = json.Unmarshal([]byte(text), &k)
	return k, err
}

// SetKeeping changes the rules. What they let go goes with the next Tidy.
func (s *Store) SetKeeping(ctx context.Context, k Keeping) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return s.exec(ctx, `INSERT INTO meta VALUES('keeping', ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value`, string(text))
}

// The stages of a plan that goes.
const (
	goingAltogether = 1
	goingRows       = 2
	goneRows        = 3
)

// slice is how many rows go in one transaction, so that a run that wants to
// write never waits for long.
const slice = 2000

// Tidy drops one slice of what the rules let go, and reports whether there may
// be more. The place that it leaves in the file is used again.
func (s *Store) Tidy(ctx context.Context) (more bool, err error) {
	keep, err := s.Keeping(ctx)
	if err != nil {
		return false, err
	}
	for _, part := range []func(context.Context, Keeping) (bool, error){s.tidyPlans, s.tidyChanges, s.tidyGone} {
		if more, err := part(ctx, keep); more || err != nil {
			return more, err
		}
	}
	return false, nil
}

// before is the time that is so many days ago.
func (s *Store) before(days int) int64 { return ms(s.now().AddDate(0, 0, -days)) }

func (s *Store) tidyPlans(ctx context.Context, keep Keeping) (more bool, err error) {
	number, stage, err := s.goes(ctx, keep)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`DELETE FROM plan_item WHERE plan_number = ?1 AND n <= (SELECT min(n) FROM plan_item WHERE plan_number = ?1) + ?2`, number, slice)
		if err != nil {
			return err
		}
		switch left, err := res.RowsAffected(); {
		case err != nil:
			return err
		case left > 0:
			_, err = tx.Exec(`UPDATE plan SET going = ? WHERE number = ?`, stage, number)
			return err
		case stage == goingAltogether:
			_, err = tx.Exec(`DELETE FROM plan WHERE number = ?`, number)
			return err
		}
		_, err = tx.Exec(`UPDATE plan SET going = ? WHERE number = ?`, goneRows, number)
		return err
	})
}

// goes finds the plan of which the next slice goes. It only reads: nothing goes
// most of the time, and others may want to write.
func (s *Store) goes(ctx context.Context, keep Keeping) (number int64, stage int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT number, going FROM plan WHERE going BETWEEN 1 AND 2 ORDER BY going, made_at LIMIT 1`).Scan(&number, &stage)
	if !errors.Is(err, sql.ErrNoRows) {
		return number, stage, err
	}
	if keep.PlanRows <= 0 {
		return 0, 0, ErrNotFound
	}
	// Nothing that waits for an answer may need the rows of its plan.
	err = s.read.QueryRowContext(ctx, `SELECT number FROM plan WHERE going = 0 AND made_at < ? AND state IN ('applied', 'stale')
		AND NOT EXISTS (SELECT 1 FROM op WHERE op.plan_id = plan.id AND (op.state = 'sent' OR op.verify = 1 OR op.doubt = 1)) ORDER BY made_at LIMIT 1`, s.before(keep.PlanRows)).Scan(&number)
	return number, goingRows, one(err)
}

// Size is what the workspace takes on the disk, in bytes.
type Size struct {
	Bytes int64 // of the file
	Free  int64 // of these, what is used again before the file grows
}

// Size measures the workspace.
func (s *Store) Size(ctx context.Context) (z Size, err error) {
	var page, pages, free int64
	for pragma, to := range map[string]*int64{"page_size": &page, "page_count": &pages, "freelist_count": &free} {
		if err := s.read.QueryRowContext(ctx, `PRAGMA `+pragma).Scan(to); err != nil {
			return z, err
		}
	}
	return Size{Bytes: page * pages, Free: page * free}, nil
}
